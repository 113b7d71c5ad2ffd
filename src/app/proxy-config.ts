/** `mesh proxy-config`: the parts of a proxy's configuration, filtered. */
import {
  ALL_PATH,
  BOOTSTRAP_PATH,
  clusterPath,
  ECDS_PATH,
  EDS_PATH,
  ENDPOINT_PATH,
  LISTENER_PATH,
  routePath,
  SECRET_PATH,
} from '../domain/proxy/admin-paths.ts';
import { selectBootstrap } from '../domain/proxy/bootstrap.ts';
import { selectClusters } from '../domain/proxy/cluster.ts';
import type { ClusterFilter } from '../domain/proxy/cluster.ts';
import { selectEcds } from '../domain/proxy/ecds.ts';
import { selectEds } from '../domain/proxy/eds.ts';
import { selectEndpoints } from '../domain/proxy/endpoint.ts';
import type { EndpointFilter } from '../domain/proxy/endpoint.ts';
import { selectListeners } from '../domain/proxy/listener.ts';
import type { ListenerFilter } from '../domain/proxy/listener.ts';
import { selectRoutes } from '../domain/proxy/route.ts';
import type { RouteFilter } from '../domain/proxy/route.ts';
import { selectSecrets } from '../domain/proxy/secret.ts';
import { MeshError } from '../lib/errors.ts';
import type { JsonObject } from '../lib/json.ts';
import type { AdminAnswer } from '../domain/proxy/config-dump.ts';
import type { ProxySource } from './proxy-config-source.ts';

export async function readClusters(source: ProxySource, filter: ClusterFilter): Promise<JsonObject[]> {
  return selectClusters(await configOf(source, clusterPath(filter)), filter);
}

export async function readListeners(source: ProxySource, filter: ListenerFilter): Promise<JsonObject[]> {
  return selectListeners(await configOf(source, LISTENER_PATH), filter);
}

export async function readRoutes(source: ProxySource, filter: RouteFilter): Promise<JsonObject[]> {
  return selectRoutes(await configOf(source, routePath(filter)), filter);
}

/** Endpoints as Envoy sees them now; of a saved configuration dump those that istiod sent. */
export async function readEndpoints(
  source: ProxySource,
  filter: EndpointFilter,
): Promise<{ readonly items: JsonObject[]; readonly from: 'clusters' | 'dump' }> {
  const answer = await source.get(ENDPOINT_PATH);
  if (Array.isArray(answer['clusterStatuses']))
    return { items: selectEndpoints(answer, filter), from: 'clusters' };
  return { items: selectEds(answer, filter), from: 'dump' };
}

export async function readEds(source: ProxySource, filter: EndpointFilter): Promise<JsonObject[]> {
  return selectEds(await configOf(source, EDS_PATH), filter);
}

export async function readBootstrap(source: ProxySource): Promise<JsonObject> {
  return selectBootstrap(await configOf(source, BOOTSTRAP_PATH));
}

export async function readSecrets(source: ProxySource): Promise<JsonObject> {
  return selectSecrets(await configOf(source, SECRET_PATH));
}

export async function readEcds(source: ProxySource): Promise<JsonObject[]> {
  return selectEcds(await configOf(source, ECDS_PATH));
}

/** The whole dump, endpoints included. */
export async function readAll(source: ProxySource): Promise<AdminAnswer> {
  return configOf(source, ALL_PATH);
}

/** A file may hold the answer to another question. */
async function configOf(source: ProxySource, path: string): Promise<AdminAnswer> {
  const answer = await source.get(path);
  if (Array.isArray(answer['configs'])) return answer;
  throw new MeshError(
    'config',
    `${source.title} holds clusters and their endpoints, not a configuration dump`,
    {
      hint: 'save one with: mesh proxy-config all POD -o json',
    },
  );
}
