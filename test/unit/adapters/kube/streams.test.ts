import { describe, expect, it } from '@jest/globals';
import { contains } from '../../../../src/adapters/kube/contains.ts';
import { readLines } from '../../../../src/adapters/kube/lines.ts';
import { retryAfterMs } from '../../../../src/adapters/kube/retry.ts';
import { warningTexts } from '../../../../src/adapters/kube/transport.ts';
import type { JsonValue } from '../../../../src/lib/json.ts';

async function linesOf(chunks: readonly Uint8Array[]): Promise<string[]> {
  const lines: string[] = [];
  // eslint-disable-next-line @typescript-eslint/require-await
  const stream = (async function* () {
    yield* chunks;
  })();
  for await (const line of readLines(stream)) lines.push(line);
  return lines;
}

describe('readLines', () => {
  it('gives whole lines wherever the bytes are cut, and nothing that is unfinished', async () => {
    const bytes = Buffer.from('{"a":"ü€"}\n\n{"b":1}\nunfinish');
    for (let size = 1; size <= bytes.length; size += 1) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_item, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      expect(await linesOf(chunks)).toEqual(['{"a":"ü€"}', '{"b":1}']);
    }
  });
});

describe('contains', () => {
  it.each<[JsonValue, JsonValue, boolean]>([
    [{ a: 1, b: { c: 2, d: 3 } }, { b: { c: 2 } }, true],
    [{ a: 1 }, { a: 2 }, false],
    [{ list: [{ x: 1, added: true }] }, { list: [{ x: 1 }] }, true],
    [{ list: [1, 2] }, { list: [1] }, false],
    [{}, { empty: {}, none: null, nothing: [] }, true],
    [{}, { a: '' }, false],
    [{ a: 'text' }, { a: { b: 1 } }, false],
  ])('%j in which %j is: %s', (live, wanted, expected) => {
    expect(contains(live, wanted)).toBe(expected);
  });
});

describe('headers', () => {
  it('Retry-After is seconds or a date', () => {
    const after = (value: string | undefined): number =>
      retryAfterMs({ headers: { 'retry-after': value } }, Date.parse('2026-01-01T00:00:00Z'));
    expect([
      after('2'),
      after('0.5'),
      after('-1'),
      after(undefined),
      after('soon'),
      after('Thu, 01 Jan 2026 00:00:03 GMT'),
    ]).toEqual([2000, 500, 0, 0, 0, 3000]);
  });

  it('Warning holds texts', () => {
    expect(warningTexts(['299 - "a \\"b\\", c"', '299 kube "d", 299 - "e"'])).toEqual(['a "b", c', 'd', 'e']);
    expect(warningTexts(undefined)).toEqual([]);
  });
});
