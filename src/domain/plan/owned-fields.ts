/** The part of a live object that given managers have applied: what they would apply again. */
import { getAt, isObject, listAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';

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
  if (Array.isArray(value)) return pickItems(value, node, keys);
  if (!isObject(value)) return value;
  const picked: JsonObject = {};
  for (const key of keys.filter((name) => name.startsWith('f:'))) {
    const child = node[key];
    const part = isObject(child) ? pick(value[key.slice(2)], child) : undefined;
    if (part !== undefined) picked[key.slice(2)] = part;
  }
  return picked;
}

function pickItems(list: readonly JsonValue[], node: JsonObject, keys: readonly string[]): JsonValue[] {
  return list.flatMap((item): JsonValue[] => {
    for (const key of keys) {
      if (key.startsWith('v:') && JSON.stringify(item) === key.slice(2)) return [item];
      if (!key.startsWith('k:') || !isObject(item)) continue;
      const wanted: unknown = JSON.parse(key.slice(2));
      if (!isObject(wanted) || !Object.entries(wanted).every(([name, value]) => item[name] === value))
        continue;
      const child = node[key];
      const part = isObject(child) ? pick(item, child) : undefined;
      return [{ ...wanted, ...(isObject(part) ? part : {}) }];
    }
    return [];
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
