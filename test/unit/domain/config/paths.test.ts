import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSetPath } from '../../../../src/domain/config/index.ts';
import { formatSetPath, formatSetting, toPointer } from '../../../../src/domain/config/paths.ts';
import type { PathSegment } from '../../../../src/domain/config/paths.ts';
import { MeshError } from '../../../../src/lib/errors.ts';

const key = (name: string): PathSegment => ({ type: 'key', key: name });
const index = (position: number): PathSegment => ({ type: 'index', index: position });
const match = (name: string, value: string): PathSegment => ({ type: 'match', key: name, value });

describe('parseSetPath', () => {
  test.each([
    ['profile', [key('profile')]],
    ['a.b', [key('a'), key('b')]],
    ['list[0].x', [key('list'), index(0), key('x')]],
    ['list.[0].x', [key('list'), index(0), key('x')]],
    ['m[1][2]', [key('m'), index(1), index(2)]],
    ['list[name:foo].x', [key('list'), match('name', 'foo'), key('x')]],
    ['list.[containerPort:8080]', [key('list'), match('containerPort', '8080')]],
    ['list[name:a.b:c].x', [key('list'), match('name', 'a.b:c'), key('x')]],
    ['a\\.b.c', [key('a.b'), key('c')]],
    ['a\\[0\\]', [key('a[0]')]],
    ['a\\d.b\\', [key('a\\d'), key('b\\')]],
    ['values.x.a/b', [key('values'), key('x'), key('a/b')]],
    ['http://x', [key('http://x')]],
    ['a/', [key('a/')]],
  ] as const)('%s', (text, segments) => {
    expect(parseSetPath(text)).toEqual(segments);
  });

  test.each([
    ['', 'is empty'],
    ['a..b', 'has an empty part'],
    ['.a', 'has an empty part'],
    ['values.x.a/../b', 'has an empty part'],
    ['a.', 'ends with a dot'],
    ['a[0', 'has a [ without ]'],
    ['a[0]b', 'goes on after ]'],
    ['a[-1]', 'has the index -1'],
    ['m[key]', 'has [key]'],
    ['m[]', 'has []'],
    ['m[:v]', 'has [:v]'],
    ['__proto__.a', 'cannot be a setting'],
    ['a.constructor', 'cannot be a setting'],
    ['a.hasOwnProperty', 'cannot be a setting'],
    [`a${'.b'.repeat(200)}`, 'has more than 200 parts'],
  ])('%s is an error', (text, message) => {
    expect(() => parseSetPath(text)).toThrow(MeshError);
    expect(() => parseSetPath(text)).toThrow(message);
  });

  test('reads back what formatSetPath writes', () => {
    const name = fc
      .string({ minLength: 1 })
      .filter((text) => !text.endsWith('\\') && !(text in Object.prototype));
    const matchKey = name.filter((text) => !text.includes(':') && !/^-?\d+$/.test(text));
    const segment = fc.oneof(
      name.map(key),
      fc.nat().map(index),
      fc
        .tuple(
          matchKey,
          fc.string().filter((text) => !text.endsWith('\\')),
        )
        .map(([k, v]) => match(k, v)),
    );
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1 }), (segments) => {
        expect(parseSetPath(formatSetPath(segments))).toEqual(segments);
      }),
    );
  });

  test('arbitrary text gives segments or a MeshError, nothing else', () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[a.[\]\\:0-]*$/),
      fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype)),
    );
    fc.assert(
      fc.property(text, (path) => {
        try {
          expect(parseSetPath(path).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(MeshError);
        }
      }),
    );
  });
});

test('formatSetting is relative to spec', () => {
  expect(formatSetting(['spec', 'values', 'a.b', 0, 'c'])).toBe('values.a\\.b[0].c');
  expect(formatSetting(['metadata', 'name'])).toBe('metadata.name');
  expect(formatSetting(['spec'])).toBe('spec');
});

test('toPointer escapes ~ and /', () => {
  expect(toPointer(['spec', 'a/b', '~', 0])).toBe('/spec/a~1b/~0/0');
});
