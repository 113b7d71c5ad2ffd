import { describe, expect, test } from '@jest/globals';
import { compileTemplate } from '../../../../src/domain/template/index.ts';
import { errorOf, FILE, problemsOf } from './support.ts';

function compile(text: string): unknown {
  return compileTemplate({ file: FILE, text }).documents;
}

describe('compileTemplate', () => {
  test('keeps plain YAML as literals, documents in order, empty ones left out', () => {
    expect(compile('---\na: 1\n---\n# nothing\n---\nb: [true, null, "x", 0644]\n')).toEqual([
      {
        type: 'map',
        at: [2, 1],
        entries: [{ key: 'a', at: [2, 1], value: { type: 'literal', value: 1 } }],
      },
      {
        type: 'map',
        at: [6, 1],
        entries: [
          {
            key: 'b',
            at: [6, 1],
            value: {
              type: 'list',
              at: [6, 4],
              items: [true, null, 'x', 420].map((value) => ({ type: 'literal', value })),
            },
          },
        ],
      },
    ]);
  });

  test.each([
    ['a lone expression', '"${a.b}"', { type: 'expression', value: { cel: 'a.b', at: [1, 9] } }],
    [
      'text and expressions',
      '"x-${a}${b}-y"',
      { type: 'text', parts: ['x-', { cel: 'a', at: [1, 11] }, { cel: 'b', at: [1, 15] }, '-y'] },
    ],
    [
      'braces in CEL',
      `"\${{'a': {'b': 1}}}"`,
      { type: 'expression', value: { cel: `{'a': {'b': 1}}`, at: [1, 9] } },
    ],
    [
      'a brace in a CEL string',
      `"\${'}' + x}"`,
      { type: 'expression', value: { cel: `'}' + x`, at: [1, 9] } },
    ],
    [
      'a quote in a CEL string',
      `"\${'it\\\\'s }'}"`,
      { type: 'expression', value: { cel: `'it\\'s }'`, at: [1, 9], folded: true } },
    ],
    [
      'a triple-quoted CEL string',
      `"\${'''}'}'''}"`,
      { type: 'expression', value: { cel: `'''}'}'''`, at: [1, 9] } },
    ],
    [
      'a CEL string in double quotes',
      `"\${\\"}\\"}"`,
      { type: 'expression', value: { cel: '"}"', at: [1, 9], folded: true } },
    ],
    ['an escaped expression', '"$${a}"', { type: 'literal', value: '${a}' }],
    [
      'an escaped expression beside a real one',
      '"$${a} ${b}"',
      { type: 'text', parts: ['${a} ', { cel: 'b', at: [1, 15] }] },
    ],
    ['an escape in single quotes', "'$${a}'", { type: 'literal', value: '${a}' }],
    ['dollars', '"$a $ {b} $$"', { type: 'literal', value: '$a $ {b} $$' }],
    ['an empty text', '""', { type: 'literal', value: '' }],
  ])('takes a scalar apart: %s', (_, scalar, node) => {
    expect(compile(`key: ${scalar}`)).toMatchObject([{ entries: [{ key: 'key', value: node }] }]);
  });

  test('finds the place of an expression in folded lines and behind escapes', () => {
    const text = 'key: "one\n  two \\u00e9 ${a}\n\n  ${b}"\n';
    expect(compile(text)).toMatchObject([
      {
        entries: [
          {
            value: {
              type: 'text',
              parts: ['one two é ', { cel: 'a', at: [2, 16] }, '\n', { cel: 'b', at: [4, 5] }],
            },
          },
        ],
      },
    ]);
  });

  test('reads directives and computed keys', () => {
    const text = `
$let: {a: "\${1}", b: [x]}
$if: "\${true}"
$each: "\${[1]}"
$as: item
"k-\${item}": 1
"\${text(item)}": 2
$merge: "\${{}}"
`;
    expect(compile(text)).toMatchObject([
      {
        type: 'map',
        let: [
          { name: 'a', at: [2, 8], value: { type: 'expression' } },
          { name: 'b', at: [2, 19], value: { type: 'list' } },
        ],
        if: { cel: 'true', at: [3, 9] },
        each: { over: { cel: '[1]' }, as: 'item', asAt: [5, 6] },
        entries: [
          { key: ['k-', { cel: 'item', at: [6, 6] }] },
          { key: [{ cel: 'text(item)', at: [7, 4] }] },
          { merge: { cel: '{}' }, at: [8, 1] },
        ],
      },
    ]);
  });

  test('gives plain JSON', () => {
    const compiled = compileTemplate({ file: FILE, text: 'a: "${x}"\n$merge: "${y}"\nb: [1, "c${z}"]' });
    expect(JSON.parse(JSON.stringify(compiled))).toEqual(compiled);
  });
});

