/** Runs a command line with oclif's own runner: help, and words that are no command. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Errors, run } from '@oclif/core';
import { MeshError } from '../lib/errors.ts';
import { nearestName } from '../lib/suggest.ts';
import { ignoreClosedPipe, tellError } from './run-command.ts';
import { endProcess } from './signals.ts';

/** `argv` without node and script; `root` is the folder of package.json. */
export async function main(argv: readonly string[], root: string): Promise<never> {
  process.stdout.on('error', ignoreClosedPipe);
  try {
    await run([...argv], root);
  } catch (error) {
    await tellError(isUnknownCommand(error) ? unknownCommand(argv, readCommandIds(root)) : error, argv);
  }
  endProcess(Number(process.exitCode ?? 0));
}

/** All commands as they are typed (`profile diff`), and their other names. */
function readCommandIds(root: string): string[] {
  try {
    const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as {
      commands: Record<string, { readonly aliases?: readonly string[] }>;
    };
    return Object.entries(manifest.commands)
      .flatMap(([id, { aliases = [] }]) => [id, ...aliases])
      .map((id) => id.replaceAll(':', ' '));
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
