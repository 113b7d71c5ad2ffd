/** The Service, the replicas and the account of a gateway. */
import { describe, expect, test } from '@jest/globals';
import { getAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { findObject, objectNames } from '../../../support/render-component.ts';
import { container, egress, ingress, names, object, objectsOf, render } from './render.ts';

describe('Service', () => {
  const spec = (gateway: JsonObject): JsonObject => object('Service', gateway)['spec'] as JsonObject;

  test('customService leaves it out', () => {
    expect(objectNames(render({ customService: true }))).not.toContain('Service istio-ingressgateway');
  });

  test.each<[string, JsonValue]>([
    ['type', 'NodePort'],
    ['loadBalancerIP', '10.0.0.1'],
    ['loadBalancerSourceRanges', ['10.0.0.0/8']],
    ['externalTrafficPolicy', 'Local'],
    ['ipFamilyPolicy', 'PreferDualStack'],
    ['ipFamilies', ['IPv6', 'IPv4']],
  ])('%s', (key, value) => {
    expect(spec({ [key]: value })[key]).toEqual(value);
  });

  test('an egress gateway has the same settings', () => {
    const values = {
      gateways: {
        'istio-egressgateway': { loadBalancerIP: '10.0.0.1', egressPorts: [{ name: 'a', port: 1 }] },
      },
    };
    const { spec: service } = findObject(egress.render({ values }), 'Service');
    expect(service).toMatchObject({ loadBalancerIP: '10.0.0.1' });
    expect(names(getAt(service as JsonObject, ['ports']))).toEqual(['http2', 'https', 'a']);
  });

  test('annotations', () => {
    expect(object('Service', { serviceAnnotations: { a: 'b' } }).metadata['annotations']).toEqual({ a: 'b' });
  });

  test('ports keep every key, simple ports come last and are not declared by the pods', () => {
    const gateway = {
      ports: [
        { name: 'quic', port: 443, nodePort: 30443, targetPort: 8443, protocol: 'UDP' },
        { name: 'tcp', port: 31400 },
        { name: 'text', port: 9, targetPort: '9000' },
      ],
      ingressPorts: [{ name: 'more', port: 8999 }],
    };
    expect(spec(gateway)['ports']).toEqual([
      { name: 'quic', port: 443, nodePort: 30443, targetPort: 8443, protocol: 'UDP' },
      { name: 'tcp', port: 31400 },
      { name: 'text', port: 9, targetPort: 9000 },
      { name: 'more', port: 8999 },
    ]);
    expect(container(gateway)['ports']).toEqual([
      { containerPort: 8443, protocol: 'UDP' },
      { containerPort: 31400, protocol: 'TCP' },
      { containerPort: 9000, protocol: 'TCP' },
      { containerPort: 15090, protocol: 'TCP', name: 'http-envoy-prom' },
    ]);
    const policy = object('NetworkPolicy', gateway, { global: { networkPolicy: { enabled: true } } });
    expect((getAt(policy, ['spec', 'ingress']) as JsonValue[]).slice(2)).toEqual([
      { ports: [{ protocol: 'UDP', port: 8443 }] },
      { ports: [{ protocol: 'TCP', port: 31400 }] },
      { ports: [{ protocol: 'TCP', port: 9000 }] },
    ]);
  });

  test('targetPort 0 means the port itself', () => {
    const gateway = { ports: [{ name: 'a', port: 8000, targetPort: 0 }] };
    expect(spec(gateway)['ports']).toEqual([{ name: 'a', port: 8000, targetPort: 0 }]);
    expect(container(gateway)['ports']).toContainEqual({ containerPort: 8000, protocol: 'TCP' });
  });
});

describe('replicas', () => {
  const kinds = (gateway: JsonObject, values: JsonObject = {}): string[] =>
    render(gateway, values)
      .map(({ kind }) => kind)
      .filter((kind) => /Autoscaler|Budget/.test(kind));

  test.each<[JsonObject, JsonObject, string[]]>([
    [{}, {}, ['HorizontalPodAutoscaler']],
    [{ autoscaleMin: 2 }, {}, ['HorizontalPodAutoscaler', 'PodDisruptionBudget']],
    [{ autoscaleMin: 0 }, {}, []],
    [{ autoscaleMax: 0 }, {}, []],
    [{ autoscaleEnabled: false }, {}, []],
    [{ autoscaleEnabled: false, autoscaleMin: 2, replicaCount: 1 }, {}, []],
    [{ autoscaleEnabled: false, replicaCount: 2 }, {}, ['PodDisruptionBudget']],
    [
      { autoscaleMin: 2 },
      { global: { defaultPodDisruptionBudget: { enabled: false } } },
      ['HorizontalPodAutoscaler'],
    ],
  ])('%j with %j renders %j', (gateway, values, wanted) => {
    expect(kinds(gateway, values)).toEqual(wanted);
  });

  test('the autoscaler follows its settings, quoted numbers are numbers', () => {
    const gateway = { autoscaleMin: '3', autoscaleMax: 7, cpu: { targetAverageUtilization: 60 } };
    expect(object('HorizontalPodAutoscaler', gateway)['spec']).toMatchObject({
      minReplicas: 3,
      maxReplicas: 7,
      metrics: [{ resource: { target: { averageUtilization: 60 } } }],
    });
  });

  test.each<[JsonObject, JsonValue | undefined]>([
    [{ replicaCount: 3 }, undefined],
    [{ autoscaleEnabled: false, replicaCount: 3 }, 3],
    [{ autoscaleEnabled: false, replicaCount: 0 }, undefined],
    [{ autoscaleEnabled: false }, undefined],
  ])('%j sets replicas %j', (gateway, wanted) => {
    expect(getAt(object('Deployment', gateway), ['spec', 'replicas'])).toEqual(wanted);
  });

  test('profile demo does not scale', () => {
    const objects = ingress.render({ values: { profile: 'demo' } });
    expect(objectNames(objects)).toEqual(
      objectsOf('istio-ingressgateway').filter((name) => !name.startsWith('Horizontal')),
    );
    expect(getAt(findObject(objects, 'Deployment'), ['spec'])).not.toHaveProperty('replicas');
    expect(names(getAt(findObject(objects, 'Service'), ['spec', 'ports']))).toEqual([
      'status-port',
      'http2',
      'https',
      'tcp',
      'tls',
    ]);
    expect(container({}, { profile: 'demo' })['resources']).toEqual({
      requests: { cpu: '10m', memory: '40Mi' },
      limits: { cpu: '2000m', memory: '1024Mi' },
    });
  });

  test('the strategy takes numbers and percentages', () => {
    const gateway = { rollingMaxSurge: 0, rollingMaxUnavailable: '1' };
    expect(getAt(object('Deployment', gateway), ['spec', 'strategy', 'rollingUpdate'])).toEqual({
      maxSurge: 0,
      maxUnavailable: 1,
    });
  });
});

describe('service account', () => {
  test('pull secrets and annotations', () => {
    const account = object(
      'ServiceAccount',
      { serviceAccount: { annotations: { a: 'b' } } },
      { global: { imagePullSecrets: ['x', 'y'] } },
    );
    expect(account['imagePullSecrets']).toEqual([{ name: 'x' }, { name: 'y' }]);
    expect(account.metadata['annotations']).toEqual({ a: 'b' });
  });
});
