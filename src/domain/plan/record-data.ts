/** Records of mesh in Secrets: JSON with a format number, under one key. */
import { base64ToBytes, bytesToBase64 } from '../../lib/base64.ts';
import { MeshError } from '../../lib/errors.ts';
import { isObject, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';

const FORMAT = 1;

/** The value for a Secret's `data`. */
export function encodeRecord(record: object): string {
  return bytesToBase64(new TextEncoder().encode(JSON.stringify({ format: FORMAT, ...record })));
}

/**
 * What `encodeRecord` was given; it has a list of `items`. `what` names it in errors: `inventory`. Throws a `conflict`
 * MeshError for a record that another mesh wrote or that is damaged.
 */
export function decodeRecord(secret: KubeObject, key: string, what: string): JsonObject {
  let record: JsonValue;
  try {
    record = JSON.parse(
      new TextDecoder().decode(base64ToBytes(stringAt(secret, ['data', key]))),
    ) as JsonValue;
  } catch (error) {
    throw damaged(secret, what, 'is not readable', error);
  }
  if (!isObject(record) || !Array.isArray(record['items'])) throw damaged(secret, what, 'is not readable');
  if (record['format'] !== FORMAT) throw damaged(secret, what, 'was written by another version of mesh');
  const { format: _format, ...rest } = record;
  return rest;
}

function damaged(secret: KubeObject, what: string, how: string, cause?: unknown): MeshError {
  const name = `${stringAt(secret, ['metadata', 'namespace'])}/${secret.metadata.name}`;
  return new MeshError('conflict', `the ${what} in Secret ${name} ${how}`, {
    hint: 'use the mesh that installed it, or delete that Secret to give up what it records',
    cause,
  });
}
