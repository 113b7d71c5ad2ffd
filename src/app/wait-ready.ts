/** Waits until objects are ready, and gives up early, with the reason, when they never will be. */
import { isObserved, numberAt } from '../domain/readiness/fields.ts';
import { assessReadiness, hasReadiness } from '../domain/readiness/index.ts';
import type { FailedPod, Readiness } from '../domain/readiness/index.ts';
import { formatRef, refKey, refOf } from '../domain/manifest/ref.ts';
import type { ObjectRef } from '../domain/manifest/types.ts';
import { formatDuration } from '../lib/duration.ts';
import { MeshError } from '../lib/errors.ts';
import { describePod } from './describe-pod.ts';
import type { Clock, Cluster } from './ports.ts';
import type { Tracker } from './tracker.ts';

export interface AwaitedObject {
  readonly ref: ObjectRef;
  /** What was written: an older generation that a watch still shows does not count. */
  readonly generation?: number | undefined;
}

export interface WaitInput {
  readonly objects: readonly AwaitedObject[];
  /** `observed`: the controller has seen what was written. Default `ready`. */
  readonly until?: 'ready' | 'observed' | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called when the count or the reason changes. */
  readonly onWaiting: (ready: number, total: number, reason: string) => void;
}

/** Rules that depend on time (unschedulable for a minute) are looked at again this often, without a request. */
const TICK_MS = 5_000;

/** Longest time for the last look, after the time is over. */
export const LAST_LOOK_MS = 5_000;

/**
 * Resolves when every object with a readiness rule is ready. Throws `failed` (with logs and events of the pod),
 * `timeout` (with what each one waits for) or `cancelled` MeshErrors.
 */
export async function waitReady(
  input: WaitInput,
  ports: { readonly cluster: Cluster; readonly tracker: Tracker; readonly clock: Clock },
): Promise<void> {
  const awaited = input.objects.filter(({ ref }) => hasReadiness(ref.kind));
  if (awaited.length === 0) return;
  await followAll(
    awaited.map(({ ref }) => ref),
    ports.tracker,
  );
  const deadline = ports.clock.now().getTime() + input.timeoutMs;
  let told = '';
  let isLastLook = false;
  for (;;) {
    const states = assessAll(awaited, input.until ?? 'ready', ports);
    const failed = states.find(({ readiness }) => readiness.state === 'failed');
    if (failed?.readiness.state === 'failed')
      throw await failure(failed.ref, failed.readiness, ports.cluster, input.signal);
    const pending = states.filter(({ readiness }) => readiness.state === 'waiting');
    const [first] = pending;
    if (!first) return;
    if (isLastLook) throw timeout(pending, input.timeoutMs);
    if (ports.clock.now().getTime() >= deadline) {
      // Nobody should hear that something is not ready only because its watch has died.
      isLastLook = true;
      const limit = AbortSignal.any([input.signal, AbortSignal.timeout(LAST_LOOK_MS)]);
      await ports.tracker.refresh(limit).catch(() => undefined);
      continue;
    }
    const reason = `${formatRef(first.ref)}: ${reasonOf(first.readiness)}`;
    if (told !== `${pending.length} ${reason}`)
      input.onWaiting(awaited.length - pending.length, awaited.length, reason);
    told = `${pending.length} ${reason}`;
    await nextChange(
      ports,
      input.signal,
      Math.min(TICK_MS, Math.max(1, deadline - ports.clock.now().getTime())),
    );
  }
}

async function followAll(refs: readonly ObjectRef[], tracker: Tracker): Promise<void> {
  const queries = refs.flatMap((ref) =>
    ref.namespace === undefined
      ? [{ apiVersion: ref.apiVersion, kind: ref.kind }]
      : [
          { apiVersion: ref.apiVersion, kind: ref.kind, namespace: ref.namespace },
          { apiVersion: 'v1', kind: 'Pod', namespace: ref.namespace },
          ...(ref.kind === 'Deployment'
            ? [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: ref.namespace }]
            : []),
        ],
  );
  await Promise.all(queries.map((query) => tracker.follow(query)));
}

interface State {
  readonly ref: ObjectRef;
  readonly readiness: Readiness;
}

function assessAll(
  awaited: readonly AwaitedObject[],
  until: 'ready' | 'observed',
  ports: { readonly tracker: Tracker; readonly clock: Clock },
): State[] {
  const now = ports.clock.now();
  return awaited.map(({ ref, generation }) => {
    const object = ports.tracker
      .objects(ref.kind, ref.namespace)
      .find((candidate) => refKey(refOf(candidate)) === refKey(ref));
    if (!object || numberAt(object, ['metadata', 'generation']) < (generation ?? 0)) {
      return { ref, readiness: { state: 'waiting', reason: 'it is not there yet' } };
    }
    if (until === 'observed') {
      const reason = 'its controller has not seen it yet';
      return { ref, readiness: isObserved(object) ? { state: 'ready' } : { state: 'waiting', reason } };
    }
    return {
      ref,
      readiness: assessReadiness(object, {
        pods: ports.tracker.objects('Pod', ref.namespace),
        replicaSets: ports.tracker.objects('ReplicaSet', ref.namespace),
        now,
      }),
    };
  });
}

function reasonOf(readiness: Readiness): string {
  return readiness.state === 'ready' ? 'ready' : readiness.reason;
}

async function nextChange(
  ports: { readonly tracker: Tracker; readonly clock: Clock },
  signal: AbortSignal,
  ms: number,
): Promise<void> {
  const woken = new AbortController();
  let stopListening: () => void = () => undefined;
  const change = new Promise<void>((resolve) => {
    stopListening = ports.tracker.onChange(resolve);
  });
  const tick = ports.clock.sleep(ms, AbortSignal.any([signal, woken.signal]));
  tick.catch(() => undefined);
  try {
    await Promise.race([change, tick, ports.tracker.failure]);
  } finally {
    stopListening();
    woken.abort();
  }
}

function timeout(pending: readonly State[], timeoutMs: number): MeshError {
  return new MeshError(
    'timeout',
    `${pending.length === 1 ? '1 object is' : `${pending.length} objects are`} not ready after ${formatDuration(timeoutMs)}`,
    {
      details: pending.map(({ ref, readiness }) => `${formatRef(ref)}: ${reasonOf(readiness)}`),
      hint: 'give more time with --timeout, or look at the objects with kubectl describe',
    },
  );
}

async function failure(
  ref: ObjectRef,
  readiness: { readonly reason: string; readonly pod?: FailedPod | undefined },
  cluster: Cluster,
  signal: AbortSignal,
): Promise<MeshError> {
  const details = readiness.pod ? await describePod(readiness.pod, cluster, signal) : [];
  return new MeshError('failed', `${formatRef(ref)} does not become ready: ${readiness.reason}`, {
    details,
    hint: 'mend the cause and run the same command again: it goes on where it stopped',
  });
}
