/**
 * Finds and merges kubeconfig files by kubectl's rules: `--kubeconfig` is one file that must exist; else the files of
 * KUBECONFIG, else ~/.kube/config, where missing files are ignored and of two entries with one name the first wins as a
 * whole. client-node's own loader throws on missing files and duplicate names, so it is not used here.
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { MeshError, messageOf } from '../../lib/errors.ts';
import { emptyKubeconfig, parseKubeconfig } from './kubeconfig-parse.ts';
import type { Kubeconfig } from './kubeconfig-types.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `config` MeshErrors: an explicit file that is not there, a file that cannot be read or is wrong. */
export function readKubeconfig(explicitFile: string | undefined, env: Environment): Kubeconfig {
  if (explicitFile !== undefined) {
    const config = readOne(resolve(explicitFile));
    if (!config)
      throw new MeshError('config', `the kubeconfig file ${explicitFile} does not exist`, {
        hint: 'give the right file with --kubeconfig',
      });
    return config;
  }
  return mergeKubeconfigs(
    kubeconfigFiles(env).map((file) => readOne(file) ?? { ...emptyKubeconfig([]), missing: [file] }),
  );
}

/** Absolute names of the files to look for, most important first, each once. */
export function kubeconfigFiles(env: Environment): string[] {
  const list = (env['KUBECONFIG'] ?? '').split(delimiter).filter((name) => name !== '');
  if (list.length > 0) return [...new Set(list.map((name) => resolve(name)))];
  return [join(env['HOME'] ?? env['USERPROFILE'] ?? homedir(), '.kube', 'config')];
}

/** The first file that has an entry or a current context wins. */
function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  // Of two equal keys a Map keeps the later one, hence from the least important to the most important.
  const merged = <T>(pick: (config: Kubeconfig) => ReadonlyMap<string, T>): Map<string, T> =>
    new Map(configs.toReversed().flatMap((config) => [...pick(config)]));
  return {
    files: configs.flatMap((config) => config.files),
    missing: configs.flatMap((config) => config.missing),
    currentContext: configs.find((config) => config.currentContext !== undefined)?.currentContext,
    clusters: merged((config) => config.clusters),
    users: merged((config) => config.users),
    contexts: merged((config) => config.contexts),
  };
}

/** undefined: the file is not there. */
function readOne(file: string): Kubeconfig | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const reason =
      code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'permission denied' : messageOf(error);
    throw new MeshError('config', `the kubeconfig file ${file} cannot be read: ${reason}`, { cause: error });
  }
  return parseKubeconfig(text, file);
}
