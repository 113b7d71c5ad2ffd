/** The functions that mesh adds to CEL. Their meaning is documented in manifests/README.md. */
import { sortKeys } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import { printYaml } from '../../lib/yaml-print.ts';
import { describeType, fromCel, isCelMap, mergeMaps, scalarText, setKey, unwrap } from './cel-values.ts';
import type { CelMap, CelValue } from './cel-values.ts';
import { FunctionError } from './function-types.ts';
import type { Argument, TemplateFunction } from './function-types.ts';

/** false for absent, null, false, 0, '', [] and {}. */
export function isTruthy(value: Argument): boolean {
  const inner = unwrap(value);
  if (inner === undefined || inner === null || inner === false || inner === '') return false;
  if (inner === 0 || inner === 0n) return false;
  if (Array.isArray(inner)) return inner.length > 0;
  return !isCelMap(inner) || Object.keys(inner).length > 0;
}

/** JSON as Go's json.MarshalIndent prints it: two spaces, keys sorted, `<`, `>`, `&`, U+2028 and U+2029 escaped. */
function goJson(value: JsonValue): string {
  const escapeCharacter = (character: string): string =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(sortKeys(value), null, 2).replace(/[<>&\u2028\u2029]/g, escapeCharacter);
}

function text(value: Argument): string {
  if (value === undefined || value === null) return '';
  const result = scalarText(value);
  if (result === undefined) throw new FunctionError(`text() needs a scalar, got ${describeType(value)}`);
  return result;
}

function mapArgument(name: string, value: Argument): CelMap {
  if (value === undefined || value === null) return {};
  if (!isCelMap(value)) throw new FunctionError(`${name}() needs a map, got ${describeType(value)}`);
  return value;
}

function json(value: Argument): JsonValue {
  return fromCel(value) ?? null;
}

function compact(value: Argument): CelMap {
  const map = mapArgument('compact', value);
  const result: CelMap = {};
  for (const key of Object.keys(map)) {
    const item = unwrap(map[key]);
    if (item !== undefined && isTruthy(item)) setKey(result, key, item);
  }
  return result;
}

function texts(value: Argument): CelMap {
  const map = mapArgument('texts', value);
  const result: CelMap = {};
  for (const key of Object.keys(map)) {
    const item = unwrap(map[key]);
    if (item === undefined || item === null) continue;
    const itemText = scalarText(item);
    if (itemText === undefined) {
      throw new FunctionError(`texts() needs scalars, got a ${describeType(item)} as ${key}`);
    }
    setKey(result, key, itemText);
  }
  return result;
}

function intOrString(value: Argument): Argument {
  if (value === undefined || value === null || typeof value === 'bigint') return value ?? undefined;
  if (typeof value !== 'string') {
    throw new FunctionError(`intOrString() needs an int or a string, got ${describeType(value)}`);
  }
  return /^-?(?:0|[1-9]\d{0,14})$/.test(value) ? BigInt(value) : value;
}

function replace(value: Argument, from: Argument, to: Argument, limit: Argument = -1n): string {
  const parts = (value as string).split(from as string);
  const count = Number(limit) < 0 ? parts.length - 1 : Math.min(Number(limit), parts.length - 1);
  return [parts.slice(0, count + 1).join(to as string), ...parts.slice(count + 1)].join(from as string);
}

function compareScalars(a: CelValue, b: CelValue): number {
  const isNumber = (value: CelValue): boolean => typeof value === 'number' || typeof value === 'bigint';
  if (scalarText(a) === undefined || (typeof a !== typeof b && !(isNumber(a) && isNumber(b)))) {
    throw new FunctionError(
      `sort() needs scalars of one type, got ${describeType(a)} and ${describeType(b)}`,
    );
  }
  return (a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0;
}

/** Equal values have equal texts: keys sorted, numbers by value. */
function identity(value: CelValue): string {
  return JSON.stringify(sortKeys(json(value)));
}

function distinct(list: Argument): CelValue[] {
  const seen = new Set<string>();
  return (list as CelValue[]).filter((item) => {
    const id = identity(item);
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

function flatten(list: Argument, depth: Argument = 1n): CelValue[] {
  return (list as unknown[]).flat(Number(depth)) as CelValue[];
}

/** Functions of mesh: they take optionals as the value inside, or as undefined. */
export const meshFunctions: readonly TemplateFunction[] = [
  { name: 'truthy', args: ['dyn'], result: 'bool', handler: isTruthy },
  { name: 'text', args: ['dyn'], result: 'string', handler: text },
  { name: 'texts', args: ['dyn'], result: 'map', handler: texts },
  { name: 'toJson', args: ['dyn'], result: 'string', handler: (value) => goJson(json(value)) },
  {
    name: 'toYaml',
    args: ['dyn'],
    result: 'string',
    handler: (value) => printYaml(sortKeys(json(value))),
  },
  {
    name: 'merge',
    args: ['dyn', 'dyn'],
    result: 'map',
    handler: (a, b) => mergeMaps(mapArgument('merge', a), mapArgument('merge', b)),
  },
  {
    name: 'keys',
    args: ['dyn'],
    result: 'list<string>',
    handler: (map) => Object.keys(mapArgument('keys', map)).sort(),
  },
  { name: 'compact', args: ['dyn'], result: 'map', handler: compact },
  {
    name: 'unlessEmpty',
    args: ['dyn'],
    result: 'optional<dyn>',
    handler: (value) => (isTruthy(value) ? value : undefined),
  },
  { name: 'intOrString', args: ['dyn'], result: 'dyn', handler: intOrString },
  { name: 'trim', args: ['dyn'], result: 'string', handler: (value) => text(value).trim() },
  {
    name: 'fail',
    args: ['string'],
    result: 'dyn',
    handler: (message) => {
      throw new FunctionError(message as string, true);
    },
  },
  { name: 'replace', receiver: 'string', args: ['string', 'string'], result: 'string', handler: replace },
  {
    name: 'replace',
    receiver: 'string',
    args: ['string', 'string', 'int'],
    result: 'string',
    handler: replace,
  },
  { name: 'flatten', receiver: 'list', args: [], result: 'list', handler: flatten },
  { name: 'flatten', receiver: 'list', args: ['int'], result: 'list', handler: flatten },
  {
    name: 'sort',
    receiver: 'list',
    args: [],
    result: 'list',
    handler: (list) => [...(list as CelValue[])].sort(compareScalars),
  },
  { name: 'distinct', receiver: 'list', args: [], result: 'list', handler: distinct },
];
