/** The one merge rule of configuration: maps merge key by key, lists and scalars are replaced, null overwrites. */
import deepmerge from 'deepmerge';
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';

const options: deepmerge.Options = {
  arrayMerge: (_target, source: unknown[]) => source,
  isMergeableObject: (value) => isObject(value) || Array.isArray(value),
};

/** A new tree: `over` merged over `base`. Neither is changed. */
export function mergeTrees(base: JsonObject, over: JsonObject): JsonObject {
  return deepmerge<JsonObject, JsonObject>(base, over, options);
}

/** Several trees, the last one wins. */
export function mergeAll(trees: readonly JsonObject[]): JsonObject {
  return trees.reduce<JsonObject>((merged, tree) => mergeTrees(merged, tree), {});
}

/** `over` merged over `base` where both are maps, else `over`. */
export function mergeValue(base: JsonValue | undefined, over: JsonValue): JsonValue {
  return isObject(base) && isObject(over) ? mergeTrees(base, over) : over;
}
