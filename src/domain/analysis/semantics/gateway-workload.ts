/** The workload that a Gateway selects. Two rules need it, and both say the same when there is none. */
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource } from '../types.ts';
import { findWorkload } from './find-workload.ts';
import { guessLabels } from './guess-labels.ts';
import { firstLabel, labelsAt, renderSelector } from './selectors.ts';

/**
 * The first workload of a gateway; a finding when there is none; undefined when that is unknown. Where files hold no pods, the
 * ingress gateway that an installation brings is the only one (facts 9).
 */
export function gatewayWorkload(
  context: AnalysisContext,
  gateway: Resource,
): { readonly workload: Resource } | { readonly finding: Finding } | undefined {
  const selector = labelsAt(gateway.spec, ['selector']);
  const workload = findWorkload(context, selector);
  if (workload) return { workload };
  if (!context.isKnown('/Pod') && context.list('/Pod').length === 0) return undefined;
  const first = firstLabel(selector);
  const finding: Finding = {
    code: 'IST0101',
    message: `${originOf(gateway)} selects ${renderSelector(selector) || 'all pods'}, but there is no such pod in any namespace`,
    resource: gateway,
    ...(first === undefined ? {} : { path: ['spec', 'selector', first] }),
    suggestion: guessLabels(context, selector),
  };
  return { finding };
}
