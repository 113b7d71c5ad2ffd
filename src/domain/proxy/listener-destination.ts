/** Where a filter chain sends what it takes. */
import { getAt, listAt, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { clusterTitle } from './cluster-name.ts';
import { typeName } from './config-dump.ts';
import { describeRouteMatch, weightedClusters } from './route-match.ts';

const BLACK_HOLE = 'BlackHoleCluster';

/** What the last filter of a chain speaks; empty for neither. */
export function networkTypeOf(chain: JsonValue): 'HTTP' | 'TCP' | '' {
  return findFilter(chain)?.type ?? '';
}

/**
 * `Route: 80`, `Cluster: outbound|80||host`, `Inline Route: /healthz*`, `PassthroughCluster`, `Non-HTTP/Non-TCP`;
 * undefined for a chain that only drops connections, which guard the ports of the sidecar itself.
 */
export function describeDestination(chain: JsonValue): string | undefined {
  const filter = findFilter(chain);
  if (!filter) return 'Non-HTTP/Non-TCP';
  return filter.type === 'HTTP' ? describeHttp(filter.config) : describeTcp(filter.config);
}

function findFilter(
  chain: JsonValue,
): { readonly type: 'HTTP' | 'TCP'; readonly config: JsonObject } | undefined {
  for (const filter of listAt(chain, ['filters'])) {
    const config = objectAt(filter, ['typedConfig']);
    const type = typeName(config);
    if (type === 'HttpConnectionManager') return { type: 'HTTP', config };
    if (type === 'TcpProxy') return { type: 'TCP', config };
  }
  return undefined;
}

function describeHttp(manager: JsonObject): string | undefined {
  const name = stringAt(manager, ['rds', 'routeConfigName']);
  if (name !== '') return `Route: ${name}`;
  const scoped = stringAt(manager, ['scopedRoutes', 'name']);
  if (scoped !== '') return `Scoped Routes: ${scoped}`;
  const hosts = listAt(manager, ['routeConfig', 'virtualHosts']);
  const only = clusterOfAll(hosts);
  if (only !== undefined) return only === BLACK_HOLE ? undefined : clusterTitle(only);
  const matches = hosts.flatMap((host) => listAt(host, ['routes'])).map(describeRouteMatch);
  return `Inline Route: ${matches.join(', ')}`;
}

/** The cluster that takes everything, when there is only one host, for all domains, with one route, for all paths. */
function clusterOfAll(hosts: readonly JsonValue[]): string | undefined {
  const [host, ...otherHosts] = hosts;
  const [route, ...otherRoutes] = listAt(host, ['routes']);
  const domains = listAt(host, ['domains']);
  if (
    route === undefined ||
    otherHosts.length + otherRoutes.length > 0 ||
    domains.length !== 1 ||
    domains[0] !== '*'
  )
    return undefined;
  const { prefix, ...conditions } = objectAt(route, ['match']);
  const isOpen = Object.keys(conditions).every((key) => key === 'caseSensitive');
  const cluster = getAt(route, ['route', 'cluster']);
  return prefix === '/' && isOpen && typeof cluster === 'string' ? cluster : undefined;
}

function describeTcp(proxy: JsonObject): string | undefined {
  const cluster = stringAt(proxy, ['cluster']);
  if (cluster === BLACK_HOLE) return undefined;
  if (cluster !== '') return clusterTitle(cluster);
  const weighted = weightedClusters(listAt(proxy, ['weightedClusters', 'clusters']));
  return weighted === '' ? 'Non-HTTP/Non-TCP' : `Clusters: ${weighted}`;
}
