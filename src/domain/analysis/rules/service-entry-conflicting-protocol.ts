/** ServiceEntries agree about the protocol of one host and port. */
import { getAt, listAt, stringAt } from '../../../lib/json.ts';
import { listNames, listOthers } from '../../../lib/list-names.ts';
import { textList, visibilityScopes } from '../semantics/hosts.ts';
import { idOf } from '../semantics/resource-id.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource, Rule } from '../types.ts';

const SERVICE_ENTRY = 'networking.istio.io/ServiceEntry';
const EVERYWHERE = '*';

export const serviceEntryConflictingProtocol: Rule = {
  name: 'serviceentry.ConflictingServiceEntryProtocolAnalyzer',
  summary: 'ServiceEntries give one host and port the same protocol, as far as they can be seen together.',
  kinds: [SERVICE_ENTRY],
  codes: ['IST0177'],
  check: (context) => {
    const conflicts = findConflicts(context);
    if (conflicts.size === 0) return [];
    return context.list(SERVICE_ENTRY).flatMap((resource) => {
      const conflict = conflicts.get(resource);
      return conflict ? [toFinding(resource, conflict)] : [];
    });
  },
};

/** What is said about one host and port where it can be seen. */
interface Claim {
  readonly host: string;
  readonly port: number;
  readonly entries: Set<Resource>;
  /** In upper case; empty: none is given. */
  readonly protocols: Set<string>;
}

interface Conflict {
  readonly claim: Claim;
  readonly ids: readonly string[];
}

/** The first conflict of each ServiceEntry that has one. */
function findConflicts(context: AnalysisContext): ReadonlyMap<Resource, Conflict> {
  const claims = collectClaims(context);
  const everywhere = claims.get(EVERYWHERE);
  const conflicts = new Map<Resource, Conflict>();
  for (const [scope, byPlace] of claims) {
    for (const [place, own] of byPlace) {
      const shared = scope === EVERYWHERE ? undefined : everywhere?.get(place);
      const claim = shared ? unite(own, shared) : own;
      if (claim.protocols.size < 2) continue;
      const conflict = { claim, ids: [...new Set([...claim.entries].map(idOf))].sort() };
      for (const entry of claim.entries) if (!conflicts.has(entry)) conflicts.set(entry, conflict);
    }
  }
  return conflicts;
}

function unite(a: Claim, b: Claim): Claim {
  return {
    ...a,
    entries: new Set([...a.entries, ...b.entries]),
    protocols: new Set([...a.protocols, ...b.protocols]),
  };
}

/** By scope, then by host and port; what is said for all namespaces comes first. */
function collectClaims(context: AnalysisContext): ReadonlyMap<string, ReadonlyMap<string, Claim>> {
  const claims = new Map<string, Map<string, Claim>>([[EVERYWHERE, new Map()]]);
  for (const entry of context.list(SERVICE_ENTRY)) {
    const ports = listAt(entry.spec, ['ports']);
    for (const scope of new Set(visibilityScopes(entry.spec, entry.namespace))) {
      const byPlace = claims.get(scope) ?? new Map<string, Claim>();
      claims.set(scope, byPlace);
      for (const host of textList(entry.spec['hosts'])) {
        for (const item of ports) {
          const number = getAt(item, ['number']);
          const port = typeof number === 'number' ? number : 0;
          const place = `${host}:${port}`;
          const claim = byPlace.get(place) ?? { host, port, entries: new Set(), protocols: new Set() };
          byPlace.set(place, claim);
          claim.entries.add(entry);
          claim.protocols.add(stringAt(item, ['protocol']).toUpperCase());
        }
      }
    }
  }
  return claims;
}

function toFinding(resource: Resource, { claim, ids }: Conflict): Finding {
  const { host, port } = claim;
  const protocols = listNames([...claim.protocols].map((protocol) => protocol || 'no protocol').sort());
  const others = listOthers(ids, idOf(resource));
  const who = others === '' ? '' : ` and ServiceEntry ${others}`;
  return {
    code: 'IST0177',
    message: `${originOf(resource)}${who} ${others === '' ? 'gives' : 'give'} port ${port} of host ${host} different protocols: ${protocols}`,
    resource,
    path: ['metadata', 'name'],
    suggestion: { text: `use one protocol for port ${port} of ${host} in all ServiceEntries` },
  };
}
