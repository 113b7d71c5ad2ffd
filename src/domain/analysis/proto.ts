/**
 * Reads the spec of an Istio resource as protobuf's JSON form does, tolerant as Istio is: camelCase or snake_case names,
 * enums by name or number, whole numbers also as text. What comes out has camelCase names and enum names; unknown fields,
 * nulls, empty lists and empty maps are gone, because Istio does not see them either. Source: facts 1.2.
 */
import { parseDuration } from '../../lib/duration.ts';
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import api from './validation/api/messages.json' with { type: 'json' };
import type { FieldPath, KindKey } from './types.ts';

/** A value that Istio could not read. */
export interface ProtoProblem {
  readonly path: FieldPath;
  readonly message: string;
}

interface Field {
  /** In camelCase. */
  readonly name: string;
  readonly shape: 'one' | 'list' | 'map';
  readonly type: string;
}

type Fields = ReadonlyMap<string, Field>;

const MESSAGES = api.messages as Readonly<Record<string, Readonly<Record<string, string>>>>;
const ENUMS = api.enums as Readonly<Record<string, Readonly<Record<string, number>>>>;
const compiled = new Map<string, Fields>();

/** The message of a kind's `spec`; undefined for kinds that are not Istio's. */
export function messageOfKind(kind: KindKey): string | undefined {
  const [group = '', name = ''] = kind.split('/');
  if (!group.endsWith('.istio.io')) return undefined;
  return api.roots.find(
    (root) => root.startsWith(`istio.${group.split('.')[0] ?? ''}.`) && root.endsWith(`.${name}`),
  );
}

/** `value` as a message of type `message`; what could not be read is added to `problems` and left out. */
export function readMessage(
  value: JsonValue,
  message: string,
  path: FieldPath,
  problems: ProtoProblem[],
): JsonObject {
  if (!isObject(value)) {
    problems.push({ path, message: `expected a map, found ${describe(value)}` });
    return {};
  }
  const fields = fieldsOf(message);
  let copy: JsonObject | undefined;
  for (const key in value) {
    const given = value[key] as JsonValue;
    const field = fields.get(key);
    const read = field && given !== null ? readField(given, field, [...path, key], problems) : undefined;
    if (read === given && field?.name === key) {
      if (copy) copy[key] = given;
      continue;
    }
    copy ??= before(value, key);
    if (field && read !== undefined) copy[field.name] = read;
  }
  return copy ?? value;
}

/** The entries of `value` that stand before `key`. */
function before(value: JsonObject, key: string): JsonObject {
  const copy: JsonObject = {};
  for (const name in value) {
    if (name === key) break;
    copy[name] = value[name] as JsonValue;
  }
  return copy;
}

function readField(
  value: JsonValue,
  field: Field,
  path: FieldPath,
  problems: ProtoProblem[],
): JsonValue | undefined {
  if (field.shape === 'one') return readValue(value, field.type, path, problems);
  const isList = field.shape === 'list';
  if (isList ? !Array.isArray(value) : !isObject(value)) {
    const expected = isList ? 'a list' : 'a map';
    problems.push({ path, message: `expected ${expected}, found ${describe(value)}` });
    return undefined;
  }
  const readItem = (item: JsonValue, key: string | number): JsonValue =>
    (item === null ? undefined : readValue(item, field.type, [...path, key], problems)) ??
    emptyOf(field.type);
  if (Array.isArray(value)) {
    const items = value.map(readItem);
    if (items.length === 0) return undefined;
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const map = value as JsonObject;
  const entries = Object.entries(map).map(([key, item]) => [key, readItem(item, key)] as const);
  if (entries.length === 0) return undefined;
  return entries.some(([key, item]) => item !== map[key]) ? Object.fromEntries(entries) : map;
}

function emptyOf(type: string): JsonValue {
  if (type === 'string' || type === 'bytes' || type.startsWith('enum ')) return '';
  return MESSAGES[type] ? {} : 0;
}

const WHOLE: Readonly<Record<string, readonly [least: number, most: number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [-(2 ** 63), 2 ** 63],
  uint64: [0, 2 ** 64],
};

function readValue(
  value: JsonValue,
  type: string,
  path: FieldPath,
  problems: ProtoProblem[],
): JsonValue | undefined {
  const fail = (expected: string): JsonValue | undefined => {
    problems.push({ path, message: `expected ${expected}, found ${describe(value)}` });
    return undefined;
  };
  switch (type) {
    case 'string':
    case 'bytes':
      return typeof value === 'string' ? value : fail('text');
    case 'bool':
      return typeof value === 'boolean' ? value : fail('true or false');
    case 'duration':
      if (typeof value !== 'string') return fail('a duration such as 5s');
      return parseDuration(value.replace(/^[-+]/, '')) === undefined ? fail('a duration such as 5s') : value;
    case 'struct':
      return isObject(value) ? value : fail('a map');
    case 'double': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof number === 'number' && !Number.isNaN(number) ? number : fail('a number');
    }
    case 'int32':
    case 'uint32':
    case 'int64':
    case 'uint64': {
      const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
      const [least, most] = WHOLE[type] ?? [0, 0];
      if (typeof number !== 'number' || !Number.isInteger(number)) return fail('a whole number');
      return number >= least && number <= most ? number : fail(`a whole number from ${least} to ${most}`);
    }
    default:
      if (type.startsWith('enum ')) return readEnum(value, type.slice(5)) ?? fail(enumNames(type.slice(5)));
      return readMessage(value, type, path, problems);
  }
}

function readEnum(value: JsonValue, name: string): string | undefined {
  const members = ENUMS[name] ?? {};
  if (typeof value === 'string') return Object.hasOwn(members, value) ? value : undefined;
  return Object.keys(members).find((member) => members[member] === value);
}

function enumNames(name: string): string {
  return `one of ${Object.keys(ENUMS[name] ?? {}).join(', ')}`;
}

const KNOWN_TYPES: Readonly<Record<string, string>> = {
  'google.protobuf.Duration': 'duration',
  'google.protobuf.Struct': 'struct',
  'google.protobuf.BoolValue': 'bool',
  'google.protobuf.Int32Value': 'int32',
  'google.protobuf.UInt32Value': 'uint32',
  'google.protobuf.Int64Value': 'int64',
  'google.protobuf.UInt64Value': 'uint64',
  'google.protobuf.DoubleValue': 'double',
  'google.protobuf.StringValue': 'string',
};

/** Fields by camelCase and by snake_case name. */
function fieldsOf(message: string): Fields {
  let fields = compiled.get(message);
  if (!fields) {
    const table = new Map<string, Field>();
    for (const [name, text] of Object.entries(MESSAGES[message] ?? {})) {
      const field = parseField(name, text);
      table.set(name, field);
      const other = /(?:^| )also:(\S+)/.exec(text)?.[1];
      if (other) table.set(other, field);
    }
    compiled.set(message, (fields = table));
  }
  return fields;
}

/** `[]istio.x.Y also:z`, `map<string,uint32>`, `enum istio.x.Z`. */
function parseField(name: string, text: string): Field {
  const [, list, map, isEnum, type = ''] = /^(\[\])?(?:(map)<\w+,)?(enum )?([\w.]+)/.exec(text) ?? [];
  return {
    name,
    shape: list ? 'list' : map ? 'map' : 'one',
    type: isEnum ? `enum ${type}` : (KNOWN_TYPES[type] ?? type),
  };
}

function describe(value: JsonValue): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? `the text "${value}"` : `the ${typeof value} ${String(value)}`;
}
