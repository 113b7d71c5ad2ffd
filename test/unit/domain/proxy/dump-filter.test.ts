import { expect, test } from '@jest/globals';
import { clusterRow, selectClusters } from '../../../../src/domain/proxy/cluster.ts';
import { sectionOf } from '../../../../src/domain/proxy/config-dump.ts';
import { filterDump } from '../../../../src/domain/proxy/dump-filter.ts';
import type { DumpFilter } from '../../../../src/domain/proxy/dump-filter.ts';
import { edsRows, selectEds } from '../../../../src/domain/proxy/eds.ts';
import { listenerRow, selectListeners } from '../../../../src/domain/proxy/listener.ts';
import { selectRoutes } from '../../../../src/domain/proxy/route.ts';
import { parsedCapture } from '../../../support/envoy-captures.ts';

const dump = parsedCapture('config_dump.json');

test('without filters it is the dump itself', () => {
  expect(filterDump(dump, { port: undefined })).toBe(dump);
});

test.each<[DumpFilter]>([
  [{ port: 8080 }],
  [{ fqdn: 'web-svc' }],
  [{ address: '10.0.0.4' }],
  [{ name: '80', type: 'TCP' }],
  [{ cluster: 'agent', status: 'healthy' }],
])('%j gives what each view gives with it', (filter) => {
  const filtered = filterDump(dump, filter);
  expect(selectClusters(filtered).map(clusterRow)).toEqual(selectClusters(dump, filter).map(clusterRow));
  expect(selectListeners(filtered).map(listenerRow)).toEqual(selectListeners(dump, filter).map(listenerRow));
  expect(selectRoutes(filtered)).toEqual(selectRoutes(dump, filter));
  expect(edsRows(selectEds(filtered))).toEqual(edsRows(selectEds(dump, filter)));
});

test('what has no filter stays', () => {
  const filtered = filterDump(dump, { port: 1 });
  for (const section of ['SecretsConfigDump', 'BootstrapConfigDump'] as const)
    expect(sectionOf(filtered, section)).toEqual(sectionOf(dump, section));
  expect(selectListeners(filtered)).toEqual([]);
});