describe('what compileTemplate refuses', () => {
  test.each([
    [`a: "\${b'x'}"`, "1:7: bytes and unsigned numbers are not supported, in ${b'x'}"],
    ['a: "${1u}"', '1:7: bytes and unsigned numbers are not supported, in ${1u}'],
    [
      `a: "\${x ? 1 : timestamp('2024-01-01T00:00:00Z').getHours()}"`,
      '1:15: function timestamp() is not supported',
    ],
    ['a: "${has(x)}"', '1:11: has() invalid argument, in ${has(x)}'],
    [
      'a: [1',
      '1:6: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a: &x 1\nb: *x', '2:4: alias *x is not supported (write the value out)'],
    ['a: {<<: {b: 1}}', '1:5: the merge key << is not supported (use $merge)'],
    ['{a: 1}: 2', '1:1: a key must be a string'],
    ['a: 1\nb: 2\na: 3', '3:1: key "a" is given twice'],
    ['1: a\n"1": b', '2:1: key "1" is given twice'],
    ['$iff: "${true}"', '1:1: unknown directive $iff (did you mean $if?)'],
    ['$something: 1', '1:1: unknown directive $something (there are $let, $if, $each, $as, $merge)'],
    [
      "a: '${x}'",
      '1:4: an expression must stand in double quotes, in ${x} (write "${...}", or $${ for a literal ${)',
    ],
    [
      'a: ${x}',
      '1:4: an expression must stand in double quotes, in ${x} (write "${...}", or $${ for a literal ${)',
    ],
    [
      'a: |\n  b\n  ${x}',
      '1:4: an expression must stand in double quotes, in ${x} (write "${...}", or $${ for a literal ${)',
    ],
    [
      '${x}: a',
      '1:1: an expression must stand in double quotes, in ${x} (write "${...}", or $${ for a literal ${)',
    ],
    ['a: "b ${x"', '1:7: the expression has no closing } (write $${ for a literal ${)'],
    ['a: "${ }"', '1:7: the expression is empty, in ${ }'],
    ['a: "x${1 + }"', '1:12: Unexpected token: the end, in ${1 + }'],
    ['a: "${f(1, }"', '1:12: Unexpected token: the end, in ${f(1, }'],
    ['a: "${(1}"', '1:9: Expected ), got the end, in ${(1}'],
    [`a: "\${'x}"`, `1:5: the expression has no closing }`],
    ['a: "${trothy(x)}"', '1:7: unknown function trothy(), in ${trothy(x)} (did you mean truthy()?)'],
    [
      `a: "\${x ? 'a' : optional.none()}"`,
      `1:7: Ternary branches must have the same type, got 'string' and 'optional<dyn>', in \${x ? 'a' : optional.none()} (write optional.of(x) for the other)`,
    ],
    [`a: "\${1 + 'x'}"`, "1:7: no such overload: int + string, in ${1 + 'x'}"],
    [
      'a: "${x.?y == 1}"',
      '1:7: no such overload: optional<dyn> == int, in ${x.?y == 1} (write .orValue(x) behind the optional)',
    ],
    [
      'a: "${fail(x.?y)}"',
      "1:7: found no matching overload for 'fail(optional<dyn>)', in ${fail(x.?y)} (write .orValue(x) behind the optional)",
    ],
    [
      'a: {$each: "${x}", $as: y, b: 1}',
      '1:5: $each makes list items or documents, not the value of a key (put it into a list item, or use $merge: "${list.map(item, {...})}")',
    ],
    ['- {$each: "${x}", b: 1}', '1:4: $each needs $as beside other keys (add $as: name)'],
    [
      '- {$each: "${x}", $as: y}',
      '1:19: $as without keys that use it (remove $as: $each alone gives the items themselves)',
    ],
    ['- {$as: y, b: 1}', '1:4: $as without $each (add $each: "${list or map}")'],
    ['- {$each: "${x}", $as: [y], b: 1}', '1:24: $as needs a name (write $as: name)'],
    [
      '- {$each: "${x}", $as: a-b, b: 1}',
      '1:24: "a-b" cannot be a name (names are letters, digits and _, and no word of CEL)',
    ],
    ['$let: {list: 1}', '1:8: "list" cannot be a name (names are letters, digits and _, and no word of CEL)'],
    ['$let: {a: 1, a: 2}', '1:14: name "a" is given twice'],
    ['$let: [a]', '1:7: $let needs a map of names (write $let: {name: "${...}"})'],
    ['$if: true', '1:6: $if needs one expression (write $if: "${...}")'],
    ['$if: "x${a}"', '1:6: $if needs one expression (write $if: "${...}")'],
    ['$merge: {a: 1}', '1:9: $merge needs one expression (write $merge: "${...}")'],
  ])('%j', (text, problem) => {
    const [first] = problemsOf(() => compile(text));
    expect(first).toContain(problem);
  });

  test('all problems at once, in order', () => {
    const text = `a: "\${nope(1)}"\nb: '\${x}'\n$iff: 1\nc:\n  - "\${1 +}"\n`;
    const error = errorOf(() => compile(text));
    expect(error.code).toBe('template');
    expect(error.message).toBe(`${FILE} has 4 problems.`);
    expect(error.details.map((line) => line.slice(FILE.length + 1).split(': ')[0])).toEqual([
      '1:7',
      '2:4',
      '3:1',
      '5:11',
    ]);
  });

  test('a problem behind escapes and folds has its true place', () => {
    expect(problemsOf(() => compile('a: "\\u0041 ${1 +\n  }"'))).toEqual([
      '2:3: Unexpected token: the end, in ${1 + }',
    ]);
    expect(problemsOf(() => compile('a: "\\t ${ok} ${1 ~ 2}"'))[0]).toContain(
      '1:18: Unexpected character: ~',
    );
  });
});
