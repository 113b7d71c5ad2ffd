import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseNanoseconds } from '../../../../../src/domain/analysis/validation/blocks/duration.ts';
import { compileCelRule, findCelProblem } from '../../../../../src/domain/analysis/validation/cel.ts';
import { rootField } from '../../../../../src/domain/analysis/validation/field.ts';
import { describeProblem } from '../../../../../src/domain/analysis/validation/problem.ts';
import { ruleMessages } from '../../../../../src/domain/analysis/validation/rule-messages.ts';
import {
  checkNames,
  checkValues,
  compileSchema,
} from '../../../../../src/domain/analysis/validation/structural.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';
import { findingsOf, problemsOf } from './problems-of.ts';

const values = (schema: JsonObject, value: JsonObject): string[] => {
  const root = rootField(value);
  checkValues(root, compileSchema(schema));
  return root.problems.map(describeProblem);
};
const property = (schema: JsonObject): JsonObject => ({ properties: { a: schema } });

describe('checkValues', () => {
  it.each<[string, JsonObject, JsonObject, string]>([
    ['enum', property({ enum: ['X', 'Y'] }), { a: 'Z' }, 'spec.a: must be one of X, Y'],
    [
      'maxLength',
      property({ maxLength: 2 }),
      { a: 'xyz' },
      'spec.a: must have at most 2 characters, but has 3',
    ],
    ['minLength', property({ minLength: 1 }), { a: '' }, 'spec.a: must not be empty'],
    ['maxItems', property({ maxItems: 1 }), { a: [1, 2] }, 'spec.a: must have at most 1 items, but has 2'],
    [
      'minProperties',
      property({ minProperties: 2 }),
      { a: { b: 1 } },
      'spec.a: must have at least 2 entries, but has 1',
    ],
    ['pattern', property({ pattern: '^x+$' }), { a: 'y' }, 'spec.a: "y" must match ^x+$'],
    ['minimum', property({ minimum: 1 }), { a: 0 }, 'spec.a: must be at least 1, not 0'],
    ['maximum', property({ maximum: 1 }), { a: 2 }, 'spec.a: must be at most 1, not 2'],
    ['required', property({ required: ['b'] }), { a: {} }, 'spec.a: needs b'],
    [
      'keys of a list',
      property({ 'x-kubernetes-list-map-keys': ['n'] }),
      { a: [{ n: 1 }, { n: 1 }] },
      'spec.a: has two items with the same n',
    ],
    [
      'oneOf',
      property({ oneOf: [{ not: {} }, { required: ['b'] }, { required: ['c'] }] }),
      { a: { b: 1, c: 1 } },
      'spec.a: give only one of b and c',
    ],
    [
      'a rule',
      property({ validations: ['self.size() < 2'] }),
      { a: 'xy' },
      'spec.a: must keep the rule self.size() < 2',
    ],
    ['items', property({ items: { minimum: 1 } }), { a: [1, 0] }, 'spec.a[1]: must be at least 1, not 0'],
    [
      'free keys',
      property({ additionalProperties: { minimum: 1 } }),
      { a: { b: 0 } },
      'spec.a.b: must be at least 1, not 0',
    ],
  ])('%s', (_keyword, schema, value, expected) => {
    expect(values(schema, value)).toEqual([expected]);
  });

  it('says nothing of what is fine', () => {
    const schema = property({
      minLength: 1,
      maxLength: 3,
      pattern: '^x',
      enum: ['x'],
      validations: ['self == "x"'],
    });
    expect(values(schema, { a: 'x' })).toEqual([]);
    expect(values(schema, {})).toEqual([]);
  });
});

describe('unknown fields', () => {
  it('are told with the nearest name', () => {
    const [found] = findingsOf(
      { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService' },
      '{hosts: [a.b], http: [{route: [{destination: {host: a}, wieght: 1}], matches: null}]}',
    );
    expect(found).toMatchObject({
      code: 'IST0133',
      path: ['spec', 'http', 0, 'route', 0, 'wieght'],
      suggestion: { text: 'did you mean "weight"?' },
    });
  });

  it('are found everywhere, also without a value, but not in snake_case or where all is open', () => {
    const resource = { apiVersion: 'extensions.istio.io/v1alpha1', kind: 'WasmPlugin' };
    expect(problemsOf(resource, '{url: a, plugin_config: {x: {y: 1}}, foo: null, bar: {}}')).toEqual([
      'W spec.foo',
      'W spec.bar',
    ]);
  });

  it('are only names of the schema that stand in lists and maps', () => {
    const root = rootField({ a: [{ b: 1, c: 1 }], m: { k: { b: 1, c: 1 } } });
    const item = { properties: { b: {} } };
    checkNames(
      root,
      compileSchema({ properties: { a: { items: item }, m: { additionalProperties: item } } }),
    );
    expect(root.problems.map(({ path }) => path.join('.'))).toEqual(['spec.a.0.c', 'spec.m.k.c']);
  });
});

describe('rules in CEL', () => {
  it('all compile, and each has a message', () => {
    expect(Object.keys(ruleMessages).filter((rule) => findCelProblem(rule) !== undefined)).toEqual([]);
  });

  it('count as broken where they cannot be evaluated', () => {
    expect(compileCelRule('self.value != ""')({})).toBe(false);
    expect(compileCelRule('int(self) > 0')('x')).toBe(false);
  });

  it.each([
    ['http://a', true],
    ['/a', false],
    ['ftp://a', false],
    ['a', false],
    ['http://a b', false],
  ])('read %s as a URL', (text, expected) => {
    expect(compileCelRule('url(self).getScheme() in ["http", "https"]')(text)).toBe(expected);
  });

  it('read durations as the validators do', () => {
    const holds = compileCelRule("duration(self) >= duration('1ms')");
    const number = fc.oneof(
      fc.nat(5000).map(String),
      fc.tuple(fc.nat(50), fc.nat(999)).map(([a, b]) => `${a}.${b}`),
    );
    const text = fc.array(
      fc.tuple(number, fc.constantFrom('ns', 'us', 'ms', 's', 'm', 'h')).map((part) => part.join('')),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(text, (parts) => holds(parts.join('')) === (parseNanoseconds(parts.join('')) ?? 0) >= 1e6),
    );
  });
});

describe('the schema of the API server', () => {
  const route = (text: string): string =>
    `{hosts: [a.b], http: [{route: [{destination: {host: a}}], ${text}}]}`;
  const resource = { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService' };

  it('says nothing about what Istio already refuses', () => {
    expect(problemsOf(resource, route('timeout: 0s'))).toEqual(['E spec.http[0].timeout']);
  });

  it('says what only it refuses', () => {
    expect(problemsOf(resource, route('match: [{uri: {exact: a, regex: b}}]'))).toEqual([
      'W spec.http[0].match[0].uri',
    ]);
  });

  it('exists for every version of a kind', () => {
    for (const version of ['v1', 'v1beta1', 'v1alpha3'])
      expect(
        problemsOf({ ...resource, apiVersion: `networking.istio.io/${version}` }, route('foo: 1')),
      ).toEqual(['W spec.http[0].foo']);
  });
});
