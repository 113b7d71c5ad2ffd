/** Our evaluator against the CEL library's: the same expressions, the same values. */
import { describe, expect, test } from '@jest/globals';
import { Environment, Optional } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { compileTemplate } from '../../../../src/domain/template/index.ts';
import { fromCel, toCel } from '../../../../src/domain/template/cel-values.ts';
import { evaluateTree } from '../../../../src/domain/template/evaluate.ts';
import { ExpressionError } from '../../../../src/domain/template/expression-errors.ts';
import { scopeVariables } from '../../../../src/domain/template/variables.ts';
import { MeshError } from '../../../../src/lib/errors.ts';
import type { JsonValue } from '../../../../src/lib/json.ts';
import { FILE } from './support.ts';

const SCOPE = {
  i: 3,
  zero: 0,
  d: 1.5,
  s: 'abc',
  t: '',
  yes: true,
  no: false,
  nil: null,
  ints: [3, 1, 2],
  mixed: [1, 'a', null, 2.5, { k: 1 }],
  words: ['b', 'a'],
  objects: [{ n: 'x', v: 1 }, { n: 'y' }],
  m: { a: 1, b: { c: 'd', e: [1, 2] } },
  texts: { x: '1' },
};

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
});

/** A value of either evaluator as JSON; an optional is `[value]` or `[]` under a name of its own. */
function plain(value: unknown): JsonValue {
  if (value instanceof Optional) return { optional: value.hasValue() ? [plain(value.value())] : [] };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'bigint') return `int ${value}`;
  if (typeof value === 'number') return `double ${value}`;
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  const symbols = Object.getOwnPropertySymbols(value);
  if (symbols.length > 0) {
    const [symbol] = symbols;
    const inner = (value as Record<symbol, unknown>)[symbol as symbol];
    if (symbol?.description === 'type') return { type: inner as string };
    return { optional: inner === undefined ? [] : [plain(inner)] };
  }
  if (Object.getPrototypeOf(value) !== Object.prototype)
    return {
      type: (value as { name: string }).name
        .replace(/^null$/, 'null_type')
        .replace(/^optional$/, 'optional_type'),
    };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

type Outcome = { readonly value: JsonValue } | { readonly failed: true };

