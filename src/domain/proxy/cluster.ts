/** The view `cluster`: where a proxy can send to. */
import { stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { parseClusterName } from './cluster-name.ts';
import { messagesIn, sectionOf } from './config-dump.ts';
import type { AdminAnswer } from './config-dump.ts';
import { istioConfigOf } from './istio-config.ts';
import { compareText } from './order.ts';

export interface ClusterFilter {
  /** Part of the service's name, of the subset's name. */
  readonly fqdn?: string | undefined;
  readonly subset?: string | undefined;
  readonly port?: number | undefined;
  readonly direction?: string | undefined;
}

export interface ClusterRow {
  readonly fqdn: string;
  readonly port: number | undefined;
  readonly subset: string | undefined;
  readonly direction: string | undefined;
  /** `EDS`, `STATIC`, `ORIGINAL_DST`, ..., or the name of an extension. */
  readonly type: string;
  /** `NAME.NAMESPACE`, or empty. */
  readonly destinationRule: string;
}

/** The clusters of a dump that pass the filter, by service, direction, port and subset. */
export function selectClusters(answer: AdminAnswer, filter: ClusterFilter = {}): JsonObject[] {
  const lists = ['staticClusters', 'dynamicActiveClusters', 'dynamicWarmingClusters'];
  return messagesIn(sectionOf(answer, 'ClustersConfigDump'), lists, ['cluster'])
    .map((cluster) => ({ cluster, name: parseClusterName(stringAt(cluster, ['name'])) }))
    .filter(
      ({ name }) =>
        (filter.fqdn === undefined || name.fqdn.includes(filter.fqdn)) &&
        (filter.subset === undefined || (name.subset ?? '').includes(filter.subset)) &&
        (filter.port === undefined || name.port === filter.port) &&
        (filter.direction === undefined || name.direction === filter.direction),
    )
    .sort(
      (a, b) =>
        compareText(a.name.fqdn, b.name.fqdn) ||
        compareText(a.name.direction ?? '', b.name.direction ?? '') ||
        (a.name.port ?? 0) - (b.name.port ?? 0) ||
        compareText(a.name.subset ?? '', b.name.subset ?? ''),
    )
    .map(({ cluster }) => cluster);
}

export function clusterRow(cluster: JsonObject): ClusterRow {
  const { fqdn, port, subset, direction } = parseClusterName(stringAt(cluster, ['name']));
  const type = stringAt(cluster, ['type']) || stringAt(cluster, ['clusterType', 'name']) || 'STATIC';
  return { fqdn, port, subset, direction, type, destinationRule: istioConfigOf(cluster) };
}
