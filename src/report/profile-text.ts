/** Output of `mesh profile`. */
import type { ProfileSummary } from '../app/profiles.ts';
import type { Origin } from '../domain/config/types.ts';
import { formatPosition } from '../lib/errors.ts';
import { printYaml } from '../lib/yaml-print.ts';
import type { JsonValue } from '../lib/json.ts';
import type { Style } from '../lib/style.ts';
import { formatTable } from './table.ts';

/** One line a profile with the components it switches on. */
export function formatProfileList(
  profiles: readonly ProfileSummary[],
  output: 'text' | 'json' | 'yaml',
  style: Style,
): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(profiles, null, 2)}\n`;
    case 'yaml':
      return printYaml(profiles as unknown as JsonValue);
    case 'text':
      return formatTable(
        ['PROFILE', 'COMPONENTS'],
        profiles.map((profile) => [profile.name, profile.components.join(', ') || '(none)']),
        style,
      );
  }
}

/** Path and layer of each value, for `--origins`. */
export function formatOrigins(
  flags: readonly { readonly path: string; readonly text: string; readonly origin: Origin | undefined }[],
  style: Style,
): string {
  return formatTable(
    ['VALUE', 'FROM'],
    flags.map(({ path, text, origin }) => [`${path}=${text}`, origin ? formatOrigin(origin) : '']),
    style,
  );
}

function formatOrigin(origin: Origin): string {
  switch (origin.layer) {
    case 'file':
      return origin.position ? formatPosition(origin.position) : origin.source;
    case '--set':
    case '--set-json':
      return `${origin.layer} ${origin.source}`;
    case 'profile':
      return `profile ${origin.source}`;
    case 'default profile':
    case 'release':
    case 'detected':
    case '--revision':
    case 'derived':
      return origin.layer;
  }
}
