/**
 * What the templates of istiod make, on a real API server: for each set of values it takes every object strictly
 * (server-side apply, dry run) and would store every field as it was given.
 */
import { expect, test } from '@jest/globals';
import type { KubeObject } from '../../src/domain/manifest/types.ts';
import { objectAt } from '../../src/lib/json.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createNamespace, useControlPlane } from '../support/controlplane.ts';
import { dryRunApply } from '../support/dry-run.ts';
import { render, renderTag } from '../unit/manifests/istiod/render.ts';

const cluster = useControlPlane();

/**
 * Values with something in every setting that ends up in an object. Not ENABLE_CLUSTER_TRUST_BUNDLE_API: an API server
 * without the feature gate ClusterTrustBundleProjection drops that volume source silently.
 */
const EVERYTHING: JsonObject = {
  revision: 'canary',
  revisionTags: ['prod', 'default'],
  ownerName: 'me',
  experimental: { stableValidationPolicy: true },
  gatewayClasses: { istio: { deployment: { spec: { replicas: 2 } } } },
  istiodRemote: { enabled: true, enabledLocalInjectorIstiod: true, injectionCABundle: '' },
  sidecarInjectorWebhook: { enableNamespacesByDefault: true, injectedAnnotations: { a: 1 } },
  base: { validationFailurePolicy: 'Fail' },
  global: {
    networkPolicy: { enabled: true },
    istiod: { enableAnalysis: true },
    imagePullPolicy: 'Always',
    imagePullSecrets: ['pull'],
    priorityClassName: 'system-cluster-critical',
    remotePilotAddress: '10.0.0.1',
    ipFamilyPolicy: 'SingleStack',
    ipFamilies: ['IPv4'],
    certSigners: ['a.b/c'],
    trustBundleName: 'roots',
    externalIstiod: true,
    logAsJson: true,
    platform: 'openshift',
  },
  pilot: {
    autoscaleMin: 2,
    memory: { targetAverageUtilization: 70 },
    autoscaleBehavior: { scaleDown: { stabilizationWindowSeconds: 10 } },
    rollingMaxSurge: '1',
    pdb: { unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    env: {
      EXTERNAL_CA: 'ISTIOD_RA_KUBERNETES_API',
      COMPLIANCE_POLICY: 'fips-140-3',
      CLUSTER_ID: 'mine',
      BIG: 1000000,
    },
    envVarFrom: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
    taint: { enabled: true, namespace: 'kube-system' },
    crlConfigMapName: 'crl',
    resources: { limits: { cpu: '1', memory: '4Gi' } },
    seccompProfile: { type: 'RuntimeDefault' },
    nodeSelector: { a: true },
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: {} },
    ],
    tolerations: [{ key: 'a', operator: 'Exists' }],
    volumes: [{ name: 'mine', emptyDir: {} }],
    volumeMounts: [{ name: 'mine', mountPath: '/mine' }],
    initContainers: [{ name: 'first', image: 'busybox' }],
    extraContainerArgs: ['--x'],
    podAnnotations: { a: 1 },
    podLabels: { a: 1 },
    deploymentAnnotations: { a: true },
    deploymentLabels: { a: 1 },
    serviceAnnotations: { a: 1 },
    serviceAccountAnnotations: { a: 1 },
    sidecarInjectorWebhookAnnotations: { a: 1 },
    jwksResolverExtraRootCA: 'PEM',
    ipFamilyPolicy: 'SingleStack',
    ipFamilies: ['IPv4'],
    trafficDistribution: 'PreferClose',
    terminationMessagePolicy: 'FallbackToLogsOnError',
  },
};

const CASES: readonly (readonly [string, JsonObject])[] = [
  ['no values', {}],
  ['profile demo', { profile: 'demo' }],
  ['profile ambient', { profile: 'ambient' }],
  ['profile remote, IPv6', { profile: 'remote', global: { remotePilotAddress: '2001:db8::1' } }],
  ['profile remote, DNS name', { profile: 'remote', global: { remotePilotAddress: 'istiod.example.com' } }],
  [
    'two fixed replicas',
    { pilot: { autoscaleEnabled: false, replicaCount: 2 }, pdb: { maxUnavailable: '50%' } },
  ],
  ['other readers', { global: { readerServiceAccount: { name: 'mine' } } }],
  [
    'webhooks elsewhere',
    {
      istiodRemote: { injectionURL: 'https://a.example/inject' },
      base: { validationURL: 'https://a.example/v' },
    },
  ],
  ['everything', EVERYTHING],
];

/** As the API server writes it: an empty value of a variable is none, and quantities have one form. */
function canonical(object: KubeObject): JsonObject {
  return JSON.parse(JSON.stringify(object), (key, value: unknown) => {
    if (key === 'value' && value === '') return undefined;
    return value === '2048Mi' ? '2Gi' : value;
  }) as JsonObject;
}

cluster.describe('the API server takes every object of istiod', () => {
  test.each(CASES)('%s', async (_, values) => {
    const namespace = await createNamespace();
    const withNamespace = {
      ...values,
      global: { ...objectAt(values, ['global']), istioNamespace: namespace },
    };
    for (const object of [...render(withNamespace, namespace), ...renderTag(withNamespace, namespace)]) {
      // The server adds fields; every field that was sent is there.
      expect(await dryRunApply(object)).toMatchObject(canonical(object));
    }
  });
});
