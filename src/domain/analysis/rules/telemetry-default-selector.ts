/** A namespace has at most one Telemetry for all its workloads: Istio uses the oldest and ignores the others. */
import { listAt, objectAt } from '../../../lib/json.ts';
import { listNames } from '../../../lib/list-names.ts';
import { originOf } from '../suppress.ts';
import type { Finding, Resource, Rule } from '../types.ts';

const TELEMETRY = 'telemetry.istio.io/Telemetry';

export const telemetryDefaultSelector: Rule = {
  name: 'telemetry.DefaultSelectorAnalyzer',
  summary: 'A namespace has at most one Telemetry without a selector.',
  kinds: [TELEMETRY],
  codes: ['IST0160'],
  check: (context) => {
    const byNamespace = Map.groupBy(context.list(TELEMETRY).filter(isForAll), ({ namespace }) => namespace);
    return [...byNamespace].flatMap(([namespace, telemetries]): Finding[] => {
      if (telemetries.length < 2) return [];
      const names = listNames(telemetries.map(({ name }) => name));
      return telemetries.map((resource) => ({
        code: 'IST0160',
        message: `${originOf(resource)} is one of ${telemetries.length} Telemetries of namespace ${namespace} without a selector, of which only one is applied: ${names}`,
        resource,
        path: ['metadata', 'name'],
        suggestion: { text: 'merge them into one Telemetry, or give all but one a selector' },
      }));
    });
  },
};

/** An empty selector is none (facts 9). One with `targetRefs` is for these only; the reference overlooks them (facts 8.9). */
function isForAll({ spec }: Resource): boolean {
  if (spec['targetRef'] !== undefined || listAt(spec, ['targetRefs']).length > 0) return false;
  return Object.keys(objectAt(spec, ['selector'])).length === 0;
}
