import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readDoubleQuoted } from '../../../src/lib/yaml-quoted.ts';
import { parseYamlTrees } from '../../../src/lib/yaml.ts';

function libraryValue(source: string): unknown {
  const { documents, problems } = parseYamlTrees(source);
  const [document] = documents;
  if (problems.length > 0 || document?.kind !== 'scalar') throw new Error(JSON.stringify(problems));
  return document.value;
}

describe('readDoubleQuoted', () => {
  test.each([
    ['"abc"', 'abc', [1, 2, 3, 4]],
    ['"a\\tb"', 'a\tb', [1, 2, 4, 5]],
    ['"\\u00e9\\x41!"', 'éA!', [1, 7, 11, 12]],
    ['"\\U0001F600!"', '😀!', [1, 1, 11, 12]],
    ['"a\n   b"', 'a b', [1, 2, 6, 7]],
    ['"a \n\n  b"', 'a\nb', [1, 2, 7, 8]],
    ['"a\\\n  b"', 'ab', [1, 6, 7]],
    ['"a  b"', 'a  b', [1, 2, 3, 4, 5]],
    ['""', '', [1]],
  ])('%j', (source, value, offsets) => {
    expect(readDoubleQuoted(source)).toEqual({ value, offsets });
    expect(libraryValue(source)).toBe(value);
  });

  test('agrees with the YAML library on every text', () => {
    const piece = fc.constantFrom(
      'a',
      ' ',
      '  ',
      '\t',
      '\n',
      '\n  ',
      '\\n',
      '\\"',
      '\\\\',
      '\\\n ',
      '\\x41',
      '\\u00e9',
      '${x}',
      '\\ ',
      '\\/',
      '\\e',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        const source = `"${pieces.join('')}"`;
        let expected: unknown;
        try {
          expected = libraryValue(source);
        } catch {
          return;
        }
        const { value, offsets } = readDoubleQuoted(source);
        expect(value).toBe(expected);
        expect(offsets).toHaveLength(value.length + 1);
        for (const [index, offset] of offsets.slice(0, -1).entries()) {
          if (value[index] === 'a' || value[index] === '$') expect(source[offset]).toBe(value[index]);
        }
      }),
    );
  });
});
