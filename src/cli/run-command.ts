/** Runs one command without oclif's runner: its class, its words, and as much configuration as a command reads. */
import { Errors } from '@oclif/core';
import { styleFor, writeText } from '../adapters/terminal/output.ts';
import { formatError } from '../report/error-text.ts';
import { asUsageError, colorModeOf } from './base-command.ts';
import type { MeshCommand } from './base-command.ts';
import { exitCodeOf } from './exit-codes.ts';
import { endProcess } from './signals.ts';

/** What every file of `dist/commands` exports beside the command itself. */
export interface CommandModule {
  readonly runCommand: (
    name: string,
    argv: readonly string[],
    root: string,
    version: string,
  ) => Promise<never>;
}

type CommandClass = (new (argv: string[], config: never) => MeshCommand) & { id: string };

/** `runCommand` for one command class. Ends the process with the command's exit code. */
export function createRunner(commandClass: unknown): CommandModule['runCommand'] {
  return async (name, argv, root, version) => {
    process.stdout.on('error', ignoreClosedPipe);
    const Class = commandClass as CommandClass;
    Class.id = name.replaceAll(' ', ':');
    try {
      const command = new Class([...argv], configOf(root, version) as never);
      await (command as unknown as { _run(): Promise<unknown> })._run();
    } catch (error) {
      await tellError(error, argv);
    }
    endProcess(Number(process.exitCode ?? 0));
  };
}

export function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** What went wrong before or after the command itself could tell it. */
export async function tellError(error: unknown, argv: readonly string[]): Promise<void> {
  if (error instanceof Errors.ExitError) {
    process.exitCode = error.oclif.exit ?? 0;
    return;
  }
  const told = asUsageError(error, '');
  const style = styleFor(process.stderr, colorModeOf(argv), process.env);
  await writeText(process.stderr, formatError(told, style, argv.includes('--verbose')));
  process.exitCode = exitCodeOf(told);
}

/** The part of oclif's Config that its Command class reads while it runs. */
function configOf(root: string, version: string): unknown {
  return {
    root,
    version,
    bin: 'mesh',
    name: 'mesh',
    // The words of the command are gone from argv already, so oclif has none to put together.
    topicSeparator: ':',
    userAgent: `mesh/${version}`,
    pjson: { oclif: {} },
    plugins: new Map(),
    findCommand: () => undefined,
    runHook: () => Promise.resolve({ successes: [], failures: [] }),
    scopedEnvVar: () => undefined,
    scopedEnvVarKey: () => '',
    scopedEnvVarKeys: () => [],
    scopedEnvVarTrue: () => false,
  };
}
