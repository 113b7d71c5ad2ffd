import { describe, expect, test } from '@jest/globals';
import { messageOfKind, readMessage } from '../../../../src/domain/analysis/proto.ts';
import type { ProtoProblem } from '../../../../src/domain/analysis/proto.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';

function read(kind: string, spec: JsonObject): { spec: JsonObject; problems: string[] } {
  const problems: ProtoProblem[] = [];
  const read = readMessage(spec, messageOfKind(kind) ?? '', [], problems);
  return { spec: read, problems: problems.map(({ path, message }) => `${path.join('.')}: ${message}`) };
}

const rule = (spec: JsonObject): ReturnType<typeof read> => read('networking.istio.io/DestinationRule', spec);

describe('readMessage', () => {
  test('a clean spec is the same object', () => {
    const spec = { host: 'a', subsets: [{ name: 'v1', labels: { version: 'v1' } }] };
    expect(rule(spec).spec).toBe(spec);
  });

  test('snake_case, enum numbers, whole numbers as text', () => {
    const { spec, problems } = rule({
      host: 'a',
      traffic_policy: {
        load_balancer: { simple: 2 },
        connectionPool: { tcp: { max_connections: '100' }, http: { maxRetries: 3 } },
      },
    });
    expect(spec).toEqual({
      host: 'a',
      trafficPolicy: {
        loadBalancer: { simple: 'RANDOM' },
        connectionPool: { tcp: { maxConnections: 100 }, http: { maxRetries: 3 } },
      },
    });
    expect(problems).toEqual([]);
  });

  test('nulls, unknown fields, empty lists and maps are gone; null items and empty messages are not', () => {
    const { spec, problems } = rule({
      host: 'a',
      nothing: 1,
      exportTo: [],
      trafficPolicy: null,
      workloadSelector: { matchLabels: {} },
      subsets: [null, { name: 'x', labels: {} }],
    });
    expect(spec).toEqual({ host: 'a', workloadSelector: {}, subsets: [{}, { name: 'x' }] });
    expect(problems).toEqual([]);
  });

  test('durations as Go writes them, doubles also as text', () => {
    const outlier = { interval: '1m30s', baseEjectionTime: '0.5ms', consecutive5xxErrors: 4294967295 };
    expect(rule({ trafficPolicy: { outlierDetection: outlier } }).problems).toEqual([]);
    const { spec } = read('networking.istio.io/VirtualService', {
      http: [{ mirrorPercentage: { value: '12.5' } }],
    });
    expect(spec).toEqual({ http: [{ mirrorPercentage: { value: 12.5 } }] });
  });

  test('what Istio cannot read is told with its path', () => {
    const { problems } = read('networking.istio.io/VirtualService', {
      hosts: 'a',
      gateways: [true],
      http: [
        { timeout: '5', retries: { attempts: 1.5 }, route: [{ weight: 'x', destination: [] }] },
        { headers: { request: { set: ['x'], add: { a: 1 } } }, match: [{ port: -1, ignoreUriCase: 'true' }] },
      ],
    });
    expect(problems).toEqual([
      'hosts: expected a list, found the text "a"',
      'gateways.0: expected text, found the boolean true',
      'http.0.timeout: expected a duration such as 5s, found the text "5"',
      'http.0.retries.attempts: expected a whole number, found the number 1.5',
      'http.0.route.0.weight: expected a whole number, found the text "x"',
      'http.0.route.0.destination: expected a map, found a list',
      'http.1.headers.request.set: expected a map, found a list',
      'http.1.headers.request.add.a: expected text, found the number 1',
      'http.1.match.0.port: expected a whole number from 0 to 4294967295, found the number -1',
      'http.1.match.0.ignoreUriCase: expected true or false, found the text "true"',
    ]);
  });

  test('a free-form value stays as it is', () => {
    const patch = { operation: 'MERGE', value: { a_b: null, c: [] } };
    const spec = { configPatches: [{ applyTo: 'CLUSTER', patch }] };
    expect(read('networking.istio.io/EnvoyFilter', spec).spec).toBe(spec);
  });
});

test('kinds that are not Istio’s have no message', () => {
  expect(messageOfKind('gateway.networking.k8s.io/Gateway')).toBeUndefined();
  expect(messageOfKind('/Service')).toBeUndefined();
  expect(messageOfKind('networking.istio.io/ProxyConfig')).toBe('istio.networking.v1beta1.ProxyConfig');
});
