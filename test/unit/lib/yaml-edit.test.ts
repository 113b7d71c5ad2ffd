import { describe, expect, test } from '@jest/globals';
import { editYaml } from '../../../src/lib/yaml-edit.ts';
import type { YamlEdit } from '../../../src/lib/yaml-edit.ts';

const edit = (text: string, path: YamlEdit['path'], value?: YamlEdit['value']): string | undefined =>
  editYaml(text, { path, value });

describe('a value is replaced', () => {
  test.each<[string, string, YamlEdit['path'], YamlEdit['value'], string]>([
    ['plain, comments stay', '# head\na: old # why\nb: 1\n', ['a'], 'new', '# head\na: new # why\nb: 1\n'],
    ['in its quotes', `a: "old"\nb: 'x'\n`, ['b'], "it's", `a: "old"\nb: 'it''s'\n`],
    ['a text that would be read as a boolean', 'a: x\n', ['a'], 'yes', 'a: "yes"\n'],
    ['in a list, in flow style', 'a: [x, {b: y}]\n', ['a', 1, 'b'], 'z.w', 'a: [x, {b: z.w}]\n'],
    ['the last of equal keys', 'a: 1\na: 2\n', ['a'], 3, 'a: 1\na: 3\n'],
    [
      'a map entry by entry',
      'a:\n  # about p\n  percent: 10 # ten\n  fixedDelay: 5s\n',
      ['a'],
      { percentage: { value: 10 }, fixedDelay: '5s' },
      'a:\n  # about p\n  percentage: {value: 10} # ten\n  fixedDelay: 5s\n',
    ],
  ])('%s', (_name, text, path, value, expected) => {
    expect(edit(text, path, value)).toBe(expected);
  });

  test('in JSON it stays JSON', () => {
    const result = editYaml('{"a": {"p": 1}}', { path: ['a'], value: { q: { v: 1 } } }, true);
    expect(result).toBe('{"a": {"q": {"v":1}}}');
  });
});

describe('a key is renamed, all else stays', () => {
  test.each<[string, string, YamlEdit['path'], string, string]>([
    [
      'of a block',
      'a:\n  hots: # all\n  - b # first\n',
      ['a', 'hots'],
      'hosts',
      'a:\n  hosts: # all\n  - b # first\n',
    ],
    ['in flow style, in quotes', "a: [{'x y': 1}]\n", ['a', 0, 'x y'], 'xy', 'a: [{xy: 1}]\n'],
  ])('%s', (_name, text, path, rename, expected) => {
    expect(editYaml(text, { path, rename })).toBe(expected);
  });

  test('in JSON', () => {
    expect(editYaml('{"a": {"p": [1]}}', { path: ['a', 'p'], rename: 'q' }, true)).toBe('{"a": {"q": [1]}}');
  });

  test('not to a name that is there, nor behind an alias', () => {
    expect(editYaml('a: 1\nb: 2\n', { path: ['a'], rename: 'b' })).toBeUndefined();
    expect(editYaml('a: &x {b: 1}\nc: *x\n', { path: ['c', 'b'], rename: 'd' })).toBeUndefined();
    expect(editYaml('a: 1\n', { path: ['c'], rename: 'd' })).toBeUndefined();
  });
});

describe('a value is removed', () => {
  test.each<[string, string, YamlEdit['path'], string]>([
    ['with its lines', 'a:\n  b:\n    c: 1\n    d: |\n      text\n  e: 2\n', ['a', 'b'], 'a:\n  e: 2\n'],
    ['the last one', 'a: 1\nb: 2 # x', ['b'], 'a: 1\n'],
    ['the first of a list item', '- a: 1\n  b: 2\n', [0, 'a'], '- b: 2\n'],
    ['the only one', 'a:\n  b: 1\nc: 2\n', ['a', 'b'], 'a:\n  {}\nc: 2\n'],
    ['one without a value', 'a:\nb: 1\n', ['a'], 'b: 1\n'],
  ])('%s', (_name, text, path, expected) => {
    expect(edit(text, path)).toBe(expected);
  });
});

describe('what is not safe is not done', () => {
  test.each<[string, string, YamlEdit['path'], YamlEdit['value']]>([
    ['a path that does not exist', 'a: 1\n', ['b'], 1],
    ['behind an alias', 'a: &x {b: 1}\nc: *x\n', ['c', 'b'], 2],
    ['an anchor that others use', 'a: &x {b: 1}\nc: *x\n', ['a', 'b'], 2],
    ['a block of text', 'a: |\n  x\n', ['a'], 'y'],
    ['removal in flow style', 'a: {b: 1, c: 2}\n', ['a', 'b'], undefined],
    ['no YAML', 'a: [\n', ['a'], 1],
  ])('%s', (_name, text, path, value) => {
    expect(edit(text, path, value)).toBeUndefined();
  });
});
