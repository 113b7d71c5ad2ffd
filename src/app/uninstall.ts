/**
 * `mesh uninstall`: takes back what inventories record, where the live labels agree. Definitions and with them all
 * configuration of users go only with `purge`; a namespace goes only when mesh made it and nothing else lives there.
 */
import { refKey, refOf } from '../domain/manifest/ref.ts';
import type { KubeObject, ObjectRef } from '../domain/manifest/types.ts';
import { beginRun } from '../domain/plan/history.ts';
import { inventoryRef } from '../domain/plan/inventory.ts';
import type { Inventory, InventoryItem } from '../domain/plan/inventory.ts';
import { LABELS, ownerOf } from '../domain/plan/ownership.ts';
import { getAt } from '../lib/json.ts';
import { measureRadius } from './blast-radius.ts';
import type { BlastRadius } from './blast-radius.ts';
import { chooseInventory, listInventories, writeInventory } from './inventories.ts';
import type { RecordedInventory } from './inventories.ts';
import { findLeftovers } from './leftovers.ts';
import type { Leftover } from './leftovers.ts';
import { acquireLock } from './lock.ts';
import type { Actor, Lock } from './lock.ts';
import { PARALLEL } from './make-plan.ts';
import { isEmptyNamespace } from './namespace-contents.ts';
import { mapParallel } from './parallel.ts';
import type { Cluster } from './ports.ts';
import { listReleaseSecrets } from './releases.ts';
import { itemsLeft, removeObjects, waitGone } from './remove-objects.ts';
import type { RemovePorts } from './remove-objects.ts';
import { findTag, listTags, removeTag } from './tags.ts';
import { revisionName, revisionFromName } from '../domain/manifest/revision-name.ts';

export interface UninstallInput {
  /** Every revision, and the definitions. */
  readonly purge: boolean;
  /** One revision; `default` for the one without a name. */
  readonly revision?: string | undefined;
  /** Where the revision is installed; absent: wherever it is. */
  readonly namespace?: string | undefined;
  readonly dryRun: boolean;
  readonly timeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly actor: Actor;
  readonly meshVersion: string;
  readonly signal: AbortSignal;
}

/** What will go, before anything goes. */
export interface UninstallPlan {
  readonly inventories: readonly Inventory[];
  readonly items: readonly InventoryItem[];
  /** Tags that point to what goes: a webhook without a server would block pods. */
  readonly tags: readonly string[];
  readonly radius: BlastRadius;
  /** The Secrets that hold the history. */
  readonly releases: readonly ObjectRef[];
  readonly namespaces: readonly string[];
}

/** Nothing of mesh is there, not even the beginning of an install that was killed. */
export function isNothing({ inventories, releases, namespaces }: UninstallPlan): boolean {
  return inventories.length === 0 && releases.length === 0 && namespaces.length === 0;
}

export interface UninstallPorts extends RemovePorts {
  /** Shows what will go and asks; throws to stop. Not called for a dry run. */
  readonly confirm: (plan: UninstallPlan) => Promise<void>;
  /** Saves the configuration of users before its definitions go; throws to stop. */
  readonly backup: (plan: UninstallPlan) => Promise<void>;
}

export interface UninstallResult {
  readonly plan: UninstallPlan;
  readonly deleted: number;
  readonly kept: readonly InventoryItem[];
  readonly namespacesDeleted: readonly string[];
  readonly namespacesKept: readonly string[];
  readonly leftovers: readonly Leftover[];
}

export async function uninstall(input: UninstallInput, ports: UninstallPorts): Promise<UninstallResult> {
  const { plan, recorded } = await planUninstall(input, ports.cluster);
  const nothing = { plan, deleted: 0, kept: [], namespacesDeleted: [], namespacesKept: [], leftovers: [] };
  if (input.dryRun || isNothing(plan)) return nothing;
  await ports.confirm(plan);
  if (plan.radius.customResources.length > 0) await ports.backup(plan);
  const locks = await lockAll(plan, input, ports);
  try {
    const signal = AbortSignal.any([input.signal, ...locks.map((lock) => lock.lost)]);
    return await removeAll(plan, recorded, { ...input, signal }, ports);
  } finally {
    for (const lock of locks) await lock.release();
  }
}

