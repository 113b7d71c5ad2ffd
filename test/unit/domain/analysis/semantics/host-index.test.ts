import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHostIndex } from '../../../../../src/domain/analysis/semantics/host-index.ts';
import { hostsOverlap } from '../../../../../src/domain/analysis/semantics/host-overlap.ts';

const label = fc.constantFrom('a', 'b', 'ab', 'x-a', 'com');
const host = fc
  .tuple(fc.constantFrom('', '*', '*.', '*-'), fc.array(label, { minLength: 0, maxLength: 4 }))
  .map(([start, labels]) => start + labels.join('.'));

test('finds the same hosts as a comparison of all with all', () => {
  fc.assert(
    fc.property(fc.array(host, { maxLength: 20 }), host, (hosts, asked) => {
      const index = createHostIndex<number>();
      hosts.forEach((one, position) => index.add(one, position));
      const expected = hosts.flatMap((one, position) => (hostsOverlap(one, asked) ? [position] : []));
      expect(index.overlapping(asked)).toEqual(expected);
      expect(index.overlaps(asked)).toBe(expected.length > 0);
    }),
  );
});

test('hosts that are added after a question are found too', () => {
  const index = createHostIndex<string>();
  index.add('a.example.com', 'first');
  expect(index.overlapping('*.example.com')).toEqual(['first']);
  index.add('b.example.com', 'second');
  expect(index.overlapping('*.example.com')).toEqual(['first', 'second']);
});
