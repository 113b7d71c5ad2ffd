/** Runs one command line to its end and sets the exit code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Errors, run } from '@oclif/core';
import { styleFor, writeText } from '../adapters/terminal/output.ts';
import { MeshError } from '../lib/errors.ts';
import { nearestName } from '../lib/suggest.ts';
import { formatError } from '../report/error-text.ts';
import { asUsageError, colorModeOf } from './base-command.ts';
import { exitCodeOf } from './exit-codes.ts';
import { endProcess } from './signals.ts';

/** `argv` without node and script; `root` is the folder of package.json. */
export async function main(argv: readonly string[], root: string): Promise<never> {
  process.stdout.on('error', ignoreClosedPipe);
  try {
    await run([...argv], root);
  } catch (error) {
    if (error instanceof Errors.ExitError) {
      process.exitCode = error.oclif.exit ?? 0;
    } else {
      const told = isUnknownCommand(error)
        ? unknownCommand(argv, readCommandIds(root))
        : asUsageError(error, '');
      const style = styleFor(process.stderr, colorModeOf(argv), process.env);
      await writeText(process.stderr, formatError(told, style, argv.includes('--verbose')));
      process.exitCode = exitCodeOf(told);
    }
  }
  endProcess(Number(process.exitCode ?? 0));
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** All commands as they are typed (`profile diff`). */
function readCommandIds(root: string): string[] {
  try {
    const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as {
      commands: Record<string, unknown>;
    };
    return Object.keys(manifest.commands).map((id) => id.replaceAll(':', ' '));
  } catch {
    return [];
  }
}

function isUnknownCommand(error: unknown): boolean {
  return error instanceof Errors.CLIError && /^command .* not found$/.test(error.message);
}

function unknownCommand(argv: readonly string[], commandIds: readonly string[]): MeshError {
  const words = argv.filter((word) => !word.startsWith('-'));
  const command = commandIds
    .filter((id) => `${words.join(' ')} `.startsWith(`${id} `))
    .sort((a, b) => b.length - a.length)[0];
  if (command !== undefined) {
    const extra = words.slice(command.split(' ').length).join(' ');
    return new MeshError('usage', `mesh ${command} takes no argument "${extra}"`, {
      hint: `see mesh ${command} --help`,
    });
  }
  const typed = words.slice(0, Math.max(1, Math.min(words.length, 2))).join(' ');
  const nearest = nearestName(typed, commandIds) ?? nearestName(words[0] ?? '', commandIds);
  return new MeshError('usage', `"${typed}" is not a mesh command`, {
    hint: nearest === undefined ? 'mesh --help lists the commands' : `did you mean mesh ${nearest}?`,
  });
}
