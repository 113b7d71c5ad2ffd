import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { load } from 'js-yaml';
import type { JsonObject, JsonValue } from '../../../src/lib/json.ts';
import { parseYamlDocuments } from '../../../src/lib/yaml.ts';
import { printYaml } from '../../../src/lib/yaml-print.ts';

const tricky = fc.constantFrom(
  '500m',
  '10.0.0.0/8',
  '127.0.0.1',
  '-x',
  '--',
  '---x',
  '-inf',
  '-n',
  '--a: b',
  '-1',
  '--x y',
  '2048Mi',
  '25%',
  '1.31.4',
  '1.31.4-distroless',
  '30s',
  '1.5Gi',
  '1M',
  '0.5',
  '1.e3',
  '0m',
  '00m',
  'yes',
  'on',
  'n',
  'NO',
  '0644',
  '1_000',
  'null',
  '~',
  '1e3',
  'e5',
  '0x1',
  '12:30',
  '=',
  'a: b',
  'a:b',
  '- x',
  '-',
  '# c',
  'a #b',
  ' s ',
  'multi\nline\n',
  'x\n\n\n',
  '\n',
  ' \n x',
  'x\n  y\n',
  'x\n\ty',
  '{a}',
  '*x',
  '&y',
  '!t',
  '%',
  '@',
  '`',
  '|',
  '>',
  '<<',
  '1.0',
  '.5',
  'NaN',
  '.inf',
  '0b1',
  '+1',
  '2001-01-01',
  'a, b',
  'a (b)',
  'a - b',
  'a: ',
  'tab\tx',
  '\u2028',
  '\u0085',
  '\ufeff',
  '\ud83d\ude00',
  'é',
  '"',
  "'",
  'docker.io/istio/pilot:1.31.4',
  '--x=y',
  '/a b',
  'a\r\nb',
  '---',
  '...',
  'a\n---\nb',
  '?',
  ': ',
  'x:',
  '_',
  'Infinity',
  'trailing ',
  'a  b',
);

const value = fc.letrec<{ node: JsonValue }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    tricky,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(tricky, fc.string()), tie('node'), { maxKeys: 4 }) as fc.Arbitrary<JsonObject>,
  ),
})).node;

describe('printed YAML', () => {
  test('is read back the same by two readers', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { minKeys: 1 }), (tree) => {
        const plain = JSON.parse(JSON.stringify(tree)) as JsonValue;
        const text = printYaml(plain);
        expect(parseYamlDocuments(text, 'x')[0]!.value).toEqual(plain);
        expect(JSON.parse(JSON.stringify(load(text)))).toEqual(plain);
      }),
      { numRuns: 3000 },
    );
  });

  test('looks as kubectl prints', () => {
    const object = {
      kind: 'X',
      metadata: { name: 'a', labels: {}, annotations: { 'a.b/c': 'true' } },
      spec: {
        list: ['a', 1, { b: 1, c: [2, [3]] }, []],
        image: 'docker.io/istio/pilot:1.31.4',
        text: 'one\ntwo\n',
        args: ['--log_output_level=default:info', '*'],
        none: null,
      },
    };
    expect(printYaml(object)).toBe(`kind: X
metadata:
  name: a
  labels: {}
  annotations:
    a.b/c: "true"
spec:
  list:
  - a
  - 1
  - b: 1
    c:
    - 2
    - - 3
  - []
  image: docker.io/istio/pilot:1.31.4
  text: |
    one
    two
  args:
  - --log_output_level=default:info
  - "*"
  none: null
`);
  });
});
