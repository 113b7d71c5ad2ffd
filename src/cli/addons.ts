/** What the commands of `mesh addon` share. */
import { readAddonAssets } from '../adapters/files/addon-assets.ts';
import type { Addon } from '../domain/addon/addon.ts';
import { MeshError } from '../lib/errors.ts';

/** The shipped addons, or those of `--manifests DIR`. */
export async function loadAddons(root: string, folder: string | undefined): Promise<Addon[]> {
  if (folder === undefined) return readAddonAssets(`${root}/dist/assets`);
  const { readAddonFolder } = await import('../adapters/files/addon-folder.ts');
  return readAddonFolder(folder);
}

/** Throws a `usage` MeshError for what can not be a namespace. */
export function checkNamespace(flag: string, name: string): void {
  if (/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name) && name.length <= 63) return;
  throw new MeshError('usage', `--${flag} "${name}" can not be a namespace`, {
    hint: 'use lower-case letters, digits and dashes',
  });
}

/** The names on the command line; undefined with `--all`. Throws a `usage` MeshError for both and for neither. */
export function addonNames(words: readonly string[], all: boolean, verb: string): string[] | undefined {
  const names = words.flatMap((word) => word.split(',')).filter((name) => name !== '');
  if (all === names.length > 0) {
    throw new MeshError(
      'usage',
      all ? 'names and --all exclude each other' : `which addons shall be ${verb}?`,
      {
        hint: 'give names, or --all; mesh addon list shows them',
      },
    );
  }
  return all ? undefined : names;
}