/** One lock a namespace, always in the same order, so that two uninstalls never wait for each other. */
async function lockAll(plan: UninstallPlan, input: UninstallInput, ports: UninstallPorts): Promise<Lock[]> {
  const locks: Lock[] = [];
  try {
    for (const namespace of await namespacesToLock(plan, input.signal, ports.cluster))
      locks.push(await acquireLock({ ...input, namespace, purpose: 'uninstall' }, ports));
  } catch (error) {
    for (const lock of locks) await lock.release();
    throw error;
  }
  return locks;
}

/** Those that something is taken from. In one that is being deleted nobody can begin anything, not even with a lock. */
async function namespacesToLock(
  plan: UninstallPlan,
  signal: AbortSignal,
  cluster: Cluster,
): Promise<string[]> {
  const used = [...plan.inventories, ...plan.releases].flatMap(({ namespace }) => namespace ?? []);
  const names = [...new Set([...used, ...plan.namespaces])].sort();
  const live = await Promise.all(names.map((name) => cluster.get(namespaceRef(name), { signal })));
  return names.filter((name, index) => {
    const namespace = live[index];
    return namespace ? !isLeaving(namespace) : used.includes(name);
  });
}

function namespaceRef(name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Namespace', name };
}

function isLeaving(object: KubeObject): boolean {
  return getAt(object, ['metadata', 'deletionTimestamp']) !== undefined;
}

async function removeAll(
  plan: UninstallPlan,
  recorded: readonly RecordedInventory[],
  input: UninstallInput,
  ports: UninstallPorts,
): Promise<UninstallResult> {
  const { cluster } = ports;
  const { signal } = input;
  for (const record of recorded) await beginJournal(record, input, ports);
  for (const tag of plan.tags)
    await removeTag((await findTag(tag, cluster, signal)).objects, cluster, signal);
  const { deleted, leaving, kept } = await removeObjects(plan.items, signal, ports);
  await waitGone([...deleted, ...leaving], input.timeoutMs, signal, ports);
  await mapParallel(plan.releases, PARALLEL, (release) => cluster.remove(release, { signal }));
  // The records go last: until then a run that was killed can be run again.
  for (const inventory of plan.inventories)
    await cluster.remove(inventoryRef(inventory.namespace, inventory.revision), { signal });
  const namespaces = input.purge
    ? await removeEmptyNamespaces(plan.namespaces, input, ports)
    : { removed: [], kept: [] };
  const revisions = plan.inventories.map((inventory) => revisionName(inventory.revision));
  return {
    plan,
    deleted: deleted.length,
    kept,
    namespacesDeleted: namespaces.removed,
    namespacesKept: namespaces.kept,
    leftovers: await findLeftovers(revisions, input.purge, cluster, signal),
  };
}

async function beginJournal(
  { inventory, resourceVersion }: RecordedInventory,
  input: UninstallInput,
  { cluster, clock }: UninstallPorts,
): Promise<void> {
  const { kept } = beginRun(inventory.history, {
    action: 'uninstall',
    description: input.purge ? 'purge' : '',
    startedAt: clock.now().toISOString(),
    user: input.actor.user,
    meshVersion: input.meshVersion,
    istioVersion: inventory.istioVersion,
    profile: inventory.profile,
    digest: '',
    objects: inventory.items.length,
  });
  const begun = { ...inventory, history: kept };
  await writeInventory(begun, { inventory, resourceVersion }, input.signal, cluster);
}

