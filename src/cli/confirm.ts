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

export interface NameToType {
  /** What has to be typed. */
  readonly name: string;
  /** `--confirm`. */
  readonly confirmed: string | undefined;
}

/**
 * For what can not be undone: the name has to be typed, or given with `--confirm`. Throws as `confirmChange`, and
 * `conflict` where only `--yes` was given: that says yes to what mesh can put back, not to this.
 */
export async function confirmByName(
  { name, confirmed }: NameToType,
  yes: boolean,
  prompter: Prompter,
  signal: AbortSignal,
): Promise<void> {
  if (confirmed !== undefined) {
    if (confirmed === name) return;
    throw new MeshError('usage', `--confirm ${confirmed} is not the context ${name}, nothing was changed`, {
      hint: `is this the right cluster? Then add --confirm ${name}`,
    });
  }
  if (yes || !prompter.isInteractive) {
    throw new MeshError(
      'conflict',
      'configuration or proxies of users depend on what would go, nothing was changed',
      {
        hint: `if that is what you want, add --confirm ${name}`,
      },
    );
  }
  const typed = await prompter.ask(`Type the name of the context (${name}) to go on:`, signal);
  if (typed !== name) throw new MeshError('declined', 'that is another name, nothing was changed');
}
