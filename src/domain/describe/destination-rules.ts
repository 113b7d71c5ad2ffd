/** What DestinationRules say about a Service. */
import { getAt, isObject, listAt, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { isHostSubset } from '../analysis/semantics/host-overlap.ts';
import { fullHost } from '../analysis/semantics/hosts.ts';
import { labelsAt, matchesLabels, renderSelector } from '../analysis/semantics/selectors.ts';
import type { AnalysisContext, Resource } from '../analysis/types.ts';

export interface DestinationRuleEffect {
  /** `shop/web`. */
  readonly name: string;
  readonly host: string;
  /** `ISTIO_MUTUAL`; empty when it says nothing: then Istio decides. */
  readonly tls: string;
  /** `loadBalancer`, `outlierDetection`, ... */
  readonly settings: readonly string[];
  readonly subsets: readonly {
    readonly name: string;
    /** `version=v1`. */
    readonly labels: string;
    /** How many of the given pods it selects. */
    readonly pods: number;
  }[];
}

/** `pods` are those of the Service, or the one that is described. */
export function destinationRulesFor(
  context: AnalysisContext,
  host: string,
  pods: readonly { readonly labels: Readonly<Record<string, string>> }[],
): DestinationRuleEffect[] {
  return context
    .list('networking.istio.io/DestinationRule')
    .filter((rule) => isHostSubset(host, hostOf(rule)))
    .map((rule) => ({
      name: `${rule.namespace}/${rule.name}`,
      host: hostOf(rule),
      tls: stringAt(rule.spec, ['trafficPolicy', 'tls', 'mode']),
      settings: settingsOf(objectAt(rule.spec, ['trafficPolicy'])),
      subsets: listAt(rule.spec, ['subsets'])
        .filter(isObject)
        .map((subset) => {
          const labels = labelsAt(subset, ['labels']);
          const selected = pods.filter((pod) => matchesLabels(pod.labels, labels));
          return { name: stringAt(subset, ['name']), labels: renderSelector(labels), pods: selected.length };
        }),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function hostOf(rule: Resource): string {
  return fullHost(stringAt(rule.spec, ['host']), rule.namespace);
}

function settingsOf(policy: JsonObject): string[] {
  const own = Object.keys(policy).filter((key) => key !== 'tls' && key !== 'portLevelSettings');
  const ports = listAt(policy, ['portLevelSettings']).map(
    (setting) => `port ${JSON.stringify(getAt(setting, ['port', 'number']) ?? null)}`,
  );
  return [...own.sort(), ...ports];
}
