/** Questions to the person at the terminal. */
import { MeshError } from '../../lib/errors.ts';
import type { TerminalStreams } from './output.ts';

export interface Prompter {
  /** false where nobody can answer: no terminal, or CI. */
  readonly isInteractive: boolean;
  /** yes or no, no by default. */
  confirm(question: string, signal?: AbortSignal): Promise<boolean>;
  /** A line of text. */
  ask(question: string, signal?: AbortSignal): Promise<string>;
}

/** Prompts on stderr, so that stdout stays data. */
export function createPrompter(streams: TerminalStreams, env: NodeJS.ProcessEnv): Prompter {
  const isInteractive = streams.stdin.isTTY && streams.stderr.isTTY && !env['CI'];
  const ask = async (type: 'confirm' | 'input', message: string, signal?: AbortSignal): Promise<unknown> => {
    const { default: inquirer } = await import('inquirer');
    const prompt = inquirer.createPromptModule({ input: streams.stdin, output: streams.stderr });
    try {
      const question = { name: 'answer', message } as const;
      const answer =
        type === 'confirm'
          ? prompt([{ ...question, type, default: false }])
          : prompt([{ ...question, type: 'input' as const }]);
      const stop = (): void => {
        answer.ui.close();
      };
      signal?.addEventListener('abort', stop, { once: true });
      return (await answer).answer;
    } catch (error) {
      throw new MeshError('cancelled', 'stopped at the question, nothing was changed', { cause: error });
    }
  };
  return {
    isInteractive,
    confirm: async (question, signal) => (await ask('confirm', question, signal)) === true,
    ask: async (question, signal) => String(await ask('input', question, signal)).trim(),
  };
}
