/** The view `endpoint`: the addresses behind the clusters and how Envoy sees their health. */
import { listAt, getAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { addressText, numberAt } from './config-dump.ts';
import type { AdminAnswer } from './config-dump.ts';
import { localityText } from './locality.ts';
import { compareText } from './order.ts';

export interface EndpointFilter {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  /** The whole name of the cluster. */
  readonly cluster?: string | undefined;
  /** `healthy`, `unhealthy`, ..., in any case. */
  readonly status?: string | undefined;
}

export interface EndpointRow {
  readonly endpoint: string;
  /** `HEALTHY`, `UNHEALTHY`, `DRAINING`, ... */
  readonly status: string;
  /** Whether outlier detection has thrown it out; undefined where Envoy was not asked. */
  readonly outlierOk?: boolean | undefined;
  readonly cluster: string;
  /** `region/zone/subzone`, or empty. */
  readonly locality: string;
  readonly weight: number;
}

/** The clusters of an answer of `/clusters`, each with those of its hosts that pass the filter; clusters without any are left out. */
export function selectEndpoints(answer: AdminAnswer, filter: EndpointFilter = {}): JsonObject[] {
  return listAt(answer, ['clusterStatuses']).flatMap((item) => {
    const hosts = listAt(item, ['hostStatuses']).filter((host) =>
      passesEndpointFilter(rowOf(host, stringAt(item, ['name'])), filter),
    );
    return hosts.length === 0 ? [] : [{ ...(item as JsonObject), hostStatuses: [...hosts] }];
  });
}

/** By address, port and cluster. */
export function endpointRows(clusters: readonly JsonObject[]): EndpointRow[] {
  return clusters
    .flatMap((cluster) =>
      listAt(cluster, ['hostStatuses']).map((host) => rowOf(host, stringAt(cluster, ['name']))),
    )
    .sort(byEndpoint);
}

export function passesEndpointFilter(row: EndpointRow, filter: EndpointFilter): boolean {
  const [host, port] = splitPort(row.endpoint);
  return (
    (filter.address === undefined || host === filter.address || row.endpoint === filter.address) &&
    (filter.port === undefined || port === String(filter.port)) &&
    (filter.cluster === undefined || row.cluster === filter.cluster) &&
    (filter.status === undefined || row.status === filter.status.toUpperCase())
  );
}

export function byEndpoint(a: EndpointRow, b: EndpointRow): number {
  const [[hostA, portA], [hostB, portB]] = [splitPort(a.endpoint), splitPort(b.endpoint)];
  return (
    compareText(hostA, hostB) || Number(portA || 0) - Number(portB || 0) || compareText(a.cluster, b.cluster)
  );
}

/** `['::1', '80']` for `[::1]:80`; no port for a pipe. */
function splitPort(endpoint: string): [host: string, port: string] {
  const [, host, port] = /^\[?([^\]/]*)\]?:(\d+)$/.exec(endpoint) ?? [];
  return host === undefined || port === undefined ? [endpoint, ''] : [host, port];
}

function rowOf(host: JsonValue, cluster: string): EndpointRow {
  return {
    endpoint: addressText(getAt(host, ['address'])),
    status: stringAt(host, ['healthStatus', 'edsHealthStatus']) || 'UNKNOWN',
    outlierOk: getAt(host, ['healthStatus', 'failedOutlierCheck']) !== true,
    cluster,
    locality: localityText(getAt(host, ['locality'])),
    weight: numberAt(host, ['weight']),
  };
}
