import { describe, expect, test } from '@jest/globals';
import { clusterTitle, parseClusterName } from '../../../../src/domain/proxy/cluster-name.ts';
import { clusterRow, selectClusters } from '../../../../src/domain/proxy/cluster.ts';
import type { ClusterFilter } from '../../../../src/domain/proxy/cluster.ts';
import { istioConfigOf } from '../../../../src/domain/proxy/istio-config.ts';
import { parsedCapture } from '../../../support/envoy-captures.ts';

const dump = parsedCapture('config_dump.json');
const rows = (filter?: ClusterFilter) => selectClusters(dump, filter).map(clusterRow);

test.each([
  [
    'outbound|9080|v1|reviews.shop',
    { direction: 'outbound', port: 9080, subset: 'v1', fqdn: 'reviews.shop' },
  ],
  ['inbound|8080||', { direction: 'inbound', port: 8080, fqdn: '' }],
  ['outbound_.443_._.host.example', { direction: 'outbound', port: 443, fqdn: 'host.example' }],
  ['outbound_.443_.v1_.host', { direction: 'outbound', port: 443, subset: 'v1', fqdn: 'host' }],
  ['BlackHoleCluster', { fqdn: 'BlackHoleCluster' }],
  ['a|b|c|d', { fqdn: 'a|b|c|d' }],
  ['', { fqdn: '' }],
])('parseClusterName(%s)', (name, expected) => {
  expect(parseClusterName(name)).toEqual({
    port: undefined,
    subset: undefined,
    direction: undefined,
    ...expected,
  });
});

test('passthrough clusters are told by their bare names', () => {
  expect(clusterTitle('InboundPassthroughClusterIpv4')).toBe('InboundPassthroughClusterIpv4');
  expect(clusterTitle('outbound|80||a')).toBe('Cluster: outbound|80||a');
});

test.each([
  ['/apis/networking.istio.io/v1/namespaces/shop/destination-rule/reviews', 'reviews.shop'],
  ['/apis/networking.istio.io/v1alpha3/namespaces/a/virtual-service/b-c', 'b-c.a'],
  ['of another form', 'of another form'],
])('istioConfigOf %s', (config, expected) => {
  expect(istioConfigOf({ metadata: { filterMetadata: { istio: { config } } } })).toBe(expected);
});

describe('clusters of the capture', () => {
  test('all of them, static and dynamic', () => {
    expect(rows()).toHaveLength(4 + 25);
    expect(rows().find(({ subset }) => subset === 'httpd1')).toEqual({
      fqdn: 'web-svc.default.svc.cluster.local',
      port: 8080,
      subset: 'httpd1',
      direction: 'outbound',
      type: 'EDS',
      destinationRule: 'traffic-rule-subset.default',
    });
    expect(rows().find(({ fqdn }) => fqdn === 'agent')).toMatchObject({
      type: 'STATIC',
      destinationRule: '',
    });
  });

  test('sorted by service, direction, port as a number, subset', () => {
    const gateway = rows({ fqdn: 'istio-ingressgateway' });
    expect(gateway.map(({ port }) => port)).toEqual([80, 443, 15021, 15443, 31400]);
    expect(rows({ fqdn: 'web-svc' }).map(({ subset }) => subset)).toEqual([undefined, 'httpd1', 'httpd2']);
  });

  test.each<[ClusterFilter, number]>([
    [{ fqdn: 'web-svc' }, 3],
    [{ fqdn: 'WEB-SVC' }, 0],
    [{ subset: 'httpd' }, 2],
    [{ port: 443 }, 5],
    [{ direction: 'inbound' }, 1],
    [{ direction: 'outbound', port: 8080, fqdn: 'default' }, 5],
    [{ fqdn: 'nothing' }, 0],
  ])('%j', (filter, count) => {
    expect(rows(filter)).toHaveLength(count);
  });
});

test('warming clusters, clusters of an extension, clusters without a type', () => {
  const answer = {
    configs: [
      {
        '@type': 'type.googleapis.com/envoy.admin.v3.ClustersConfigDump',
        dynamicWarmingClusters: [{ cluster: { name: 'outbound|80||b', type: 'EDS' } }],
        dynamicActiveClusters: [
          { cluster: { name: 'dfp', clusterType: { name: 'envoy.clusters.dynamic_forward_proxy' } } },
          { cluster: { name: 'plain' } },
          {},
        ],
      },
    ],
  };
  expect(
    selectClusters(answer)
      .map(clusterRow)
      .map(({ fqdn, type }) => [fqdn, type]),
  ).toEqual([
    ['b', 'EDS'],
    ['dfp', 'envoy.clusters.dynamic_forward_proxy'],
    ['plain', 'STATIC'],
  ]);
});
