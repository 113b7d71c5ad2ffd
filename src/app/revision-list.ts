/** `mesh revision list`: the control planes of a cluster, and who uses them. */
import { summarizeRevisions } from '../domain/revision/summary.ts';
import type { RevisionSummary } from '../domain/revision/summary.ts';
import type { Clock, Cluster } from './ports.ts';
import { injectionState, istiodReadiness, readRevisionState } from './revision-state.ts';

export interface RevisionList {
  readonly revisions: readonly RevisionSummary[];
  /** Namespaces that ask for a tag or revision that is not there. */
  readonly dangling: readonly { readonly namespace: string; readonly asksFor: string }[];
  /** false: the user may not read the records of mesh. */
  readonly canReadRecords: boolean;
}

export async function listRevisions(
  signal: AbortSignal,
  { cluster, clock }: { readonly cluster: Cluster; readonly clock: Clock },
): Promise<RevisionList> {
  const state = await readRevisionState(cluster, signal);
  const now = clock.now();
  return {
    revisions: summarizeRevisions({
      ...state,
      state: injectionState(state),
      inventories: state.inventories.map(({ inventory }) => inventory),
      readinessOf: (revision) => istiodReadiness(state, revision, now),
    }),
    dangling: state.uses
      .filter(({ asksFor, revisions }) => asksFor !== '' && revisions.length === 0)
      .map(({ namespace, asksFor }) => ({ namespace, asksFor })),
    canReadRecords: state.canReadRecords,
  };
}
