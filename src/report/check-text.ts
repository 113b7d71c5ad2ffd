/** Output of `mesh manifest check`. */
import type { ManifestCheckResult } from '../app/check-manifests.ts';
import { formatPosition } from '../lib/errors.ts';
import type { Style } from '../lib/style.ts';

/** A line a problem with its place, its expression and what would be right; then the count. */
export function formatCheck(result: ManifestCheckResult, style: Style): string {
  const lines = result.problems.flatMap((problem) => [
    `${style.bold(formatPosition(problem.position))}: ${problem.message}`,
    ...(problem.expression === undefined ? [] : [`    ${style.dim(problem.expression)}`]),
    ...(problem.hint === undefined ? [] : [`    ${style.cyan('hint:')} ${problem.hint}`]),
  ]);
  const count = `${result.templates} templates, ${result.expressions} expressions`;
  const verdict =
    result.problems.length === 0
      ? style.green(`${count}: all good`)
      : style.red(
          `${count}: ${result.problems.length} ${result.problems.length === 1 ? 'problem' : 'problems'}`,
        );
  return `${[...lines, verdict].join('\n')}\n`;
}
