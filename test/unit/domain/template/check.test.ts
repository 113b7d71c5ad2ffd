import { describe, expect, test } from '@jest/globals';
import {
  checkTemplate,
  compileTemplate,
  standardDeclarations,
} from '../../../../src/domain/template/index.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { FILE } from './support.ts';

const SCHEMA: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    pilot: {
      type: 'object',
      properties: {
        enabled: { type: 'boolean' },
        replicas: { type: ['integer', 'string'] },
        ratio: { type: 'number' },
        name: { type: 'string' },
        note: { type: ['string', 'null'] },
        env: { type: 'object', additionalProperties: { type: 'string' } },
        free: { type: 'object', additionalProperties: true },
        ports: { type: 'array', items: { $ref: '#/$defs/port' } },
        names: { type: 'array', items: { type: 'string' } },
        any: {},
        mode: { enum: ['a', 'b'] },
        either: { anyOf: [{ type: 'string' }, { $ref: '#/$defs/port' }] },
        both: {
          allOf: [{ properties: { a: { type: 'string' } } }, { properties: { b: { type: 'integer' } } }],
        },
        tree: { $ref: '#/$defs/tree' },
      },
    },
  },
  $defs: {
    port: {
      type: 'object',
      properties: { port: { type: 'integer' }, name: { type: 'string' } },
      additionalProperties: false,
    },
    tree: { type: 'object', properties: { left: { $ref: '#/$defs/tree' }, value: { type: 'string' } } },
  },
};

function check(text: string): string[] {
  const template = compileTemplate({ file: FILE, text });
  return checkTemplate(template, standardDeclarations(SCHEMA)).map(
    ({ position, message, hint, expression }) => {
      const behind = expression === undefined ? '' : ` in ${expression}`;
      return `${position.line}:${position.column}: ${message}${behind}${hint ? ` (${hint})` : ''}`;
    },
  );
}

/** Problems of one expression with their offsets in it; the names stand for values that may be absent. */
function checkOne(cel: string): string[] {
  const names =
    'maybe_text: "${values.pilot.?name}", maybe_flag: "${values.pilot.?enabled}", maybe_names: "${values.pilot.?names}"';
  const template = compileTemplate({ file: FILE, text: `$let: {${names}}\nkey: "\${${cel}}"` });
  return checkTemplate(template, standardDeclarations(SCHEMA))
    .filter(({ position }) => position.line === 2)
    .map(
      ({ position, message, hint }) => `${(position.column ?? 0) - 9}: ${message}${hint ? ` (${hint})` : ''}`,
    );
}

describe('expressions that are right', () => {
  test.each([
    'values.pilot.name',
    'values.?pilot.?name.orValue(namespace)',
    "values['pilot']['name'] + '-' + rev",
    'values[?"pilot"].?env.?anything.optMap(e, e + "x")'.replaceAll('"', "'"),
    'values.pilot.free.whatever.deep + 1',
    'values.pilot.any.whatever',
    "values.pilot.env['X'].startsWith('a')",
    'values.pilot.ports[0].port > 1',
    'values.pilot.replicas == 1 || int(values.pilot.replicas) > 1',
    'values.pilot.replicas > 1',
    'values.pilot.ratio > 0.5 && values.pilot.ratio > 0',
    "values.pilot.note == null ? 'x' : values.pilot.note",
    "values.pilot.mode == 'a' && values.pilot.mode in ['a', 'b']",
    'values.pilot.either.port',
    "values.pilot.either == 'x'",
    'values.pilot.both.a + text(values.pilot.both.b)',
    'values.pilot.tree.left.left.left.value.size()',
    "values.pilot.ports.filter(p, p.port == 80).map(p, p.name).join(',')",
    "values.pilot.ports.map(p, merge(p, {'targetPort': intOrString(p.?port)}))[0].targetPort",
    'values.pilot.env.map(k, k + values.pilot.env[k])',
    'keys(values.pilot.env).all(k, truthy(values.pilot.env[k]))',
    "'X' in values.pilot.env && 'x' in values.pilot.names",
    'unlessEmpty(values.pilot.?name).or(values.pilot.?note)',
    "compact({'a': values.pilot.name, 'b': values.?pilot.?env}).a",
    "texts(values.pilot.env).X + texts({'a': 1}).a",
    "has(values.pilot.name) ? values.pilot.names + ['x'] : []",
    'cel.bind(p, values.pilot, p.name)',
    'type(values.pilot.any) == string ? dyn(values.pilot.any) : 1',
    'values.pilot.names.sort().distinct()[0] + "x"'.replaceAll('"', "'"),
    '[[1], [2]].flatten()[0]',
    "{'a': {'b': 1}}.a.b + 1",
    '-values.pilot.ratio',
    'values.pilot.ports.exists(namespace, namespace.port == 1)',
    "files['x.yaml'] + labels.app + instance + version + kubernetesVersion + suffix + revision + istioNamespace",
    'given.anything.at.all && merged.too',
    "values.pilot.name.matches('x') && !values.pilot.enabled",
    'optional.none().orValue(1) + 1',
  ])('%s', (cel) => {
    expect(checkOne(cel)).toEqual([]);
  });
});

