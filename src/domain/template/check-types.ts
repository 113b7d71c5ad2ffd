/** Types of expressions as the checker knows them. `union` is "one of these"; `dyn` is anything. */
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';

export type ScalarKind = 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'type';
export type CheckType =
  | { readonly kind: 'dyn' | ScalarKind }
  | { readonly kind: 'list'; readonly item: CheckType }
  | MapType
  | { readonly kind: 'optional'; readonly of: CheckType }
  | { readonly kind: 'union'; readonly of: readonly CheckType[] };

export interface MapType {
  readonly kind: 'map';
  /** Known keys; their types are worked out when asked for, since schemas may refer to themselves. */
  readonly names: readonly string[];
  field(name: string): CheckType | undefined;
  /** Type of all other keys; undefined when there are none. */
  readonly rest: CheckType | undefined;
}

export const DYN: CheckType = { kind: 'dyn' };
export const BOOL: CheckType = { kind: 'bool' };
export const INT: CheckType = { kind: 'int' };
export const STRING: CheckType = { kind: 'string' };
/** The type of no value: an empty list's items, `optional.none()`'s value. */
export const NEVER: CheckType = { kind: 'union', of: [] };
export const OPEN_MAP: MapType = { kind: 'map', names: [], field: () => undefined, rest: DYN };

export function listOf(item: CheckType): CheckType {
  return { kind: 'list', item };
}

export function optionalOf(type: CheckType): CheckType {
  return type.kind === 'optional' ? type : { kind: 'optional', of: type };
}

/** The type of the value inside an optional, if it is one. */
export function unwrapType(type: CheckType): CheckType {
  if (type.kind === 'optional') return unwrapType(type.of);
  return type.kind === 'union' ? unionOf(type.of.map(unwrapType)) : type;
}

/** The types that a value may have, taken apart. */
export function alternatives(type: CheckType): readonly CheckType[] {
  return type.kind === 'union' ? type.of.flatMap(alternatives) : [type];
}

/** One of `types`. Scalars are kept once, optionals are joined, and `dyn` swallows everything. */
export function unionOf(types: readonly CheckType[]): CheckType {
  const members: CheckType[] = [];
  for (const type of types.flatMap(alternatives)) {
    if (type.kind === 'dyn') return DYN;
    const same = members.findIndex(
      (member) => member === type || (member.kind === type.kind && isScalar(type)),
    );
    if (same >= 0) continue;
    const optional = members.findIndex((member) => member.kind === 'optional');
    if (type.kind === 'optional' && optional >= 0) {
      const other = members[optional] as CheckType;
      members[optional] = optionalOf(unionOf([unwrapType(other), unwrapType(type)]));
    } else members.push(type);
  }
  const [only] = members;
  return members.length === 1 && only ? only : { kind: 'union', of: members };
}

function isScalar(type: CheckType): boolean {
  return !['list', 'map', 'optional', 'union', 'dyn'].includes(type.kind);
}

/** The item of a list that has none may be taken for anything. */
export function orAnything(type: CheckType): CheckType {
  return alternatives(type).length === 0 ? DYN : type;
}

/** A map of these keys and no others. */
export function recordOf(fields: ReadonlyMap<string, CheckType>, rest?: CheckType): MapType {
  return { kind: 'map', names: [...fields.keys()], field: (name) => fields.get(name), rest };
}

/** What `merge(a, b)` gives. */
export function mergeTypes(a: MapType, b: MapType): MapType {
  return {
    kind: 'map',
    names: [...new Set([...a.names, ...b.names])],
    field: (name) => {
      const ours = a.field(name);
      const theirs = b.field(name);
      if (ours?.kind === 'map' && theirs?.kind === 'map') return mergeTypes(ours, theirs);
      const both = [ours, theirs].filter((type) => type !== undefined);
      return both.length === 0 ? undefined : unionOf(both);
    },
    rest: a.rest && b.rest ? unionOf([a.rest, b.rest]) : (a.rest ?? b.rest),
  };
}

/** The type of any entry of a map. */
export function entryType(map: MapType): CheckType {
  const fields = map.names.map((name) => map.field(name) ?? DYN);
  return unionOf(map.rest ? [...fields, map.rest] : fields);
}

