/** What a validator says about one value of a resource. */
import type { FieldPath, Suggestion } from '../types.ts';

export interface ValidationProblem {
  /** `error`: istiod refuses or ignores the resource (IST0106). `warning`: it is accepted, but hardly meant (IST0133). */
  readonly level: 'error' | 'warning';
  /** About the value at `path`, which is not repeated: `must be a port number from 1 to 65535, not 70000`. */
  readonly message: string;
  /** The value, from the root of the document: `['spec', 'http', 0, 'timeout']`. */
  readonly path: FieldPath;
  readonly suggestion?: Suggestion | undefined;
}

/** `spec.http[0].match[1].headers["x.y"]`. */
export function formatFieldPath(path: FieldPath): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^\w[\w-]*$/.test(key)) text += text === '' ? key : `.${key}`;
    else text += `[${JSON.stringify(key)}]`;
  }
  return text;
}

/** `path: message`, the sentence of a finding. */
export function describeProblem(problem: ValidationProblem): string {
  return problem.path.length === 0 ? problem.message : `${formatFieldPath(problem.path)}: ${problem.message}`;
}
