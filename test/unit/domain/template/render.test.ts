import { describe, expect, test } from '@jest/globals';
import { errorOf, FILE, problemsOf, render } from './support.ts';

const SCOPE = {
  values: {
    replicas: 2,
    ratio: 0.5,
    on: true,
    name: 'istiod',
    nothing: null,
    list: ['a', 'b'],
    map: { z: 1, a: { b: [1, 2] } },
    maps: [{ x: 1 }, { y: { z: 2 } }],
  },
};

describe('scalars', () => {
  test.each([
    ['an int', 'values.replicas', 2],
    ['a double', 'values.ratio', 0.5],
    ['a double without fraction', '1.0', 1],
    ['a boolean', 'values.on', true],
    ['null', 'values.nothing', null],
    ['a string', 'values.name', 'istiod'],
    ['a list', 'values.list', ['a', 'b']],
    ['a map', 'values.map', { z: 1, a: { b: [1, 2] } }],
    ['a present optional', 'values.?name', 'istiod'],
    ['absent values inside', "{'a': values.?nope, 'b': [values.?nope, values.?name]}", { b: ['istiod'] }],
  ])('a lone expression keeps its type: %s', (_, cel, value) => {
    expect(render(`key: "\${${cel}}"`, SCOPE)).toEqual([{ key: value }]);
  });

  test.each([
    ['"${values.replicas}-x"', '2-x'],
    ['"${1.0} ${values.ratio} ${values.on} ${values.name}"', '1 0.5 true istiod'],
    ['"a${values.?name}"', 'aistiod'],
    ['"$${values.name}"', '${values.name}'],
  ])('text: %s', (scalar, text) => {
    expect(render(`key: ${scalar}`, SCOPE)).toEqual([{ key: text }]);
  });

  test('an absent value removes its key, list item and document', () => {
    const text =
      'a: "${values.?nope}"\nb: ["${values.?nope}", 1]\nc: {d: "${optional.none()}"}\n---\n"${values.?nope}"';
    expect(render(text, SCOPE)).toEqual([{ b: [1], c: {} }]);
  });
});

describe('keys', () => {
  test('are computed', () => {
    expect(render('"${values.name}": 1\n"a-${values.replicas}": 2\n"${values.?nope}": 3', SCOPE)).toEqual([
      { istiod: 1, 'a-2': 2 },
    ]);
  });

  test('keep the order of the file', () => {
    const [document] = render('b: 1\n"${values.name}": 2\na: 3', SCOPE);
    expect(Object.keys(document as object)).toEqual(['b', 'istiod', 'a']);
  });

  test('given twice are an error', () => {
    expect(problemsOf(() => render('istiod: 1\n"${values.name}": 2', SCOPE))).toEqual([
      '2:1: key "istiod" is given twice',
    ]);
  });
});

describe('$if', () => {
  test('switches maps, items and documents', () => {
    const text = `
a: {$if: "\${values.on}", x: 1}
b: {$if: "\${!values.on}", x: 1}
c:
  - {$if: "\${values.on}", x: 1}
  - {$if: "\${!values.on}", x: 1}
  - y
d: [{$if: "\${!values.on}"}]
e: {$if: "\${values.on}"}
---
$if: "\${!values.on}"
kind: Gone
---
$if: "\${values.on}"
kind: There
`;
    expect(render(text, SCOPE)).toEqual([
      { a: { x: 1 }, c: [{ x: 1 }, 'y'], d: [], e: {} },
      { kind: 'There' },
    ]);
  });

  test('keeps what is switched off from being evaluated', () => {
    expect(render('a: {$if: "${false}", b: "${values.nope}"}', SCOPE)).toEqual([{}]);
  });

  test.each([
    ['values.name', 'string'],
    ['values.nothing', 'null'],
    ['values.?on', 'optional'],
  ])('needs a bool: %s', (cel, type) => {
    expect(problemsOf(() => render(`kind: K\n$if: "\${${cel}}"`, SCOPE))).toEqual([
      `2:9: K: $if needs true or false, got ${type}, in \${${cel}}`,
    ]);
  });
});

