/** The part of a live object that given managers have applied: what they would apply again. */
import { getAt, isObject, listAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';
import { ownedItem } from './fields-v1.ts';

/** Identity and the fields of `managers`, undefined when they own nothing. The status never counts. */
export function ownedPart(live: KubeObject, managers: readonly string[]): KubeObject | undefined {
  const sets = listAt(live, ['metadata', 'managedFields'])
    .filter(
      (entry) =>
        managers.includes(stringAt(entry, ['manager'])) && stringAt(entry, ['subresource']) !== 'status',
    )
    .map((entry) => getAt(entry, ['fieldsV1']))
    .filter(isObject);
  if (sets.length === 0) return undefined;
  const parts = sets.map((set) => pick(live, set)).filter(isObject);
  const { metadata, status: _status, ...merged } = parts.reduce(mergeParts, {});
  const { name } = live.metadata;
  const namespace = stringAt(live, ['metadata', 'namespace']);
  return {
    ...merged,
    apiVersion: live.apiVersion,
    kind: live.kind,
    metadata: { ...(isObject(metadata) ? metadata : {}), name, ...(namespace === '' ? {} : { namespace }) },
  };
}

/** FieldsV1: `f:` a field, `k:` an item of a keyed list, `v:` an item of a set, `.` the thing itself, {} all below. */
function pick(value: JsonValue | undefined, node: JsonObject): JsonValue | undefined {
  const keys = Object.keys(node).filter((key) => key !== '.');
  if (value === undefined) return undefined;
  if (keys.length === 0) return '.' in node && isObject(value) ? {} : value;
  if (Array.isArray(value)) return pickItems(value, node);
  if (!isObject(value)) return value;
  const picked: JsonObject = {};
  for (const key of keys.filter((name) => name.startsWith('f:'))) {
    const child = node[key];
    const part = isObject(child) ? pick(value[key.slice(2)], child) : undefined;
    if (part !== undefined) picked[key.slice(2)] = part;
  }
  return picked;
}

function pickItems(list: readonly JsonValue[], node: JsonObject): JsonValue[] {
  return list.flatMap((item): JsonValue[] => {
    const owned = ownedItem(node, item);
    if (!owned) return [];
    if (owned.isWhole) return [item];
    const part = isObject(owned.below) ? pick(item, owned.below) : undefined;
    return [{ ...owned.keys, ...(isObject(part) ? part : {}) }];
  });
}

/** Parts of one object: maps merge, of anything else the later one counts. */
function mergeParts(a: JsonObject, b: JsonObject): JsonObject {
  const merged: JsonObject = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const other = merged[key];
    merged[key] = isObject(other) && isObject(value) ? mergeParts(other, value) : value;
  }
  return merged;
}
