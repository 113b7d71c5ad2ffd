import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { writeFolder } from '../../../../src/adapters/files/write-folder.ts';
import { useFolder } from '../../../support/mesh.ts';

const home = useFolder();
const FILES = new Map([
  ['a.yaml', '# mark\na: 1\n'],
  ['below/b.yaml', '# mark\nb: 2\n'],
]);
const open = { isPrivate: false };
const list = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

test('a new folder, with those above it; nothing is left beside', async () => {
  const folder = join(home.path, 'x/y');
  await writeFolder(folder, FILES, open);
  expect(list(folder)).toEqual(['a.yaml', 'below', 'below/b.yaml']);
  expect(readFileSync(join(folder, 'below/b.yaml'), 'utf8')).toBe('# mark\nb: 2\n');
  expect(list(dirname(folder))).toEqual(['y', 'y/a.yaml', 'y/below', 'y/below/b.yaml']);
});

test('an empty folder is taken; files are private when they should be', async () => {
  const folder = join(home.path, 'empty');
  mkdirSync(folder);
  await writeFolder(folder, FILES, { isPrivate: true });
  expect(statSync(join(folder, 'a.yaml')).mode & 0o777).toBe(0o600);
});

test('a folder in use is left alone', async () => {
  const folder = join(home.path, 'used');
  mkdirSync(folder);
  writeFileSync(join(folder, 'mine.yaml'), 'x');
  await expect(writeFolder(folder, FILES, open)).rejects.toMatchObject({ code: 'usage' });
  await expect(writeFolder(folder, FILES, { ...open, replaceMarked: '# mark' })).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('mine.yaml is not part of an export'),
  });
  expect(list(folder)).toEqual(['mine.yaml']);
});

test('an earlier export is replaced as a whole, also through a link', async () => {
  const folder = join(home.path, 'again');
  await writeFolder(folder, FILES, open);
  const link = join(home.path, 'link');
  symlinkSync(folder, link);
  await writeFolder(link, new Map([['c.yaml', '# mark\n']]), { ...open, replaceMarked: '# mark' });
  expect(list(folder)).toEqual(['c.yaml']);
  expect(list(link)).toEqual(['c.yaml']);
  expect(list(home.path).filter((name) => basename(name).startsWith('.'))).toEqual([]);
});

test('what the disk says is told in words', async () => {
  home.write('file', '');
  await expect(writeFolder(join(home.path, 'file'), FILES, open)).rejects.toMatchObject({ code: 'config' });
});
