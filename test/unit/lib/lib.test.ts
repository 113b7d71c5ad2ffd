import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, parseDuration, parseDurationFlag } from '../../../src/lib/duration.ts';
import { formatProblem, MeshError, throwProblems } from '../../../src/lib/errors.ts';
import { getAt, isEqual, sortKeys } from '../../../src/lib/json.ts';
import type { JsonValue } from '../../../src/lib/json.ts';
import { editDistance, nearestName } from '../../../src/lib/suggest.ts';
import { diffTexts } from '../../../src/lib/text-diff.ts';
import { parseYamlDocuments, parseYamlObject } from '../../../src/lib/yaml.ts';
import { thrownBy } from '../../support/thrown.ts';

describe('duration', () => {
  test.each([
    ['90s', 90_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['200ms', 200],
    ['.5s', 500],
    ['0', 0],
    ['', undefined],
    ['5', undefined],
    ['5 s', undefined],
    ['5x', undefined],
    ['s', undefined],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test('a flag takes a bare number as seconds, refuses zero and nonsense', () => {
    expect(parseDurationFlag('timeout', '30')).toBe(30_000);
    for (const text of ['0', '-1s', 'soon', ''])
      expect(() => parseDurationFlag('timeout', text)).toThrow(/--timeout/);
  });

  test.each([
    [12, '12ms'],
    [4210, '4.2s'],
    [185_000, '3m05s'],
  ])('%d ms', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('suggestions', () => {
  test.each([
    ['pilto', ['pilot', 'proxy'], 'pilot'],
    ['demoo', ['demo', 'default'], 'demo'],
    ['PILOT', ['pilot'], 'pilot'],
    ['xyz', ['pilot', 'demo'], undefined],
    ['a', ['b'], 'b'],
    ['profile dif', ['profile diff', 'profile dump'], 'profile diff'],
  ])('%s', (typed, names, expected) => {
    expect(nearestName(typed, names)).toBe(expected);
  });

  test('the distance is symmetric and zero only for equal texts', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });

  test('with a limit it is exact up to there, and above it behind', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 9 });
    fc.assert(
      fc.property(text, text, fc.nat(4), (a, b, limit) => {
        const exact = editDistance(a, b);
        const limited = editDistance(a, b, limit);
        expect(limited > limit).toBe(exact > limit);
        if (exact <= limit) expect(limited).toBe(exact);
      }),
    );
  });
});

describe('errors', () => {
  test('one problem is thrown as itself, several as a list', () => {
    const position = { file: 'a.yaml', line: 3, column: 5 };
    const problem = { message: 'm', position, hint: 'h' };
    expect(thrownBy(() => throwProblems('config', [problem], 's'))).toMatchObject(problem);
    expect(thrownBy(() => throwProblems('config', [problem, { message: 'n' }], 's'))).toMatchObject({
      message: 's',
      details: ['a.yaml:3:5: m (h)', 'n'],
    });
    expect(() => throwProblems('config', [], 's')).not.toThrow();
    expect(formatProblem({ message: 'x' })).toBe('x');
  });
});

describe('json', () => {
  test('getAt', () => {
    const tree: JsonValue = { a: [{ b: 1 }], __proto__: null };
    expect(getAt(tree, ['a', 0, 'b'])).toBe(1);
    expect(getAt(tree, ['a', 1, 'b'])).toBeUndefined();
    expect(getAt(tree, ['constructor'])).toBeUndefined();
  });

  test('equality ignores the order of keys, sortKeys makes it visible', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(isEqual(sortKeys(value as JsonValue), value as JsonValue)).toBe(true);
        expect(JSON.stringify(sortKeys(value as JsonValue))).toBe(
          JSON.stringify(sortKeys(sortKeys(value as JsonValue))),
        );
      }),
    );
    expect(isEqual([1, 2], [2, 1])).toBe(false);
    expect(isEqual({ a: undefined as never }, {})).toBe(false);
  });
});

describe('diff', () => {
  test('equal texts have none', () => {
    expect(diffTexts('a\n', 'a\n', { fromName: 'x', toName: 'y' })).toBe('');
  });
  test('unified, with the context asked for', () => {
    expect(diffTexts('a\nb\nc\nd\n', 'a\nb\nX\nd\n', { fromName: 'x', toName: 'y', contextLines: 1 })).toBe(
      '--- x\n+++ y\n@@ -2,3 +2,3 @@\n b\n-c\n+X\n d\n',
    );
  });
});

describe('YAML', () => {
  test('reads as Kubernetes does', () => {
    const text =
      'a: yes\nb: 0644\nc: 1_000\nd: "on"\ne: 0x10\nf: 12:30\ng: y\nh: 2001-01-01\ni: ~\nj: !!str 12\n';
    expect(parseYamlObject(text, 'x').value).toEqual({
      a: true,
      b: 420,
      c: 1000,
      d: 'on',
      e: 16,
      f: '12:30',
      g: 'y',
      h: '2001-01-01',
      i: null,
      j: '12',
    });
  });

  test('merge keys and aliases', () => {
    expect(parseYamlObject('a: &x {z: 1}\nb: {<<: *x, w: 2}\n', 'x').value).toEqual({
      a: { z: 1 },
      b: { z: 1, w: 2 },
    });
  });

  test('positions of values and keys', () => {
    const document = parseYamlObject('a:\n  - b: 1\n    c: 2\n', 'f.yaml');
    expect(document.locate(['a', 0, 'c'])).toEqual({ file: 'f.yaml', line: 3, column: 8 });
    expect(document.locate(['a', 0, 'c'], 'key')).toEqual({ file: 'f.yaml', line: 3, column: 5 });
    expect(document.locate(['a', 5, 'x'])).toMatchObject({ line: 2 });
  });

  test.each([
    ['a: [1\nb: 2', 2],
    ['a: 1\na: 2', 2],
    ['a:\n\t- b', 2],
    ['a: *nowhere', 1],
  ])('%j is an error with its line', (text, line) => {
    try {
      parseYamlDocuments(text, 'f.yaml');
      throw new Error('no error');
    } catch (error) {
      expect(error).toBeInstanceOf(MeshError);
      expect((error as MeshError).position).toMatchObject({ file: 'f.yaml', line });
    }
  });

  test('a bomb of aliases is refused', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`)
      .join('\n')}\n`;
    expect(() => parseYamlDocuments(bomb, 'bomb.yaml')).toThrow(MeshError);
  });

  test('one document, a map', () => {
    expect(() => parseYamlObject('', 'f')).toThrow('the file is empty');
    expect(() => parseYamlObject('a: 1\n---\nb: 1\n', 'f')).toThrow('several YAML documents');
    expect(() => parseYamlObject('- 1\n', 'f')).toThrow('expected a map');
  });
});
