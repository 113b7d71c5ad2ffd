/** Questions to the person at the terminal. */
import { MeshError } from '../../lib/errors.ts';
import type { TerminalStreams } from './output.ts';

export interface Prompter {
  /** false where nobody can answer: no terminal, or CI. */
  readonly isInteractive: boolean;
  /** yes or no, no by default. */
  confirm(question: string, signal?: AbortSignal): Promise<boolean>;
}

/** Prompts on stderr, so that stdout stays data. */
export function createPrompter(streams: TerminalStreams, env: NodeJS.ProcessEnv): Prompter {
  const isInteractive = streams.stdin.isTTY && streams.stderr.isTTY && !env['CI'];
  return {
    isInteractive,
    confirm: async (question, signal) => {
      const { default: inquirer } = await import('inquirer');
      const prompt = inquirer.createPromptModule({ input: streams.stdin, output: streams.stderr });
      try {
        const answer = prompt([{ type: 'confirm', name: 'yes', message: question, default: false }]);
        const stop = (): void => {
          answer.ui.close();
        };
        signal?.addEventListener('abort', stop, { once: true });
        return (await answer).yes as boolean;
      } catch (error) {
        throw new MeshError('cancelled', 'stopped at the question, nothing was changed', { cause: error });
      }
    },
  };
}
