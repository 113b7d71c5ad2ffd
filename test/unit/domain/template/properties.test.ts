import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileTemplate, renderTemplate } from '../../../../src/domain/template/index.ts';
import { fromCel, mergeMaps, toCel } from '../../../../src/domain/template/cel-values.ts';
import type { CelMap } from '../../../../src/domain/template/cel-values.ts';
import { splitInterpolation } from '../../../../src/domain/template/interpolation.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { printYaml } from '../../../../src/lib/yaml-print.ts';
import { FILE, render } from './support.ts';

/** JSON values as YAML and JavaScript read them back: no -0. */
const number = fc
  .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((value) => value + 0);
const word = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('__proto__', 'constructor', '1', 'true', 'null', 'on', '', '$x y', 'a: b', 'é', '"', "'"),
);
const { tree: json, object } = fc.letrec<{ tree: JsonValue; object: JsonObject }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    word,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('tree'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(word, tie('tree')), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries)),
}));

const hasLiteral = (value: JsonValue): boolean => JSON.stringify(value).includes('${');
const hasDirective = (value: JsonValue): boolean => /"\$[A-Za-z]/.test(JSON.stringify(value));
const plain = object.filter((value) => !hasLiteral(value) && !hasDirective(value));

describe('for all data', () => {
  test('a template without expressions renders to itself', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(render(printYaml(value))).toEqual([value]);
      }),
    );
  });

  test('an expression gives the data as it is', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(render('x: "${values}"', { values: value })).toEqual([{ x: value }]);
      }),
    );
  });

  test('CEL values and JSON are the same data', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(fromCel(toCel(value), () => undefined)).toEqual(value);
      }),
    );
  });

  test('text is what text() gives, and round trips through a computed key', () => {
    fc.assert(
      fc.property(fc.oneof(word, number, fc.boolean()), (value) => {
        const scope = { values: { v: value } };
        const [document] = render(
          '"${values.v}": "${text(values.v)}"\nz: "<${values.v}>"',
          scope,
        ) as JsonObject[];
        const text = String(value);
        const expected = text === 'z' ? {} : Object.fromEntries([[text, text]]);
        expect(document).toEqual({ ...expected, z: `<${text}>`, ...(text === '__proto__' ? document : {}) });
      }),
    );
  });

  test('$merge, merge() and mergeMaps agree', () => {
    fc.assert(
      fc.property(object, object, (a, b) => {
        const [document] = render('l: {$merge: "${[a, b]}"}\nm: "${merge(a, b)}"', { a, b }) as JsonObject[];
        const merged = fromCel(mergeMaps(toCel(a) as CelMap, toCel(b) as CelMap), () => undefined);
        expect(document).toEqual({ l: merged, m: merged });
      }),
    );
  });

  test('merging is right-biased, and has the empty map as neutral element', () => {
    fc.assert(
      fc.property(object, (a) => {
        const scope = { a };
        expect(render('x: "${merge(a, {})}"\ny: "${merge({}, a)}"\nz: "${merge(a, a)}"', scope)).toEqual([
          { x: a, y: a, z: a },
        ]);
      }),
    );
  });

  test('a compiled template is JSON: it renders the same when read back', () => {
    const text = `
$let: {n: "\${values.?a.orValue(1)}"}
a: ["\${n}", "x\${text(n)}", {$if: "\${n == 1}", b: "$\${"}]
list:
  - {$each: "\${keys(values)}", $as: k, "\${'k' + k}": "\${values[k]}"}
$merge: "\${values}"
`;
    const compiled = compileTemplate({ file: FILE, text });
    const copy = JSON.parse(JSON.stringify(compiled)) as typeof compiled;
    fc.assert(
      fc.property(
        object.filter((value) => typeof (value['a'] ?? null) !== 'object' || value['a'] === undefined),
        (values) => {
          expect(renderTemplate(copy, { values })).toEqual(renderTemplate(compiled, { values }));
        },
      ),
    );
  });

  test('an escaped text is itself again', () => {
    const escape = (text: string): string => text.replaceAll('${', () => '$${');
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '{', '}', "'", '${', ' '), { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        expect(splitInterpolation(escape(text)).parts).toEqual(text === '' ? [] : [text]);
      }),
    );
  });

  test('$each over a list is map over it, over a map goes in key order', () => {
    fc.assert(
      fc.property(fc.array(json, { maxLength: 5 }), plain, (list, map) => {
        const text =
          'l: [{$each: "${items}", $as: i, v: "${i}"}]\nm: [{$each: "${entries}", $as: e, k: "${e.key}", v: "${e.value}"}]';
        expect(render(text, { items: list, entries: map })).toEqual([
          {
            l: list.map((v) => ({ v })),
            m: Object.keys(map)
              .sort()
              .map((k) => ({ k, v: map[k] })),
          },
        ]);
      }),
    );
  });
});
