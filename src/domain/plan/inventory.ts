/**
 * The record of what an install put into the cluster: a Secret in the control plane's namespace. Together with the
 * live labels it decides what may be pruned and uninstalled.
 */
import { stringAt } from '../../lib/json.ts';
import { refKey } from '../manifest/ref.ts';
import type { ComponentName, KubeObject, ObjectRef } from '../manifest/types.ts';
import type { HistoryEntry } from './history.ts';
import { decodeRecord, encodeRecord } from './record-data.ts';
import { revisionName } from '../manifest/revision-name.ts';

export interface InventoryItem extends ObjectRef {
  readonly component: ComponentName;
}

export interface Inventory {
  /** Empty for the default revision. */
  readonly revision: string;
  readonly namespace: string;
  readonly profile: string;
  readonly istioVersion: string;
  /** Namespaces that mesh created. */
  readonly createdNamespaces: readonly string[];
  /** Sorted by key. */
  readonly items: readonly InventoryItem[];
  /** Oldest first. */
  readonly history: readonly HistoryEntry[];
}

/** Label of inventory Secrets; its value is the revision. */
export const INVENTORY_LABEL = 'mesh.io/inventory';
const TYPE = 'mesh.io/inventory';

export function inventoryRef(namespace: string, revision: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Secret', namespace, name: `mesh-inventory-${revisionName(revision)}` };
}

/** The Secret to apply; the same inventory always gives the same Secret. */
export function inventorySecret(inventory: Inventory): KubeObject {
  const { namespace, name } = inventoryRef(inventory.namespace, inventory.revision);
  const items = [...inventory.items].sort((a, b) => (refKey(a) < refKey(b) ? -1 : 1));
  const record = {
    ...inventory,
    createdNamespaces: [...inventory.createdNamespaces].sort(),
    items,
  };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace: namespace ?? '',
      labels: { 'app.kubernetes.io/managed-by': 'mesh', [INVENTORY_LABEL]: revisionName(inventory.revision) },
    },
    type: TYPE,
    data: { inventory: encodeRecord(record) },
  };
}

/** Anybody can put our label on a Secret; such a one must neither stop mesh nor be believed. */
export function isInventorySecret(secret: KubeObject): boolean {
  const revision = stringAt(secret, ['metadata', 'labels', INVENTORY_LABEL]);
  return secret['type'] === TYPE && secret.metadata.name === inventoryRef('', revision).name;
}

/** Reads a Secret back. Throws a `conflict` MeshError for one that a newer mesh wrote or that is damaged. */
export function readInventory(secret: KubeObject): Inventory {
  return { history: [], ...decodeRecord(secret, 'inventory', 'inventory') } as unknown as Inventory;
}

/** Items of both; what `a` has wins. */
export function unionItems(a: readonly InventoryItem[], b: readonly InventoryItem[]): InventoryItem[] {
  const items = new Map([...b, ...a].map((item) => [refKey(item), item]));
  return [...items.values()];
}

/** Items of `items` that `kept` does not have. */
export function withoutItems(items: readonly InventoryItem[], kept: readonly ObjectRef[]): InventoryItem[] {
  const keys = new Set(kept.map(refKey));
  return items.filter((item) => !keys.has(refKey(item)));
}
