/** The pods of a gateway: rights, placement, and the form that the injector fills in. */
import { describe, expect, test } from '@jest/globals';
import { getAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { findObject, objectNames, readExpected } from '../../../support/render-component.ts';
import { container, egress, expectedFile, objectsOf, pod, podMetadata, variables } from './render.ts';

describe('pod', () => {
  test('runAsRoot drops every restriction', () => {
    expect(pod({ runAsRoot: true })).not.toHaveProperty('securityContext');
    expect(container({ runAsRoot: true })).not.toHaveProperty('securityContext');
    expect(variables({ runAsRoot: true })).not.toHaveProperty('ISTIO_META_UNPRIVILEGED_POD');
  });

  test.each([{ global: { platform: 'openshift' } }, { platform: 'openshift' }])(
    '%j leaves the user to the cluster',
    (values) => {
      expect(pod({}, values)['securityContext']).toEqual({ runAsNonRoot: true });
    },
  );

  test('prometheus annotations only where metrics are merged; the gateway annotates last', () => {
    expect(podMetadata({}, { meshConfig: { enablePrometheusMerge: false } })['annotations']).toEqual({
      'istio.io/rev': 'default',
      'sidecar.istio.io/inject': 'false',
    });
    const { annotations } = podMetadata({ podAnnotations: { a: true, 'prometheus.io/port': '1' } });
    expect(annotations).toMatchObject({ a: 'true', 'prometheus.io/port': '1' });
  });

  test.each<[JsonObject, JsonObject, JsonValue | undefined]>([
    [
      { resources: { requests: { cpu: null, memory: '1Gi' }, limits: null } },
      {},
      { requests: { memory: '1Gi' } },
    ],
    [
      { resources: { claims: [{ name: 'x' }] } },
      {},
      { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '2000m', memory: '1024Mi' } },
    ],
    [{ resources: null }, {}, { requests: { cpu: '10m' } }],
    [
      { resources: null },
      { global: { defaultResources: { limits: { cpu: 1 } } } },
      { requests: { cpu: '10m' }, limits: { cpu: 1 } },
    ],
    [{ resources: null }, { global: { defaultResources: null } }, undefined],
  ])('resources of %j with %j', (gateway, values, wanted) => {
    expect(container(gateway, values)['resources']).toEqual(wanted);
  });

  test('priority, tolerations, containers beside the proxy', () => {
    const tolerations = [{ key: 'a', operator: 'Exists' }];
    const beside = { name: 'beside', image: 'i' };
    expect(
      pod({ tolerations, additionalContainers: [beside] }, { global: { priorityClassName: 'high' } }),
    ).toMatchObject({
      priorityClassName: 'high',
      tolerations,
      containers: [{ name: 'istio-proxy' }, beside],
    });
    expect(pod({}, { global: { defaultTolerations: tolerations } })['tolerations']).toEqual(tolerations);
    expect(
      pod({ tolerations: [{ key: 'b' }] }, { global: { defaultTolerations: tolerations } })['tolerations'],
    ).toEqual([{ key: 'b' }]);
  });
});

describe('affinity', () => {
  const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
  const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
  const isIn = (key: string, ...values: string[]): JsonObject => ({ key, operator: 'In', values });

  test('architectures and node labels', () => {
    const affinity = pod(
      { nodeSelector: { b: '1', a: 'x' } },
      { global: { arch: { s390x: 1, arm64: 0, amd64: 2 } } },
    )['affinity'];
    expect(affinity).toEqual({
      nodeAffinity: {
        [REQUIRED]: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                isIn('kubernetes.io/arch', 'amd64', 's390x'),
                isIn('a', 'x'),
                isIn('b', '1'),
              ],
            },
          ],
        },
        [PREFERRED]: [
          { weight: 2, preference: { matchExpressions: [isIn('kubernetes.io/arch', 'amd64')] } },
          { weight: 1, preference: { matchExpressions: [isIn('kubernetes.io/arch', 's390x')] } },
        ],
      },
    });
  });

  test('node labels alone; the default ones where the gateway has none', () => {
    const global = { defaultNodeSelector: { d: 'e' } };
    const required = (key: string, value: string): JsonObject => ({
      nodeAffinity: {
        [REQUIRED]: { nodeSelectorTerms: [{ matchExpressions: [isIn(key, value)] }] },
        [PREFERRED]: null,
      },
    });
    expect(pod({}, { global })['affinity']).toEqual(required('d', 'e'));
    expect(pod({ nodeSelector: { a: 'b' } }, { global })['affinity']).toEqual(required('a', 'b'));
    expect(pod({ nodeSelector: { a: 'b' } })).not.toHaveProperty('nodeSelector');
  });

  test('other pods', () => {
    const gateway = {
      podAntiAffinityLabelSelector: [
        {
          key: 'app',
          operator: 'In',
          values: 'a,b',
          topologyKey: 'kubernetes.io/hostname',
          namespaces: 'x,y',
        },
        { key: 'tier', operator: 'Exists', topologyKey: 'zone' },
      ],
      podAntiAffinityTermLabelSelector: [{ key: 'app', operator: 'NotIn', values: 'c', topologyKey: 'zone' }],
    };
    expect(getAt(pod(gateway), ['affinity', 'podAntiAffinity'])).toEqual({
      [REQUIRED]: [
        {
          labelSelector: { matchExpressions: [isIn('app', 'a', 'b')] },
          topologyKey: 'kubernetes.io/hostname',
          namespaces: ['x', 'y'],
        },
        { labelSelector: { matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, topologyKey: 'zone' },
      ],
      [PREFERRED]: [
        {
          weight: 100,
          podAffinityTerm: {
            labelSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['c'] }] },
            topologyKey: 'zone',
          },
        },
      ],
    });
  });
});

describe('injected form', () => {
  const gateway = { injectionTemplate: 'gateway' };

  test('without further settings', () => {
    const values = { gateways: { 'istio-egressgateway': gateway } };
    const objects = egress.render({ instance: 'out', namespace: 'edge', values });
    expect(findObject(objects, 'Deployment')).toEqual(readExpected(expectedFile('injected.yaml'))[0]);
    expect(objectNames(objects)).toEqual(objectsOf('out'));
  });

  test('labels of the installation and of the revision', () => {
    expect(podMetadata(gateway, { revision: 'canary' })['labels']).toMatchObject({
      heritage: 'Tiller',
      release: 'istio',
      chart: 'gateways',
      'istio.io/rev': 'canary',
    });
    expect(podMetadata(gateway, { revision: 'canary' })['annotations']).not.toHaveProperty('istio.io/rev');
  });

  test('only its own variables, and none as root', () => {
    const values = {
      meshConfig: { defaultConfig: { proxyMetadata: { M: 'm' } } },
      global: { network: 'n', mountMtlsCerts: true },
    };
    expect(variables({ ...gateway, env: { A: 'a' } }, values)).toEqual({
      ISTIO_META_UNPRIVILEGED_POD: 'true',
      A: 'a',
    });
    expect(container({ ...gateway, runAsRoot: true }, values)).not.toHaveProperty('env');
  });

  test('only the volumes of the user', () => {
    const bare = { ...gateway, secretVolumes: [] };
    expect(pod(bare, { global: { mountMtlsCerts: true } })).not.toHaveProperty('volumes');
    expect(container(bare)).not.toHaveProperty('volumeMounts');
  });

  test('needs no image settings', () => {
    expect(container(gateway, { global: { hub: '', tag: null } })['image']).toBe('auto');
  });
});