/** What the library says; undefined where it cannot say anything. */
function libraryOutcome(cel: string): Outcome | undefined {
  // It goes through the fields of an optional as if it were a map, and takes every key of an absent one for present.
  if (/\?|optional/.test(cel) && /has\(x|\.(?:map|filter|all|exists|exists_one)\(/.test(cel))
    return undefined;
  // int('') is 0 for it, though '' is no number; and the type of an optional is unknown to it.
  if (/int\(.*(?:''|substring|split)/.test(cel) || /type\(.*(?:\?|optional)/.test(cel)) return undefined;
  const context = Object.fromEntries(Object.entries(SCOPE).map(([name, value]) => [name, toCel(value)]));
  try {
    const value = plain(environment.evaluate(cel, context));
    // Reading a key of an optional that holds an absent optional gives a present one.
    return JSON.stringify(value).includes('"optional":[{"optional"') ? undefined : { value };
  } catch (error) {
    // It finds two overloads for the items of an empty list, and cannot choose.
    return error instanceof Error && error.message.includes('overlaps with') ? undefined : { failed: true };
  }
}

/** What mesh says; undefined when the expression does not compile. */
function ourOutcome(cel: string): Outcome | undefined {
  let trees;
  try {
    ({ trees } = compileTemplate({ file: FILE, text: JSON.stringify({ a: `\${${cel}}` }) }));
  } catch (error) {
    if (error instanceof MeshError) return undefined;
    throw error;
  }
  try {
    return { value: plain(evaluateTree(trees[cel]!, scopeVariables(SCOPE))) };
  } catch (error) {
    if (error instanceof ExpressionError) return { failed: true };
    throw error;
  }
}

/** Expressions of any shape over the scope; most have a value, some fail, some are no CEL. */
const expression = fc.letrec<{ any: string; atom: string; access: string; compound: string }>((tie) => ({
  atom: fc.constantFrom(
    ...[
      '1',
      '0',
      '-2',
      '2.5',
      '1.0',
      "'a'",
      "''",
      "'abc'",
      'true',
      'false',
      'null',
      '[]',
      '{}',
      'optional.none()',
    ],
    ...[
      'i',
      'd',
      's',
      'yes',
      'no',
      'nil',
      'ints',
      'mixed',
      'words',
      'objects',
      'm',
      'texts',
      'm.a',
      'm.b.c',
      'm.?q',
      'm.?b.?c',
    ],
  ),
  access: fc.oneof(
    fc
      .tuple(tie('any'), fc.constantFrom('a', 'b', 'n', 'zz'))
      .chain(([of, key]) => fc.constantFrom(`(${of}).${key}`, `(${of}).?${key}`, `has(m.${key})`)),
    fc
      .tuple(tie('any'), tie('atom'))
      .chain(([of, key]) => fc.constantFrom(`(${of})[${key}]`, `(${of})[?${key}]`)),
  ),
  compound: fc.oneof(
    fc
      .tuple(
        tie('any'),
        fc.constantFrom('==', '!=', '<', '<=', '>', '>=', 'in', '+', '-', '*', '/', '%', '&&', '||'),
        tie('any'),
      )
      .map(([left, op, right]) => `(${left}) ${op} (${right})`),
    fc
      .tuple(tie('any'), tie('any'), tie('any'))
      .map(([condition, a, b]) => `(${condition}) ? dyn(${a}) : dyn(${b})`),
    fc.tuple(fc.constantFrom('!', '-'), tie('any')).map(([op, of]) => `${op}(${of})`),
    fc
      .tuple(fc.constantFrom('size', 'string', 'int', 'double', 'bool', 'type', 'dyn'), tie('any'))
      .map(([name, of]) => `${name}(${of})`),
    fc
      .tuple(
        tie('any'),
        fc.constantFrom(
          "startsWith('a')",
          "endsWith('c')",
          "contains('b')",
          "matches('^a')",
          'lowerAscii()',
          'upperAscii()',
          'trim()',
          "indexOf('b')",
          'substring(1)',
          'substring(1, 2)',
          "split('b')",
          "split('b', 1)",
          'size()',
          'join()',
          "join('-')",
          'hasValue()',
          'value()',
          'orValue(1)',
          "orValue('x')",
          'or(optional.of(1))',
        ),
      )
      .map(([of, method]) => `(${of}).${method}`),
    fc
      .tuple(
        tie('any'),
        fc.constantFrom('map', 'filter', 'all', 'exists', 'exists_one'),
        fc.constantFrom('x', 'x == 1', 'x > 1', 'has(x.n)', 'x.n', '[x, i]', 'x in words'),
      )
      .map(([of, loop, body]) => `(${of}).${loop}(x, ${body})`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `[${a}, ${b}]`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `{'a': ${a}, 'n': ${b}}`),
    fc.tuple(tie('any')).map(([value]) => `cel.bind(y, ${value}, [y, y])`),
    tie('any').map((value) => `optional.of(${value})`),
  ),
  any: fc.oneof({ maxDepth: 3, depthSize: 'small' }, { arbitrary: tie('atom'), weight: 3 }, tie('access'), {
    arbitrary: tie('compound'),
    weight: 2,
  }),
})).any;

describe('our evaluator', () => {
  test('agrees with the CEL library', () => {
    let compared = 0;
    fc.assert(
      fc.property(expression, (cel) => {
        const ours = ourOutcome(cel);
        const library = ours && libraryOutcome(cel);
        if (!library) return;
        compared += 1;
        expect({ cel, ...ours }).toEqual({ cel, ...library });
      }),
      { numRuns: 3_000, seed: 1 },
    );
    expect(compared).toBeGreaterThan(1_000);
  });
});

test('values of the scope are what they were', () => {
  expect(fromCel(toCel(SCOPE))).toEqual(SCOPE);
});
