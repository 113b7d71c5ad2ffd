/** Subsets to which a VirtualService routes are defined by a DestinationRule of the host. */
import { getAt, listAt, stringAt } from '../../../lib/json.ts';
import { listNames } from '../../../lib/list-names.ts';
import { guessName } from '../semantics/did-you-mean.ts';
import { splitHost } from '../semantics/hosts.ts';
import { idOf } from '../semantics/resource-id.ts';
import { routeTargets } from '../semantics/routes.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource, Rule, Suggestion } from '../types.ts';

const VIRTUAL_SERVICE = 'networking.istio.io/VirtualService';
const DESTINATION_RULE = 'networking.istio.io/DestinationRule';

export const virtualServiceDestinationRule: Rule = {
  name: 'virtualservice.DestinationRuleAnalyzer',
  summary: 'Subsets to which a VirtualService routes are defined in a DestinationRule.',
  kinds: [VIRTUAL_SERVICE, DESTINATION_RULE],
  needs: [DESTINATION_RULE],
  codes: ['IST0101'],
  check: (context) => {
    const subsets = collectSubsets(context);
    const findings: Finding[] = [];
    for (const resource of context.list(VIRTUAL_SERVICE)) {
      for (const { role, destination, path } of routeTargets(resource)) {
        const host = stringAt(destination, ['host']);
        const subset = stringAt(destination, ['subset']);
        if (subset === '') continue;
        const known = subsets.byHost.get(keyOf(host, resource.namespace));
        if (known?.has(subset)) continue;
        findings.push({
          code: 'IST0101',
          message: `${originOf(resource)} ${role === 'mirror' ? 'mirrors' : 'routes'} to subset "${subset}" of "${host}", but ${describe(known)}`,
          resource,
          path: [...path, 'host'],
          suggestion: suggest(context, subsets, { host, subset, known, from: resource }),
        });
      }
    }
    return findings;
  },
};

/** Names of the subsets of one host, with the rules that define them. */
type HostSubsets = ReadonlyMap<string, Resource>;

interface Subsets {
  readonly byHost: ReadonlyMap<string, HostSubsets>;
  /** By the name of a subset: a rule that defines it, whatever its host. */
  readonly byName: ReadonlyMap<string, Resource>;
}

/**
 * A host outside the cluster means the same in every namespace; a name without dots is one of the namespace that mentions
 * it. A wildcard is only itself: Istio does not look for subsets there.
 */
function keyOf(host: string, from: string): string {
  const { name, namespace } = splitHost(host, from);
  return name.includes('.') && name === host ? host : `${namespace}/${name}`;
}

function collectSubsets(context: AnalysisContext): Subsets {
  const byHost = new Map<string, Map<string, Resource>>();
  const byName = new Map<string, Resource>();
  for (const rule of context.list(DESTINATION_RULE)) {
    const key = keyOf(stringAt(rule.spec, ['host']), rule.namespace);
    const names = byHost.get(key) ?? new Map<string, Resource>();
    byHost.set(key, names);
    for (const subset of listAt(rule.spec, ['subsets'])) {
      const name = getAt(subset, ['name']);
      if (typeof name !== 'string') continue;
      names.set(name, rule);
      byName.set(name, rule);
    }
  }
  return { byHost, byName };
}

function describe(known: HostSubsets | undefined): string {
  if (!known) return 'no DestinationRule is about this host';
  if (known.size === 0) return 'the DestinationRule of this host has no subsets';
  return `the subsets of this host are ${listNames(known.keys())}`;
}

function suggest(
  context: AnalysisContext,
  subsets: Subsets,
  missing: {
    readonly host: string;
    readonly subset: string;
    readonly known: HostSubsets | undefined;
    readonly from: Resource;
  },
): Suggestion {
  const { host, subset, known } = missing;
  const near = known && guessName(context, subset, [...known.keys()]);
  if (near !== undefined) return { text: `did you mean subset "${near}"?` };
  const other = subsets.byName.get(subset);
  if (other) {
    return {
      text: `DestinationRule ${idOf(other)} defines subset "${subset}" for host "${stringAt(other.spec, ['host'])}": define it for "${host}"`,
    };
  }
  return { text: `define subset "${subset}" in a DestinationRule with host "${host}"` };
}
