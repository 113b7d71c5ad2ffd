/** Names that were probably meant, with a limit on the work: a thousand findings must not compare all names with all. */
import { nearestName } from '../../../lib/suggest.ts';
import type { AnalysisContext } from '../types.ts';

/** Comparisons of two names in one analysis; beyond it findings come without a guess. */
const BUDGET = 200_000;

/** The candidate nearest to `typed`, but not `typed` itself. */
export function guessName(
  context: AnalysisContext,
  typed: string,
  candidates: readonly string[],
): string | undefined {
  const budget = context.memo('guess-budget', () => ({ left: BUDGET }));
  if (typed === '' || candidates.length > budget.left) return undefined;
  budget.left -= candidates.length;
  return nearestName(
    typed,
    candidates.filter((name) => name !== typed),
  );
}
