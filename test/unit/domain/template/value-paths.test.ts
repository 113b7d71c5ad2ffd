import { describe, expect, test } from '@jest/globals';
import { collectValuePaths, compileTemplate } from '../../../../src/domain/template/index.ts';
import { FILE } from './support.ts';

function paths(text: string, root?: string): string[] {
  return collectValuePaths(compileTemplate({ file: FILE, text }), root);
}

describe('collectValuePaths', () => {
  test.each([
    ['values.a.b', ['a.b']],
    ['values.?a.?b.orValue(values.c)', ['a.b', 'c']],
    ["values['a'][?'b'].c", ['a.b.c']],
    ["values['istio-ingressgateway'].labels['a.b/c']", ['istio-ingressgateway.labels["a.b/c"]']],
    ['values.a[values.i].b', ['a[].b', 'i']],
    ['values.l[0].x', ['l[].x']],
    ['values', ['']],
    ['toJson(values.a)', ['a']],
    ['(values.?a.orValue({})).?b', ['b', 'a.b'].slice(1)],
    ['(values.x ? values.a : values.b).c', ['a.c', 'b.c', 'x']],
    ["values.a == 'x' && !(values.b > -values.c) || values.d in values.e", ['a', 'b', 'c', 'd', 'e']],
    ["{'k': values.a, values.b: [values.c]}", ['a', 'b', 'c']],
    ['has(values.a.b)', ['a.b']],
    ['values.a.startsWith(values.b)', ['a', 'b']],
    ['values.l.filter(x, x.on).map(x, x.name)', ['l', 'l[].name', 'l[].on']],
    ['values.l.exists(x, x == 1)', ['l[]']],
    ['values.m.map(k, values.m[k])', ['m', 'm[]']],
    ['values.?a.optMap(x, x.b)', ['a.b']],
    ['cel.bind(x, values.a, x.b + x.c)', ['a.b', 'a.c']],
    ['merge(values.a, values.b).c', ['a.c', 'b.c']],
    ['unlessEmpty(values.a).?b', ['a.b']],
    ['optional.of(values.a)', ['a']],
    ['given.a + labels.b', []],
    ['namespace', []],
  ])('%s', (cel, expected) => {
    expect(paths(`key: "\${${cel}}"`)).toEqual(expected);
  });

  test('follows names of $let and $as, looks into every branch, and takes inner names for what they are', () => {
    const text = `
$let:
  a: "\${values.gateways['x']}"
  b: "\${a.?ports}"
  unused: "\${values.unused}"
  c: {d: "\${values.read}"}
$if: "\${truthy(values.on)}"
"\${values.key}": "x-\${a.name}"
list:
  - {$each: "\${b}", $as: port, number: "\${port.number}", values: "\${c.d}"}
  - $each: "\${a.spliced}"
  - {$let: {a: 1}, x: "\${a.hidden}"}
$merge: "\${values.merged}"
`;
    expect(paths(text)).toEqual([
      'gateways.x.name',
      'gateways.x.ports[].number',
      'gateways.x.spliced[]',
      'key',
      'merged',
      'on',
      'read',
    ]);
  });

  test('reads another variable when asked to', () => {
    expect(paths('a: "${given.x + values.y + namespace}"', 'given')).toEqual(['x']);
  });
});
