/** What git says about files of the working folder. */
import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { MeshError } from '../../lib/errors.ts';

const run = promisify(execFile);

/** Which of `names` (relative to `folder`) differ from the revision `ref`, or are unknown to git. Throws `config` MeshErrors. */
export async function listChangedFiles(
  ref: string,
  names: readonly string[],
  folder: string,
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const git = async (...args: string[]): Promise<string> => {
    try {
      const { stdout } = await run('git', args, { cwd: folder, maxBuffer: 64 * 1024 * 1024, signal });
      return stdout;
    } catch (error) {
      throw gitError(ref, error);
    }
  };
  const root = (await git('rev-parse', '--show-toplevel')).trimEnd();
  const lists = await Promise.all([
    git('-C', root, 'diff', '--name-only', '--no-renames', '-z', '--end-of-options', ref, '--'),
    git('-C', root, 'ls-files', '--others', '--exclude-standard', '-z'),
  ]);
  const changed = new Set(
    lists.flatMap((list) =>
      list
        .split('\0')
        .filter((name) => name !== '')
        .map((name) => resolve(root, name)),
    ),
  );
  return new Set(names.filter((name) => changed.has(realPath(resolve(folder, name)))));
}

/** git speaks of the real path, the user perhaps of a link to it. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function gitError(ref: string, error: unknown): MeshError {
  const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
  if (code === 'ENOENT') return new MeshError('config', '--changed-since needs git, which is not installed');
  const reason = stderr.trim().split('\n')[0] ?? '';
  return new MeshError('config', `git cannot tell what changed since ${ref}: ${reason}`, {
    hint: 'name a commit, branch or tag of this repository; in CI fetch it first',
    cause: error,
  });
}
