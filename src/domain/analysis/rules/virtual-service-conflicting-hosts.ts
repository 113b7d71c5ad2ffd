/** No two VirtualServices claim one host for the sidecars of a namespace. */
import { listNames, listOthers } from '../../../lib/list-names.ts';
import { MESH_GATEWAY } from '../semantics/gateway-reference.ts';
import { createHostIndex } from '../semantics/host-index.ts';
import { fullHost, textList, visibilityScopes } from '../semantics/hosts.ts';
import { idOf } from '../semantics/resource-id.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource, Rule } from '../types.ts';

const VIRTUAL_SERVICE = 'networking.istio.io/VirtualService';
const EVERYWHERE = '*';

export const virtualServiceConflictingHosts: Rule = {
  name: 'virtualservice.ConflictingMeshGatewayHostsAnalyzer',
  summary: 'No two VirtualServices claim the same host in the mesh, as far as both can be seen.',
  kinds: [VIRTUAL_SERVICE],
  codes: ['IST0109'],
  check: (context) => {
    const conflicts = findConflicts(context);
    if (conflicts.size === 0) return [];
    return context.list(VIRTUAL_SERVICE).flatMap((resource) => {
      const found = conflicts.get(resource);
      return found ? [toFinding(resource, found)] : [];
    });
  },
};

/** A host that is claimed more than once where it can be seen. */
interface Conflict {
  readonly scope: string;
  readonly host: string;
  /** Each VirtualService once; a single one claims the host twice. */
  readonly ids: readonly string[];
}

function findConflicts(context: AnalysisContext): ReadonlyMap<Resource, readonly Conflict[]> {
  const claims = collectClaims(context);
  // Made when the first namespace scope asks: most meshes have none.
  let everywhere: ReturnType<typeof createHostIndex<Resource>> | undefined;
  const indexEverywhere = (): ReturnType<typeof createHostIndex<Resource>> => {
    const index = createHostIndex<Resource>();
    for (const [host, resources] of claims.get(EVERYWHERE) ?? []) {
      for (const resource of resources) index.add(host, resource);
    }
    return index;
  };
  const conflicts = new Map<Resource, Conflict[]>();
  for (const [scope, hosts] of claims) {
    for (const [host, own] of hosts) {
      const all =
        scope === EVERYWHERE ? own : [...own, ...(everywhere ??= indexEverywhere()).overlapping(host)];
      if (all.length < 2) continue;
      const resources = new Set(all);
      const conflict = { scope, host, ids: [...new Set([...resources].map(idOf))].sort() };
      for (const resource of resources) {
        const list = conflicts.get(resource);
        if (list) list.push(conflict);
        else conflicts.set(resource, [conflict]);
      }
    }
  }
  return conflicts;
}

/** By scope, then by full host: who claims it; a VirtualService that lists a host twice claims it twice. */
function collectClaims(context: AnalysisContext): ReadonlyMap<string, ReadonlyMap<string, Resource[]>> {
  const claims = new Map<string, Map<string, Resource[]>>();
  for (const resource of context.list(VIRTUAL_SERVICE)) {
    const gateways = textList(resource.spec['gateways']);
    if (gateways.length > 0 && !gateways.includes(MESH_GATEWAY)) continue;
    for (const scope of new Set(visibilityScopes(resource.spec, resource.namespace))) {
      const hosts = claims.get(scope) ?? new Map<string, Resource[]>();
      claims.set(scope, hosts);
      for (const text of textList(resource.spec['hosts'])) {
        const host = fullHost(text, resource.namespace);
        const list = hosts.get(host);
        if (list) list.push(resource);
        else hosts.set(host, [resource]);
      }
    }
  }
  return claims;
}

function toFinding(resource: Resource, conflicts: readonly Conflict[]): Finding {
  const own = idOf(resource);
  const [first] = conflicts;
  const hosts = new Set(conflicts.map((conflict) => conflict.host));
  const what = `${hosts.size === 1 ? 'host' : 'hosts'} ${listNames(hosts)}`;
  const others = first ? listOthers(first.ids, own) : '';
  const where = first && first.scope !== EVERYWHERE ? ` in namespace ${first.scope}` : ' in the mesh';
  const message =
    others === ''
      ? `${originOf(resource)} claims ${what} twice`
      : `${originOf(resource)} shares ${what}${where} with VirtualService ${others}, and Istio applies the routes of one of them only`;
  const text =
    others === ''
      ? 'list the host once'
      : 'put all routes of a host into one VirtualService, or keep them apart with exportTo';
  return { code: 'IST0109', message, resource, path: ['metadata', 'name'], suggestion: { text } };
}
