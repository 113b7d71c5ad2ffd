/** The functions that mesh adds to CEL. Their meaning is documented in manifests/README.md. */
import { sortKeys } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import { stringifyYaml } from '../../lib/yaml.ts';
import { describeType, fromCel, isCelMap, mergeMaps, scalarText, setKey, unwrap } from './cel-values.ts';
import type { CelMap, CelValue } from './cel-values.ts';

/** What a handler gets: an absent optional comes as undefined, a present one as its value. */
export type Argument = CelValue | undefined;

export interface TemplateFunction {
  /** As `@marcbachmann/cel-js` reads it; `optional<...>` as result type turns undefined into an absent value. */
  readonly signature: string;
  readonly handler: (...args: Argument[]) => Argument;
}

/** Raised by a function for arguments it cannot use; its message is shown to the user. */
export class FunctionError extends Error {}

/** Raised by `fail()`. */
export class FailCall extends FunctionError {}

/** false for absent, null, false, 0, '', [] and {}. */
export function isTruthy(value: Argument): boolean {
  const inner = unwrap(value);
  if (inner === undefined || inner === null || inner === false || inner === '' || inner === 0 || inner === 0n)
    return false;
  if (Array.isArray(inner)) return inner.length > 0;
  if (isCelMap(inner)) return Object.keys(inner).length > 0;
  return true;
}

/** JSON as Go's json.MarshalIndent prints it: two spaces, keys sorted, `<`, `>`, `&`, U+2028 and U+2029 escaped. */
export function goJson(value: JsonValue): string {
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
  return fromCel(value, () => undefined) ?? null;
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
    if (itemText === undefined)
      throw new FunctionError(`texts() needs scalars, got a ${describeType(item)} as ${key}`);
    setKey(result, key, itemText);
  }
  return result;
}

function intOrString(value: Argument): Argument {
  if (typeof value === 'bigint') return value;
  if (typeof value !== 'string') {
    if (value === undefined || value === null) return undefined;
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
  const comparable =
    typeof a === typeof b ||
    (typeof a === 'number' && typeof b === 'bigint') ||
    (typeof a === 'bigint' && typeof b === 'number');
  if (!comparable || scalarText(a) === undefined) {
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

export const templateFunctions: readonly TemplateFunction[] = [
  { signature: 'truthy(dyn): bool', handler: isTruthy },
  { signature: 'text(dyn): string', handler: text },
  { signature: 'toJson(dyn): string', handler: (value) => goJson(json(value)) },
  { signature: 'toYaml(dyn): string', handler: (value) => stringifyYaml(sortKeys(json(value))) },
  {
    signature: 'merge(dyn, dyn): map',
    handler: (a, b) => mergeMaps(mapArgument('merge', a), mapArgument('merge', b)),
  },
  { signature: 'keys(dyn): list<string>', handler: (map) => Object.keys(mapArgument('keys', map)).sort() },
  { signature: 'compact(dyn): map', handler: compact },
  { signature: 'texts(dyn): map', handler: texts },
  { signature: 'unlessEmpty(dyn): optional<dyn>', handler: (value) => (isTruthy(value) ? value : undefined) },
  { signature: 'intOrString(dyn): dyn', handler: intOrString },
  { signature: 'trim(dyn): string', handler: (value) => text(value).trim() },
  {
    signature: 'fail(string): dyn',
    handler: (message) => {
      throw new FailCall(message as string);
    },
  },
  { signature: 'string.replace(string, string): string', handler: replace },
  { signature: 'string.replace(string, string, int): string', handler: replace },
  { signature: 'list.flatten(): list', handler: flatten },
  { signature: 'list.flatten(int): list', handler: flatten },
  { signature: 'list.sort(): list', handler: (list) => [...(list as CelValue[])].sort(compareScalars) },
  { signature: 'list.distinct(): list', handler: distinct },
];
