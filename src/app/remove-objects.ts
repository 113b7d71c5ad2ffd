/**
 * Deletes objects that the inventory records, each only when its live labels still say that it is ours; then waits
 * until they are gone. Used by pruning and by uninstall.
 */
import { formatRef, refKey } from '../domain/manifest/ref.ts';
import { kindRank } from '../domain/manifest/order.ts';
import type { KubeObject, ObjectRef } from '../domain/manifest/types.ts';
import type { InventoryItem } from '../domain/plan/inventory.ts';
import { ownerOf } from '../domain/plan/ownership.ts';
import { formatDuration } from '../lib/duration.ts';
import { MeshError } from '../lib/errors.ts';
import { getAt, stringAt } from '../lib/json.ts';
import { PARALLEL } from './make-plan.ts';
import { mapParallel } from './parallel.ts';
import type { Clock, Cluster, ReportProgress } from './ports.ts';
import { LAST_LOOK_MS } from './wait-ready.ts';

export interface RemovePorts {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly report: ReportProgress;
}

export interface RemoveResult {
  readonly deleted: readonly InventoryItem[];
  /** On their way already, held by a finalizer or by what depends on them. */
  readonly leaving: readonly InventoryItem[];
  /** Recorded, but somebody else's by now: left alone. */
  readonly kept: readonly InventoryItem[];
}

/** Deletes in reverse of the order of applying, webhooks first, so that a webhook without a server blocks nothing. */
export async function removeObjects(
  items: readonly InventoryItem[],
  signal: AbortSignal,
  ports: RemovePorts,
): Promise<RemoveResult> {
  const deleted: InventoryItem[] = [];
  const leaving: InventoryItem[] = [];
  const kept: InventoryItem[] = [];
  for (const rank of deletionRanks(items)) {
    const batch = items.filter((item) => kindRank(item.kind) === rank);
    await mapParallel(batch, PARALLEL, async (item) => {
      signal.throwIfAborted();
      const live = await ports.cluster.get(item, { signal });
      if (!live) return;
      if (ownerOf(live) !== 'mesh') {
        kept.push(item);
        ports.report({
          type: 'warning',
          message: `${formatRef(item)} is kept: its labels no longer say that mesh installed it`,
        });
        return;
      }
      if (getAt(live, ['metadata', 'deletionTimestamp']) !== undefined) {
        leaving.push(item);
        return;
      }
      await ports.cluster.remove(item, { uid: stringAt(live, ['metadata', 'uid']), signal });
      deleted.push(item);
      ports.report({ type: 'object', component: item.component, ref: item, action: 'deleted' });
    });
  }
  return { deleted, leaving, kept };
}

/** Webhooks (highest rank) first, definitions last. */
function deletionRanks(items: readonly InventoryItem[]): number[] {
  return [...new Set(items.map((item) => kindRank(item.kind)))].sort((a, b) => b - a);
}

/** Waits until none of `refs` is there, by watching. Throws a `timeout` MeshError that names what holds each one. */
export async function waitGone(
  refs: readonly ObjectRef[],
  timeoutMs: number,
  signal: AbortSignal,
  ports: RemovePorts,
): Promise<void> {
  const deadline = ports.clock.now().getTime() + timeoutMs;
  const left = await mapParallel(refs, PARALLEL, (ref) => waitOneGone(ref, deadline, signal, ports));
  const holders = left.flatMap((live) => (live ? [describeHolder(live)] : []));
  if (holders.length === 0) return;
  throw new MeshError(
    'timeout',
    `${holders.length === 1 ? '1 object is' : `${holders.length} objects are`} still there after ${formatDuration(timeoutMs)}`,
    {
      details: holders,
      hint: 'a finalizer waits for its controller; run the same command again when it has done its work',
    },
  );
}

async function waitOneGone(
  ref: ObjectRef,
  deadline: number,
  signal: AbortSignal,
  ports: RemovePorts,
): Promise<KubeObject | undefined> {
  const query = {
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    namespace: ref.namespace,
    fieldSelector: `metadata.name=${ref.name}`,
  };
  const list = await ports.cluster.list(query, { signal });
  let live: KubeObject | undefined = list.items[0];
  if (!live) return undefined;
  const overdue = new AbortController();
  const timer = ports.clock.sleep(
    Math.max(1, deadline - ports.clock.now().getTime()),
    AbortSignal.any([signal, overdue.signal]),
  );
  void timer.then(() => overdue.abort()).catch(() => undefined);
  try {
    for await (const event of ports.cluster.watch(query, list.resourceVersion, {
      signal: AbortSignal.any([signal, overdue.signal]),
    })) {
      live = event.type === 'RELIST' ? event.items[0] : event.type === 'DELETED' ? undefined : event.object;
      if (!live) return undefined;
    }
  } catch (error) {
    if (signal.aborted || !overdue.signal.aborted) throw error;
  } finally {
    overdue.abort();
  }
  // Nobody should hear that something is still there only because its watch has died.
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LAST_LOOK_MS)]);
  return ports.cluster.get(ref, { signal: limit }).catch(() => live);
}

function describeHolder(live: KubeObject): string {
  const finalizers = getAt(live, ['metadata', 'finalizers']);
  const holder =
    Array.isArray(finalizers) && finalizers.length > 0
      ? `held by ${finalizers.map(String).join(', ')}`
      : 'its dependents are being deleted';
  const namespace = stringAt(live, ['metadata', 'namespace']);
  return `${live.kind} ${namespace ? `${namespace}/` : ''}${live.metadata.name}: ${holder}`;
}

/** Items without those in `removed`. */
export function itemsLeft(
  items: readonly InventoryItem[],
  removed: readonly InventoryItem[],
): InventoryItem[] {
  const keys = new Set(removed.map(refKey));
  return items.filter((item) => !keys.has(refKey(item)));
}