describe('expressions that cannot work', () => {
  test.each([
    // keys and names
    ['values.pilott.x', '7: unknown key values.pilott (did you mean pilot?)'],
    ['values.?pilot.?nam', '15: unknown key values.pilot.nam (did you mean name?)'],
    ["values['pilott']", "0: unknown key values['pilott'] (did you mean pilot?)"],
    ['values.pilot.ports[0].prt', '22: unknown key values.pilot.ports[0].prt (did you mean port?)'],
    [
      'values.pilot.ports[0].zzz',
      '22: unknown key values.pilot.ports[0].zzz (values.pilot.ports[0] has port, name)',
    ],
    ['has(values.pilot.nam)', '17: unknown key values.pilot.nam (did you mean name?)'],
    ['values.pilot.name.x', '18: values.pilot.name has no key x, it is string'],
    ['values.pilot.names.x', '19: values.pilot.names has no key x, it is list of string'],
    ["values.pilot.names['x']", '0: values.pilot.names has no key x, it is list of string'],
    ['values.pilot.name[0]', '0: values.pilot.name has no items, it is string'],
    ['valeus.x', '0: unknown name valeus (did you mean values?)'],
    ['qqqqqq', '0: unknown name qqqqqq'],
    ['values.pilot.ports.map(p, p.nam)', '28: unknown key p.nam (did you mean name?)'],
    ['values.pilot.ports.filter(p, q.port == 1)', '29: unknown name q (did you mean p?)'],
    ["{'a': 1}.b", "9: unknown key {'a': 1}.b (did you mean a?)"],
    // operators
    ['values.pilot.name + 1', '0: there is no string + int (write text(x) to join texts)'],
    ['values.pilot.name > 1', '0: cannot compare string > int'],
    ['values.pilot.name == 1', '0: these can never be equal: string == int'],
    [
      "maybe_text == 'x'",
      '0: these can never be equal: optional string == string (write .orValue(x) behind the optional)',
    ],
    ['values.pilot.mode == 1', '0: these can never be equal: string == int'],
    ['1 in values.pilot.names', '0: this can never be true: int in list of string'],
    ["'x' in values.pilot.name", '0: this can never be true: string in string'],
    [
      "'x' in maybe_names",
      '0: this can never be true: string in optional list of string (write .orValue(x) behind the optional)',
    ],
    ['values.pilot.name && true', '0: && needs a bool, got string (write truthy(values.pilot.name))'],
    ['!maybe_flag', '1: ! needs a bool, got optional bool (write truthy(maybe_flag))'],
    [
      'values.pilot.names ? 1 : 2',
      '0: the condition of ? : needs a bool, got list of string (write truthy(values.pilot.names))',
    ],
    ['-values.pilot.name', '1: - needs a number, got string'],
    ['values.pilot.replicas * values.pilot.name', '0: there is no int or string * string'],
    // functions and macros
    [
      'values.pilot.replicas.startsWith(1)',
      '0: there is no int or string.startsWith(int) (there is string.startsWith(string): bool)',
    ],
    [
      "values.pilot.enabled.startsWith('x')",
      '0: there is no bool.startsWith(string) (there is string.startsWith(string): bool)',
    ],
    ['fail(maybe_text)', '0: there is no fail(optional string) (write .orValue(x) behind the optional)'],
    [
      'maybe_names.map(n, n)',
      '0: .map() needs a list or a map, got optional list of string (write maybe_names.orValue([]))',
    ],
    ['values.pilot.name.map(n, n)', '0: .map() needs a list or a map, got string'],
    [
      'values.pilot.names.filter(n, n)',
      '29: the condition of .filter() must be a bool, got string (write truthy(n))',
    ],
    [
      "values.pilot.name.orValue('x')",
      '0: .orValue() needs an optional, got string (write .?key instead of .key in front of it)',
    ],
    [
      'values.pilot.?name.or(values.pilot.name)',
      '0: .or() needs an optional, got string (write .orValue(x))',
    ],
    ['merge(values.pilot.name, {})', '6: merge() needs a map, got string'],
    ['keys(values.pilot.names)', '5: keys() needs a map, got list of string'],
    ['{1: 2}', '1: a key must be a string, got int'],
  ])('%s', (cel, problem) => {
    expect(checkOne(cel)).toEqual([problem]);
  });

  test('every one of several', () => {
    expect(checkOne('values.a + values.b')).toEqual([
      '7: unknown key values.a (values has pilot)',
      '18: unknown key values.b (values has pilot)',
    ]);
  });
});

