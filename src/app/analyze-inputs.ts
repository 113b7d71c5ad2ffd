/** The files that an analysis reads. */
import type { SourceFile } from '../domain/analysis/source.ts';
import { mapParallel } from './parallel.ts';
import type { Files } from './ports.ts';

const AT_ONCE = 16;

export interface InputFiles {
  readonly files: readonly SourceFile[];
  /** Named by the user, but neither YAML nor JSON. */
  readonly skipped: readonly string[];
}

/**
 * Reads files, folders (recursively) and `-`, in the order in which they are named; a file named twice is read once, at its
 * first place. Throws `config` MeshErrors for what does not exist or cannot be read.
 */
export async function readInputs(paths: readonly string[], files: Files): Promise<InputFiles> {
  const listed = await mapParallel(paths, AT_ONCE, (path) =>
    path === '-' ? Promise.resolve([path]) : files.listManifests(path),
  );
  const names = [...new Set(listed.flat())];
  const isManifest = (name: string): boolean => name === '-' || /\.(?:ya?ml|json)$/.test(name);
  const readable = names.filter(isManifest);
  return {
    files: await mapParallel(readable, AT_ONCE, async (name) => ({ name, text: await files.read(name) })),
    skipped: names.filter((name) => !isManifest(name)),
  };
}
