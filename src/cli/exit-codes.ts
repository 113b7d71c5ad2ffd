/** The one table from errors to exit codes; 64, 65 and 79 are istioctl's, so that scripts carry over. */
import { MeshError } from '../lib/errors.ts';
import type { ErrorCode } from '../lib/errors.ts';

export const EXIT = {
  ok: 0,
  failed: 1,
  /** `profile diff`, `manifest diff`, `plan`: there are differences. */
  different: 1,
  usage: 64,
  data: 65,
  unreachable: 69,
  internal: 70,
  timeout: 75,
  denied: 77,
  findings: 79,
  conflict: 80,
  rolledBack: 81,
  halfDone: 82,
  interrupted: 130,
} as const;

const CODES: Readonly<Record<ErrorCode, number>> = {
  usage: EXIT.usage,
  config: EXIT.data,
  template: EXIT.data,
  unreachable: EXIT.unreachable,
  auth: EXIT.denied,
  cluster: EXIT.failed,
  conflict: EXIT.conflict,
  timeout: EXIT.timeout,
  failed: EXIT.timeout,
  'rolled-back': EXIT.rolledBack,
  'half-done': EXIT.halfDone,
  declined: EXIT.failed,
  cancelled: EXIT.interrupted,
  internal: EXIT.internal,
};

/**
 * The exit code for anything that was thrown. In commands whose exit code 1 means "different", an error that would
 * give 1 gives 70, so that 1 stays unambiguous.
 */
export function exitCodeOf(error: unknown, options: { readonly oneMeansDifferent?: boolean } = {}): number {
  const code = error instanceof MeshError ? CODES[error.code] : EXIT.internal;
  return options.oneMeansDifferent && code === EXIT.failed ? EXIT.internal : code;
}
