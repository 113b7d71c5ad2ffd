/** The addons that mesh ships, as `npm run build` has prepared them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Addon } from '../../domain/addon/addon.ts';

/** Name of the file in `dist/assets`: apart from the others, because only `mesh addon` reads it. */
export const ADDON_ASSET = 'addons.json';

export function readAddonAssets(assets: string): Addon[] {
  return JSON.parse(readFileSync(join(assets, ADDON_ASSET), 'utf8')) as Addon[];
}