describe('$let', () => {
  test('names values, later ones see earlier ones, inner ones hide outer ones', () => {
    const text = `
$let:
  a: "\${values.replicas + 1}"
  b: "\${a * 2}"
  c: "\${values.name}-x"
  d: {e: ["\${b}", 5], $merge: "\${values.map}"}
a: "\${a}"
b: "\${b}"
c: "\${c}"
d: "\${d.e[1] + 1}"
z: "\${d.z}"
inner: {$let: {a: 1}, a: "\${a}"}
after: "\${a}"
`;
    expect(render(text, SCOPE)).toEqual([
      { a: 3, b: 6, c: 'istiod-x', d: 6, z: 1, inner: { a: 1 }, after: 3 },
    ]);
  });

  test('keeps an absent value an optional, and a switched off map too', () => {
    const text = `
$let: {a: "\${values.?nope}", b: {$if: "\${false}", x: 1}, c: "\${values.?name}"}
a: "\${a.hasValue()}"
b: "\${b.hasValue()}"
c: "\${c.orValue('')}"
d: "\${a}"
`;
    expect(render(text, SCOPE)).toEqual([{ a: false, b: false, c: 'istiod' }]);
  });

  test('is worked out when it is first read', () => {
    const text = `
$let: {a: "\${values.nope}", b: "\${fail('b')}", c: "\${a}"}
d: {$if: "\${!values.on}", e: "\${c}"}
f: 1
`;
    expect(render(text, SCOPE)).toEqual([{ f: 1 }]);
    expect(problemsOf(() => render(text.replace('!values', 'values'), SCOPE))).toEqual([
      '2:21: there is no key nope, in ${values.nope} (write .?key for a key that may be absent)',
    ]);
  });

  test('may hide a variable of the scope', () => {
    expect(render('$let: {values: "${values.map}"}\na: "${values.z}"', SCOPE)).toEqual([{ a: 1 }]);
  });

  test('is there before $if', () => {
    expect(render('$let: {a: "${false}"}\n$if: "${a}"\nx: 1')).toEqual([]);
  });

  test('is a map of its own for each sibling', () => {
    expect(problemsOf(() => render('a: {$let: {x: 1}}\nb: "${x}"'))).toEqual([
      '2:7: unknown name x, in ${x}',
    ]);
  });
});

describe('$each', () => {
  test.each([
    ['items of a list', '- {$each: "${values.list}", $as: v, name: "${v}"}', [{ name: 'a' }, { name: 'b' }]],
    [
      'entries of a map in key order',
      '- {$each: "${values.map}", $as: e, k: "${e.key}", v: "${e.value}"}',
      [
        { k: 'a', v: { b: [1, 2] } },
        { k: 'z', v: 1 },
      ],
    ],
    ['the items themselves', '- x\n- $each: "${values.list}"\n- y', ['x', 'a', 'b', 'y']],
    ['the items themselves, if', '- {$if: "${false}", $each: "${values.list}"}', []],
    ['absent items', '- $each: "${[values.?nope, values.?name]}"', ['istiod']],
    ['an absent list', '- $each: "${values.?nope}"', []],
    ['null', '- $each: "${values.nothing}"', []],
    [
      'with $let and $if before it',
      '- {$let: {l: "${values.list}"}, $if: "${l.size() > 1}", $each: "${l}", $as: v, n: "${v}"}',
      [{ n: 'a' }, { n: 'b' }],
    ],
    [
      'with $merge',
      '- {$each: "${values.maps}", $as: m, own: 1, $merge: "${m}"}',
      [
        { own: 1, x: 1 },
        { own: 1, y: { z: 2 } },
      ],
    ],
    [
      'nested',
      '- {$each: "${values.list}", $as: v, in: [{$each: "${values.list}", $as: w, x: "${v + w}"}]}',
      [{ in: [{ x: 'aa' }, { x: 'ab' }] }, { in: [{ x: 'ba' }, { x: 'bb' }] }],
    ],
  ])('makes %s', (_, list, items) => {
    expect(render(`list:\n${list.replace(/^/gm, '  ')}`, SCOPE)).toEqual([{ list: items }]);
  });

  test('makes documents', () => {
    expect(render('$each: "${values.list}"\n$as: v\nkind: K\nname: "${v}"', SCOPE)).toEqual([
      { kind: 'K', name: 'a' },
      { kind: 'K', name: 'b' },
    ]);
    expect(render('$each: "${values.maps}"', SCOPE)).toEqual(SCOPE.values.maps);
  });

  test('needs a list or a map', () => {
    expect(problemsOf(() => render('a:\n  - $each: "${values.name}"', SCOPE))).toEqual([
      '2:15: $each needs a list or a map, got string, in ${values.name}',
    ]);
  });
});

