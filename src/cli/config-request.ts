/** Flags of a command line as a configuration request. */
import type { ConfigRequest } from '../app/resolve.ts';
import type { SetFlag } from '../domain/config/types.ts';

export interface ConfigFlagValues {
  readonly filename?: string[] | undefined;
  readonly set?: string[] | undefined;
  readonly 'set-json'?: string[] | undefined;
  readonly revision?: string | undefined;
  readonly force?: boolean | undefined;
}

/** `argv` gives the order in which `--set` and `--set-json` were typed: the last one wins, whichever it is. */
export function configRequestOf(flags: ConfigFlagValues, argv: readonly string[]): ConfigRequest {
  return {
    filenames: flags.filename ?? [],
    sets: setsInOrder(flags, argv),
    revision: flags.revision,
    force: flags.force,
  };
}

function setsInOrder(flags: ConfigFlagValues, argv: readonly string[]): SetFlag[] {
  const plain = [...(flags.set ?? [])];
  const json = [...(flags['set-json'] ?? [])];
  const sets: SetFlag[] = [];
  for (const word of argv) {
    if (word === '--') break;
    const isJson = word === '--set-json' || word.startsWith('--set-json=');
    const isPlain = !isJson && (word === '--set' || word.startsWith('--set=') || /^-s/.test(word));
    const text = isJson ? json.shift() : isPlain ? plain.shift() : undefined;
    if (text !== undefined) sets.push({ flag: isJson ? '--set-json' : '--set', text });
  }
  // What a bundled short flag (`-qs x`) hides from the scan still counts, in its own order.
  for (const text of plain) sets.push({ flag: '--set', text });
  for (const text of json) sets.push({ flag: '--set-json', text });
  return sets;
}
