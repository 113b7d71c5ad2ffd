/** Output of `mesh proxy-config all`: every table, its rows marked with what they are, so that grep keeps it. */
import { selectBootstrap } from '../domain/proxy/bootstrap.ts';
import { selectClusters } from '../domain/proxy/cluster.ts';
import type { AdminAnswer } from '../domain/proxy/config-dump.ts';
import { selectEcds } from '../domain/proxy/ecds.ts';
import { edsRows, selectEds } from '../domain/proxy/eds.ts';
import { selectListeners } from '../domain/proxy/listener.ts';
import { selectRoutes } from '../domain/proxy/route.ts';
import { selectSecrets } from '../domain/proxy/secret.ts';
import { formatProxyTable } from './proxy-config-table.ts';
import type { Table, TableOptions } from './proxy-config-table.ts';
import {
  clusterTable,
  ecdsTable,
  edsTable,
  formatBootstrap,
  listenerTable,
  routeTable,
  secretTable,
} from './proxy-config-text.ts';
import type { RowOptions } from './proxy-config-text.ts';

/** Tables without rows are left out. */
export function formatAll(dump: AdminAnswer, rows: RowOptions, options: TableOptions, now: Date): string {
  const tables: readonly (readonly [kind: string, table: Table])[] = [
    ['cluster', clusterTable(selectClusters(dump))],
    ['listener', listenerTable(selectListeners(dump), rows)],
    ['route', routeTable(selectRoutes(dump), rows)],
    ['secret', secretTable(selectSecrets(dump), now)],
    ['endpoint', edsTable(edsRows(selectEds(dump)))],
    ['ecds', ecdsTable(selectEcds(dump))],
  ];
  const texts = tables
    .filter(([, { rows: lines }]) => lines.length > 0)
    .map(([kind, { header, rows: lines }]) => {
      const marked = lines.map(([first = '', ...rest]) => [`${kind}/${first}`, ...rest]);
      return formatProxyTable({ header, rows: marked }, options);
    });
  return [formatBootstrap(selectBootstrap(dump)), ...texts].join('\n');
}