describe('$merge', () => {
  test.each([
    [
      'a map over the entries',
      "{a: {x: 1, y: 1}, b: 1, $merge: \"${{'a': {'y': 2}}}\"}",
      { a: { x: 1, y: 2 }, b: 1 },
    ],
    ['wherever it stands', '{$merge: "${{\'b\': 2}}", b: 1}', { b: 2 }],
    ['lists are replaced', '{l: [1, 2], $merge: "${{\'l\': [3]}}"}', { l: [3] }],
    ['a map replaces a scalar', '{a: 1, $merge: "${values.map}"}', { a: { b: [1, 2] }, z: 1 }],
    ['each map of a list', '{$merge: "${values.maps + [{\'x\': 3}]}"}', { x: 3, y: { z: 2 } }],
    ['nothing for an absent value', '{a: 1, $merge: "${values.?nope}"}', { a: 1 }],
    ['nothing for null', '{a: 1, $merge: "${[null, values.nothing, values.?nope]}"}', { a: 1 }],
    [
      'no absent entries',
      "{a: 1, $merge: \"${{'a': values.?nope, 'b': values.?name}}\"}",
      { a: 1, b: 'istiod' },
    ],
  ])('%s', (_, map, result) => {
    expect(render(`key: ${map}`, SCOPE)).toEqual([{ key: result }]);
  });

  test('does not change the values it merges', () => {
    const values = { a: { x: 1 } };
    expect(render('m: {a: {y: 2}, $merge: "${values}"}\nn: "${values}"', { values })).toEqual([
      { m: { a: { x: 1, y: 2 } }, n: { a: { x: 1 } } },
    ]);
    expect(values).toEqual({ a: { x: 1 } });
  });

  test('needs a map', () => {
    expect(problemsOf(() => render('a: {$merge: "${values.list}"}', SCOPE))).toEqual([
      '1:16: $merge needs a map or a list of maps, got string, in ${values.list}',
    ]);
  });
});

describe('the result', () => {
  test('is fresh: no part of it is shared with the values or another document', () => {
    const values = { m: { l: [1] } };
    const [first, second] = render('a: "${values.m}"\n---\na: "${values.m}"', { values }) as {
      a: { l: number[] };
    }[];
    first!.a.l.push(2);
    expect(second).toEqual({ a: { l: [1] } });
    expect(values).toEqual({ m: { l: [1] } });
  });

  test.each([
    ['9223372036854775807', 'the integer 9223372036854775807 is too large'],
    ['1.0 / 0.0', 'Infinity cannot be written as JSON'],
    ['type(1)', 'a type cannot be written as JSON'],
  ])('%s is no JSON', (cel, message) => {
    expect(errorOf(() => render(`a: "\${${cel}}"`)).message).toBe(message);
  });
});

describe('errors', () => {
  test('name kind, place and expression', () => {
    const text = `apiVersion: v1
kind: ConfigMap
metadata:
  name: "x-\${ values.nope.x }"
`;
    const error = errorOf(() => render(text, SCOPE));
    expect(error).toMatchObject({
      code: 'template',
      message: 'ConfigMap: there is no key nope, in ${ values.nope.x }',
      hint: 'write .?key for a key that may be absent',
      position: { file: FILE, line: 4, column: 22 },
    });
  });

  test.each([
    ['a: "${valuse.x}"', '1:7: unknown name valuse, in ${valuse.x} (did you mean values?)'],
    ['a: "${values.list[5]}"', '1:7: index 5 is out of range, the list has 2 items, in ${values.list[5]}'],
    [
      'a: "x${values.list}"',
      '1:8: text needs a string, a number or a boolean, got list, in ${values.list} (write toJson(x) or toYaml(x))',
    ],
    [
      'a: "x${values.nothing}"',
      "1:8: text needs a string, a number or a boolean, got null, in ${values.nothing} (write text(x) or x.orValue(''))",
    ],
    [
      'a: "x${values.?nope}"',
      "1:8: text needs a string, a number or a boolean, got absent value, in ${values.?nope} (write text(x) or x.orValue(''))",
    ],
    [
      '"${values.map}": 1',
      '1:4: text needs a string, a number or a boolean, got map, in ${values.map} (write toJson(x) or toYaml(x))',
    ],
    [
      'a: "${values.name + values.replicas}"',
      '1:7: there is no string + int, in ${values.name + values.replicas}',
    ],
    [
      'a: "\\u0041${values.nope}"',
      '1:13: there is no key nope, in ${values.nope} (write .?key for a key that may be absent)',
    ],
  ])('%j', (text, problem) => {
    expect(problemsOf(() => render(text, SCOPE))).toEqual([problem]);
  });

  test('fail() is the fault of the values: its message stands alone', () => {
    const error = errorOf(() => render(`kind: K\na: "\${values.on && fail('set values.' + 'off')}"`, SCOPE));
    expect(error).toMatchObject({
      code: 'config',
      message: 'set values.off',
      position: { file: FILE, line: 2, column: 7 },
    });
  });
});
