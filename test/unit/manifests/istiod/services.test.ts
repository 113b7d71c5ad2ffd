/** Services, autoscaling, budgets, network policy, and the way to a remote control plane. */
import { describe, expect, test } from '@jest/globals';
import { getAt, objectAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { expected, find, render } from './render.ts';

const PORTS = getAt(expected('service')[0], ['spec', 'ports']);

describe('Services of istiod', () => {
  const values: JsonObject = {
    revision: 'canary',
    revisionTags: ['prod'],
    pilot: {
      serviceAnnotations: { n: 1 },
      ipFamilyPolicy: 'PreferDualStack',
      ipFamilies: ['IPv6', 'IPv4'],
      trafficDistribution: 'PreferClose',
    },
    global: { ipFamilyPolicy: 'SingleStack' },
  };
  const spec = {
    ports: PORTS,
    selector: { app: 'istiod', 'istio.io/rev': 'canary' },
    ipFamilyPolicy: 'PreferDualStack',
    ipFamilies: ['IPv6', 'IPv4'],
  };

  test('its own', () => {
    const service = find(render(values), 'Service', 'istiod-canary');
    expect(service['spec']).toEqual({ ...spec, trafficDistribution: 'PreferClose' });
    expect(service.metadata['annotations']).toEqual({ n: '1' });
    expect(service.metadata['labels']).toMatchObject({ istio: 'pilot', 'istio.io/rev': 'canary' });
    expect(service.metadata['labels']).not.toHaveProperty(['istio.io/tag']);
  });

  test('one for a tag selects the pods of the revision', () => {
    const service = find(render(values), 'Service', 'istiod-revision-tag-prod');
    expect(service['spec']).toEqual(spec);
    expect(service.metadata['annotations']).toEqual({ n: '1' });
    expect(service.metadata['labels']).toMatchObject({
      app: 'istiod',
      istio: 'pilot',
      'istio.io/rev': 'canary',
      'istio.io/tag': 'prod',
      'operator.istio.io/component': 'Pilot',
    });
  });
});

describe('autoscaling', () => {
  test('all settings', () => {
    const autoscaler = find(
      render({
        revision: 'canary',
        pilot: {
          autoscaleMin: '2',
          autoscaleMax: 9,
          cpu: { targetAverageUtilization: 50 },
          memory: { targetAverageUtilization: 60 },
          autoscaleBehavior: { scaleDown: { stabilizationWindowSeconds: 10 } },
        },
      }),
      'HorizontalPodAutoscaler',
      'istiod-canary',
    );
    const metric = (name: string, averageUtilization: number): JsonObject => ({
      type: 'Resource',
      resource: { name, target: { type: 'Utilization', averageUtilization } },
    });
    expect(autoscaler['spec']).toEqual({
      minReplicas: 2,
      maxReplicas: 9,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'istiod-canary' },
      metrics: [metric('cpu', 50), metric('memory', 60)],
      behavior: { scaleDown: { stabilizationWindowSeconds: 10 } },
    });
  });
});

