import { describe, expect, test } from '@jest/globals';
import { createLineTable, splitDocuments } from '../../../../src/domain/analysis/documents.ts';

const split = (text: string): string[] =>
  splitDocuments(text).map(({ start, end }) => text.slice(start, end));

describe('splitDocuments', () => {
  test.each<[string, string, string[]]>([
    ['one document', 'a: 1\n', ['a: 1\n']],
    ['two', 'a: 1\n---\nb: 2\n', ['a: 1\n', 'b: 2\n']],
    ['a marker at the beginning', '---\na: 1\n', ['', 'a: 1\n']],
    ['a comment behind the marker', 'a: 1\n--- # next\nb: 2\n', ['a: 1\n', 'b: 2\n']],
    ['white space and CRLF', 'a: 1\r\n---  \r\nb: 2\r\n', ['a: 1\r\n', 'b: 2\r\n']],
    ['content behind the marker', 'a: 1\n--- {b: 2}\nc: 3\n', ['a: 1\n', '--- {b: 2}\nc: 3\n']],
    ['no end of line at the end', 'a: 1\n---', ['a: 1\n', '']],
    ['a longer line of dashes', 'a: |\n----\nb: 1\n', ['a: |\n----\nb: 1\n']],
    ['indented dashes of a block', 'a: |\n  ---\n  x\n', ['a: |\n  ---\n  x\n']],
    ['a byte order mark', '\uFEFFa: 1\n', ['a: 1\n']],
    ['a directive', '%YAML 1.1\n---\na: 1\n', ['%YAML 1.1\n---\na: 1\n']],
  ])('%s', (_name, text, expected) => {
    expect(split(text)).toEqual(expected);
  });
});

describe('createLineTable', () => {
  const table = createLineTable('ab\n\ncd\r\ne');

  test('gives line and column of an offset, both from 1', () => {
    expect(table.placeOf(0)).toEqual({ line: 1, column: 1 });
    expect(table.placeOf(2)).toEqual({ line: 1, column: 3 });
    expect(table.placeOf(3)).toEqual({ line: 2, column: 1 });
    expect(table.placeOf(5)).toEqual({ line: 3, column: 2 });
    expect(table.placeOf(8)).toEqual({ line: 4, column: 1 });
  });

  test('gives the text of a line without its end', () => {
    expect([1, 2, 3, 4, 5].map((line) => table.line(line))).toEqual(['ab', '', 'cd', 'e', undefined]);
  });
});
