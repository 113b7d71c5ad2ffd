/** `mesh plan --out FILE`, and `mesh apply FILE`, which does exactly that or refuses. */
import type { AdoptMode } from '../domain/plan/ownership.ts';
import { compareSteps, planSteps } from '../domain/plan/saved-plan.ts';
import type { SavedPlan } from '../domain/plan/saved-plan.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import type { InstallPlan, InstallResult } from './install.ts';
import { conflictError } from './make-plan.ts';
import { planRelease } from './plan-release.ts';
import type { Cluster } from './ports.ts';
import { runPlan } from './run-plan.ts';
import type { RunOptions, RunPorts } from './run-plan.ts';

export interface SaveInput {
  readonly forceConflicts: boolean;
  readonly adopt: AdoptMode;
  readonly meshVersion: string;
  readonly now: Date;
  readonly signal: AbortSignal;
}

export async function savePlan(planned: InstallPlan, input: SaveInput, cluster: Cluster): Promise<SavedPlan> {
  const { forceConflicts, adopt, meshVersion } = input;
  return {
    createdAt: input.now.toISOString(),
    meshVersion,
    cluster: {
      uid: await clusterUid(cluster, input.signal),
      context: cluster.context,
      server: cluster.server,
    },
    forceConflicts,
    adopt,
    release: planned.release,
    head: headOf(planned),
    steps: await planSteps(planned.plan),
  };
}

function headOf({ recorded }: InstallPlan): number {
  return recorded?.inventory.history.at(-1)?.number ?? 0;
}

async function clusterUid(cluster: Cluster, signal: AbortSignal): Promise<string> {
  const ref = { apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' };
  return stringAt(await cluster.get(ref, { signal }), ['metadata', 'uid']);
}

/**
 * Plans again, compares, and carries out. Throws a `conflict` MeshError that names what moved, or the cluster that the
 * plan belongs to; nothing has been changed then. Nobody is asked: the plan has been approved.
 */
export async function applySavedPlan(
  saved: SavedPlan,
  options: Omit<RunOptions, 'forceConflicts'>,
  ports: RunPorts,
): Promise<InstallResult> {
  const { cluster } = ports;
  const uid = await clusterUid(cluster, options.signal);
  if (uid !== saved.cluster.uid) {
    throw new MeshError(
      'conflict',
      `the plan was made for another cluster (context ${saved.cluster.context}, ${saved.cluster.server}), nothing was changed`,
      { hint: `give --context ${saved.cluster.context}, or make a plan for ${cluster.context}` },
    );
  }
  const { forceConflicts, adopt } = saved;
  const planned = await planRelease(
    saved.release,
    { forceConflicts, adopt, signal: options.signal },
    cluster,
  );
  const conflict = conflictError(planned.plan);
  if (conflict) throw conflict;
  const moved = compareSteps(saved.steps, await planSteps(planned.plan));
  const head = headOf(planned);
  if (head !== saved.head)
    moved.unshift(`run ${head} has been made since, the plan was made after ${saved.head}`);
  if (moved.length > 0) {
    throw new MeshError(
      'conflict',
      'the cluster is not as it was when the plan was made, nothing was changed',
      {
        details: moved,
        hint: 'make a new plan with mesh plan --out and look at it',
      },
    );
  }
  const action = saved.head === 0 ? 'install' : 'upgrade';
  const description = `plan of ${saved.createdAt}`;
  const result = await runPlan({ ...options, ...planned, forceConflicts, action, description }, ports);
  return { plan: planned.plan, ...result };
}
