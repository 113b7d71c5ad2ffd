/** The files that an analysis reads. */
import type { SourceFile } from '../domain/analysis/source.ts';
import { MeshError } from '../lib/errors.ts';
import type { Problem } from '../lib/errors.ts';
import { mapParallel } from './parallel.ts';
import type { Files } from './ports.ts';

const AT_ONCE = 16;

export interface InputFiles {
  readonly files: readonly SourceFile[];
  /** Named by the user, but neither YAML nor JSON. */
  readonly skipped: readonly string[];
  /** One a file that exists but cannot be read: not UTF-8, too large, not allowed. */
  readonly problems: readonly Problem[];
}

/**
 * Reads files, folders (recursively) and `-`, in the order in which they are named; a file named twice is read once, at its
 * first place. Throws `config` MeshErrors for what does not exist.
 */
export async function readInputs(paths: readonly string[], files: Files): Promise<InputFiles> {
  const listed = await mapParallel(paths, AT_ONCE, (path) =>
    path === '-' ? Promise.resolve([path]) : files.listManifests(path),
  );
  const names = [...new Set(listed.flat())];
  const isManifest = (name: string): boolean => name === '-' || /\.(?:ya?ml|json)$/.test(name);
  const read = await mapParallel(names.filter(isManifest), AT_ONCE, (name) => readInput(name, files));
  return {
    files: read.flatMap((input) => ('text' in input ? [input] : [])),
    skipped: names.filter((name) => !isManifest(name)),
    problems: read.flatMap((input) => ('text' in input ? [] : [input])),
  };
}

async function readInput(name: string, files: Files): Promise<SourceFile | Problem> {
  try {
    return { name, text: await files.read(name) };
  } catch (error) {
    if (!(error instanceof MeshError) || error.code !== 'config') throw error;
    const message = error.message.startsWith(`${name} `)
      ? error.message.slice(name.length + 1)
      : error.message;
    return { message, hint: error.hint, position: { file: name } };
  }
}
