/** Files the user names, and standard input. */
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Files } from '../../app/ports.ts';
import { MeshError } from '../../lib/errors.ts';

/** `read('-')` reads standard input to its end; asked again, it gives the same text. */
export function createFiles(stdin: Readable): Files {
  let input: Promise<string> | undefined;
  return {
    read: (path) => (path === '-' ? (input ??= readStream(stdin)) : readText(path)),
    write: writeTextFile,
    listManifests,
  };
}

async function listManifests(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = await readdir(path, { recursive: true });
    return names
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    throw fileError(path, error);
  }
}

async function readText(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw fileError(path, error);
  }
  return decode(bytes, path);
}

async function readStream(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer));
  return decode(Buffer.concat(chunks), '<stdin>');
}

function decode(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new MeshError('config', `${name} is not UTF-8 text`, { cause: error });
  }
}

/** Writes beside the target and renames, so that no reader ever sees half a file. */
async function writeTextFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, text);
    await rename(draft, path);
  } catch (error) {
    throw fileError(path, error);
  }
}

/** A `config` MeshError that says in words what the operating system said in codes. */
export function fileError(path: string, error: unknown): MeshError {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'does not exist',
    EISDIR: 'is a folder, expected a file',
    ENOTDIR: 'lies below something that is not a folder',
    EACCES: 'may not be accessed',
    EPERM: 'may not be accessed',
    EROFS: 'lies on a read-only file system',
    ENOSPC: 'does not fit on the disk',
  };
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return new MeshError('config', `${path} ${reasons[code] ?? `can not be used (${code || String(error)})`}`, {
    cause: error,
  });
}
