import { describe, expect, test } from '@jest/globals';
import type { JsonValue } from '../../../../src/lib/json.ts';
import { errorOf, evaluate } from './support.ts';

const SCOPE = {
  values: {
    zero: 0,
    one: 1,
    half: 0.5,
    empty: '',
    text: 'x',
    off: false,
    on: true,
    nothing: null,
    emptyList: [],
    emptyMap: {},
    list: [0],
    map: { b: 1, a: { y: 2, x: null } },
    padded: ' a\n',
  },
};

describe('functions', () => {
  test.each<[string, JsonValue | undefined]>([
    ...['zero', 'empty', 'off', 'nothing', 'emptyList', 'emptyMap'].flatMap((key): [string, boolean][] => [
      [`truthy(values.${key})`, false],
      [`truthy(values.?${key})`, false],
    ]),
    ...['one', 'half', 'text', 'on', 'list', 'map'].flatMap((key): [string, boolean][] => [
      [`truthy(values.${key})`, true],
      [`truthy(values.?${key})`, true],
    ]),
    ['truthy(values.?nope.?deep)', false],
    ['truthy(0.0)', false],

    ['text(values.one)', '1'],
    ['text(1.0)', '1'],
    ['text(values.half)', '0.5'],
    ['text(values.on)', 'true'],
    ['text(values.text)', 'x'],
    ['text(values.nothing)', ''],
    ['text(values.?nope)', ''],
    ['text(values.?one)', '1'],

    ["texts({'a': 1, 'b': true, 'c': null, 'd': values.?nope, 'e': 'x'})", { a: '1', b: 'true', e: 'x' }],
    ['texts(values.?nope)', {}],
    ['texts(null)', {}],

    [
      "toJson({'b': [1, {}], 'a': '<a & b>', 'c': [], 'd': 0.5, 'e': null})",
      '{\n  "a": "\\u003ca \\u0026 b\\u003e",\n  "b": [\n    1,\n    {}\n  ],\n  "c": [],\n  "d": 0.5,\n  "e": null\n}',
    ],
    ['toJson({})', '{}'],
    ['toJson([])', '[]'],
    ["toJson({'a': values.?nope})", '{}'],
    ["toJson('\\u2028\\u007f\\t')", '"\\u2028\u007f\\t"'],
    ['toJson(values.?nope)', 'null'],

    ["toYaml({'b': [1, 'on'], 'a': {'x': '1'}})", 'a:\n  x: "1"\nb:\n- 1\n- "on"\n'],
    ['toYaml({})', '{}\n'],
    ["toYaml('x')", 'x\n'],

    [
      "merge({'a': {'x': 1, 'y': [1]}, 'b': 1}, {'a': {'y': [2]}, 'b': {'c': 1}})",
      { a: { x: 1, y: [2] }, b: { c: 1 } },
    ],
    ['merge(values.?nope, values.map)', SCOPE.values.map],
    ['merge(values.map, null)', SCOPE.values.map],
    ["merge({'a': 1}, {'a': null})", { a: null }],

    ['keys(values.map)', ['a', 'b']],
    ['keys(values.?nope)', []],
    ['keys({})', []],

    [
      "compact({'a': 0, 'b': '', 'c': [], 'd': {}, 'e': null, 'f': false, 'g': values.?nope, 'h': 1, 'i': values.?text})",
      { h: 1, i: 'x' },
    ],

    ['unlessEmpty(values.map)', SCOPE.values.map],
    ['unlessEmpty(values.emptyMap)', undefined],
    ['unlessEmpty(values.?nope)', undefined],
    ["unlessEmpty(values.empty).orValue('y')", 'y'],
    ['unlessEmpty(values.?text).hasValue()', true],

    ["intOrString('1')", 1],
    ["intOrString('-5')", -5],
    ["intOrString('25%')", '25%'],
    ["intOrString('007')", '007'],
    ["intOrString('12345678901234567890')", '12345678901234567890'],
    ['intOrString(7)', 7],
    ['intOrString(values.?nope)', undefined],

    ['trim(values.padded)', 'a'],
    ['trim(values.?nope)', ''],
    ["trim('x')", 'x'],
  ])('%s', (cel, value) => {
    expect(evaluate(cel, SCOPE)).toEqual(value);
  });

  test.each([
    ['text(values.map)', 'text() needs a scalar, got map'],
    ["texts({'a': [1]})", 'texts() needs scalars, got a list as a'],
    ['texts(values.text)', 'texts() needs a map, got string'],
    ['merge(values.list, {})', 'merge() needs a map, got list'],
    ['keys(values.text)', 'keys() needs a map, got string'],
    ['compact(values.list)', 'compact() needs a map, got list'],
    ['intOrString(values.half)', 'intOrString() needs an int or a string, got double'],
  ])('%s fails', (cel, message) => {
    expect(errorOf(() => evaluate(cel, SCOPE)).message).toBe(`${message}, in \${${cel}}`);
  });

  test('fail() says only what it was told', () => {
    expect(errorOf(() => evaluate("values.on ? fail('set ' + values.text) : 1", SCOPE)).message).toBe(
      'set x',
    );
  });
});
