/**
 * The tables of `mesh proxy-config` for a real sidecar: what is expected stands in `proxy-config/`;
 * `npm run golden -- --update` writes it anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { selectClusters } from '../../src/domain/proxy/cluster.ts';
import { edsRows, selectEds } from '../../src/domain/proxy/eds.ts';
import { endpointRows, selectEndpoints } from '../../src/domain/proxy/endpoint.ts';
import { selectListeners } from '../../src/domain/proxy/listener.ts';
import { selectRoutes } from '../../src/domain/proxy/route.ts';
import { selectSecrets } from '../../src/domain/proxy/secret.ts';
import { PLAIN } from '../../src/lib/style.ts';
import { formatAll } from '../../src/report/proxy-config-all-text.ts';
import { formatProxyTable } from '../../src/report/proxy-config-table.ts';
import type { Table } from '../../src/report/proxy-config-table.ts';
import { clusterTable, edsTable, endpointTable, listenerTable, routeTable, secretTable } from '../../src/report/proxy-config-text.ts';
import { parsedCapture } from '../support/envoy-captures.ts';

const dump = parsedCapture('config_dump.json');
const endpoints = endpointRows(selectEndpoints(parsedCapture('clusters.json')));
/** The certificate of the sidecar is good for a day. */
const now = new Date('2026-11-23T20:00:00Z');
const wide = { wide: true };
const few = { verbose: false };

const tables: Readonly<Record<string, Table>> = {
  cluster: clusterTable(selectClusters(dump)),
  listener: listenerTable(selectListeners(dump), {}),
  'listener-wide': listenerTable(selectListeners(dump), wide),
  'listener-few': listenerTable(selectListeners(dump), few),
  route: routeTable(selectRoutes(dump), {}),
  'route-wide': routeTable(selectRoutes(dump, { name: '8080' }), wide),
  'route-few': routeTable(selectRoutes(dump), few),
  endpoint: endpointTable(endpoints, {}),
  'endpoint-wide': endpointTable(endpoints, wide),
  eds: edsTable(edsRows(selectEds(dump))),
  secret: secretTable(selectSecrets(dump), now),
};

const texts: [string, string][] = [
  ...Object.entries(tables).map(([name, table]): [string, string] => [name, formatProxyTable(table, { style: PLAIN })]),
  ['cluster-narrow', formatProxyTable(clusterTable(selectClusters(dump, { fqdn: 'web-svc' })), { style: PLAIN, width: 40 })],
  ['listener-narrow', formatProxyTable(listenerTable(selectListeners(dump, { port: 15006 }), {}), { style: PLAIN, width: 60 })],
  ['all', formatAll(dump, {}, { style: PLAIN }, now)],
];

test.each(texts)('%s', (name, text) => {
  const file = join(import.meta.dirname, 'proxy-config', `${name}.txt`);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
});

test('a terminal that is wide enough gets the table, and a terminal that is not narrow gets long lines', () => {
  const table = clusterTable(selectClusters(dump));
  const plain = formatProxyTable(table, { style: PLAIN });
  for (const width of [80, 120, 500]) expect(formatProxyTable(table, { style: PLAIN, width })).toBe(plain);
  const short: Table = { header: ['A', 'B'], rows: [['x', 'y']] };
  expect(formatProxyTable(short, { style: PLAIN, width: 10 })).toBe('A  B\nx  y\n');
  expect(formatProxyTable(short, { style: PLAIN, width: 3 })).toBe('A: x\nB: y\n');
  expect(formatProxyTable(short, { style: PLAIN, withHeader: false })).toBe('x  y\n');
});
