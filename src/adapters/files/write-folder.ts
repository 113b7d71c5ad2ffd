/** Writes a whole folder at once: beside its place, then renamed, so that nobody ever sees half of it. */
import { mkdir, readdir, readFile, realpath, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MeshError } from '../../lib/errors.ts';
import { fileError } from './files.ts';

export interface WriteFolderOptions {
  /** Only the user may read the files. */
  readonly isPrivate: boolean;
  /** Take the place of a folder in which every file begins with this. Absent: the folder must be new or empty. */
  readonly replaceMarked?: string | undefined;
}

/** `files` by name, which may be below further folders. Throws `usage` for a folder in use, `config` for what the disk says. */
export async function writeFolder(
  folder: string,
  files: ReadonlyMap<string, string>,
  options: WriteFolderOptions,
): Promise<void> {
  // A link to a folder stays a link: what it points to is replaced.
  const target = await realpath(folder).catch(() => resolve(folder));
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    const isThere = await checkTarget(folder, options.replaceMarked);
    await mkdir(draft, { recursive: true });
    for (const [name, text] of files) {
      await mkdir(dirname(join(draft, name)), { recursive: true });
      await writeFile(join(draft, name), text, options.isPrivate ? { mode: 0o600 } : {});
    }
    await putInPlace(draft, target, isThere);
  } catch (error) {
    throw error instanceof MeshError ? error : fileError(folder, error);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Whether there is something to replace. */
async function checkTarget(folder: string, mark: string | undefined): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(unlessMissing);
  if (!entries || entries.length === 0) return false;
  if (mark === undefined) {
    throw new MeshError('usage', `the folder ${folder} is not empty`, {
      hint: 'name a new folder, or replace an earlier export with --overwrite',
    });
  }
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(path, 'utf8')).startsWith(mark)) continue;
    throw new MeshError('usage', `${path} is not part of an export, so the folder ${folder} is left alone`, {
      hint: 'name a folder that holds nothing else',
    });
  }
  return true;
}

async function putInPlace(draft: string, target: string, isThere: boolean): Promise<void> {
  if (!isThere) {
    // Fails, as it should, when somebody has put something into it meanwhile.
    await rmdir(target).catch(unlessMissing);
    await rename(draft, target);
    return;
  }
  const old = `${draft}.old`;
  await rename(target, old);
  try {
    await rename(draft, target);
  } catch (error) {
    await rename(old, target);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

function unlessMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
