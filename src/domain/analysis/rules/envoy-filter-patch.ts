/** Operations of an EnvoyFilter: those that its target does not know, and those whose result depends on the order of filters. */
import { getAt, isObject, listAt, stringAt } from '../../../lib/json.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { originOf } from '../suppress.ts';
import type { Finding, Resource, Rule } from '../types.ts';

const ENVOY_FILTER = 'networking.istio.io/EnvoyFilter';
const ROUTE_TARGETS: ReadonlySet<string> = new Set(['ROUTE_CONFIGURATION', 'HTTP_ROUTE']);
const REPLACE_TARGETS: ReadonlySet<string> = new Set(['NETWORK_FILTER', 'HTTP_FILTER', 'VIRTUAL_HOST']);

export const envoyFilterPatch: Rule = {
  name: 'envoyfilter.EnvoyPatchAnalyzer',
  summary: 'Patches of an EnvoyFilter use operations that their target knows, in a certain order.',
  kinds: [ENVOY_FILTER],
  codes: ['IST0151', 'IST0152', 'IST0153', 'IST0154', 'IST0155'],
  check: (context) => {
    // Filter names of earlier patches, of any EnvoyFilter, that are for some versions of the proxy only (facts 9: 0155).
    const versioned = new Set<string>();
    return context.list(ENVOY_FILTER).flatMap((resource) => checkFilter(resource, versioned));
  },
};

function checkFilter(resource: Resource, versioned: Set<string>): Finding[] {
  const findings: Finding[] = [];
  for (const [index, item] of listAt(resource.spec, ['configPatches']).entries()) {
    // The reference, too, reads nothing behind a patch that does nothing.
    if (!isObject(item) || !isObject(item['patch'])) break;
    const operation = stringAt(item, ['patch', 'operation']);
    const name = filterName(item);
    const problem = judge(resource, operation, stringAt(item, ['applyTo']) || 'INVALID', versioned.has(name));
    const place = getAt(item, ['patch', 'value']) === undefined ? 'operation' : 'value';
    if (problem) {
      const path = ['spec', 'configPatches', index, 'patch', place];
      findings.push({ ...problem, message: `${originOf(resource)} ${problem.message}`, resource, path });
    }
    if (stringAt(item, ['match', 'proxy', 'proxyVersion']) !== '') versioned.add(name);
  }
  return findings;
}

type Problem = Pick<Finding, 'code' | 'message' | 'suggestion'>;

function judge(
  resource: Resource,
  operation: string,
  target: string,
  isAfterVersioned: boolean,
): Problem | undefined {
  switch (operation) {
    case 'ADD':
      if (!ROUTE_TARGETS.has(target)) return undefined;
      return {
        code: 'IST0153',
        message: `adds to ${target}, which does not know the operation ADD, so that the patch has no effect`,
        suggestion: { text: 'use MERGE, or add a VIRTUAL_HOST' },
      };
    case 'REMOVE':
      if (!ROUTE_TARGETS.has(target)) return judgeOrder(resource, operation, isAfterVersioned);
      return {
        code: 'IST0154',
        message: `removes from ${target}, which does not know the operation REMOVE, so that the patch has no effect`,
        suggestion: { text: 'use MERGE to change it' },
      };
    case 'REPLACE':
      if (REPLACE_TARGETS.has(target)) return judgeOrder(resource, operation, isAfterVersioned);
      return {
        code: 'IST0152',
        message: `replaces in ${target}, which does not know the operation REPLACE, so that the patch has no effect`,
        suggestion: { text: 'use MERGE; REPLACE is for HTTP_FILTER, NETWORK_FILTER and VIRTUAL_HOST' },
      };
    case 'INSERT_BEFORE':
    case 'INSERT_AFTER':
      return judgeOrder(resource, operation, isAfterVersioned);
    default:
      return undefined;
  }
}

/** The operation means a place relative to what is there already, which is the work of other filters. */
function judgeOrder(resource: Resource, operation: string, isAfterVersioned: boolean): Problem | undefined {
  if (resource.spec['priority'] !== undefined && resource.spec['priority'] !== 0) return undefined;
  const suggestion = { text: 'set spec.priority: lower numbers are applied first' };
  if (isAfterVersioned) {
    return {
      code: 'IST0155',
      message: `uses ${operation} without a priority, and an earlier patch of the same filter is only for some proxy versions, so that it may not be there`,
      suggestion,
    };
  }
  return {
    code: 'IST0151',
    message: `uses ${operation} without a priority, so that its result depends on the order of EnvoyFilters`,
    suggestion,
  };
}

/** The filter that a patch is about: by its value, or where that says nothing by its match; empty without a value. */
function filterName(item: JsonObject): string {
  const value = getAt(item, ['patch', 'value']);
  if (!isObject(value)) return '';
  return stringAt(value, ['name']) || stringAt(item, ['match', 'listener', 'filterChain', 'filter', 'name']);
}
