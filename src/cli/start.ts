/**
 * The first code that runs. What needs no thought (help, the client's version) is answered from texts that were made
 * when mesh was built; everything else loads the command line framework and the one command.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Prepared help is this wide; narrower terminals get help made to measure. */
const PREPARED_WIDTH = 80;

/** Runs `argv` (without node and script); `root` is the folder of package.json. */
export async function start(argv: readonly string[], root: URL): Promise<void> {
  const prepared = preparedAnswer(argv, root);
  if (prepared !== undefined) {
    process.stdout.on('error', () => undefined);
    process.stdout.write(prepared);
    return;
  }
  const { main } = await import('./main.ts');
  await main(argv, fileURLToPath(root));
}

function preparedAnswer(argv: readonly string[], root: URL): string | undefined {
  const name = preparedName(argv);
  if (name === undefined || (process.stdout.isTTY && process.stdout.columns < PREPARED_WIDTH))
    return undefined;
  try {
    return readFileSync(new URL(`dist/assets/texts/${name}.txt`, root), 'utf8');
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
  if (!asksForHelp || !words.every((word) => /^[a-z][a-z-]*$/.test(word))) return undefined;
  return ['help', ...words].join('.');
}

/** `mesh version` without a look at the cluster. */
function preparedVersion(flags: readonly string[]): string | undefined {
  const rest = flags.filter((flag) => !['--remote=false', '--no-remote', '--client'].includes(flag));
  if (rest.length === flags.length)
    return flags.length === 1 && ['--help', '-h'].includes(flags[0] ?? '') ? 'help.version' : undefined;
  const output = rest
    .join(' ')
    .replace(/^--output[= ]/, '-o ')
    .replace(/^-o(?=[a-z])/, '-o ');
  if (output === '') return 'version.text';
  return output === '-o json' || output === '-o yaml' ? `version.${output.slice(3)}` : undefined;
}
