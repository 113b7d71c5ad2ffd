/** The DaemonSet of ztunnel. */
import { describe, expect, test } from '@jest/globals';
import { getAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { byName, container, daemonSet, env, pod, render, variables } from './render.ts';

describe('DaemonSet', () => {
  test.each<[JsonObject, JsonObject, string]>([
    [{ image: 'i' }, {}, 'docker.io/istio/i:1.31.4'],
    [{ image: 'r/own:1' }, { global: { variant: 'debug', hub: '' } }, 'r/own:1'],
    [{}, { profile: 'ambient' }, 'docker.io/istio/ztunnel:1.31.4-distroless'],
  ])('image of %j with %j', (ztunnel, values, wanted) => {
    expect(container(ztunnel, values)['image']).toBe(wanted);
  });

  test.each([{ hub: '' }, { tag: '' }])('without image: %j', (global) => {
    expect(() => render({ values: { global } })).toThrow('values.global.hub or values.global.tag is empty');
  });

  test('addresses', () => {
    expect(variables({}, { revision: 'canary' })).toMatchObject({
      CA_ADDRESS: 'istiod-canary.istio-system.svc:15012',
      XDS_ADDRESS: 'istiod-canary.istio-system.svc:15012',
    });
    expect(variables({ caAddress: 'ca:1', xdsAddress: 'xds:2' })).toMatchObject({
      CA_ADDRESS: 'ca:1',
      XDS_ADDRESS: 'xds:2',
    });
  });

  test('process', () => {
    expect(variables({ logLevel: 'debug', logAsJson: true, terminationGracePeriodSeconds: 9 })).toMatchObject(
      {
        RUST_LOG: 'debug',
        LOG_FORMAT: 'json',
        TERMINATION_GRACE_PERIOD_SECONDS: '9',
      },
    );
    expect(pod({ terminationGracePeriodSeconds: 9 })['terminationGracePeriodSeconds']).toBe(9);
  });

  test('variables of the mesh before the quantities, those of ztunnel behind', () => {
    const list = env(
      {
        env: { Z: 1, A: true },
        meshConfig: { defaultConfig: { proxyMetadata: { Y: 0.5, B: 'b' } } },
        peerCaCrl: { enabled: true },
      },
      {},
    );
    expect(list.slice(-7)).toEqual([
      { name: 'B', value: 'b' },
      { name: 'Y', value: '0.5' },
      {
        name: 'ZTUNNEL_CPU_LIMIT',
        valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1' } },
      },
      {
        name: 'ZTUNNEL_RESOURCE_CPU_REQUEST',
        valueFrom: { resourceFieldRef: { resource: 'requests.cpu', divisor: '1' } },
      },
      { name: 'A', value: 'true' },
      { name: 'Z', value: '1' },
      { name: 'CRL_PATH', value: '/var/run/secrets/istio/crl/ca-crl.pem' },
    ]);
  });

  test('no name is given twice: ztunnel wins over the mesh, and both over mesh itself', () => {
    const ztunnel = {
      env: { RUST_LOG: 'trace', X: 'own' },
      meshConfig: { defaultConfig: { proxyMetadata: { X: 'mesh', ISTIO_META_CLUSTER_ID: 'c2' } } },
    };
    const list = env(ztunnel).map(({ name }) => name);
    expect(list).toHaveLength(new Set(list).size);
    expect(variables(ztunnel)).toMatchObject({ RUST_LOG: 'trace', X: 'own', ISTIO_META_CLUSTER_ID: 'c2' });
  });

  test('profile ambient switches HBONE on, the mesh configuration of the operator does not reach ztunnel', () => {
    const meshConfig = { defaultConfig: { proxyMetadata: { FROM_MESH: 'x' } } };
    const plain = variables({}, { profile: 'ambient', meshConfig });
    expect(plain).toMatchObject({ ISTIO_META_ENABLE_HBONE: 'true' });
    expect(plain).not.toHaveProperty('FROM_MESH');
  });

  test.each<[JsonObject, JsonObject, JsonValue | undefined, string[]]>([
    [{}, { profile: 'demo' }, { requests: { cpu: '200m', memory: '512Mi' } }, ['REQUEST']],
    [
      { resources: { limits: { cpu: 2, memory: null } } },
      {},
      { limits: { cpu: 2 }, requests: { cpu: '200m', memory: '512Mi' } },
      ['LIMIT', 'REQUEST'],
    ],
    [{ resources: { requests: { cpu: null } } }, {}, { requests: { memory: '512Mi' } }, []],
    [{ resources: null }, {}, undefined, []],
  ])('resources of %j with %j', (ztunnel, values, wanted, quantities) => {
    expect(container(ztunnel, values)['resources']).toEqual(wanted);
    const names = Object.keys(variables(ztunnel, values)).filter((name) =>
      name.startsWith('ZTUNNEL_RESOURCE'),
    );
    expect(names).toEqual(quantities.map((kind) => `ZTUNNEL_RESOURCE_CPU_${kind}`));
  });

  test('pod fields', () => {
    const fields = {
      affinity: { nodeAffinity: {} },
      tolerations: [{ operator: 'Exists' }],
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['1.1.1.1'] },
    };
    expect(pod(fields)).toMatchObject(fields);
    const none = pod({ tolerations: [] });
    for (const field of Object.keys(fields)) expect(none).not.toHaveProperty(field);
    expect(pod({ nodeSelector: { a: 'b' } })['nodeSelector']).toEqual({
      'kubernetes.io/os': 'linux',
      a: 'b',
    });
    expect(none).not.toHaveProperty('hostNetwork');
  });

  test('labels, annotations, strategy', () => {
    const updateStrategy = { rollingUpdate: { maxSurge: 0, maxUnavailable: '50%' } };
    const object = daemonSet({
      podLabels: { p: true },
      podAnnotations: { 'prometheus.io/port': 1, q: 'r' },
      updateStrategy,
    });
    expect(getAt(object, ['spec', 'updateStrategy'])).toEqual({ type: 'RollingUpdate', ...updateStrategy });
    expect(getAt(object, ['spec', 'template', 'metadata'])).toMatchObject({
      labels: { p: 'true' },
      annotations: { 'prometheus.io/port': '1', 'prometheus.io/scrape': 'true', q: 'r' },
    });
    expect(object['metadata']).not.toHaveProperty(['labels', 'p']);
  });

  test('SELinux options, those of openshift too', () => {
    expect(container({ seLinuxOptions: { level: 's0' } })).toMatchObject({
      securityContext: { seLinuxOptions: { level: 's0' } },
    });
    const { seLinuxOptions } = container({}, { global: { platform: 'openshift' } })[
      'securityContext'
    ] as JsonObject;
    expect(seLinuxOptions).toEqual({ type: 'spc_t' });
  });

  test.each<[JsonObject, JsonObject]>([
    [{ env: { ENABLE_CLUSTER_TRUST_BUNDLE_API: false } }, { configMap: { name: 'istio-ca-root-cert' } }],
    [
      { env: { ENABLE_CLUSTER_TRUST_BUNDLE_API: true } },
      {
        projected: {
          sources: [{ clusterTrustBundle: { name: 'istio.io:istiod-ca:root-cert', path: 'root-cert.pem' } }],
        },
      },
    ],
    [
      { env: { ENABLE_CLUSTER_TRUST_BUNDLE_API: 'true' }, trustBundleName: 'mine' },
      {
        projected: {
          sources: [{ clusterTrustBundle: { name: 'istio.io:istiod-ca:mine', path: 'root-cert.pem' } }],
        },
      },
    ],
  ])('root certificate of %j', (ztunnel, source) => {
    expect(byName(pod(ztunnel)['volumes'], 'istiod-ca-cert')).toEqual({ name: 'istiod-ca-cert', ...source });
  });

  test('revocation and more volumes', () => {
    const ztunnel = {
      peerCaCrl: { enabled: true },
      volumes: [{ name: 'v', emptyDir: {} }],
      volumeMounts: [{ name: 'v', mountPath: '/v' }],
    };
    expect((pod(ztunnel)['volumes'] as JsonValue[]).slice(-2)).toEqual([
      { name: 'crl-volume', configMap: { name: 'istio-ca-crl', optional: true } },
      { name: 'v', emptyDir: {} },
    ]);
    expect((container(ztunnel)['volumeMounts'] as JsonValue[]).slice(-2)).toEqual([
      { name: 'crl-volume', mountPath: '/var/run/secrets/istio/crl', readOnly: true },
      { name: 'v', mountPath: '/v' },
    ]);
  });
});
