/** The tree that grows as layer is merged over layer, and the layer that gave each of its leaves. */
import { getAt, isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { mergeTrees } from './merge.ts';
import { toPointer } from './paths.ts';
import type { TreePath } from './paths.ts';
import type { Origin } from './types.ts';

export interface Layers {
  readonly operator: JsonObject;
  /** By JSON pointer of the leaf. */
  readonly origins: ReadonlyMap<string, Origin>;
}

export const NO_LAYERS: Layers = { operator: {}, origins: new Map() };

/** A scalar, or a map or list that holds nothing. */
export interface Leaf {
  readonly path: TreePath;
  readonly value: JsonValue;
}

/** The leaves of a tree, in its order. */
export function listLeaves(value: JsonValue, path: TreePath = []): Leaf[] {
  const entries: (readonly [string | number, JsonValue])[] = Array.isArray(value)
    ? [...value.entries()]
    : isObject(value)
      ? Object.entries(value)
      : [];
  if (entries.length === 0) return [{ path, value }];
  return entries.flatMap(([key, item]) => listLeaves(item, [...path, key]));
}

/** `tree` merged over what is there. */
export function addLayer(layers: Layers, tree: JsonObject, originAt: (path: TreePath) => Origin): Layers {
  const operator = mergeTrees(layers.operator, tree);
  const origins = new Map(layers.origins);
  moveOrigins(origins, layers.operator, tree, [], originAt);
  return { operator, origins };
}

/** `operator` in place of the tree that is there, from which it differs by `over`, merged at `path`. */
export function replaceAt(
  layers: Layers,
  operator: JsonObject,
  path: TreePath,
  over: JsonValue,
  origin: Origin,
): Layers {
  const origins = new Map(layers.origins);
  for (let length = 0; length < path.length; length += 1) origins.delete(toPointer(path.slice(0, length)));
  moveOrigins(origins, getAt(layers.operator, path), over, path, () => origin);
  return { operator, origins };
}

/** Leaves that are replaced lose their origin, those of `over` get the new one. */
function moveOrigins(
  origins: Map<string, Origin>,
  before: JsonValue | undefined,
  over: JsonValue,
  path: TreePath,
  originAt: (path: TreePath) => Origin,
): void {
  if (isObject(before) && isObject(over)) {
    const keys = Object.keys(over);
    if (keys.length > 0) origins.delete(toPointer(path));
    for (const key of keys) {
      moveOrigins(origins, before[key], over[key] ?? null, [...path, key], originAt);
    }
    if (keys.length > 0 || Object.keys(before).length > 0) return;
  }
  if (before !== undefined) for (const leaf of listLeaves(before, path)) origins.delete(toPointer(leaf.path));
  for (const leaf of listLeaves(over, path)) origins.set(toPointer(leaf.path), originAt(leaf.path));
}

/** Whether a user (a file or a flag) gave the value at `path`, or a part of it. */
export function isGivenByUser(layers: Layers, path: TreePath): boolean {
  return originsBelow(layers, path).some(({ layer }) => layer === 'file' || layer.startsWith('--'));
}

/** Origins of the leaf at `path`, or of the leaves below it. */
export function originsBelow(layers: Layers, path: TreePath): Origin[] {
  const pointer = toPointer(path);
  const exact = layers.origins.get(pointer);
  if (exact) return [exact];
  return [...layers.origins].filter(([key]) => key.startsWith(`${pointer}/`)).map(([, origin]) => origin);
}
