import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { createFiles } from '../../../src/adapters/files/files.ts';
import { rejectedBy } from '../../support/thrown.ts';

const folder = mkdtempSync(join(tmpdir(), 'mesh-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

describe('standard input', () => {
  test('is read once, whoever asks again gets the same', async () => {
    const files = createFiles(Readable.from([Buffer.from('a: '), Buffer.from('ü')]));
    expect(await files.read('-')).toBe('a: ü');
    expect(await files.read('-')).toBe('a: ü');
  });

  test('that never ends stops with the signal', async () => {
    const controller = new AbortController();
    const stdin = new PassThrough();
    stdin.write('a: 1\n');
    const reading = createFiles(stdin, () => controller.signal).read('-');
    setImmediate(() => controller.abort());
    expect(await rejectedBy(() => reading)).toMatchObject({
      code: 'cancelled',
      message: 'stopped while reading standard input',
    });
  });

  test('without end is too large at some point', async () => {
    const block = Buffer.alloc(64 * 1024 * 1024, ' ');
    const endless = new Readable({
      read() {
        this.push(block);
      },
    });
    expect(await rejectedBy(() => createFiles(endless).read('-'))).toMatchObject({
      code: 'config',
      message: 'standard input is larger than 100 MB',
    });
  });
});

describe('files', () => {
  const files = createFiles(Readable.from([]));

  test.each([
    ['bytes.yaml', Buffer.from([0xff, 0xfe, 0x00]), 'is not UTF-8 text'],
    ['missing.yaml', undefined, 'does not exist'],
  ])('%s can not be read', async (name, content, problem) => {
    const path = content ? write(name, content) : join(folder, name);
    expect(await rejectedBy(() => files.read(path))).toMatchObject({
      code: 'config',
      message: `${path} ${problem}`,
    });
  });

  test('a huge one is refused before it is read', async () => {
    const path = write('huge.yaml', '');
    truncateSync(path, 3 * 1024 ** 3);
    expect((await rejectedBy(() => files.read(path))).message).toBe(`${path} is larger than 100 MB`);
  });

  test('of a folder are listed in order, with what is below', async () => {
    write('b.yml', '');
    write('a.json', '');
    write('c.txt', '');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling.yaml'));
    const names = (await files.listManifests(folder)).map((path) => path.slice(folder.length + 1));
    expect(names).toEqual(['a.json', 'b.yml', 'bytes.yaml', 'dangling.yaml', 'huge.yaml']);
  });
});
