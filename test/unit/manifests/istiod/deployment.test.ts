import { describe, expect, test } from '@jest/globals';
import { getAt, objectAt, stringAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { find, render } from './render.ts';

const POD = ['spec', 'template', 'spec'];
const CONTAINER = [...POD, 'containers', 0];

const deployment = (values: JsonObject, namespace?: string): JsonObject =>
  find(render(values, namespace), 'Deployment');
const pilot = (settings: JsonObject): JsonObject => deployment({ pilot: settings });
const at = (values: JsonObject, path: (string | number)[]): JsonValue | undefined =>
  getAt(deployment(values), path);

function env(values: JsonObject, namespace?: string): JsonObject[] {
  return getAt(deployment(values, namespace), [...CONTAINER, 'env']) as JsonObject[];
}

/** Values of the environment by name; fails on a name that is there twice. */
function envValues(values: JsonObject, namespace?: string): Record<string, JsonValue | undefined> {
  const variables = env(values, namespace);
  const byName = Object.fromEntries(
    variables.map((variable): [string, JsonValue | undefined] => [
      stringAt(variable, ['name']),
      variable['value'],
    ]),
  );
  expect(Object.keys(byName)).toHaveLength(variables.length);
  return byName;
}

describe('names, labels and annotations', () => {
  test('a revision is in the names, the label and the selector', () => {
    const revised = deployment({ revision: 'canary', ownerName: 'me' });
    expect(revised['metadata']).toMatchObject({
      name: 'istiod-canary',
      labels: {
        app: 'istiod',
        istio: 'pilot',
        'istio.io/rev': 'canary',
        'install.operator.istio.io/owning-resource': 'me',
      },
    });
    expect(revised['spec']).toMatchObject({
      selector: { matchLabels: { app: 'istiod', 'istio.io/rev': 'canary' } },
      template: {
        metadata: { labels: { app: 'istiod', istio: 'istiod', 'istio.io/rev': 'canary' } },
        spec: { serviceAccountName: 'istiod-canary' },
      },
    });
    expect(Object.keys(objectAt(revised, ['spec', 'selector', 'matchLabels']))).toEqual([
      'app',
      'istio.io/rev',
    ]);
  });

  test('labels and annotations of the user become texts; nulls drop out', () => {
    const result = pilot({
      deploymentLabels: { team: 1, app: 'mine', gone: null },
      deploymentAnnotations: { a: true },
      podLabels: { istio: 'other', 'istio.io/dataplane-mode': 'ambient', extra: false },
      podAnnotations: { 'prometheus.io/scrape': false, b: 1.5 },
    });
    expect(objectAt(result, ['metadata', 'labels'])).toMatchObject({ team: '1', app: 'mine' });
    expect(objectAt(result, ['metadata', 'labels'])).not.toHaveProperty('gone');
    expect(objectAt(result, ['metadata', 'annotations'])).toEqual({ a: 'true' });
    // Labels that make the pod work cannot be taken away: they come after podLabels.
    expect(objectAt(result, ['spec', 'template', 'metadata', 'labels'])).toMatchObject({
      istio: 'other',
      extra: 'false',
      'istio.io/dataplane-mode': 'none',
    });
    expect(objectAt(result, ['spec', 'template', 'metadata', 'annotations'])).toEqual({
      'prometheus.io/port': '15014',
      'prometheus.io/scrape': 'false',
      'sidecar.istio.io/inject': 'false',
      b: '1.5',
    });
  });
});

describe('rollout', () => {
  test.each<[JsonObject, number | undefined]>([
    [{ replicaCount: 3 }, undefined],
    [{ autoscaleEnabled: false, replicaCount: 3 }, 3],
    [{ autoscaleEnabled: false, replicaCount: '3' }, 3],
    [{ autoscaleEnabled: false }, 1],
    [{ autoscaleEnabled: false, replicaCount: 0 }, undefined],
    [{ autoscaleEnabled: false, replicaCount: null }, undefined],
  ])('%j: replicas %s', (settings, replicas) => {
    expect(getAt(pilot(settings), ['spec', 'replicas'])).toBe(replicas);
  });

  test('whole numbers given as text are numbers', () => {
    const strategy = { rollingUpdate: { maxSurge: 1, maxUnavailable: '50%' } };
    expect(
      getAt(pilot({ rollingMaxSurge: '1', rollingMaxUnavailable: '50%' }), ['spec', 'strategy']),
    ).toEqual(strategy);
  });
});

describe('image', () => {
  test.each<[string, JsonObject]>([
    [
      'example.com/istiod@sha256:1',
      { pilot: { image: 'example.com/istiod@sha256:1', hub: 'ignored', variant: 'debug' } },
    ],
    ['hub/pilot:1.31.4', { pilot: { hub: 'hub' } }],
    ['docker.io/istio/pilot:1', { pilot: { tag: 1 } }],
    ['docker.io/istio/other:1.31.4', { pilot: { image: 'other' } }],
    ['docker.io/istio/pilot:1.31.4', { pilot: { image: '' } }],
    ['docker.io/istio/pilot:1.31.4-distroless', { global: { variant: 'distroless' } }],
    [
      'docker.io/istio/pilot:1.31.4-debug',
      { global: { variant: 'distroless' }, pilot: { variant: 'debug' } },
    ],
    ['a/b/pilot:v2', { global: { hub: 'a/b', tag: 'v2' } }],
    ['docker.io/istio/pilot:1.31.4-distroless', { profile: 'ambient' }],
  ])('%s from %j', (image, values) => {
    expect(at(values, [...CONTAINER, 'image'])).toBe(image);
  });

  test('pull policy only when given', () => {
    expect(at({ global: { imagePullPolicy: 'Always' } }, [...CONTAINER, 'imagePullPolicy'])).toBe('Always');
  });
});

describe('container', () => {
  test('all arguments, in order', () => {
    const values = {
      global: { logAsJson: true, logging: { level: 'all:debug' }, proxy: { clusterDomain: 'example.org' } },
      pilot: {
        taint: { namespace: 'kube-system' },
        keepaliveMaxServerConnectionAge: '1h',
        extraContainerArgs: ['--x', '--y=1'],
      },
    };
    expect(at(values, [...CONTAINER, 'args'])).toEqual([
      'discovery',
      '--monitoringAddr=:15014',
      '--log_output_level=all:debug',
      '--log_as_json',
      '--domain',
      'example.org',
      '--cniNamespace=kube-system',
      '--keepaliveMaxServerConnectionAge',
      '1h',
      '--x',
      '--y=1',
    ]);
  });

  test('no log level, no argument', () => {
    const args = at({ global: { logging: { level: '' } } }, [...CONTAINER, 'args']) as string[];
    expect(args.filter((argument) => argument.startsWith('--log'))).toEqual([]);
  });

  test('seccomp profile and termination message', () => {
    const result = pilot({ seccompProfile: { type: 'RuntimeDefault' }, terminationMessagePolicy: 'File' });
    expect(getAt(result, [...CONTAINER, 'securityContext', 'seccompProfile'])).toEqual({
      type: 'RuntimeDefault',
    });
    expect(getAt(result, [...CONTAINER, 'terminationMessagePolicy'])).toBe('File');
    const openshift = { global: { platform: 'openshift' } };
    expect(at(openshift, [...CONTAINER, 'terminationMessagePolicy'])).toBe('FallbackToLogsOnError');
  });

  test.each<[string, JsonObject, JsonValue | undefined]>([
    [
      'limits and requests',
      { resources: { limits: { cpu: '1' }, requests: { cpu: 2 } } },
      { limits: { cpu: '1' }, requests: { cpu: 2, memory: '2048Mi' } },
    ],
    [
      'empty entries drop out',
      { resources: { requests: { cpu: null, memory: '' }, limits: { cpu: '' } } },
      undefined,
    ],
    [
      'only these two',
      { resources: { claims: [{ name: 'x' }], requests: { memory: null } } },
      { requests: { cpu: '500m' } },
    ],
    ['none: those of global', { resources: null }, { requests: { cpu: '10m' } }],
  ])('resources: %s', (_, settings, resources) => {
    expect(getAt(pilot(settings), [...CONTAINER, 'resources'])).toEqual(resources);
  });
});

describe('environment', () => {
  const order = (values: JsonObject): string[] => env(values).map((variable) => stringAt(variable, ['name']));

  test('every variable, in order', () => {
    const values: JsonObject = {
      global: {
        externalIstiod: true,
        trustBundleName: 'roots',
        istiod: { enableAnalysis: true },
        multiCluster: { clusterName: 'c1' },
        platform: 'gke',
      },
      pilot: {
        env: {
          ZED: 1000000,
          ALPHA: true,
          COMPLIANCE_POLICY: 'fips-140-3',
          BETA: 123456789,
          RATIO: 0.5,
          GONE: null,
        },
        envVarFrom: [{ name: 'FROM', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
        taint: { enabled: true },
        crlConfigMapName: 'crl',
        traceSampling: 2.5,
        trustedZtunnelName: 'zt',
      },
    };
    expect(order(values)).toEqual([
      'REVISION',
      'PILOT_CERT_PROVIDER',
      'POD_NAME',
      'POD_NAMESPACE',
      'SERVICE_ACCOUNT',
      'KUBECONFIG',
      'CA_TRUSTED_NODE_ACCOUNTS',
      'ALPHA',
      'BETA',
      'COMPLIANCE_POLICY',
      'RATIO',
      'ZED',
      'GODEBUG',
      'FROM',
      'PILOT_TRACE_SAMPLING',
      'PILOT_ENABLE_NODE_UNTAINT_CONTROLLERS',
      'PILOT_NODE_UNTAINT_CONTROLLERS_TAINT_NAME',
      'EXTERNAL_ISTIOD',
      'PILOT_CA_CERT_CONFIGMAP',
      'PILOT_CRL_CONFIGMAP',
      'PILOT_ENABLE_ANALYSIS',
      'CLUSTER_ID',
      'GOMAXPROCS',
      'PLATFORM',
    ]);
    expect(envValues(values)).toMatchObject({
      ZED: '1000000',
      BETA: '123456789',
      ALPHA: 'true',
      RATIO: '0.5',
      GODEBUG: 'fips140=only',
      PILOT_TRACE_SAMPLING: '2.5',
      PILOT_ENABLE_NODE_UNTAINT_CONTROLLERS: 'true',
      PILOT_NODE_UNTAINT_CONTROLLERS_TAINT_NAME: 'cni.istio.io/not-ready',
      EXTERNAL_ISTIOD: 'true',
      PILOT_CA_CERT_CONFIGMAP: 'roots',
      PILOT_CRL_CONFIGMAP: 'crl',
      PILOT_ENABLE_ANALYSIS: 'true',
      CLUSTER_ID: 'c1',
      PLATFORM: 'gke',
      CA_TRUSTED_NODE_ACCOUNTS: 'istio-system/zt',
    });
    expect(env(values).find((variable) => variable['name'] === 'FROM')).toEqual({
      name: 'FROM',
      valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } },
    });
  });

  test('what the user gives replaces what mesh sets', () => {
    const given = {
      CLUSTER_ID: 'mine',
      REVISION: 'r',
      GODEBUG: 'x',
      EXTERNAL_ISTIOD: 'false',
      PLATFORM: 'p',
    };
    const values: JsonObject = {
      global: { externalIstiod: true },
      pilot: {
        env: {
          ...given,
          COMPLIANCE_POLICY: 'fips-140-3',
          POD_NAME: 'twice',
          CA_TRUSTED_NODE_ACCOUNTS: 'a/b',
        },
        envVarFrom: [
          { name: 'POD_NAME', value: 'last' },
          { name: 'PILOT_TRACE_SAMPLING', value: '9' },
        ],
      },
    };
    expect(envValues(values)).toMatchObject({
      ...given,
      POD_NAME: 'last',
      PILOT_TRACE_SAMPLING: '9',
      CA_TRUSTED_NODE_ACCOUNTS: 'a/b',
    });
  });

  test('a variable set to null keeps the built-in one', () => {
    expect(envValues({ pilot: { env: { CLUSTER_ID: null } } })).toMatchObject({ CLUSTER_ID: 'Kubernetes' });
  });

  test.each<[string, string | undefined, JsonObject]>([
    ['PILOT_TRACE_SAMPLING', undefined, { pilot: { traceSampling: 0 } }],
    ['PILOT_TRACE_SAMPLING', '100', { profile: 'demo' }],
    ['PILOT_ENABLE_AMBIENT', 'true', { profile: 'ambient' }],
    ['PILOT_CERT_PROVIDER', 'custom', { global: { pilotCertProvider: 'custom' } }],
    ['EXTERNAL_ISTIOD', 'x', { global: { externalIstiod: true }, pilot: { env: { EXTERNAL_ISTIOD: 'x' } } }],
    [
      'CA_TRUSTED_NODE_ACCOUNTS',
      'kube-system/ztunnel',
      { pilot: { trustedZtunnelNamespace: 'kube-system' } },
    ],
    ['CA_TRUSTED_NODE_ACCOUNTS', 'kube-system/ztunnel', { global: { platform: 'openshift' } }],
    ['PLATFORM', 'openshift', { global: { platform: 'openshift' } }],
    ['PLATFORM', 'gke', { platform: 'gke' }],
    ['PLATFORM', '', { platform: null, global: { platform: null } }],
    ['PLATFORM', 'gke', { platform: 'k3s', global: { platform: 'gke' } }],
    ['REVISION', 'canary', { revision: 'canary' }],
    ['REVISION', 'default', { revision: 'default' }],
    ['GODEBUG', undefined, { pilot: { env: { COMPLIANCE_POLICY: 'other' } } }],
    ['PILOT_ENABLE_STRICT_GATEWAY_MERGING', 'false', { compatibilityVersion: '1.30' }],
  ])('%s is %s with %j', (name, value, values) => {
    expect(envValues(values)[name]).toBe(value);
  });

  test('ztunnel is trusted in the namespace of istiod', () => {
    expect(envValues({}, 'other')['CA_TRUSTED_NODE_ACCOUNTS']).toBe('other/ztunnel');
  });
});

describe('pod', () => {
  test('scheduling, only where given', () => {
    const settings = {
      nodeSelector: { zone: 1 },
      affinity: { nodeAffinity: { x: [] } },
      topologySpreadConstraints: [{ maxSkew: 1 }],
      tolerations: [{ key: 'mine', operator: 'Exists' }],
      initContainers: [{ name: 'first', image: 'i' }],
    };
    expect(getAt(deployment({ pilot: settings, global: { priorityClassName: 'high' } }), POD)).toMatchObject({
      ...settings,
      nodeSelector: { zone: '1' },
      tolerations: [{ key: 'cni.istio.io/not-ready', operator: 'Exists' }, ...settings.tolerations],
      priorityClassName: 'high',
    });
  });

  test('no list or map of the user is needed', () => {
    const none = {
      nodeSelector: null,
      affinity: null,
      tolerations: null,
      volumes: null,
      volumeMounts: null,
      env: null,
    };
    expect(pilot({ ...none, envVarFrom: null, extraContainerArgs: null, podLabels: null })).toEqual(
      deployment({}),
    );
  });

  const volumeNames = (values: JsonObject, list: 'volumes' | 'mounts'): string[] => {
    const found = at(values, list === 'volumes' ? [...POD, 'volumes'] : [...CONTAINER, 'volumeMounts']);
    return (found as JsonObject[]).map((item) => stringAt(item, ['name']));
  };

  test('volumes of the user come last, extra root certificates before them', () => {
    const values: JsonObject = {
      revision: 'canary',
      pilot: {
        jwksResolverExtraRootCA: 'PEM',
        volumes: [{ name: 'mine', emptyDir: {} }],
        volumeMounts: [{ name: 'mine', mountPath: '/mine' }],
      },
    };
    expect(volumeNames(values, 'volumes').slice(-3)).toEqual([
      'istio-csr-ca-configmap',
      'extracacerts',
      'mine',
    ]);
    expect(volumeNames(values, 'mounts')).toEqual([
      'istio-token',
      'local-certs',
      'cacerts',
      'istio-kubeconfig',
      'extracacerts',
      'istio-csr-dns-cert',
      'istio-csr-ca-configmap',
      'mine',
    ]);
    expect(at(values, [...POD, 'volumes', 6])).toEqual({
      name: 'extracacerts',
      configMap: { name: 'pilot-jwks-extra-cacerts-canary' },
    });
    expect(at(values, [...CONTAINER, 'volumeMounts', 4])).toEqual({
      name: 'extracacerts',
      mountPath: '/cacerts',
    });
  });

  test('the token has the audience of the installation', () => {
    const values = { global: { sds: { token: { aud: 'mine' } } } };
    expect(
      at(values, [...POD, 'volumes', 1, 'projected', 'sources', 0, 'serviceAccountToken', 'audience']),
    ).toBe('mine');
  });

  test.each([true, 'true'])('a cluster trust bundle (%j) takes the place of the ConfigMap', (enabled) => {
    const volume = (bundleName: JsonObject): JsonValue | undefined =>
      at({ global: bundleName, pilot: { env: { ENABLE_CLUSTER_TRUST_BUNDLE_API: enabled } } }, [
        ...POD,
        'volumes',
        5,
      ]);
    const expectedVolume = (name: string): JsonObject => ({
      name: 'istio-csr-ca-configmap',
      projected: { sources: [{ clusterTrustBundle: { name, path: 'root-cert.pem', optional: true } }] },
    });
    expect(volume({})).toEqual(expectedVolume('istio.io:istiod-ca:root-cert'));
    expect(volume({ trustBundleName: 'mine' })).toEqual(expectedVolume('istio.io:istiod-ca:mine'));
  });

  test('the ConfigMap with the root certificate may have another name', () => {
    expect(at({ global: { trustBundleName: 'mine' } }, [...POD, 'volumes', 5, 'configMap', 'name'])).toBe(
      'mine',
    );
  });
});
