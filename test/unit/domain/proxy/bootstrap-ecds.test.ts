import { expect, test } from '@jest/globals';
import { bootstrapSummary, selectBootstrap } from '../../../../src/domain/proxy/bootstrap.ts';
import { ecdsRow, selectEcds } from '../../../../src/domain/proxy/ecds.ts';
import { stringAt } from '../../../../src/lib/json.ts';
import { parsedCapture, rawCapture } from '../../../support/envoy-captures.ts';

test('versions: what /server_info says', () => {
  const dump = selectBootstrap(parsedCapture('config_dump.json'));
  const [sha, ...version] = stringAt(rawCapture('server_info.json'), ['version']).split('/');
  expect(bootstrapSummary(dump)).toEqual({
    istioVersion: '1.31.4',
    proxyRevision: sha,
    envoyVersion: version.join('/'),
  });
  expect(Object.keys(dump)).toEqual(['bootstrap', 'lastUpdated']);
});

test('a dump without a bootstrap', () => {
  expect(selectBootstrap({ configs: [] })).toEqual({});
  expect(bootstrapSummary({})).toEqual({ istioVersion: '', proxyRevision: '', envoyVersion: '' });
});

test('filters that are sent on their own, by name', () => {
  const filter = (name: string, type: string) => ({
    ecdsFilter: { '@type': 'x', name, typedConfig: { '@type': `type.googleapis.com/${type}` } },
  });
  const answer = {
    configs: [
      {
        '@type': 'type.googleapis.com/envoy.admin.v3.EcdsConfigDump',
        ecdsFilters: [
          filter('b', 'envoy.extensions.filters.http.wasm.v3.Wasm'),
          filter('a', 'envoy.extensions.filters.http.rbac.v3.RBAC'),
        ],
      },
    ],
  };
  expect(selectEcds(answer).map(ecdsRow)).toEqual([
    { name: 'a', type: 'envoy.extensions.filters.http.rbac.v3.RBAC' },
    { name: 'b', type: 'envoy.extensions.filters.http.wasm.v3.Wasm' },
  ]);
  expect(selectEcds(parsedCapture('config_dump.json'))).toEqual([]);
});
