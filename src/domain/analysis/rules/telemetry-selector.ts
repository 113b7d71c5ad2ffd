/** Selectors of Telemetries: they select something, and no pod is selected twice. */
import { listNames } from '../../../lib/list-names.ts';
import { guessLabels } from '../semantics/guess-labels.ts';
import { idOf } from '../semantics/resource-id.ts';
import { podsSelectedBySeveral } from '../semantics/selected-by-several.ts';
import { firstLabel, isEmptySelector, labelsAt, renderSelector } from '../semantics/selectors.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource, Rule } from '../types.ts';

const TELEMETRY = 'telemetry.istio.io/Telemetry';
const SELECTOR = ['selector', 'matchLabels'];

export const telemetrySelector: Rule = {
  name: 'telemetry.SelectorAnalyzer',
  summary: 'The selector of a Telemetry matches pods, and no two of them match the same pod.',
  kinds: [TELEMETRY, '/Pod'],
  needs: ['/Pod'],
  codes: ['IST0101', 'IST0159'],
  check: (context) => [...findUnmatched(context), ...findShared(context)],
};

function findUnmatched(context: AnalysisContext): Finding[] {
  return context.list(TELEMETRY).flatMap((resource): Finding[] => {
    const labels = labelsOf(resource);
    if (isEmptySelector(labels) || context.select('/Pod', labels, resource.namespace).length > 0) return [];
    return [
      {
        code: 'IST0101',
        message: `${originOf(resource)} selects ${renderSelector(labels)}, but no pod in namespace ${resource.namespace} has these labels`,
        resource,
        path: ['spec', ...SELECTOR, firstLabel(labels) ?? ''],
        suggestion: guessLabels(context, labels, resource.namespace),
      },
    ];
  });
}

function findShared(context: AnalysisContext): Finding[] {
  return podsSelectedBySeveral(context, TELEMETRY, labelsOf).flatMap(({ resources, pods }) =>
    resources.map((resource) => ({
      code: 'IST0159',
      message: `Telemetries ${listNames(resources.map(idOf))} all select ${pods.length === 1 ? 'pod' : 'the pods'} ${listNames(pods.map(idOf))}, to which only one of them is applied`,
      resource,
      path: ['metadata', 'name'],
      suggestion: { text: 'merge them into one Telemetry, or let their selectors exclude each other' },
    })),
  );
}

function labelsOf({ spec }: Resource): Readonly<Record<string, string>> {
  return labelsAt(spec, SELECTOR);
}
