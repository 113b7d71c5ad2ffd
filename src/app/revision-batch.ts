/** One batch of a promotion: restarted, ready again, and then looked at: do the new pods have what they should? */
import { isLiving, workloadOf } from '../domain/injection/workloads.ts';
import { formatRef, refKey } from '../domain/manifest/ref.ts';
import type { KubeObject, ObjectRef } from '../domain/manifest/types.ts';
import { isObserved, numberAt } from '../domain/readiness/fields.ts';
import { sidecarIn } from '../domain/revision/restarts.ts';
import type { InjectionState, Restart } from '../domain/revision/restarts.ts';
import { MeshError } from '../lib/errors.ts';
import { listNames } from '../lib/list-names.ts';
import { stringAt } from '../lib/json.ts';
import { mapParallel } from './parallel.ts';
import { restartAndWait } from './restart-workloads.ts';
import type { MovePorts } from './revision-run.ts';

const AT_ONCE = 8;
/** The API server may hear of a label or a webhook a moment after it has stored it: then pods are made once more. */
const ROUNDS = 2;

export interface BatchRun {
  readonly batch: readonly Restart[];
  /** `batch 2 of 5`. */
  readonly title: string;
  readonly after: InjectionState;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Throws `failed`, `timeout` and `cancelled` MeshErrors while it waits; `failed` for pods that came up otherwise. */
export async function restartBatch(run: BatchRun, ports: MovePorts): Promise<void> {
  const { title, signal } = run;
  const started = ports.clock.now().getTime();
  ports.report({
    type: 'stage',
    component: title,
    message: listNames(run.batch.map(({ workload }) => formatRef(workload))),
  });
  let rolling = await rollingOut(run, ports);
  let left = run.batch.map(({ workload }) => workload);
  for (let round = 1; round <= ROUNDS && left.length > 0; round += 1) {
    await restartAndWait(
      left,
      {
        rolling,
        timeoutMs: run.timeoutMs,
        signal,
        onRestart: (ref) => {
          ports.report({ type: 'object', component: title, ref, action: 'updated' });
        },
        onWaiting: (ready, total, reason) => {
          ports.report({ type: 'waiting', component: title, ready, total, reason });
        },
      },
      ports,
    );
    rolling = new Set();
    left = await misfits(left, run, ports);
  }
  const [first] = left;
  if (first) {
    ports.report({ type: 'failed', component: title, message: `${formatRef(first)} is not as it should be` });
    throw new MeshError('failed', `${formatRef(first)} was restarted and still has another sidecar`, {
      details: left.map((ref) => `${formatRef(ref)} should have ${wantedFor(ref, run)}`),
      hint: `mesh check-inject tells what its pods get`,
    });
  }
  const seconds = ((ports.clock.now().getTime() - started) / 1000).toFixed(1);
  const many = run.batch.length === 1 ? '1 workload' : `${run.batch.length} workloads`;
  ports.report({ type: 'done', component: title, message: `${many} ready (${seconds}s)` });
}

function wantedFor(ref: ObjectRef, { batch }: BatchRun): string {
  const restart = batch.find(({ workload }) => refKey(workload) === refKey(ref));
  return restart ? `the sidecar of revision ${restart.wanted.revision}` : 'another one';
}

/** Those that an earlier run has begun to restart and that are still at it: a second restart would begin anew. */
async function rollingOut(run: BatchRun, { cluster }: MovePorts): Promise<Set<string>> {
  const begun = run.batch.filter(({ isBegun }) => isBegun).map(({ workload }) => workload);
  const live = await mapParallel(begun, AT_ONCE, (ref) => cluster.get(ref, { signal: run.signal }));
  return new Set(begun.filter((_, index) => isRolling(live[index])).map(refKey));
}

/** Its controller replaces pods by newer ones at this moment. */
function isRolling(object: KubeObject | undefined): boolean {
  if (!object) return false;
  if (!isObserved(object)) return true;
  const status = (field: string): number => numberAt(object, ['status', field]);
  switch (object.kind) {
    case 'Deployment':
      return status('updatedReplicas') < status('replicas');
    case 'DaemonSet':
      return status('updatedNumberScheduled') < status('desiredNumberScheduled');
    default:
      return (
        stringAt(object, ['status', 'currentRevision']) !== stringAt(object, ['status', 'updateRevision'])
      );
  }
}

/** Workloads of which a living pod has another revision than it should. */
async function misfits(
  workloads: readonly ObjectRef[],
  { after, signal }: BatchRun,
  { cluster }: MovePorts,
): Promise<ObjectRef[]> {
  const namespaces = [...new Set(workloads.flatMap(({ namespace }) => namespace ?? []))];
  const lists = await mapParallel(namespaces, AT_ONCE, (namespace) =>
    cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, { signal }),
  );
  const pods = lists.flatMap(({ items }) => items.filter(isLiving));
  const wrong = new Set(
    pods
      .filter((pod) => {
        const { now, wanted } = sidecarIn(pod, after);
        return wanted !== undefined && now?.revision !== wanted.revision;
      })
      .map((pod) => refKey(workloadOf(pod))),
  );
  return workloads.filter((ref) => wrong.has(refKey(ref)));
}
