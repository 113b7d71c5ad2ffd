/**
 * Brings what a user wrote into the one form that the rest of mesh reads: fields of MeshConfig in camelCase (istiod
 * takes snake_case too, but not both in one map), and text where Istio puts a number or boolean into text (tags, labels).
 */
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { toPointer } from './paths.ts';
import type { TreePath } from './paths.ts';
import { canonicalKey, childNode, FREE } from './schema.ts';
import type { Schema, SchemaNode } from './schema.ts';

export interface Normalized {
  readonly value: JsonValue;
  /** Key as it was written, by pointer of the key as it is now; only keys that changed. */
  readonly written: ReadonlyMap<string, string>;
  /** Numbers with a fraction that became text: YAML may have dropped zeros at their end. */
  readonly fractions: readonly { readonly path: TreePath; readonly text: string }[];
  /** Fields that were given in both spellings. */
  readonly twice: readonly TreePath[];
}

interface Walk {
  readonly schema: Schema;
  readonly written: Map<string, string>;
  readonly fractions: { path: TreePath; text: string }[];
  readonly twice: TreePath[];
}

/** A copy of `value`, which belongs at `path` where the schema has `node`. */
export function normalize(value: JsonValue, schema: Schema, node: SchemaNode, path: TreePath): Normalized {
  const walk: Walk = { schema, written: new Map(), fractions: [], twice: [] };
  return { ...walk, value: normalizeNode(walk, value, node, path) };
}

function normalizeNode(walk: Walk, value: JsonValue, node: SchemaNode, path: TreePath): JsonValue {
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      normalizeNode(walk, item, childNode(walk.schema, node, index) ?? FREE, [...path, index]),
    );
  }
  if (isObject(value)) return normalizeMap(walk, value, node, path);
  if (node['x-text'] !== true || value === null || typeof value === 'string') return value;
  const text = String(value);
  if (typeof value === 'number' && !Number.isInteger(value)) walk.fractions.push({ path, text });
  return text;
}

function normalizeMap(walk: Walk, map: JsonObject, node: SchemaNode, path: TreePath): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(map)) {
    const name = canonicalKey(node, key);
    const place = [...path, name];
    if (name !== key) walk.written.set(toPointer(place), key);
    if (name !== key && Object.hasOwn(map, name)) walk.twice.push(place);
    result[name] = normalizeNode(walk, value, childNode(walk.schema, node, name) ?? FREE, place);
  }
  return result;
}
