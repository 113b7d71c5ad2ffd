/** Rolling restarts until pods have the sidecar that their namespace asks for. */
import { refKey } from '../domain/manifest/ref.ts';
import type { ObjectRef } from '../domain/manifest/types.ts';
import type { WorkloadSidecar } from '../domain/injection/workloads.ts';
import { MeshError } from '../lib/errors.ts';
import { findOutdated } from './namespace-label.ts';
import type { NamespaceLabelPlan } from './namespace-label.ts';
import type { Clock, Cluster } from './ports.ts';
import { restartAndWait, sortRestarts } from './restart-workloads.ts';
import type { ByHand, RestartInput } from './restart-workloads.ts';

/** The API server may hear of a label a moment after it has stored it: pods that were made in between are made once more. */
const ROUNDS = 2;

export interface RestartResult {
  readonly restarted: readonly ObjectRef[];
  readonly byHand: readonly ByHand[];
  /** What has another sidecar than it should although it was restarted. */
  readonly remaining: readonly WorkloadSidecar[];
}

/** What a restart settles: pods that several injectors contest come out of it no better. */
export function settledByRestart(outdated: readonly WorkloadSidecar[]): WorkloadSidecar[] {
  return outdated.filter(({ isContested }) => !isContested);
}

/** Throws an `unreachable` MeshError when restarted pods could not come back. */
export function refuseSilentRestart({ namespace, silentRevisions }: NamespaceLabelPlan): void {
  const [revision] = silentRevisions;
  if (revision === undefined) return;
  throw new MeshError(
    'unreachable',
    `the istiod of revision ${revision} has no ready pod, new pods of namespace ${namespace} would be refused; nothing was changed`,
    { hint: 'see what is wrong with it: mesh proxy-status, or kubectl get pods -A -l app=istiod' },
  );
}

/** Throws `failed`, `timeout` and `cancelled` MeshErrors while it waits; the labels are set by then. */
export async function restartOutdated(
  plan: NamespaceLabelPlan,
  input: RestartInput,
  ports: { readonly cluster: Cluster; readonly clock: Clock },
): Promise<RestartResult> {
  const { namespace, labels, injectors } = plan;
  const { cluster } = ports;
  const restarted = new Map<string, ObjectRef>();
  let { restartable, byHand } = await sortRestarts(settledByRestart(plan.outdated), cluster, input.signal);
  let remaining: readonly WorkloadSidecar[] = plan.outdated;
  for (let round = 1; round <= ROUNDS && restartable.length > 0; round += 1) {
    await restartAndWait(restartable, input, ports);
    for (const workload of restartable) restarted.set(refKey(workload), workload);
    remaining = (await findOutdated(namespace, labels, injectors, cluster, input.signal)).outdated;
    ({ restartable, byHand } = await sortRestarts(settledByRestart(remaining), cluster, input.signal));
  }
  const isByHand = new Set(byHand.map(({ workload }) => refKey(workload)));
  return {
    restarted: [...restarted.values()],
    byHand,
    remaining: remaining.filter(({ workload }) => !isByHand.has(refKey(workload))),
  };
}
