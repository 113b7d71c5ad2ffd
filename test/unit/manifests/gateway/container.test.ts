/** The proxy's container: image, arguments, environment, volumes. */
import { describe, expect, test } from '@jest/globals';
import { getAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { container, named, names, pod, variables } from './render.ts';

describe('image', () => {
  test.each<[JsonObject, JsonObject, string]>([
    [{}, { hub: 'r.example/i', tag: 'x' }, 'r.example/i/proxyv2:x'],
    [{ tag: 'mine' }, {}, 'docker.io/istio/proxyv2:mine'],
    [{ hub: 'r.example/i' }, {}, 'docker.io/istio/proxyv2:1.31.4'],
    [{}, { variant: 'distroless' }, 'docker.io/istio/proxyv2:1.31.4-distroless'],
    [{}, { variant: 'distroless', proxy: { variant: 'debug' } }, 'docker.io/istio/proxyv2:1.31.4-debug'],
    [{}, { proxy: { image: 'other' } }, 'docker.io/istio/other:1.31.4'],
    [{}, { proxy: { image: '' } }, 'docker.io/istio/proxyv2:1.31.4'],
    [{ tag: 'x' }, { variant: 'debug', proxy: { image: 'r.example/p:1' } }, 'r.example/p:1'],
  ])('%j with global %j is %s', (gateway, global, wanted) => {
    expect(container(gateway, { global })['image']).toBe(wanted);
  });

  test('pull policy', () => {
    expect(container({})).not.toHaveProperty('imagePullPolicy');
    expect(container({}, { global: { imagePullPolicy: 'Always' } })['imagePullPolicy']).toBe('Always');
  });
});

describe('arguments', () => {
  test('every setting', () => {
    const global = {
      logAsJson: true,
      logging: { level: 'all:debug' },
      sts: { servicePort: 15463 },
      proxy: { clusterDomain: 'c.example', logLevel: 'info', componentLogLevel: 'lua:debug' },
    };
    expect(container({}, { global })['args']).toEqual([
      'proxy',
      'router',
      '--domain',
      '$(POD_NAMESPACE).svc.c.example',
      '--proxyLogLevel=info',
      '--proxyComponentLogLevel=lua:debug',
      '--log_output_level=all:debug',
      '--log_as_json',
      '--stsPort=15463',
    ]);
  });

  test('empty levels leave theirs out', () => {
    const global = { logging: { level: '' }, proxy: { logLevel: '', componentLogLevel: '' } };
    expect(container({}, { global })['args']).toEqual([
      'proxy',
      'router',
      '--domain',
      '$(POD_NAMESPACE).svc.cluster.local',
    ]);
  });
});

describe('environment', () => {
  test('settings of the mesh', () => {
    const values = {
      meshConfig: { trustDomain: 'td.example' },
      global: {
        pilotCertProvider: 'custom',
        caAddress: 'ca.example:443',
        meshID: 'mesh1',
        network: 'net1',
        multiCluster: { clusterName: 'c1' },
      },
    };
    expect(variables({}, values)).toMatchObject({
      PILOT_CERT_PROVIDER: 'custom',
      CA_ADDR: 'ca.example:443',
      ISTIO_META_MESH_ID: 'mesh1',
      TRUST_DOMAIN: 'td.example',
      ISTIO_META_NETWORK: 'net1',
      ISTIO_META_CLUSTER_ID: 'c1',
    });
    expect(variables({}, { meshConfig: { trustDomain: 'td.example' } })).toMatchObject({
      ISTIO_META_MESH_ID: 'td.example',
    });
    expect(variables({}, { global: { istioNamespace: 'mesh' } })).toMatchObject({
      CA_ADDR: 'istiod.mesh.svc:15012',
    });
  });

  test('without trust domain and mesh name', () => {
    const plain = variables({}, { meshConfig: { trustDomain: '' } });
    expect(plain).not.toHaveProperty('ISTIO_META_MESH_ID');
    expect(plain).not.toHaveProperty('TRUST_DOMAIN');
    expect(variables({}, { meshConfig: { trustDomain: '' }, global: { meshID: 'm' } })).toMatchObject({
      ISTIO_META_MESH_ID: 'm',
    });
  });

  test('variables of the gateway, then of the mesh, sorted and as texts, stand before the cluster', () => {
    const env = container(
      { env: { Z: 1, A: true } },
      { meshConfig: { defaultConfig: { proxyMetadata: { Y: 0.5, B: 'b' } } }, global: { network: 'n' } },
    )['env'] as JsonObject[];
    expect(env.slice(-8)).toEqual([
      { name: 'ISTIO_META_UNPRIVILEGED_POD', value: 'true' },
      { name: 'A', value: 'true' },
      { name: 'Z', value: '1' },
      { name: 'B', value: 'b' },
      { name: 'Y', value: '0.5' },
      { name: 'ISTIO_META_NETWORK', value: 'n' },
      { name: 'ISTIO_META_CLUSTER_ID', value: 'Kubernetes' },
      { name: 'ISTIO_META_NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    ]);
  });

  test('profiles bring variables', () => {
    expect(variables({}, { profile: 'ambient' })).toMatchObject({ ISTIO_META_ENABLE_HBONE: 'true' });
    expect(variables({}, { profile: 'preview' })).toMatchObject({ ISTIO_META_DNS_CAPTURE: 'true' });
  });

  test('no name is given twice: the gateway wins over the mesh, and both over mesh itself', () => {
    const gateway = {
      env: { ISTIO_META_NETWORK: 'mine', CA_ADDR: 'ca', X: 'gateway', ISTIO_META_UNPRIVILEGED_POD: 'false' },
    };
    const values = {
      meshConfig: { defaultConfig: { proxyMetadata: { X: 'mesh', ISTIO_META_CLUSTER_ID: 'c2' } } },
      global: { network: 'n' },
    };
    const list = names(container(gateway, values)['env']);
    expect(list).toHaveLength(new Set(list).size);
    expect(variables(gateway, values)).toMatchObject({
      ISTIO_META_NETWORK: 'mine',
      CA_ADDR: 'ca',
      X: 'gateway',
      ISTIO_META_UNPRIVILEGED_POD: 'false',
      ISTIO_META_CLUSTER_ID: 'c2',
    });
  });
});

describe('volumes', () => {
  const volumesOf = (values: JsonObject): JsonValue | undefined => pod({}, values)['volumes'];
  const mountsOf = (values: JsonObject): JsonValue | undefined => container({}, values)['volumeMounts'];

  test("istiod's root certificate only where istiod signs", () => {
    const values = { global: { pilotCertProvider: 'custom' } };
    expect(names(volumesOf(values))).not.toContain('istiod-ca-cert');
    expect(names(mountsOf(values))).not.toContain('istiod-ca-cert');
  });

  test.each<[JsonObject, JsonObject]>([
    [{ global: { trustBundleName: 'mine' } }, { configMap: { name: 'mine' } }],
    [
      { pilot: { env: { ENABLE_CLUSTER_TRUST_BUNDLE_API: false } } },
      { configMap: { name: 'istio-ca-root-cert' } },
    ],
    [
      { pilot: { env: { ENABLE_CLUSTER_TRUST_BUNDLE_API: true } } },
      {
        projected: {
          sources: [{ clusterTrustBundle: { name: 'istio.io:istiod-ca:root-cert', path: 'root-cert.pem' } }],
        },
      },
    ],
    [
      { pilot: { env: { ENABLE_CLUSTER_TRUST_BUNDLE_API: 'true' } }, global: { trustBundleName: 'mine' } },
      {
        projected: {
          sources: [{ clusterTrustBundle: { name: 'istio.io:istiod-ca:mine', path: 'root-cert.pem' } }],
        },
      },
    ],
  ])('root certificate of %j', (values, source) => {
    expect(named(volumesOf(values), 'istiod-ca-cert')).toEqual({ name: 'istiod-ca-cert', ...source });
  });

  test('token audience', () => {
    const volume = named(volumesOf({ global: { sds: { token: { aud: 'me' } } } }), 'istio-token');
    expect(getAt(volume, ['projected', 'sources', 0, 'serviceAccountToken', 'audience'])).toBe('me');
  });

  test('mountMtlsCerts mounts the Secret of the fixed account', () => {
    const values = { global: { mountMtlsCerts: true } };
    expect(named(mountsOf(values), 'istio-certs')).toEqual({
      name: 'istio-certs',
      mountPath: '/etc/certs',
      readOnly: true,
    });
    expect(named(pod({}, values, { instance: 'edge' })['volumes'], 'istio-certs')).toEqual({
      name: 'istio-certs',
      secret: { secretName: 'istio.istio-ingressgateway-service-account', optional: true },
    });
  });

  test('Secrets and ConfigMaps of the user', () => {
    const gateway = {
      secretVolumes: [{ name: 's', secretName: 'sec', mountPath: '/s' }],
      configVolumes: [
        { name: 'c', configMapName: 'conf', mountPath: '/c' },
        { name: 'd', configMapName: 'other' },
      ],
    };
    expect((pod(gateway)['volumes'] as JsonValue[]).slice(-3)).toEqual([
      { name: 's', secret: { secretName: 'sec', optional: true } },
      { name: 'c', configMap: { name: 'conf', optional: true } },
      { name: 'd', configMap: { name: 'other', optional: true } },
    ]);
    expect((container(gateway)['volumeMounts'] as JsonValue[]).slice(-2)).toEqual([
      { name: 's', mountPath: '/s', readOnly: true },
      { name: 'c', mountPath: '/c', readOnly: true },
    ]);
  });
});
