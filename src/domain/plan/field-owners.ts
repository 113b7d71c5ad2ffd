/**
 * Who wrote a field, and when: `metadata.managedFields`, as the API server keeps them (Kubernetes documentation,
 * "Server-Side Apply", FieldsV1).
 */
import { getAt, isObject, listAt, stringAt } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';
import { ownedItem } from './fields-v1.ts';

export interface FieldOwner {
  readonly manager: string;
  /** RFC 3339. */
  readonly time: string;
}

/** A step into an object: the key of a map, or the index of a list. */
export type FieldPath = readonly (string | number)[];

/** The last writer of a field of a live object; undefined where nobody is recorded. */
export function fieldOwner(live: KubeObject, path: FieldPath): FieldOwner | undefined {
  return listAt(live, ['metadata', 'managedFields'])
    .filter((entry) => stringAt(entry, ['subresource']) !== 'status' && owns(entry, live, path))
    .map((entry) => ({ manager: stringAt(entry, ['manager']), time: stringAt(entry, ['time']) }))
    .sort((a, b) => (a.time < b.time ? -1 : 1))
    .at(-1);
}

function owns(entry: JsonValue, live: KubeObject, path: FieldPath): boolean {
  let node = getAt(entry, ['fieldsV1']);
  let value: JsonValue | undefined = live;
  for (const step of path) {
    if (!isObject(node)) return false;
    const parent = value;
    value = getAt(parent, [step]);
    const next = typeof step === 'string' ? node[`f:${step}`] : ownedItem(node, value)?.below;
    // A leaf owns all that is below it.
    if (next === undefined) return Object.keys(node).length === 0 && node !== getAt(entry, ['fieldsV1']);
    node = next;
  }
  return true;
}
