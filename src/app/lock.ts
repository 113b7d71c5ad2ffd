/**
 * One run at a time: a Lease in the control plane's namespace. It is renewed while the run works and expires by itself,
 * so that a killed run blocks nobody; one whose process on this machine is gone counts as expired at once.
 */
import type { KubeObject, ObjectRef } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import { numberAt } from '../domain/readiness/fields.ts';
import { stringAt } from '../lib/json.ts';
import type { Clock, Cluster } from './ports.ts';

/** Who runs this. */
export interface Actor {
  /** `ada@laptop`. */
  readonly user: string;
  /** Names this very process: `ada@laptop pid 4711 (…)`. */
  readonly holder: string;
  /** true when `holder` was a process of this machine and has ended. */
  readonly isGone: (holder: string) => boolean;
}

export interface LockInput {
  readonly namespace: string;
  readonly actor: Actor;
  /** What the holder does: `install`. */
  readonly purpose: string;
  /** Longest time to wait for somebody else's run to end. */
  readonly lockTimeoutMs: number;
  readonly signal: AbortSignal;
}

export interface Lock {
  /** Aborts when somebody else has taken the lock because it was not renewed in time. */
  readonly lost: AbortSignal;
  /** Gives it back; never throws, for the Lease expires anyway. */
  release(): Promise<void>;
}

interface LockPorts {
  readonly cluster: Cluster;
  readonly clock: Clock;
}

const DURATION_S = 60;
const RENEW_MS = 20_000;
const RETRY_MS = 1_000;
const PURPOSE = 'mesh.io/purpose';

/** Throws a `timeout` MeshError that names the holder when the lock is not to be had in time. */
export async function acquireLock(input: LockInput, ports: LockPorts): Promise<Lock> {
  const deadline = ports.clock.now().getTime() + input.lockTimeoutMs;
  for (;;) {
    const taken = await tryToTake(input, ports);
    if (taken.lease) return hold(taken.lease, input, ports);
    if (taken.holder !== undefined && ports.clock.now().getTime() >= deadline) throw taken.holder;
    await ports.clock.sleep(taken.holder === undefined ? 1 : RETRY_MS, input.signal);
  }
}

type Attempt =
  | { readonly lease: KubeObject; readonly holder?: undefined }
  | { readonly lease?: undefined; readonly holder?: MeshError | undefined };

/** No lease and no holder: it changed hands at this moment, look again. */
async function tryToTake(input: LockInput, { cluster, clock }: LockPorts): Promise<Attempt> {
  const { signal } = input;
  const fresh = leaseOf(input, clock.now());
  const lease = await unlessConflict(cluster.create(fresh, { signal }));
  if (lease) return { lease };
  const live = await cluster.get(leaseRef(input.namespace), { signal });
  if (!live) return {};
  if (!isFree(live, input.actor, clock.now())) return { holder: heldBy(live, clock.now()) };
  const metadata = { ...fresh.metadata, resourceVersion: stringAt(live, ['metadata', 'resourceVersion']) };
  const taken = await unlessConflict(cluster.replace({ ...fresh, metadata }, { signal }));
  return taken ? { lease: taken } : {};
}

async function unlessConflict(request: Promise<KubeObject>): Promise<KubeObject | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof MeshError && error.code === 'conflict') return undefined;
    throw error;
  }
}

function leaseRef(namespace: string): ObjectRef {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name: 'mesh-lock' };
}

function leaseOf(input: LockInput, now: Date): KubeObject {
  const { apiVersion, kind, name } = leaseRef(input.namespace);
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace: input.namespace,
      labels: { 'app.kubernetes.io/managed-by': 'mesh' },
      annotations: { [PURPOSE]: input.purpose },
    },
    spec: {
      holderIdentity: input.actor.holder,
      leaseDurationSeconds: DURATION_S,
      acquireTime: microTime(now),
      renewTime: microTime(now),
    },
  };
}

/** `metav1.MicroTime`. */
function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}

function isFree(live: KubeObject, actor: Actor, now: Date): boolean {
  const holder = stringAt(live, ['spec', 'holderIdentity']);
  if (holder === '' || holder === actor.holder || actor.isGone(holder)) return true;
  const renewed = Date.parse(stringAt(live, ['spec', 'renewTime']));
  const durationS = numberAt(live, ['spec', 'leaseDurationSeconds'], DURATION_S);
  return !(renewed + durationS * 1000 > now.getTime());
}

function heldBy(live: KubeObject, now: Date): MeshError {
  const holder = stringAt(live, ['spec', 'holderIdentity']);
  const purpose = stringAt(live, ['metadata', 'annotations', PURPOSE]) || 'a run';
  const since = Math.max(0, now.getTime() - Date.parse(stringAt(live, ['spec', 'acquireTime'])));
  return new MeshError(
    'timeout',
    `mesh is at work here already: ${purpose} by ${holder}, for ${Math.round(since / 1000)} s, nothing was changed`,
    {
      hint: 'wait until it has ended, or give --lock-timeout 5m to wait for it; a killed run is forgotten after a minute',
    },
  );
}

/** Renews until released. */
function hold(taken: KubeObject, input: LockInput, { cluster, clock }: LockPorts): Lock {
  const lost = new AbortController();
  const done = new AbortController();
  let lease = taken;
  let renewedAt = clock.now().getTime();
  const renew = async (): Promise<void> => {
    const spec = { ...(lease['spec'] as object), renewTime: microTime(clock.now()) };
    const next = await unlessConflict(cluster.replace({ ...lease, spec }, { signal: done.signal }));
    const live = next ?? (await cluster.get(leaseRef(input.namespace), { signal: done.signal }));
    if (!live || stringAt(live, ['spec', 'holderIdentity']) !== input.actor.holder) {
      lost.abort();
      return;
    }
    lease = live;
    renewedAt = clock.now().getTime();
  };
  const keep = async (): Promise<void> => {
    while (!lost.signal.aborted && !done.signal.aborted) {
      await clock.sleep(RENEW_MS, done.signal);
      await renew().catch(() => undefined);
      if (clock.now().getTime() - renewedAt > DURATION_S * 1000) lost.abort();
    }
  };
  keep().catch(() => undefined);
  return {
    lost: lost.signal,
    release: async () => {
      done.abort();
      if (lost.signal.aborted) return;
      const uid = stringAt(lease, ['metadata', 'uid']);
      await cluster
        .remove(leaseRef(input.namespace), { uid, signal: AbortSignal.timeout(RETRY_MS * 5) })
        .catch(() => undefined);
    },
  };
}
