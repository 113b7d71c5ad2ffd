/** Inventories in the cluster: read with their version, written only over the version that was read. */
import type { KubeObject } from '../domain/manifest/types.ts';
import {
  INVENTORY_LABEL,
  inventoryRef,
  inventorySecret,
  isInventorySecret,
  readInventory,
} from '../domain/plan/inventory.ts';
import type { Inventory } from '../domain/plan/inventory.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import type { Cluster } from './ports.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

/** An inventory with the version that it was read in: who writes it must have seen the newest. */
export interface RecordedInventory {
  readonly inventory: Inventory;
  readonly resourceVersion: string;
}

/** The record of a revision, or undefined where mesh has installed none. */
export async function findInventory(
  cluster: Cluster,
  namespace: string,
  revision: string,
  signal: AbortSignal,
): Promise<RecordedInventory | undefined> {
  const secret = await cluster.get(inventoryRef(namespace, revision), { signal });
  return secret ? recordedInventory(secret) : undefined;
}

function recordedInventory(secret: KubeObject): RecordedInventory {
  return {
    inventory: readInventory(secret),
    resourceVersion: stringAt(secret, ['metadata', 'resourceVersion']),
  };
}

/** The records of all revisions in `namespace`, or in all namespaces. */
export async function listInventories(
  cluster: Cluster,
  signal: AbortSignal,
  namespace?: string,
): Promise<RecordedInventory[]> {
  const query = { apiVersion: 'v1', kind: 'Secret', namespace, labelSelector: INVENTORY_LABEL };
  return (await cluster.list(query, { signal })).items.filter(isInventorySecret).map(recordedInventory);
}

/** Throws a `conflict` MeshError when the record is not the one that was read. */
export async function writeInventory(
  inventory: Inventory,
  previous: RecordedInventory | undefined,
  signal: AbortSignal,
  cluster: Cluster,
): Promise<RecordedInventory> {
  const secret = inventorySecret(inventory);
  try {
    if (!previous) return recordedInventory(await cluster.create(secret, { signal }));
    const metadata = { ...secret.metadata, resourceVersion: previous.resourceVersion };
    return recordedInventory(await cluster.replace({ ...secret, metadata }, { signal }));
  } catch (error) {
    if (!(error instanceof MeshError) || error.code !== 'conflict') throw error;
    throw new MeshError('conflict', 'another run of mesh has changed this installation meanwhile', {
      hint: 'run the same command again: it plans anew',
      cause: error,
    });
  }
}

/**
 * The record of one revision, in `namespace` or wherever it is. Throws a `usage` MeshError when mesh has not installed it,
 * or has installed it in several namespaces.
 */
export async function chooseInventory(
  choice: {
    readonly namespace?: string | undefined;
    readonly revision: string;
    readonly signal: AbortSignal;
  },
  cluster: Cluster,
): Promise<RecordedInventory> {
  const all = (await listInventories(cluster, choice.signal)).filter(
    ({ inventory }) => choice.namespace === undefined || inventory.namespace === choice.namespace,
  );
  const found = all.filter(({ inventory }) => inventory.revision === choice.revision);
  const [first] = found;
  if (!first) {
    const known = all.map(({ inventory }) => revisionName(inventory.revision)).sort();
    throw new MeshError('usage', `mesh has not installed revision ${revisionName(choice.revision)} here`, {
      hint:
        known.length > 0
          ? `there is ${known.join(', ')}: name it with --revision`
          : 'install with mesh install; what istioctl or Helm installed comes over with mesh adopt',
    });
  }
  if (found.length === 1) return first;
  throw new MeshError(
    'usage',
    `revision ${revisionName(choice.revision)} is installed in several namespaces`,
    {
      hint: `name one with -i: ${found.map(({ inventory }) => inventory.namespace).join(', ')}`,
    },
  );
}
