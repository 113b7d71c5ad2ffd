/** Problems of templates as the user reads them. */
import type { Problem } from '../../lib/errors.ts';
import type { Expression, TemplateProblem } from './types.ts';

/** Characters of an expression that a message shows. */
const MAX_SHOWN = 300;

/** The problem with its expression in the message. */
export function toProblem({ message, expression, position, hint }: TemplateProblem): Problem {
  const shown = expression === undefined ? '' : `, in \${${shorten(expression)}}`;
  return { message: `${message}${shown}`, position, hint };
}

function shorten(expression: string): string {
  return expression.length > MAX_SHOWN ? `${expression.slice(0, MAX_SHOWN)}...` : expression;
}

/** Place of the character at `offset` of an expression; of its beginning when YAML escapes stand between. */
export function placeInExpression(expression: Expression, offset: number): { line: number; column: number } {
  const [line, column] = expression.at;
  return { line, column: expression.folded ? column : column + offset };
}

/** The order of two problems of one file. */
export function comparePlaces({ position: a }: Problem, { position: b }: Problem): number {
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}
