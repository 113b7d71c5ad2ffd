import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findRe2Problem } from '../../../../../../src/domain/analysis/validation/blocks/re2.ts';

const GOOD = [
  '',
  'a',
  '.*',
  '^/api/v[0-9]+(/.*)?$',
  '(?i)abc',
  'a(?i)*',
  '(?P<year>\\d{4})-(?<month>\\d{2})',
  '(?i-s:a|b)',
  '(?:a|b|)c',
  'a||b',
  '()',
  '^*',
  '\\b*',
  'a*?b+?c??d{2,3}?',
  'a{,2}',
  'a{01}',
  '{',
  'a{',
  'a]b}',
  '[]a]',
  '[^]a]',
  '[a-z-]',
  '[-a]',
  '[a-]',
  '[\\d-x]',
  '[[:alpha:][:^digit:]]',
  '[\\x{41}-Z\\]]',
  '\\pL\\p{Greek}\\P{^Lu}\\p{Any}',
  '\\Q*(\\E+',
  '\\Q*(',
  '\\x41\\x{10FFFF}\\012\\07',
  '\\a\\f\\t\\n\\r\\v\\.\\*\\_\\-\\/\\ ',
  '\\A\\z\\b\\B\\C',
  'a{1000}',
  '(a{10}){100}',
  'é+',
];

const BAD: readonly [regex: string, part: string][] = [
  ['*', 'nothing stands before "*"'],
  ['(*a)', 'nothing stands before'],
  ['a|+', 'nothing stands before'],
  ['(?i)*', 'nothing stands before'],
  ['a**', 'repeats a repeat'],
  ['a*+', 'repeats a repeat'],
  ['a{2}{3}', 'repeats a repeat'],
  ['a???', 'repeats a repeat'],
  ['(a', '")" is missing'],
  ['a)', 'was not opened'],
  ['[a', '"]" is missing'],
  ['[]', '"]" is missing'],
  ['[z-a]', 'turned around'],
  ['[a-\\d]', 'no escape'],
  ['[[:nope:]]', 'no class'],
  ['(?=a)', 'lookahead'],
  ['(?!a)', 'lookahead'],
  ['(?<=a)', 'lookbehind'],
  ['(?<!a)', 'lookbehind'],
  ['(?>a)', 'not supported'],
  ['(?)', 'not supported'],
  ['(?x)a', 'not supported'],
  ['(?P<a>.)(?P<a>.)', 'used twice'],
  ['(?P<a-b>.)', 'not supported'],
  ['(a)\\1', 'backreference'],
  ['\\', 'backslash stands at the end'],
  ['\\y', 'no escape'],
  ['\\Z', 'no escape'],
  ['\\p{Nope}', 'no escape'],
  ['\\x{110000}', 'no escape'],
  ['\\xg', 'no escape'],
  ['a{1001}', 'count up to 1000'],
  ['a{3,2}', 'the smaller number first'],
  ['(a{100}){11}', 'multiply to more than 1000'],
  ['((a{20}b){20}c){20}', 'multiply to more than 1000'],
  ['('.repeat(1001) + ')'.repeat(1001), 'deep'],
];

describe('findRe2Problem', () => {
  it.each(GOOD)('takes %j', (regex) => {
    expect(findRe2Problem(regex)).toBeUndefined();
  });

  it.each(BAD)('refuses %j', (regex, part) => {
    expect(findRe2Problem(regex)).toContain(part);
  });

  it('never throws, and comes to an end on any text', () => {
    const piece = fc.constantFrom(
      ...'()[]{}|*+?\\^$.-,:=!<>P1a0é'.split(''),
      '(?',
      '[:',
      ':]',
      '\\Q',
      '\\E',
      '\\p{',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (parts) => {
        findRe2Problem(parts.join(''));
      }),
      { numRuns: 2000 },
    );
    for (const part of ['(a*)*', '[a', '\\Q', '(?:', 'a{9', '[[:', '\\p{'])
      findRe2Problem(part.repeat(20_000));
  }, 60_000);

  it('agrees with the expressions that both RE2 and JavaScript take', () => {
    // What RE2 takes without its own spellings is also an expression of JavaScript.
    const piece = fc.constantFrom(
      'a',
      'b',
      '.',
      '*',
      '+',
      '?',
      '|',
      '(',
      ')',
      '[',
      ']',
      '^',
      '-',
      '{2}',
      '\\d',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        // These two are fine in RE2 and not in JavaScript, or the other way round.
        if (/\^[*+?{]|\[\^?\]|\\d-|-\\d|^\]|[^[]\]/.test(text)) return;
        if (findRe2Problem(text) === undefined) expect(() => new RegExp(text)).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });
});
