/**
 * The record of an installed addon: a Secret in its namespace. With the live labels it decides what may be pruned and
 * uninstalled. It is apart from the inventories of control planes, which know nothing of addons.
 */
import { refKey } from '../manifest/ref.ts';
import type { KubeObject, ObjectRef } from '../manifest/types.ts';
import { decodeRecord, encodeRecord } from '../plan/record-data.ts';
import { ADDON_LABEL } from './render.ts';

export interface AddonRecord {
  readonly name: string;
  readonly version: string;
  readonly namespace: string;
  readonly items: readonly ObjectRef[];
}

export function addonRecordRef({ namespace, name }: Pick<AddonRecord, 'namespace' | 'name'>): ObjectRef {
  return { apiVersion: 'v1', kind: 'Secret', namespace, name: `mesh-addon-${name}` };
}

/** The Secret to apply; the same record always gives the same Secret. */
export function addonRecordSecret(record: AddonRecord): KubeObject {
  const { namespace, name } = addonRecordRef(record);
  const items = [...record.items]
    .sort((a, b) => (refKey(a) < refKey(b) ? -1 : 1))
    .map((item) => ({
      apiVersion: item.apiVersion,
      kind: item.kind,
      name: item.name,
      ...(item.namespace === undefined ? {} : { namespace: item.namespace }),
    }));
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace: namespace ?? '',
      labels: { 'app.kubernetes.io/managed-by': 'mesh', [ADDON_LABEL]: record.name },
    },
    type: 'mesh.io/addon',
    data: { record: encodeRecord({ ...record, items }) },
  };
}

/** Reads a Secret back. Throws a `conflict` MeshError for one that another mesh wrote or that is damaged. */
export function readAddonRecord(secret: KubeObject): AddonRecord {
  // A record that somebody copied elsewhere still speaks of where it was written.
  return decodeRecord(secret, 'record', 'record of an addon') as unknown as AddonRecord;
}