describe('disruption budget', () => {
  const budget = (pdb: JsonObject, more: JsonObject = {}): JsonObject =>
    find(render({ pdb, pilot: { autoscaleMin: 2 }, ...more }), 'PodDisruptionBudget');
  const selector = { matchLabels: { app: 'istiod', istio: 'pilot' } };

  test.each<[JsonObject, JsonObject]>([
    [{}, { minAvailable: 1 }],
    [{ minAvailable: '50%' }, { minAvailable: '50%' }],
    [{ minAvailable: '2' }, { minAvailable: 2 }],
    [{ minAvailable: 0 }, {}],
    [{ maxUnavailable: 1 }, { maxUnavailable: 1 }],
    [{ maxUnavailable: '25%' }, { maxUnavailable: '25%' }],
    [{ maxUnavailable: 0 }, {}],
    [
      { unhealthyPodEvictionPolicy: 'AlwaysAllow' },
      { minAvailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    ],
  ])('%j', (pdb, spec) => {
    expect(budget(pdb)['spec']).toEqual({ ...spec, selector });
  });

  test('selects the pods of the revision', () => {
    expect(budget({}, { revision: 'canary' })).toMatchObject({
      metadata: {
        name: 'istiod-canary',
        labels: { app: 'istiod', istio: 'pilot', 'istio.io/rev': 'canary' },
      },
      spec: { selector: { matchLabels: { app: 'istiod', 'istio.io/rev': 'canary' } } },
    });
  });
});

test('network policy', () => {
  const port = (number: number): JsonObject => ({ port: number, protocol: 'TCP' });
  const policy = (values: JsonObject): JsonObject =>
    find(render({ ...values, global: { networkPolicy: { enabled: true } } }), 'NetworkPolicy');
  expect(policy({})['spec']).toEqual({
    podSelector: { matchLabels: { app: 'istiod', 'istio.io/rev': 'default' } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      { ports: [port(15017)] },
      { ports: [port(15010), port(15011), port(15012), port(8080), port(15014)] },
    ],
    egress: [{}],
  });
  expect(getAt(policy({ revision: 'canary' }), ['spec', 'podSelector', 'matchLabels'])).toEqual({
    app: 'istiod',
    'istio.io/rev': 'canary',
  });
});

describe('remote control plane', () => {
  const remote = (
    remotePilotAddress: string,
    more: JsonObject = {},
    global: JsonObject = {},
  ): JsonObject => ({
    profile: 'remote',
    ...more,
    global: { remotePilotAddress, ...global },
  });
  const ports = [
    { port: 15012, name: 'tcp-istiod', protocol: 'TCP' },
    { port: 443, name: 'tcp-webhook', protocol: 'TCP', targetPort: 15017 },
  ];

  test.each([
    ['10.0.0.1', 'IPv4'],
    ['999.1.1.1', 'IPv4'],
    ['2001:db8::1', 'IPv6'],
    ['::1', 'IPv6'],
    ['fe80::', 'IPv6'],
  ])('address %s: %s endpoint', (address, addressType) => {
    const objects = render(remote(address));
    expect(find(objects, 'Service')['spec']).toEqual({ ports });
    const slice = find(objects, 'EndpointSlice');
    expect(slice).toMatchObject({
      apiVersion: 'discovery.k8s.io/v1',
      metadata: {
        name: 'istiod',
        namespace: 'istio-system',
        labels: {
          'kubernetes.io/service-name': 'istiod',
          'endpointslice.kubernetes.io/managed-by': 'Helm',
          'app.kubernetes.io/name': 'istiod',
        },
      },
      addressType,
      endpoints: [{ addresses: [address] }],
      ports: [ports[0]!, { port: 15017, name: 'tcp-webhook', protocol: 'TCP' }],
    });
    expect(slice.metadata['labels']).not.toHaveProperty(['istio.io/rev']);
  });

  test.each(['istiod.example.com', 'localhost', '1.2.3', '1.2.3.4.example.com', 'face:b00k'])(
    'DNS name %s',
    (name) => {
      expect(find(render(remote(name)), 'Service')['spec']).toEqual({
        ports,
        type: 'ExternalName',
        externalName: name,
      });
    },
  );

  test("the Service has global's IP families", () => {
    const global = { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4'] };
    const values = remote(
      '10.0.0.1',
      { pilot: { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv6'] } },
      global,
    );
    expect(find(render(values), 'Service')['spec']).toEqual({ ports, ...global });
  });

  test('labels of the Service', () => {
    expect(
      Object.keys(objectAt(find(render(remote('10.0.0.1')), 'Service').metadata, ['labels'])).sort(),
    ).toEqual([
      'app.kubernetes.io/instance',
      'app.kubernetes.io/managed-by',
      'app.kubernetes.io/name',
      'app.kubernetes.io/part-of',
      'app.kubernetes.io/version',
      'helm.sh/chart',
      'istio.io/rev',
    ]);
  });

  test('next to an istiod of its own it has another name', () => {
    const values = remote('10.0.0.1', {
      revision: 'canary',
      istiodRemote: { enabledLocalInjectorIstiod: true },
    });
    const objects = render(values);
    expect(find(objects, 'Service', 'istiod-canary')['spec']).toHaveProperty('selector');
    expect(find(objects, 'Service', 'istiod-canary-remote').metadata['labels']).toMatchObject({
      'istio.io/rev': 'canary',
    });
    const labels: JsonValue = { 'kubernetes.io/service-name': 'istiod-canary-remote' };
    expect(find(objects, 'EndpointSlice', 'istiod-canary-remote').metadata).toMatchObject({ labels });
  });
});