describe('templates', () => {
  test('every branch is checked, with its place', () => {
    const text = `
$if: "\${false}"
kind: K
a: {$if: "\${false}", b: ["x", "\${values.nope}"]}
---
- {$each: "\${[]}", $as: x, y: "\${x + values.nopes}"}
`;
    expect(check(text)).toEqual([
      '4:41: unknown key values.nope in values.nope (values has pilot)',
      '6:1: a document must be a map, got list of map',
      '6:45: unknown key values.nopes in x + values.nopes (values has pilot)',
    ]);
  });

  test.each([
    [
      '$if: "${values.pilot.name}"',
      '1:9: $if needs a bool, got string in values.pilot.name (write truthy(values.pilot.name))',
    ],
    [
      '$if: "${values.?pilot.?enabled}"',
      '1:9: $if needs a bool, got optional bool in values.?pilot.?enabled (write truthy(values.?pilot.?enabled))',
    ],
    [
      'a: [{$each: "${values.pilot.name}"}]',
      '1:16: $each needs a list or a map, got string in values.pilot.name',
    ],
    [
      '$merge: "${values.pilot.names}"',
      '1:12: $merge needs a map or a list of maps, got list of string in values.pilot.names',
    ],
    [
      '$merge: "${values.pilot.name}"',
      '1:12: $merge needs a map or a list of maps, got string in values.pilot.name',
    ],
    [
      'a: "x${values.pilot.names}"',
      '1:8: text needs a string, a number or a boolean, got list of string in values.pilot.names',
    ],
    [
      'a: "x${values.pilot.?name}"',
      "1:8: text is made of a value that may be absent (optional string) in values.pilot.?name (write text(values.pilot.?name) or .orValue(''))",
    ],
    [
      '"${values.pilot.names}": x',
      '1:4: text needs a string, a number or a boolean, got list of string in values.pilot.names',
    ],
    [
      '"x-${values.pilot.?name}": x',
      "1:6: text is made of a value that may be absent (optional string) in values.pilot.?name (write text(values.pilot.?name) or .orValue(''))",
    ],
    ['$let: {a: 1, b: 2}\nc: "${a}"', '1:14: $let b is never used'],
    ['- {$each: "${[1]}", $as: x, y: 1}', '1:26: $as: x is never used'],
    ['"${values.pilot.name}"', '1:4: a document must be a map, got string'],
    ['a: "\\u0041${values.nope}"', '1:13: unknown key values.nope in values.nope (values has pilot)'],
  ])('%j', (text, problem) => {
    expect(check(text)).toContain(problem);
  });

  test('names of $let have the types of their values', () => {
    const text = `
$let:
  a: "\${values.pilot.name}"
  b: 1
  c: "x-\${a}"
  d: {x: "\${a}", $merge: "\${values.pilot.ports[0]}"}
  e: [1, 2]
  f: {$if: "\${true}", x: 1}
  g: "\${values.pilot.?name}"
  h: {"\${a}": 1}
  i: [{$each: "\${values.pilot.ports}"}]
  j: null
a: "\${a + 1}"
b: "\${b + 'x'}"
c: "\${c + 1}"
d: "\${d.x + d.port + d.y}"
e: "\${e[0] + 'x'}"
f: "\${f.x + 'y'}"
g: "\${g + 'x'}"
h: "\${h.anything + 'x'}"
i: "\${i[0].nam}"
j: "\${j == 'x' || j > 1}"
`;
    expect(check(text).map((problem) => problem.replace(/ in .*/, ''))).toEqual([
      '13:7: there is no string + int',
      '14:7: there is no int + string',
      '15:7: there is no string + int',
      '16:7: there is no string + int',
      '16:24: unknown key d.y',
      '17:7: there is no int + string',
      '18:7: there is no optional int + string',
      '19:7: there is no optional string + string',
      '20:7: there is no int + string',
      '21:12: unknown key i[0].nam',
      '22:19: cannot compare null > int',
    ]);
  });

  test('names of $as have the types of the items', () => {
    const text = `
- {$each: "\${values.pilot.ports}", $as: port, x: "\${port.nam}"}
- {$each: "\${values.pilot.env}", $as: e, "\${e.key}": "\${e.value + 1}", z: "\${e.name}"}
- {$each: "\${values.pilot.?names}", $as: n, x: "\${n + 1}"}
- {$each: "\${values.pilot.any}", $as: a, x: "\${a.b.c}"}
`;
    expect(check(`list:\n${text}`).map((problem) => problem.replace(/ in .*/, ''))).toEqual([
      '3:58: unknown key port.nam',
      '4:57: there is no string + int',
      '4:80: unknown key e.name',
      '5:51: there is no string + int',
    ]);
  });

  test('is open to further variables, and closed to others', () => {
    const template = compileTemplate({ file: FILE, text: 'a: "${more.x}"\nb: "${values.y}"' });
    expect(checkTemplate(template, { more: { type: 'object', properties: { x: {} } } })).toMatchObject([
      { message: 'unknown name values', expression: 'values.y' },
    ]);
  });
});
