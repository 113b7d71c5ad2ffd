/**
 * The first code that runs. What needs no thought (help, the client's version) is answered from texts that were made
 * when mesh was built. A known command is loaded and run directly; oclif's own runner, which loads much more, is for
 * the rest: help made to measure, and words that are no command.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Main from './main.ts';
import type { CommandModule } from './run-command.ts';
import { expandWords } from './short-words.ts';

/** Set when mesh is built: files of `dist/commands` by command (`profile diff`). */
declare const MESH_COMMANDS: Readonly<Record<string, string>>;
declare const MESH_VERSION: string;

/** Prepared help is this wide; narrower terminals get help made to measure. */
const PREPARED_WIDTH = 80;

/** Runs what was `typed` (without node and script); `root` is the folder of package.json. */
export async function start(typed: readonly string[], root: string): Promise<void> {
  const argv = expandWords(typed);
  const prepared = preparedAnswer(argv, root);
  if (prepared !== undefined) {
    process.stdout.on('error', () => undefined);
    process.stdout.write(prepared);
    return;
  }
  const command = findCommand(argv);
  if (command === undefined) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { main } = require('./main.cjs') as typeof Main;
    await main(argv, root);
    return;
  }
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { runCommand } = require(join(root, 'dist/commands', `${command.file}.cjs`)) as CommandModule;
  await runCommand(command.name, argv.slice(command.words), root, MESH_VERSION);
}

interface FoundCommand {
  readonly name: string;
  readonly file: string;
  /** How many words of the command line name it. */
  readonly words: number;
}

/** The longest run of words that is a command; undefined also when help is asked for. */
function findCommand(argv: readonly string[]): FoundCommand | undefined {
  const options = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  if (options.includes('--help') || options.includes('-h')) return undefined;
  for (const words of [3, 2, 1]) {
    const name = argv.slice(0, words).join(' ');
    const file = argv.length >= words && Object.hasOwn(MESH_COMMANDS, name) ? MESH_COMMANDS[name] : undefined;
    if (file !== undefined) return { name, file, words };
  }
  return undefined;
}

function preparedAnswer(argv: readonly string[], root: string): string | undefined {
  const name = preparedName(argv);
  if (name === undefined || (process.stdout.isTTY && process.stdout.columns < PREPARED_WIDTH))
    return undefined;
  try {
    return readFileSync(join(root, 'dist/assets/texts', `${name}.txt`), 'utf8');
  } catch {
    return undefined;
  }
}

/** `help.profile.diff` for `profile diff --help`; undefined when the command line asks for anything else. */
function preparedName(argv: readonly string[]): string | undefined {
  const [first] = argv;
  if (first === undefined) return 'help';
  if (argv.length === 1 && (first === '--version' || first === '-V')) return 'version';
  if (first === 'version') return preparedVersion(argv.slice(1));
  const words = first === 'help' ? argv.slice(1) : argv.slice(0, -1);
  const asksForHelp = first === 'help' || ['--help', '-h'].includes(argv.at(-1) ?? '');
  if (!words.every((word) => /^[a-z][a-z-]*$/.test(word))) return undefined;
  if (asksForHelp) return ['help', ...words].join('.');
  // A topic alone (`mesh profile`) shows its commands.
  const isTopic = argv.length === 1 && !Object.hasOwn(MESH_COMMANDS, first) && /^[a-z][a-z-]*$/.test(first);
  return isTopic ? `help.${first}` : undefined;
}

/** `mesh version` without a look at the cluster. */
function preparedVersion(flags: readonly string[]): string | undefined {
  const rest = flags.filter((flag) => !['--remote=false', '--no-remote', '--client'].includes(flag));
  if (rest.length === flags.length) {
    return flags.length === 1 && ['--help', '-h'].includes(flags[0] ?? '') ? 'help.version' : undefined;
  }
  const output = rest
    .join(' ')
    .replace(/^--output[= ]/, '-o ')
    .replace(/^-o(?=[a-z])/, '-o ');
  if (output === '') return 'version.text';
  return output === '-o json' || output === '-o yaml' ? `version.${output.slice(3)}` : undefined;
}
