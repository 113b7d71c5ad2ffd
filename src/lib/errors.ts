/**
 * The errors that a user of mesh can meet. Each carries one sentence that names the object, a hint that says
 * what to type, and the code from which `cli/exit-codes.ts` derives the exit code. Anything thrown that is not
 * a `MeshError` is a bug of mesh.
 */

/** What kind of failure it was; the exit code table in `cli/exit-codes.ts` is keyed by it. */
export type ErrorCode =
  | 'usage' // wrong flag, argument or combination of them
  | 'config' // an input file or a --set is wrong
  | 'template' // a manifest template does not compile or does not evaluate
  | 'unreachable' // the API server does not answer, or a request ran into its deadline
  | 'auth' // not authenticated, or not allowed
  | 'cluster' // the API server refused a request for another reason
  | 'conflict' // a field belongs to another manager, or an object to another owner
  | 'timeout' // objects did not become ready in time
  | 'failed' // objects will not become ready (image pull, crash loop, ...)
  | 'rolled-back' // it failed, and what was there before stands again
  | 'half-done' // it failed, and going back failed too
  | 'declined' // the user said no
  | 'cancelled' // Ctrl-C or SIGTERM
  | 'internal';

/** A place in a text that the user wrote: lines and columns count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

export interface MeshErrorOptions {
  readonly hint?: string | undefined;
  readonly position?: SourcePosition | undefined;
  /** Further lines that belong to the error: one problem, conflict or object each. */
  readonly details?: readonly string[] | undefined;
  readonly cause?: unknown;
}

export class MeshError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly position: SourcePosition | undefined;
  readonly details: readonly string[];

  constructor(code: ErrorCode, message: string, options: MeshErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MeshError';
    this.code = code;
    this.hint = options.hint;
    this.position = options.position;
    this.details = options.details ?? [];
  }
}

/** One thing wrong with the user's input; found problems are collected, then thrown together. */
export interface Problem {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly position?: SourcePosition | undefined;
}

/** `file:line:column`, as far as they are known. */
export function formatPosition(position: SourcePosition): string {
  return [position.file, position.line, position.column].filter((part) => part !== undefined).join(':');
}

/** `message` with its place in front and its hint behind, on one line. */
export function formatProblem(problem: Problem): string {
  const place = problem.position ? `${formatPosition(problem.position)}: ` : '';
  return `${place}${problem.message}${problem.hint ? ` (${problem.hint})` : ''}`;
}

/**
 * Throws one error for all `problems`: a single one as itself, several as a list under `summary`
 * (a sentence such as "3 settings are wrong."). Does nothing when the list is empty.
 */
export function throwProblems(code: ErrorCode, problems: readonly Problem[], summary: string): void {
  const [first] = problems;
  if (!first) return;
  if (problems.length === 1) {
    throw new MeshError(code, first.message, { hint: first.hint, position: first.position });
  }
  throw new MeshError(code, summary, { details: problems.map(formatProblem) });
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