async function planUninstall(
  input: UninstallInput,
  cluster: Cluster,
): Promise<{ readonly plan: UninstallPlan; readonly recorded: readonly RecordedInventory[] }> {
  const { signal, purge, namespace } = input;
  const revision = revisionFromName(input.revision ?? '');
  const all = await listInventories(cluster, signal);
  const chosen = purge ? all : [await chooseInventory({ namespace, revision, signal }, cluster)];
  const inventories = chosen.map((record) => record.inventory);
  const others = all
    .map((record) => record.inventory)
    .filter((inventory) => !inventories.some((going) => isSame(going, inventory)));
  const items = dedupe(inventories.flatMap((inventory) => inventory.items));
  const own = purge ? items : items.filter((item) => item.component !== 'Base');
  // What another revision still needs stays.
  const left = itemsLeft(
    own,
    others.flatMap((inventory) => [...inventory.items]),
  );
  const revisions = inventories.map((going) => revisionName(going.revision));
  const recordedKeys = new Set(left.map(refKey));
  const plan = {
    inventories,
    items: left,
    tags: inventories.length === 0 ? [] : await tagsOf(revisions, recordedKeys, cluster, signal),
    radius:
      inventories.length === 0
        ? { proxies: [], gateways: [], customResources: [] }
        : await measureRadius({ items: left, revisions, purge, signal }, cluster),
    releases: (
      await Promise.all(
        (purge ? [undefined] : inventories).map((owner) => listReleaseSecrets(owner, cluster, signal)),
      )
    ).flat(),
    namespaces: await createdNamespaces(inventories, input, cluster),
  };
  return { plan, recorded: chosen };
}

/** Recorded ones, and on purge those of an install that was killed before it recorded anything. */
async function createdNamespaces(
  inventories: readonly Inventory[],
  { purge, signal }: UninstallInput,
  cluster: Cluster,
): Promise<string[]> {
  const recorded = inventories.flatMap((inventory) => inventory.createdNamespaces);
  const labelSelector = `${LABELS.managedBy}=mesh`;
  const labelled = purge
    ? (await cluster.list({ apiVersion: 'v1', kind: 'Namespace', labelSelector }, { signal })).items
    : [];
  return [...new Set([...recorded, ...labelled.map((namespace) => namespace.metadata.name)])].sort();
}

function isSame(a: Inventory, b: Inventory): boolean {
  return a.revision === b.revision && a.namespace === b.namespace;
}

/** Tags that people set or moved; the tag `default` as an install made it goes with what else is recorded. */
async function tagsOf(
  revisions: readonly string[],
  recorded: ReadonlySet<string>,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<string[]> {
  const names = (await listTags(cluster, signal))
    .filter(({ tag, revision }) => tag !== '' && revisions.includes(revision))
    .map(({ tag }) => tag);
  const found = await Promise.all(names.map((tag) => findTag(tag, cluster, signal)));
  const goesAnyway = (object: KubeObject): boolean =>
    recorded.has(refKey(refOf(object))) && ownerOf(object) === 'mesh';
  return names.filter((_, index) => !found[index]?.objects.every(goesAnyway));
}

function dedupe(items: readonly InventoryItem[]): InventoryItem[] {
  return [...new Map(items.map((item) => [refKey(item), item])).values()];
}

async function removeEmptyNamespaces(
  names: readonly string[],
  input: UninstallInput,
  ports: UninstallPorts,
): Promise<{ readonly removed: string[]; readonly kept: string[] }> {
  const removed: string[] = [];
  const kept: string[] = [];
  for (const name of names) {
    const ref = namespaceRef(name);
    const live = await ports.cluster.get(ref, { signal: input.signal });
    if (!live) continue;
    const leaving = isLeaving(live);
    if (!leaving && !(await isEmptyNamespace(name, ports.cluster, input.signal))) {
      kept.push(name);
      // It is nobody's installation any more.
      const metadata = { labels: { [LABELS.managedBy]: null } };
      await ports.cluster.patch(ref, { metadata }, { signal: input.signal });
      continue;
    }
    if (!leaving) await ports.cluster.remove(ref, { signal: input.signal });
    await waitGone([ref], input.timeoutMs, input.signal, ports);
    removed.push(name);
  }
  return { removed, kept };
}
