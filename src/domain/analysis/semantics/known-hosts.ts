/** The hosts that exist: Services and ServiceEntries by who can see them. Source: facts 3.3 and 9. */
import { getAt, isObject } from '../../../lib/json.ts';
import type { AnalysisContext, Resource } from '../types.ts';
import { exportedTo, fullHost, serviceScopes, textList, visibilityScopes } from './hosts.ts';

export interface KnownHost {
  /** The full name, or a wildcard such as `*.example.com`. */
  readonly host: string;
  /** The Service or ServiceEntry that defines it. */
  readonly resource: Resource;
  /** Numbers of its ports, in order. */
  readonly ports: readonly number[];
}

interface KnownHosts {
  /** By scope, then by full host. */
  readonly byScope: ReadonlyMap<string, ReadonlyMap<string, KnownHost>>;
  /** By scope, then by what follows the `*`. */
  readonly wildcards: ReadonlyMap<string, ReadonlyMap<string, KnownHost>>;
}

/**
 * The host that `host` means for `from`, or undefined when there is none: visible everywhere, then in the namespaces to which
 * `from` is exported (its own by default), then by wildcard.
 */
export function findHost(context: AnalysisContext, host: string, from: Resource): KnownHost | undefined {
  const known = context.memo('known-hosts', () => collectHosts(context));
  const full = fullHost(host, from.namespace);
  const exported = exportedTo(from.spec, from.namespace);
  for (const scope of ['*', ...(exported.length > 0 ? exported : [from.namespace])]) {
    const found = known.byScope.get(scope)?.get(full);
    if (found) return found;
  }
  const text = host.startsWith('*') ? host.slice(1) : host;
  for (const scope of ['*', from.namespace]) {
    const found = findWildcard(known.wildcards.get(scope), text);
    if (found) return found;
  }
  return undefined;
}

/** The nearest wildcard: the one with the longest rest that `text` ends with. */
function findWildcard(
  wildcards: ReadonlyMap<string, KnownHost> | undefined,
  text: string,
): KnownHost | undefined {
  if (!wildcards) return undefined;
  for (let at = 0; at <= text.length; at += 1) {
    const found = wildcards.get(text.slice(at));
    if (found) return found;
  }
  return undefined;
}

/**
 * Whether everything that could define `host` was given: Services, or for names outside the cluster ServiceEntries. Only then
 * is a host that `findHost` does not find missing; else it is unknown.
 */
export function canJudgeHost(context: AnalysisContext, host: string, from: Resource): boolean {
  if (context.isKnown('/Service')) return true;
  const isLocal = fullHost(host, from.namespace).endsWith('.svc.cluster.local');
  return !isLocal && context.isKnown('networking.istio.io/ServiceEntry');
}

/** Every full host that is known, without wildcards: candidates for "did you mean". */
export function listHosts(context: AnalysisContext): readonly string[] {
  return context.memo('known-host-names', () => {
    const known = context.memo('known-hosts', () => collectHosts(context));
    const names = new Set([...known.byScope.values()].flatMap((hosts) => [...hosts.keys()]));
    return [...names].filter((name) => !name.startsWith('*'));
  });
}

function collectHosts(context: AnalysisContext): KnownHosts {
  const byScope = new Map<string, Map<string, KnownHost>>();
  const add = (scopes: readonly string[], known: KnownHost): void => {
    for (const scope of scopes) {
      const hosts = byScope.get(scope);
      if (hosts) hosts.set(known.host, known);
      else byScope.set(scope, new Map([[known.host, known]]));
    }
  };
  // Later ones replace earlier ones, and a Service wins over a ServiceEntry.
  for (const entry of context.list('networking.istio.io/ServiceEntry')) {
    const ports = portNumbers(entry, 'number');
    const scopes = visibilityScopes(entry.spec, entry.namespace);
    for (const host of textList(entry.spec['hosts'])) {
      add(scopes, { host: fullHost(host, entry.namespace), resource: entry, ports });
    }
  }
  for (const service of context.list('/Service')) {
    const host = fullHost(service.name, service.namespace);
    add(serviceScopes(service), { host, resource: service, ports: portNumbers(service, 'port') });
  }
  const wildcards = new Map<string, ReadonlyMap<string, KnownHost>>();
  for (const [scope, hosts] of byScope) {
    const found = [...hosts.values()].filter(({ host }) => host.startsWith('*'));
    if (found.length > 0) wildcards.set(scope, new Map(found.map((known) => [known.host.slice(1), known])));
  }
  return { byScope, wildcards };
}

function portNumbers(resource: Resource, field: string): readonly number[] {
  const ports = getAt(resource.spec, ['ports']);
  if (!Array.isArray(ports)) return [];
  return ports.flatMap((port) => (isObject(port) && typeof port[field] === 'number' ? [port[field]] : []));
}
