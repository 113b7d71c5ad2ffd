/**
 * The values that CEL computes with, and the way from and to JSON. Integers are `bigint` (CEL `int`), other numbers are
 * CEL `double`. Optionals and types are objects with a symbol as key, which no JSON data can look like.
 */
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';

const VALUE = Symbol('optional');
const TYPE = Symbol('type');

export interface CelOptional {
  readonly [VALUE]: CelValue | undefined;
}
/** What `type(x)` gives. */
export interface CelTypeValue {
  readonly [TYPE]: TypeName;
}
export interface CelMap {
  [key: string]: CelValue;
}
export type CelValue =
  null | boolean | bigint | number | string | CelValue[] | CelMap | CelOptional | CelTypeValue;

/** CEL's names of the types that values of the manifest language can have. */
export type TypeName =
  'null_type' | 'bool' | 'int' | 'double' | 'string' | 'list' | 'map' | 'optional_type' | 'type';

/** The absent value. */
export const ABSENT: CelOptional = { [VALUE]: undefined };

/** An optional of the value; absent for undefined. */
export function optionalOf(value: CelValue | undefined): CelOptional {
  return value === undefined ? ABSENT : { [VALUE]: value };
}

/** What an optional holds, which may be an optional again; undefined when absent. */
export function insideOf(optional: CelOptional): CelValue | undefined {
  return optional[VALUE];
}

export function isOptional(value: CelValue | undefined): value is CelOptional {
  return typeof value === 'object' && value !== null && VALUE in value;
}

/** The value inside an optional, undefined when absent; everything else as it is. */
export function unwrap(value: CelValue | undefined): Exclude<CelValue, CelOptional> | undefined {
  let current = value;
  while (isOptional(current)) current = current[VALUE];
  return current;
}

export function typeValue(name: TypeName): CelTypeValue {
  return { [TYPE]: name };
}

export function isCelMap(value: CelValue | undefined): value is CelMap {
  return isObject(value) && !(VALUE in value) && !(TYPE in value);
}

/** The type of a value. */
export function typeOf(value: CelValue): TypeName {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    default:
      if (value === null) return 'null_type';
      if (Array.isArray(value)) return 'list';
      if (VALUE in value) return 'optional_type';
      return TYPE in value ? 'type' : 'map';
  }
}

/** The type of a value as messages say it. */
export function describeType(value: CelValue | undefined): string {
  if (value === undefined) return 'absent value';
  return typeOf(value).replace('_type', '');
}

/** The name that a type value stands for. */
export function typeValueName(value: CelTypeValue): TypeName {
  return value[TYPE];
}

/** Sets a key that may be `__proto__`, which a plain assignment would take for the prototype. */
export function setKey<T>(map: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    map[key] = value;
  }
}

/** The value of a key of the map's own. */
export function getKey(map: CelMap, key: string): CelValue | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
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

/** A value that cannot be written as JSON; the message says which kind. */
export class NotJsonError extends Error {}

/**
 * A JSON copy of a CEL value, undefined when it is absent. Absent entries and items inside are left out.
 * `count` is called once for each node. Throws `NotJsonError` for types, NaN and the like.
 */
export function fromCel(value: CelValue | undefined, count?: () => void): JsonValue | undefined {
  count?.();
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'bigint':
      if (!Number.isSafeInteger(Number(value))) {
        throw new NotJsonError(`the integer ${value.toString()} is too large`);
      }
      return Number(value);
    case 'number':
      if (!Number.isFinite(value)) throw new NotJsonError(`${value} cannot be written as JSON`);
      return value;
    default:
      return fromCelObject(value, count);
  }
}

function fromCelObject(value: CelValue & (object | null), count?: () => void): JsonValue | undefined {
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
  if (!isCelMap(value)) throw new NotJsonError('a type cannot be written as JSON');
  const map: JsonObject = {};
  for (const key of Object.keys(value)) {
    const json = fromCel(value[key], count);
    if (json !== undefined) setKey(map, key, json);
  }
  return map;
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
    const ours = unwrap(getKey(base, key));
    setKey(merged, key, isCelMap(ours) && isCelMap(theirs) ? mergeMaps(ours, theirs) : theirs);
  }
  return merged;
}
