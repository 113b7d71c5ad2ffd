import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSetFlag } from '../../../../src/domain/config/index.ts';
import { MeshError } from '../../../../src/lib/errors.ts';

const keys = (text: string) =>
  parseSetFlag({ flag: '--set', text }).path.map((segment) =>
    segment.type === 'key' ? segment.key : segment,
  );

describe('parseSetFlag', () => {
  test.each([
    ['a.b=c=d', ['a', 'b'], 'c=d'],
    [' a.b =  c d ', ['a', 'b'], 'c d'],
    ['a.b=', ['a', 'b'], ''],
    ['spec.profile=demo', ['profile'], 'demo'],
    ['profile=demo', ['profile'], 'demo'],
    ['a\\.b=1', ['a.b'], '1'],
  ])('%s', (text, path, value) => {
    expect(keys(text)).toEqual(path);
    expect(parseSetFlag({ flag: '--set', text }).value).toEqual({ type: 'text', text: value });
  });

  test('spec alone is not taken off', () => {
    expect(keys('spec=1')).toEqual(['spec']);
  });

  test.each([
    ['a.b', '--set a.b has no =', 'write --set a.b=VALUE'],
    ['', '--set  has no =', 'write --set path=VALUE'],
    ['=x', 'the path "" is empty, in --set =x', 'write for example values.global.logAsJson'],
  ])('"%s" is an error with a hint', (text, message, hint) => {
    expect(() => parseSetFlag({ flag: '--set', text })).toThrow(
      expect.objectContaining({ message, hint, code: 'config' }),
    );
  });

  test('--set-json takes JSON', () => {
    const { value } = parseSetFlag({
      flag: '--set-json',
      text: 'values.revisionTags=["a", 1, null, {"b": true}]',
    });
    expect(value).toEqual({ type: 'json', value: ['a', 1, null, { b: true }] });
  });

  test.each([
    ['a=x', /is not valid JSON/],
    ['a=', /is not valid JSON/],
    [`a=${'['.repeat(5000)}${']'.repeat(5000)}`, /nested deeper than 200 levels/],
    ['a={"__proto__":{"x":1}}', /^__proto__ cannot be the name of a setting, in --set-json a=/],
    ['a=[{"b":{"constructor":1}}]', /b\.constructor cannot be the name of a setting/],
  ])('--set-json %s is an error', (text, message) => {
    expect(() => parseSetFlag({ flag: '--set-json', text })).toThrow(message);
  });

  test('arbitrary text never throws anything but a MeshError', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('--set' as const, '--set-json' as const),
        fc.oneof(
          fc.string(),
          fc.json().map((json) => `a.b=${json}`),
        ),
        (flag, text) => {
          try {
            parseSetFlag({ flag, text });
          } catch (error) {
            expect(error).toBeInstanceOf(MeshError);
          }
        },
      ),
    );
  });
});
