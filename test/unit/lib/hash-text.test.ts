import { expect, test } from '@jest/globals';
import { hashText } from '../../../src/lib/hash-text.ts';

test('16 digits, as FNV-1a has them (its published test values)', () => {
  expect(hashText('')).toBe('cbf29ce484222325');
  expect(hashText('a')).toBe('af63dc4c8601ec8c');
  expect(hashText('foobar')).toBe('85944171f73967e8');
});

test('order and length count', () => {
  const texts = ['ab', 'ba', 'a', 'aa', 'a\0', 'é', 'e'];
  expect(new Set(texts.map(hashText)).size).toBe(texts.length);
});
