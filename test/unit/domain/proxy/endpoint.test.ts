import { describe, expect, test } from '@jest/globals';
import { edsRows, selectEds } from '../../../../src/domain/proxy/eds.ts';
import { endpointRows, selectEndpoints } from '../../../../src/domain/proxy/endpoint.ts';
import type { EndpointFilter } from '../../../../src/domain/proxy/endpoint.ts';
import { listAt } from '../../../../src/lib/json.ts';
import { parsedCapture, rawCapture } from '../../../support/envoy-captures.ts';

const clusters = parsedCapture('clusters.json');
const dump = parsedCapture('config_dump.json');

describe('endpoints of the capture', () => {
  const rows = (filter?: EndpointFilter) => endpointRows(selectEndpoints(clusters, filter));

  test('every host once', () => {
    const hosts = listAt(rawCapture('clusters.json'), ['cluster_statuses']).flatMap((item) =>
      listAt(item, ['host_statuses']),
    );
    expect(hosts.length).toBeGreaterThan(0);
    expect(rows()).toHaveLength(hosts.length);
  });

  test('sorted by address, port as a number, cluster', () => {
    expect(rows({ address: '10.0.0.3' }).map(({ endpoint }) => endpoint)).toEqual(
      [8080, 8443, 15021, 15443, 31400].map((port) => `10.0.0.3:${port}`),
    );
  });

  test('one of a subset', () => {
    expect(rows({ cluster: 'outbound|8080|httpd1|web-svc.default.svc.cluster.local' })).toEqual([
      {
        endpoint: '10.0.0.4:8080',
        status: 'HEALTHY',
        outlierOk: true,
        cluster: 'outbound|8080|httpd1|web-svc.default.svc.cluster.local',
        locality: '',
        weight: 1,
      },
    ]);
  });

  test.each<[EndpointFilter, number]>([
    [{ port: 8080 }, 5],
    [{ port: 8080, address: '10.0.0.4' }, 3],
    [{ status: 'healthy' }, 22],
    [{ status: 'unhealthy' }, 0],
    [{ address: '10.0.0' }, 0],
    [{ address: 'unix://./etc/istio/proxy/XDS' }, 1],
    [{ cluster: 'outbound|8080' }, 0],
  ])('%j', (filter, count) => {
    expect(rows(filter)).toHaveLength(count);
  });
});

test('what is not well', () => {
  const answer = {
    clusterStatuses: [
      {
        name: 'a',
        hostStatuses: [
          {
            address: { socketAddress: { address: '::1', portValue: 80 } },
            healthStatus: { edsHealthStatus: 'DRAINING', failedOutlierCheck: true },
            locality: { region: 'r', zone: 'z' },
            weight: 3,
          },
          { address: { envoyInternalAddress: { serverListenerName: 'l', endpointId: '10.0.0.1:80' } } },
        ],
      },
      { name: 'empty' },
    ],
  };
  expect(endpointRows(selectEndpoints(answer, { port: 80, address: '::1' }))).toEqual([
    { endpoint: '[::1]:80', status: 'DRAINING', outlierOk: false, cluster: 'a', locality: 'r/z', weight: 3 },
  ]);
  expect(endpointRows(selectEndpoints(answer, {}))).toMatchObject([
    { endpoint: '[::1]:80' },
    { endpoint: 'envoy://l/10.0.0.1:80', status: 'UNKNOWN', outlierOk: true, weight: 0 },
  ]);
  expect(selectEndpoints(answer, { port: 81 })).toEqual([]);
});

describe('endpoints as istiod sent them', () => {
  test('the same as those that Envoy uses', () => {
    const places = (rows: readonly { endpoint: string; cluster: string; status: string }[]): string[] =>
      rows.map(({ endpoint, cluster, status }) => `${endpoint} ${cluster} ${status}`);
    expect(places(edsRows(selectEds(dump)))).toEqual(places(endpointRows(selectEndpoints(clusters))));
  });

  test('by cluster, in the messages; groups and clusters without endpoints are left out', () => {
    const selected = selectEds(dump, { port: 8080, address: '10.0.0.4' });
    expect(selected.map(({ clusterName }) => clusterName)).toEqual([
      'outbound|8080|httpd1|web-svc.default.svc.cluster.local',
      'outbound|8080||httpd-1-svc.default.svc.cluster.local',
      'outbound|8080||web-svc.default.svc.cluster.local',
    ]);
    expect(edsRows(selected)).toHaveLength(3);
    expect(edsRows(selected)[0]).toEqual({
      endpoint: '10.0.0.4:8080',
      status: 'HEALTHY',
      cluster: 'outbound|8080|httpd1|web-svc.default.svc.cluster.local',
      locality: '',
      weight: 1,
    });
  });
});
