/** Problems of templates as the user reads them. */
import type { Problem } from '../../lib/errors.ts';
import type { Expression, TemplateProblem } from './types.ts';

/** The problem with its expression in the message. */
export function toProblem({ message, expression, position, hint }: TemplateProblem): Problem {
  const shown = expression === undefined ? '' : `, in \${${expression}}`;
  return { message: `${message}${shown}`, position, hint };
}

/** Place of the character at `offset` of an expression; of its beginning when YAML escapes stand between. */
export function placeInExpression(expression: Expression, offset: number): { line: number; column: number } {
  const [line, column] = expression.at;
  return { line, column: expression.folded ? column : column + offset };
}
