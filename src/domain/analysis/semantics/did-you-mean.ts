/** Names that were probably meant, with a limit on the work: a thousand findings must not compare all names with all. */
import { nearestName } from '../../../lib/suggest.ts';
import type { AnalysisContext, KindKey } from '../types.ts';

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

/** The name of a resource of `kind` in `namespace` that is nearest to `typed`. */
export function guessResource(
  context: AnalysisContext,
  kind: KindKey,
  namespace: string,
  typed: string,
): string | undefined {
  const names = context.memo(`names/${kind}/${namespace}`, () =>
    context.listIn(kind, namespace).map(({ name }) => name),
  );
  return guessName(context, typed, names);
}
