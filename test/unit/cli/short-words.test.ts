import { expect, test } from '@jest/globals';
import { expandWords } from '../../../src/cli/short-words.ts';

test.each([
  ['pc c web', 'proxy-config cluster web'],
  ['pc clusters', 'proxy-config cluster'],
  ['pc ep -o json', 'proxy-config endpoint -o json'],
  ['pc', 'proxy-config'],
  ['proxy-config l x', 'proxy-config listener x'],
  ['help pc s', 'help proxy-config secret'],
  ['pc toString', 'proxy-config toString'],
  ['constructor c', 'constructor c'],
  ['install c', 'install c'],
  ['--help', '--help'],
  ['help', 'help'],
])('%s', (typed, expected) => {
  expect(expandWords(typed.split(' '))).toEqual(expected.split(' '));
});

test('no words', () => {
  expect(expandWords([])).toEqual([]);
});
