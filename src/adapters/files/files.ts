/** Files the user names, and standard input. */
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addAbortSignal } from 'node:stream';
import type { Readable } from 'node:stream';
import type { Files, WriteOptions } from '../../app/ports.ts';
import { MeshError } from '../../lib/errors.ts';

/** More is no configuration; its objects, 30 times as large, would come near to what the memory of this process can hold. */
const MAX_BYTES = 100 * 1024 * 1024;

/**
 * `read('-')` reads standard input to its end; asked again, it gives the same text. When the signal is aborted, it stops to
 * wait for input, with a `cancelled` MeshError.
 */
export function createFiles(stdin: Readable, signal?: () => AbortSignal): Files {
  let input: Promise<string> | undefined;
  return {
    read: (path) => (path === '-' ? (input ??= readStream(stdin, signal?.())) : readText(path)),
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
    checkSize((await stat(path)).size, path);
    bytes = await readFile(path);
  } catch (error) {
    throw fileError(path, error);
  }
  return decode(bytes, path);
}

async function readStream(stream: Readable, signal: AbortSignal | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    if (signal) addAbortSignal(signal, stream);
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk as Buffer);
      checkSize((size += bytes.length), 'standard input');
      chunks.push(bytes);
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
    throw new MeshError('cancelled', 'stopped while reading standard input', { cause: error });
  }
  return decode(Buffer.concat(chunks), 'standard input');
}

function checkSize(size: number, name: string): void {
  if (size <= MAX_BYTES) return;
  throw new MeshError('config', `${name} is larger than ${MAX_BYTES / 1024 / 1024} MB`, {
    hint: 'split it into several files',
  });
}

function decode(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new MeshError('config', `${name} is not UTF-8 text`, { cause: error });
  }
}

/** Writes beside the target and renames, so that no reader ever sees half a file. */
async function writeTextFile(path: string, text: string, options: WriteOptions = {}): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, text, options.isPrivate ? { mode: 0o600 } : {});
    await rename(draft, path);
  } catch (error) {
    throw fileError(path, error);
  }
}

/** A `config` MeshError that says in words what the operating system said in codes. */
export function fileError(path: string, error: unknown): MeshError {
  if (error instanceof MeshError) return error;
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
