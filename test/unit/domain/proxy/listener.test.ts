import { describe, expect, test } from '@jest/globals';
import { listenerRow, selectListeners } from '../../../../src/domain/proxy/listener.ts';
import type { ListenerFilter } from '../../../../src/domain/proxy/listener.ts';
import { describeDestination } from '../../../../src/domain/proxy/listener-destination.ts';
import { describeChainMatch } from '../../../../src/domain/proxy/listener-match.ts';
import { listAt, stringAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { parsedCapture, rawCapture } from '../../../support/envoy-captures.ts';

const dump = parsedCapture('config_dump.json');
const rows = (filter?: ListenerFilter) => selectListeners(dump, filter).map(listenerRow);

const HTTP =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const TCP = 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy';
const chainOf = (config: JsonObject): JsonObject => ({
  filters: [{ name: 'rbac' }, { name: 'x', typedConfig: config }],
});
const inline = (...virtualHosts: JsonValue[]): JsonObject =>
  chainOf({ '@type': HTTP, routeConfig: { virtualHosts } });
const everything = (route: JsonObject, match: JsonObject = { prefix: '/' }): JsonObject => ({
  domains: ['*'],
  routes: [{ match, ...route }],
});

describe('listeners of the capture', () => {
  test('the same as /listeners says', () => {
    const statuses = listAt(rawCapture('listeners.json'), ['listener_statuses']);
    const expected = statuses.map((status) => [
      stringAt(status, ['name']),
      [
        stringAt(status, ['local_address', 'socket_address', 'address']),
        ...listAt(status, ['additional_local_addresses']).map((item) =>
          stringAt(item, ['socket_address', 'address']),
        ),
      ],
    ]);
    expect(rows().map(({ name, addresses }) => [name, addresses])).toEqual(expect.arrayContaining(expected));
    expect(rows()).toHaveLength(expected.length);
  });

  test('sorted by port, then address', () => {
    const ports = rows().map(({ port }) => port ?? 0);
    expect(ports).toEqual([...ports].sort((a, b) => a - b));
  });

  test('what arrives at the sidecar', () => {
    expect(rows({ port: 15006 })).toEqual([
      {
        name: 'virtualInbound',
        addresses: ['0.0.0.0'],
        port: 15006,
        type: 'HTTP+TCP',
        chains: [
          {
            match: 'Trans: tls; App: istio-http/1.0,istio-http/1.1,istio-h2',
            destination: 'InboundPassthroughCluster',
          },
          { match: 'Trans: raw_buffer; App: http/1.1,h2c', destination: 'InboundPassthroughCluster' },
          { match: 'Trans: tls; App: TCP TLS', destination: 'InboundPassthroughCluster' },
          { match: 'Trans: raw_buffer', destination: 'InboundPassthroughCluster' },
          { match: 'Trans: tls', destination: 'InboundPassthroughCluster' },
          {
            match:
              'Trans: tls; App: istio,istio-peer-exchange,istio-http/1.0,istio-http/1.1,istio-h2; Addr: *:8080',
            destination: 'Cluster: inbound|8080||',
          },
          { match: 'Trans: raw_buffer; Addr: *:8080', destination: 'Cluster: inbound|8080||' },
        ],
      },
    ]);
  });

  test('the chain to the black hole is left out, the default chain comes last', () => {
    expect(rows({ port: 15001 })[0]?.chains).toEqual([{ match: 'ALL', destination: 'PassthroughCluster' }]);
    expect(rows({ port: 80 })[0]?.chains).toEqual([
      { match: 'Trans: raw_buffer; App: http/1.1,h2c', destination: 'Route: 80' },
      { match: 'ALL', destination: 'PassthroughCluster' },
    ]);
  });

  test.each<[ListenerFilter, number]>([
    [{ address: '::' }, 4],
    [{ address: '10.96.0.1' }, 1],
    [{ address: '10.96.0' }, 0],
    [{ type: 'http' }, 2],
    [{ type: 'HTTP+TCP' }, 6],
    [{ type: 'TCP', port: 443 }, 5],
    [{ type: 'UNKNOWN' }, 0],
  ])('%j', (filter, count) => {
    expect(rows(filter)).toHaveLength(count);
  });
});

describe('describeChainMatch', () => {
  const range = { addressPrefix: '10.0.0.1', prefixLen: 32 };
  test.each<[JsonObject, string]>([
    [{}, 'ALL'],
    [{ serverNames: ['a', 'b'] }, 'SNI: a,b'],
    [
      { serverNames: ['a'], transportProtocol: 'tls', destinationPort: 443 },
      'SNI: a; Trans: tls; Addr: *:443',
    ],
    [{ applicationProtocols: ['http/1.0', 'http/1.1', 'h2c'] }, 'App: HTTP'],
    [{ applicationProtocols: ['h2c', 'http/1.1', 'http/1.0'] }, 'App: HTTP'],
    [
      {
        applicationProtocols: ['http/1.0', 'http/1.1', 'h2c', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'],
      },
      'App: HTTP TLS',
    ],
    [
      { applicationProtocols: ['istio', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'] },
      'App: Istio HTTP Plain',
    ],
    [{ applicationProtocols: ['istio', 'istio-peer-exchange'] }, 'App: TCP TLS'],
    [{ prefixRanges: [range], destinationPort: 80 }, 'Addr: 10.0.0.1/32:80'],
    [{ prefixRanges: [range, { addressPrefix: '0.0.0.0' }] }, 'Addr: 10.0.0.1/32,0.0.0.0/0'],
    [{ sourcePrefixRanges: [range], sourcePorts: [1, 2] }, 'Src: 10.0.0.1/32:1,2'],
    [{ directSourcePrefixRanges: [range] }, 'Direct src: 10.0.0.1/32'],
  ])('%j', (filterChainMatch, expected) => {
    expect(describeChainMatch({ filterChainMatch }, false)).toBe(expected);
  });

  test('a matcher tree chooses chains by their names', () => {
    const listener = {
      name: 'main_internal',
      internalListener: {},
      filterChainMatcher: { matcherTree: {} },
      filterChains: [{ name: 'inbound-vip|80|http', ...chainOf({ '@type': TCP, cluster: 'a' }) }],
      defaultFilterChain: chainOf({ '@type': TCP, cluster: 'b' }),
    };
    expect(listenerRow(listener)).toEqual({
      name: 'main_internal',
      addresses: [],
      port: undefined,
      type: 'TCP',
      chains: [
        { match: 'Chain: inbound-vip|80|http', destination: 'Cluster: a' },
        { match: 'ALL', destination: 'Cluster: b' },
      ],
    });
  });
});

describe('describeDestination', () => {
  test.each<[string, JsonObject, string | undefined]>([
    ['rds', chainOf({ '@type': HTTP, rds: { routeConfigName: '80' } }), 'Route: 80'],
    ['scoped routes', chainOf({ '@type': HTTP, scopedRoutes: { name: 'x' } }), 'Scoped Routes: x'],
    ['one cluster for all', inline(everything({ route: { cluster: 'a' } })), 'Cluster: a'],
    ['nowhere', inline(everything({ route: { cluster: 'BlackHoleCluster' } })), undefined],
    [
      'a header decides',
      inline(everything({ route: { cluster: 'a' } }, { prefix: '/', headers: [{}] })),
      'Inline Route: /*',
    ],
    ['one path only', inline(everything({ route: { cluster: 'a' } }, { prefix: '/x' })), 'Inline Route: /x*'],
    [
      'one host only',
      inline({ ...everything({ route: { cluster: 'a' } }), domains: ['a'] }),
      'Inline Route: /*',
    ],
    [
      'two hosts',
      inline(everything({ route: { cluster: 'a' } }), everything({}, { path: '/y' })),
      'Inline Route: /*, /y',
    ],
    ['TCP', chainOf({ '@type': TCP, cluster: 'outbound|80||a' }), 'Cluster: outbound|80||a'],
    ['TCP to the black hole', chainOf({ '@type': TCP, cluster: 'BlackHoleCluster' }), undefined],
    [
      'TCP with weights',
      chainOf({
        '@type': TCP,
        weightedClusters: {
          clusters: [
            { name: 'a', weight: 3 },
            { name: 'b', weight: 1 },
          ],
        },
      }),
      'Clusters: a 75%, b 25%',
    ],
    ['neither', { filters: [{ name: 'envoy.filters.network.redis_proxy' }] }, 'Non-HTTP/Non-TCP'],
    ['nothing', {}, 'Non-HTTP/Non-TCP'],
  ])('%s', (_title, chain, expected) => {
    expect(describeDestination(chain)).toBe(expected);
  });
});

test('a pipe, a UDP listener, and one that is about to be replaced', () => {
  const answer = {
    configs: [
      {
        '@type': 'type.googleapis.com/envoy.admin.v3.ListenersConfigDump',
        staticListeners: [
          { listener: { name: 'pipe', address: { pipe: { path: '/run/x' } } } },
          {
            listener: {
              name: 'dns',
              address: { socketAddress: { protocol: 'UDP', address: '127.0.0.1', portValue: 53 } },
            },
          },
        ],
        dynamicListeners: [
          { activeState: { listener: { name: 'old' } }, warmingState: { listener: { name: 'new' } } },
          { warmingState: { listener: { name: 'coming' } } },
          { drainingState: { listener: { name: 'going' } } },
        ],
      },
    ],
  };
  const unknown = { type: 'UNKNOWN', chains: [{ match: 'ALL', destination: 'Non-HTTP/Non-TCP' }] };
  expect(selectListeners(answer).map(listenerRow)).toEqual([
    { name: 'coming', addresses: [], port: undefined, ...unknown },
    { name: 'old', addresses: [], port: undefined, ...unknown },
    { name: 'pipe', addresses: ['unix:///run/x'], port: undefined, ...unknown },
    { name: 'dns', addresses: ['127.0.0.1'], port: 53, ...unknown },
  ]);
});
