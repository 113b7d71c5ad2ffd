/**
 * The record of an installed addon: a Secret in its namespace. With the live labels it decides what may be pruned and
 * uninstalled. It is apart from the inventories of control planes, which know nothing of addons.
 */
import { MeshError } from '../../lib/errors.ts';
import { isObject, stringAt } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import { refKey } from '../manifest/ref.ts';
import type { KubeObject, ObjectRef } from '../manifest/types.ts';
import { ADDON_LABEL } from './render.ts';

export interface AddonRecord {
  readonly name: string;
  readonly version: string;
  readonly namespace: string;
  readonly items: readonly ObjectRef[];
}

const FORMAT = 1;

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
    // Names of Kubernetes are ASCII, which is all that btoa takes.
    data: { record: btoa(JSON.stringify({ format: FORMAT, ...record, items })) },
  };
}

/** Reads a Secret back. Throws a `conflict` MeshError for one that another mesh wrote or that is damaged. */
export function readAddonRecord(secret: KubeObject): AddonRecord {
  let record: JsonValue;
  try {
    record = JSON.parse(atob(stringAt(secret, ['data', 'record']))) as JsonValue;
  } catch (error) {
    throw damaged(secret, 'is not readable', error);
  }
  if (!isObject(record) || !Array.isArray(record['items'])) throw damaged(secret, 'is not readable');
  if (record['format'] !== FORMAT) throw damaged(secret, 'was written by another version of mesh');
  const { format: _format, ...rest } = record;
  // A record that somebody copied elsewhere still speaks of where it was written.
  return rest as unknown as AddonRecord;
}

function damaged(secret: KubeObject, what: string, cause?: unknown): MeshError {
  const name = `${stringAt(secret, ['metadata', 'namespace'])}/${secret.metadata.name}`;
  return new MeshError('conflict', `the record of an addon in Secret ${name} ${what}`, {
    hint: 'use the mesh that installed it, or delete that Secret to give up what it records',
    cause,
  });
}
