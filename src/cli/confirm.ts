/** Asking before the cluster is changed. */
import type { Prompter } from '../adapters/terminal/prompt.ts';
import { MeshError } from '../lib/errors.ts';

/**
 * Returns when the user said yes, or with `--yes`. Throws `usage` where nobody can be asked and `--yes` is not given,
 * `declined` when the answer is no. Nothing has been changed by then.
 */
export async function confirmChange(
  question: string,
  yes: boolean,
  prompter: Prompter,
  signal: AbortSignal,
): Promise<void> {
  if (yes) return;
  if (!prompter.isInteractive) {
    throw new MeshError('usage', 'there is no terminal to ask for confirmation, nothing was changed', {
      hint: 'add --yes (-y) to go on without asking',
    });
  }
  if (!(await prompter.confirm(question, signal)))
    throw new MeshError('declined', 'you said no, nothing was changed');
}