/** Words for a type, as messages use them. */
export function formatType(type: CheckType): string {
  switch (type.kind) {
    case 'list':
      return type.item.kind === 'dyn' || alternatives(type.item).length === 0
        ? 'list'
        : `list of ${formatType(type.item)}`;
    case 'optional':
      return alternatives(type.of).length === 0 ? 'absent value' : `optional ${formatType(type.of)}`;
    case 'union':
      return type.of.length === 0 ? 'nothing' : [...new Set(type.of.map(formatType))].join(' or ');
    default:
      return type.kind;
  }
}

/**
 * The type that a JSON Schema (2020-12) describes. `$ref` is followed inside `root`; what the schema leaves open is
 * `dyn`. Keys are open only when `additionalProperties` says so, or when the schema names none.
 */
export function typeOfSchema(schema: JsonValue | undefined, root: JsonObject, depth = 0): CheckType {
  if (!isObject(schema) || depth > 50) return DYN;
  if (typeof schema['$ref'] === 'string')
    return typeOfSchema(resolveRef(schema['$ref'], root), root, depth + 1);
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices) && schema['properties'] === undefined && schema['type'] === undefined) {
    return unionOf(choices.map((choice) => typeOfSchema(choice, root, depth + 1)));
  }
  const all = Array.isArray(schema['allOf'])
    ? schema['allOf'].map((part) => typeOfSchema(part, root, depth + 1))
    : [];
  return [ownType(schema, root), ...all].reduce((a, b) => {
    if (a.kind === 'map' && b.kind === 'map') return mergeTypes(a, b);
    return a.kind === 'dyn' ? b : a;
  });
}

function ownType(schema: JsonObject, root: JsonObject): CheckType {
  const { type } = schema;
  if (Array.isArray(type)) return unionOf(type.map((name) => namedType(name, schema, root)));
  if (typeof type === 'string') return namedType(type, schema, root);
  if (schema['properties'] !== undefined) return mapType(schema, root);
  const constants = Array.isArray(schema['enum'])
    ? schema['enum']
    : 'const' in schema
      ? [schema['const']]
      : [];
  return constants.length > 0 ? unionOf(constants.map(typeOfLiteral)) : DYN;
}

function namedType(name: JsonValue, schema: JsonObject, root: JsonObject): CheckType {
  switch (name) {
    case 'string':
    case 'null':
      return { kind: name };
    case 'boolean':
      return BOOL;
    case 'integer':
      return INT;
    // A JSON number without fraction is an int.
    case 'number':
      return { kind: 'union', of: [INT, { kind: 'double' }] };
    case 'array':
      return listOf(typeOfSchema(schema['items'], root));
    case 'object':
      return mapType(schema, root);
    default:
      return DYN;
  }
}

function mapType(schema: JsonObject, root: JsonObject): MapType {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const patterns = isObject(schema['patternProperties']) ? Object.values(schema['patternProperties']) : [];
  const names = Object.keys(properties);
  const others = schema['additionalProperties'] ?? (names.length === 0 && patterns.length === 0);
  const known = new Map<string, CheckType>();
  const rest = (others === false ? patterns : [others, ...patterns]).map((value) =>
    typeOfSchema(value, root),
  );
  return {
    kind: 'map',
    names,
    rest: rest.length === 0 ? undefined : unionOf(rest),
    field: (name) => {
      if (!Object.hasOwn(properties, name)) return undefined;
      let type = known.get(name);
      if (!type) known.set(name, (type = typeOfSchema(properties[name], root)));
      return type;
    },
  };
}

function resolveRef(ref: string, root: JsonObject): JsonValue | undefined {
  if (!ref.startsWith('#')) return undefined;
  let current: JsonValue | undefined = root;
  for (const part of ref.slice(1).split('/').filter(Boolean)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    current = isObject(current) && Object.hasOwn(current, key) ? current[key] : undefined;
  }
  return current;
}

/** The type of a constant. */
export function typeOfLiteral(value: JsonValue): CheckType {
  if (value === null) return { kind: 'null' };
  if (Array.isArray(value)) return listOf(unionOf(value.map(typeOfLiteral)));
  switch (typeof value) {
    case 'string':
      return STRING;
    case 'boolean':
      return BOOL;
    case 'number':
      return Number.isInteger(value) ? INT : { kind: 'double' };
    default:
      return recordOf(new Map(Object.entries(value).map(([key, item]) => [key, typeOfLiteral(item)])));
  }
}
