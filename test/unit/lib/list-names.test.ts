import { expect, test } from '@jest/globals';
import { listNames, listOthers } from '../../../src/lib/list-names.ts';

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'a', 'c'], 'a, b and c'],
  [['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 more'],
])('listNames(%j) is %j', (names, text) => {
  expect(listNames(names, 3)).toBe(text);
});

test.each([
  ['a', 'b, c and 3 more'],
  ['c', 'a, b and 3 more'],
  ['f', 'a, b and 3 more'],
])('listOthers without %s', (own, text) => {
  expect(listOthers(['a', 'b', 'c', 'd', 'e', 'f'], own, 2)).toBe(text);
});

test('listOthers of few names is what listNames says', () => {
  expect(listOthers(['a', 'b', 'c'], 'b')).toBe('a and c');
  expect(listOthers(['a', 'b'], 'b')).toBe('a');
});
