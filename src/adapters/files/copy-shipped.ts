/** Copies `manifests/` and `profiles/`, for operators who change them. */
import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../../lib/errors.ts';
import { fileError } from './files.ts';

/** Returns how many files were written. Throws a `usage` MeshError when `target` is not empty, unless `force`. */
export async function copyShippedFolder(root: string, target: string, force: boolean): Promise<number> {
  try {
    await mkdir(target, { recursive: true });
    if (!force && (await readdir(target)).length > 0) {
      throw new MeshError('usage', `the folder ${target} is not empty`, {
        hint: 'name a new folder, or write over it with --force',
      });
    }
    let count = 0;
    for (const folder of ['manifests', 'profiles']) {
      await cp(join(root, folder), join(target, folder), { recursive: true, force: true });
      const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
      count += entries.filter((entry) => entry.isFile()).length;
    }
    return count;
  } catch (error) {
    throw error instanceof MeshError ? error : fileError(target, error);
  }
}
