/**
 * The values that CEL computes with, and the way from and to JSON. Integers are `bigint` (CEL `int`), other numbers
 * are CEL `double`; an optional is an object with `hasValue` and `orValue`, which no JSON data can look like.
 */
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';

export type CelValue = null | boolean | bigint | number | string | CelValue[] | CelMap | CelOptional;
export interface CelMap {
  [key: string]: CelValue;
}
export interface CelOptional {
  hasValue(): boolean;
  orValue(fallback: CelValue | undefined): CelValue | undefined;
}

export function isOptional(value: unknown): value is CelOptional {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { orValue?: unknown }).orValue === 'function'
  );
}

export function isCelMap(value: CelValue | undefined): value is CelMap {
  return isObject(value) && !isOptional(value);
}

/** The value inside an optional, undefined when absent; everything else as it is. */
export function unwrap(value: CelValue | undefined): CelValue | undefined {
  let current = value;
  while (isOptional(current)) current = current.orValue(undefined);
  return current;
}

/** Sets a key that may be `__proto__`, which a plain assignment would take for the prototype. */
export function setKey<T>(map: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    map[key] = value;
  }
}

/** JSON as CEL sees it. Subtrees without integers are not copied, so the result must not be changed. */
export function toCel(value: JsonValue): CelValue {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    let copy: CelValue[] | undefined;
    for (const [index, item] of value.entries()) {
      const converted = toCel(item);
      if (copy) copy.push(converted);
      else if (converted !== item) copy = [...value.slice(0, index), converted];
    }
    return copy ?? value;
  }
  let copy: CelMap | undefined;
  for (const key of Object.keys(value)) {
    const item = value[key] as JsonValue;
    const converted = toCel(item);
    if (!copy && converted !== item) copy = { ...value };
    if (copy) setKey(copy, key, converted);
  }
  return copy ?? value;
}

/** A value that cannot be written as JSON; `message` says which kind. */
export class NotJsonError extends Error {}

/**
 * A JSON copy of a CEL value, undefined when it is absent. Absent entries and items inside are left out.
 * `count` is called once for each node. Throws `NotJsonError` for bytes, timestamps, types, NaN and the like.
 */
export function fromCel(value: CelValue | undefined, count: () => void): JsonValue | undefined {
  count();
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'bigint':
      if (!Number.isSafeInteger(Number(value)))
        throw new NotJsonError(`the integer ${value.toString()} is too large`);
      return Number(value);
    case 'number':
      if (!Number.isFinite(value)) throw new NotJsonError(`${value} cannot be written as JSON`);
      return value;
    default:
      return fromCelObject(value, count);
  }
}

function fromCelObject(
  value: CelValue[] | CelMap | CelOptional | null,
  count: () => void,
): JsonValue | undefined {
  if (value === null) return null;
  if (Array.isArray(value)) {
    const list: JsonValue[] = [];
    for (const item of value) {
      const json = fromCel(item, count);
      if (json !== undefined) list.push(json);
    }
    return list;
  }
  if (isOptional(value)) return fromCel(unwrap(value), count);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new NotJsonError(`a ${describeType(value)} cannot be written as JSON`);
  }
  const map: JsonObject = {};
  for (const key of Object.keys(value)) {
    const json = fromCel(value[key], count);
    if (json !== undefined) setKey(map, key, json);
  }
  return map;
}

/** The CEL name of a value's type, as messages say it. */
export function describeType(value: unknown): string {
  if (value === undefined) return 'absent value';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (isOptional(value)) return 'optional';
  switch (typeof value) {
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'boolean':
      return 'bool';
    case 'object':
      return describeObject(value);
    default:
      return typeof value;
  }
}

function describeObject(value: object): string {
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Date) return 'timestamp';
  const name = (value as { constructor?: { name?: string } }).constructor?.name;
  return name === undefined || name === 'Object' ? 'map' : name.toLowerCase();
}

/** Text of a scalar: `true`, `1`, `0.5`. Undefined for null, lists and maps. */
export function scalarText(value: CelValue | undefined): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}

/** `over` merged deeply into a copy of `base`: maps merge, everything else is replaced. */
export function mergeMaps(base: CelMap, over: CelMap): CelMap {
  const merged: CelMap = { ...base };
  for (const key of Object.keys(over)) {
    const theirs = unwrap(over[key]);
    if (theirs === undefined) continue;
    const ours = Object.hasOwn(base, key) ? unwrap(base[key]) : undefined;
    setKey(merged, key, isCelMap(ours) && isCelMap(theirs) ? mergeMaps(ours, theirs) : theirs);
  }
  return merged;
}
