/** JSON values as plain data, and the few questions that are asked of them everywhere. */

export type JsonPrimitive = string | number | boolean | null;
export type JsonValue = JsonPrimitive | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

/** A map: neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at `path` (map keys and list indexes), or undefined where the path leaves the tree. */
export function getAt(
  root: JsonValue | undefined,
  path: readonly (string | number)[],
): JsonValue | undefined {
  let current: JsonValue | undefined = root;
  for (const key of path) {
    if (typeof key === 'number' && Array.isArray(current)) current = current[key];
    else if (isObject(current) && Object.hasOwn(current, key)) current = current[key];
    else return undefined;
  }
  return current;
}

/** The map at `path`, or an empty one. */
export function objectAt(root: JsonValue | undefined, path: readonly (string | number)[]): JsonObject {
  const value = getAt(root, path);
  return isObject(value) ? value : {};
}

/** The list at `path`, or an empty one. */
export function listAt(
  root: JsonValue | undefined,
  path: readonly (string | number)[],
): readonly JsonValue[] {
  const value = getAt(root, path);
  return Array.isArray(value) ? value : [];
}

/** The string at `path`, or the empty string. */
export function stringAt(root: JsonValue | undefined, path: readonly (string | number)[]): string {
  const value = getAt(root, path);
  return typeof value === 'string' ? value : '';
}

/** Same data: key order does not matter, list order does. */
export function isEqual(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => isEqual(item, b[index]));
  }
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
    );
  }
  return false;
}

/** A copy in which every map has its keys in alphabetical order. */
export function sortKeys<T extends JsonValue>(value: T): T {
  if (Array.isArray(value)) return value.map((item) => sortKeys(item)) as T;
  if (!isObject(value)) return value;
  // fromEntries makes own properties, also of a key "__proto__", which an assignment would not.
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key] as JsonValue)]),
  ) as T;
}
