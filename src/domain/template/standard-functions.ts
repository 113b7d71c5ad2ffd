/** The functions of CEL's standard library, as far as JSON values can need them. */
import { insideOf, typeOf, typeValue } from './cel-values.ts';
import type { CelMap, CelOptional, CelValue } from './cel-values.ts';
import { FunctionError } from './function-types.ts';
import type { Argument, TemplateFunction } from './function-types.ts';

const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);

/** Throws for an integer that CEL's 64 bits cannot hold. */
export function checkInt(value: bigint): bigint {
  if (value > MAX_INT || value < MIN_INT) throw new FunctionError(`integer overflow: ${value.toString()}`);
  return value;
}

function size(value: Argument): bigint {
  if (typeof value === 'string') return BigInt(Array.from(value).length);
  return BigInt(Array.isArray(value) ? value.length : Object.keys(value as CelMap).length);
}

function toInt(value: Argument): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new FunctionError('int() needs a finite number');
    return checkInt(BigInt(Math.trunc(value)));
  }
  if (!/^-?\d{1,19}$/.test(value as string))
    throw new FunctionError(`int() cannot read '${value as string}'`);
  return checkInt(BigInt(value as string));
}

function toDouble(value: Argument): number {
  const isNumber = typeof value !== 'string' || /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(value);
  if (!isNumber) throw new FunctionError(`double() cannot read '${value}'`);
  return Number(value);
}

const BOOLS: Readonly<Record<string, boolean>> = {
  ...{ '1': true, t: true, true: true, True: true, TRUE: true },
  ...{ '0': false, f: false, false: false, False: false, FALSE: false },
};

function toBool(value: Argument): boolean {
  const result = typeof value === 'boolean' ? value : BOOLS[value as string];
  if (result === undefined) throw new FunctionError(`bool() cannot read '${value as string}'`);
  return result;
}

const patterns = new Map<string, RegExp>();

function matches(value: Argument, pattern: Argument): boolean {
  const source = pattern as string;
  let compiled = patterns.get(source);
  if (!compiled) {
    try {
      compiled = new RegExp(source);
    } catch (error) {
      throw new FunctionError(`invalid regular expression: ${(error as Error).message}`);
    }
    patterns.set(source, compiled);
  }
  return compiled.test(value as string);
}

function position(text: string, value: Argument, what: string): number {
  const index = Number(value);
  if (index < 0 || index > text.length) throw new FunctionError(`${what} ${index} is out of range`);
  return index;
}

function substring(value: Argument, start: Argument, end?: Argument): string {
  const text = value as string;
  const from = position(text, start, 'start');
  const to = end === undefined ? text.length : position(text, end, 'end');
  if (to < from) throw new FunctionError(`end ${to} is before start ${from}`);
  return text.slice(from, to);
}

function indexOf(value: Argument, search: Argument, start: Argument = 0n): bigint {
  const text = value as string;
  return BigInt(text.indexOf(search as string, position(text, start, 'start')));
}

function lastIndexOf(value: Argument, search: Argument): bigint {
  return BigInt((value as string).lastIndexOf(search as string));
}

function split(value: Argument, separator: Argument, limit: Argument = -1n): CelValue[] {
  const parts = (value as string).split(separator as string);
  const count = Number(limit);
  if (count < 0 || parts.length <= count) return parts;
  if (count === 0) return [];
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator as string)];
}

function join(list: Argument, separator: Argument = ''): string {
  const texts = (list as CelValue[]).map((item) => {
    if (typeof item !== 'string') throw new FunctionError(`join() needs strings, got ${typeOf(item)}`);
    return item;
  });
  return texts.join(separator as string);
}

function value(optional: Argument): CelValue {
  const inner = insideOf(optional as CelOptional);
  if (inner === undefined) throw new FunctionError('the optional has no value');
  return inner;
}

/** ASCII only, as the names say. */
function changeCase(text: Argument, letters: RegExp, change: (text: string) => string): string {
  return (text as string).replace(letters, change);
}

const scalar = (
  name: string,
  arg: string,
  result: string,
  handler: TemplateFunction['handler'],
): TemplateFunction => ({
  name,
  args: [arg],
  result,
  handler,
});

const onString = (
  name: string,
  args: readonly string[],
  result: string,
  handler: TemplateFunction['handler'],
): TemplateFunction => ({ name, receiver: 'string', args, result, handler });

/** Functions of CEL and of its "strings" extension; the same names and results as the CEL library has. */
export const standardFunctions: readonly TemplateFunction[] = [
  {
    ...scalar('type', 'dyn', 'type', (argument) => typeValue(typeOf(argument ?? null))),
    seesOptionals: true,
  },
  { ...scalar('dyn', 'dyn', 'dyn', (argument) => argument), seesOptionals: true },
  { ...scalar('optional.of', 'dyn', 'optional<dyn>', (argument) => argument), seesOptionals: true },
  ...['string', 'list', 'map'].map((type) => scalar('size', type, 'int', size)),
  { name: 'size', receiver: 'string', args: [], result: 'int', handler: size },
  { name: 'size', receiver: 'list', args: [], result: 'int', handler: size },
  { name: 'size', receiver: 'map', args: [], result: 'int', handler: size },
  ...['int', 'double', 'string'].map((type) => scalar('int', type, 'int', toInt)),
  ...['int', 'double', 'string'].map((type) => scalar('double', type, 'double', toDouble)),
  ...['string', 'bool', 'int', 'double'].map((type) => scalar('string', type, 'string', String)),
  ...['bool', 'string'].map((type) => scalar('bool', type, 'bool', toBool)),
  onString('startsWith', ['string'], 'bool', (text, part) => (text as string).startsWith(part as string)),
  onString('endsWith', ['string'], 'bool', (text, part) => (text as string).endsWith(part as string)),
  onString('contains', ['string'], 'bool', (text, part) => (text as string).includes(part as string)),
  onString('matches', ['string'], 'bool', matches),
  onString('lowerAscii', [], 'string', (text) => changeCase(text, /[A-Z]+/g, (part) => part.toLowerCase())),
  onString('upperAscii', [], 'string', (text) => changeCase(text, /[a-z]+/g, (part) => part.toUpperCase())),
  onString('trim', [], 'string', (text) => (text as string).trim()),
  onString('indexOf', ['string'], 'int', indexOf),
  onString('indexOf', ['string', 'int'], 'int', indexOf),
  onString('lastIndexOf', ['string'], 'int', lastIndexOf),
  onString('substring', ['int'], 'string', substring),
  onString('substring', ['int', 'int'], 'string', substring),
  onString('split', ['string'], 'list<string>', split),
  onString('split', ['string', 'int'], 'list<string>', split),
  { name: 'join', receiver: 'list', args: [], result: 'string', handler: join },
  { name: 'join', receiver: 'list', args: ['string'], result: 'string', handler: join },
  {
    name: 'hasValue',
    receiver: 'optional',
    args: [],
    result: 'bool',
    handler: (optional) => insideOf(optional as CelOptional) !== undefined,
  },
  { name: 'value', receiver: 'optional', args: [], result: 'dyn', handler: value },
];
