/**
 * `mesh uninstall`: takes back what inventories record, where the live labels agree. Definitions and with them all
 * configuration of users go only with `purge`; a namespace goes only when mesh made it and nothing else lives there.
 */
import { refKey } from '../domain/manifest/ref.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { INVENTORY_LABEL, inventoryRef, readInventory } from '../domain/plan/inventory.ts';
import type { Inventory, InventoryItem } from '../domain/plan/inventory.ts';
import { MeshError } from '../lib/errors.ts';
import { isEmptyNamespace } from './namespace-contents.ts';
import type { Cluster } from './ports.ts';
import { itemsLeft, removeObjects, waitGone } from './remove-objects.ts';
import type { RemovePorts } from './remove-objects.ts';

export interface UninstallInput {
  /** Every revision, and the definitions. */
  readonly purge: boolean;
  /** One revision; `default` for the one without a name. */
  readonly revision?: string | undefined;
  readonly dryRun: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What will go, before anything goes. */
export interface UninstallPlan {
  readonly inventories: readonly Inventory[];
  readonly items: readonly InventoryItem[];
  /** Custom resources that go with their definitions. */
  readonly customResources: number;
  readonly namespaces: readonly string[];
}

export interface UninstallPorts extends RemovePorts {
  /** Shows what will go and asks; throws to stop. Not called for a dry run. */
  readonly confirm: (plan: UninstallPlan) => Promise<void>;
}

export interface UninstallResult {
  readonly plan: UninstallPlan;
  readonly deleted: number;
  readonly kept: readonly InventoryItem[];
  readonly namespacesDeleted: readonly string[];
  readonly namespacesKept: readonly string[];
}

export async function uninstall(input: UninstallInput, ports: UninstallPorts): Promise<UninstallResult> {
  const plan = await planUninstall(input, ports.cluster);
  const nothing = { plan, deleted: 0, kept: [], namespacesDeleted: [], namespacesKept: [] };
  if (input.dryRun || plan.inventories.length === 0) return nothing;
  await ports.confirm(plan);
  const { signal } = input;
  const { deleted, kept } = await removeObjects(plan.items, signal, ports);
  await waitGone(deleted, input.timeoutMs, signal, ports);
  for (const inventory of plan.inventories)
    await ports.cluster.remove(inventoryRef(inventory.namespace, inventory.revision), { signal });
  const namespaces = input.purge
    ? await removeEmptyNamespaces(plan.namespaces, input, ports)
    : { removed: [], kept: [] };
  return {
    plan,
    deleted: deleted.length,
    kept,
    namespacesDeleted: namespaces.removed,
    namespacesKept: namespaces.kept,
  };
}

async function planUninstall(input: UninstallInput, cluster: Cluster): Promise<UninstallPlan> {
  const secrets = await cluster.list(
    { apiVersion: 'v1', kind: 'Secret', labelSelector: INVENTORY_LABEL },
    { signal: input.signal },
  );
  const all = secrets.items.map(readInventory);
  const chosen = input.purge
    ? all
    : all.filter((inventory) => (inventory.revision || 'default') === input.revision);
  if (!input.purge && chosen.length === 0) throw unknownRevision(input.revision ?? '', all);
  const items = dedupe(chosen.flatMap((inventory) => inventory.items));
  const shared = input.purge ? items : items.filter((item) => item.component !== 'Base');
  return {
    inventories: chosen,
    // What another revision still needs stays.
    items: itemsLeft(
      shared,
      all.filter((inventory) => !chosen.includes(inventory)).flatMap((inventory) => [...inventory.items]),
    ),
    customResources: input.purge ? await countCustomResources(items, input, cluster) : 0,
    namespaces: [...new Set(chosen.flatMap((inventory) => inventory.createdNamespaces))].sort(),
  };
}

function unknownRevision(revision: string, all: readonly Inventory[]): MeshError {
  const known = all.map((inventory) => inventory.revision || 'default').sort();
  return new MeshError('usage', `revision "${revision}" is not installed by mesh`, {
    hint: known.length > 0 ? `there is ${known.join(', ')}` : 'nothing in this cluster was installed by mesh',
  });
}

function dedupe(items: readonly InventoryItem[]): InventoryItem[] {
  return [...new Map(items.map((item) => [refKey(item), item])).values()];
}

async function countCustomResources(
  items: readonly InventoryItem[],
  input: UninstallInput,
  cluster: Cluster,
): Promise<number> {
  const groups = new Set(
    items
      .filter((item) => item.kind === 'CustomResourceDefinition')
      .map((item) => item.name.slice(item.name.indexOf('.') + 1)),
  );
  const resources = (await cluster.resources({ signal: input.signal })).filter(
    (resource) => groups.has(resource.apiVersion.split('/')[0] ?? '') && resource.verbs.includes('list'),
  );
  const byKind = new Map(
    resources.map((resource) => [resource.kind + (resource.apiVersion.split('/')[0] ?? ''), resource]),
  );
  const lists = await Promise.all(
    [...byKind.values()].map(({ apiVersion, kind }) =>
      cluster.list({ apiVersion, kind }, { signal: input.signal }),
    ),
  );
  return lists.reduce((sum, list) => sum + list.items.length, 0);
}

async function removeEmptyNamespaces(
  names: readonly string[],
  input: UninstallInput,
  ports: UninstallPorts,
): Promise<{ readonly removed: string[]; readonly kept: string[] }> {
  const removed: string[] = [];
  const kept: string[] = [];
  for (const name of names) {
    const ref = { apiVersion: 'v1', kind: 'Namespace', name };
    const live: KubeObject | undefined = await ports.cluster.get(ref, { signal: input.signal });
    if (!live) continue;
    if (!(await isEmptyNamespace(name, ports.cluster, input.signal))) {
      kept.push(name);
      continue;
    }
    await ports.cluster.remove(ref, { signal: input.signal });
    await waitGone([ref], input.timeoutMs, input.signal, ports);
    removed.push(name);
  }
  return { removed, kept };
}
