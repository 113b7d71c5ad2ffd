/** Rolling restarts, as `kubectl rollout restart` does them, and waiting until what was restarted is ready again. */
import { refKey } from '../domain/manifest/ref.ts';
import type { KubeObject, ObjectRef } from '../domain/manifest/types.ts';
import { numberAt } from '../domain/readiness/fields.ts';
import { getAt, stringAt } from '../lib/json.ts';
import { mapParallel } from './parallel.ts';
import type { Clock, Cluster } from './ports.ts';
import { createTracker } from './tracker.ts';
import { waitReady } from './wait-ready.ts';

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';
const AT_ONCE = 8;

/** A workload whose pods somebody else has to create anew. */
export interface ByHand {
  readonly workload: ObjectRef;
  readonly reason: string;
}

export interface RestartInput {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Keys of workloads that are waited for and not restarted: they roll out already. */
  readonly rolling?: ReadonlySet<string> | undefined;
  readonly onRestart: (workload: ObjectRef) => void;
  readonly onWaiting: (ready: number, total: number, reason: string) => void;
}

/** Which workloads can be restarted, which not, and why; each once. */
export async function sortRestarts(
  outdated: readonly { readonly workload: ObjectRef }[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<{ readonly restartable: ObjectRef[]; readonly byHand: ByHand[] }> {
  const refs = [...new Map(outdated.map(({ workload }) => [refKey(workload), workload])).values()];
  const sorted = await mapParallel(refs, AT_ONCE, async (workload) => ({
    workload,
    reason: await obstacle(workload, cluster, signal),
  }));
  return {
    restartable: sorted.filter(({ reason }) => reason === undefined).map(({ workload }) => workload),
    byHand: sorted.flatMap(({ workload, reason }) => (reason === undefined ? [] : [{ workload, reason }])),
  };
}

async function obstacle(
  workload: ObjectRef,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<string | undefined> {
  switch (workload.kind) {
    case 'Pod':
      return 'nothing creates it anew: delete and create it';
    case 'Job':
      return 'a Job runs once: it ends by itself, or is deleted and created again';
    case 'CronJob':
      return 'its next run has the change';
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
      return obstacleOf(await cluster.get(workload, { signal }));
    default:
      return `mesh does not restart a ${workload.kind}: restart it with its own tool`;
  }
}

function obstacleOf(object: KubeObject | undefined): string | undefined {
  if (!object) return 'it is gone, its pods are left over';
  if (getAt(object, ['spec', 'paused']) === true) return 'it is paused: kubectl rollout resume first';
  const strategy = stringAt(object, ['spec', 'updateStrategy', 'type']);
  return strategy === 'OnDelete' ? 'its update strategy is OnDelete: delete its pods' : undefined;
}

/** Throws `failed`, `timeout` and `cancelled` MeshErrors while it waits. */
export async function restartAndWait(
  workloads: readonly ObjectRef[],
  input: RestartInput,
  ports: { readonly cluster: Cluster; readonly clock: Clock },
): Promise<void> {
  const annotations = { [RESTARTED_AT]: ports.clock.now().toISOString() };
  const patch = { spec: { template: { metadata: { annotations } } } };
  const objects = await mapParallel(workloads, AT_ONCE, async (ref) => {
    if (input.rolling?.has(refKey(ref))) return { ref };
    const patched = await ports.cluster.patch(ref, patch, { signal: input.signal });
    input.onRestart(ref);
    return { ref, generation: numberAt(patched, ['metadata', 'generation']) };
  });
  const tracker = createTracker(ports.cluster, input.signal);
  try {
    await waitReady({ objects, ...input }, { ...ports, tracker });
  } finally {
    tracker.stop();
  }
}
