/**
 * What the templates of gateways, the CNI node agent and ztunnel make, on a real API server: for each set of values it
 * takes every object strictly (server-side apply, dry run) and would store every field as it was given.
 */
import { expect, test } from '@jest/globals';
import type { SpecComponent, KubeObject } from '../../src/domain/manifest/types.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createNamespace, useControlPlane } from '../support/controlplane.ts';
import { dryRunApply } from '../support/dry-run.ts';
import { loadComponent } from '../support/render-component.ts';

const cluster = useControlPlane();

/** Something in every setting that ends up in an object. */
const GATEWAY: JsonObject = {
  labels: { version: 'v1', tier: 'front' },
  ports: [
    { name: 'http', port: 80, targetPort: '8080', nodePort: 30480, protocol: 'TCP' },
    { name: 'udp', port: 53, protocol: 'UDP' },
  ],
  type: 'LoadBalancer',
  serviceAnnotations: { a: 'b' },
  loadBalancerIP: '10.0.0.1',
  loadBalancerSourceRanges: ['10.0.0.0/8'],
  externalTrafficPolicy: 'Local',
  ipFamilyPolicy: 'SingleStack',
  ipFamilies: ['IPv4'],
  autoscaleMin: '2',
  rollingMaxSurge: '1',
  rollingMaxUnavailable: 0,
  env: { A: 1, ISTIO_META_CLUSTER_ID: 'mine' },
  podAnnotations: { a: 1 },
  serviceAccount: { annotations: { a: 'b' } },
  resources: { limits: { cpu: 2, memory: null } },
  configVolumes: [
    { name: 'c', configMapName: 'conf', mountPath: '/c' },
    { name: 'd', configMapName: 'other' },
  ],
  additionalContainers: [
    { name: 'beside', image: 'busybox', volumeMounts: [{ name: 'd', mountPath: '/d' }] },
  ],
  nodeSelector: { a: 'b' },
  tolerations: [{ key: 'a', operator: 'Exists' }],
  podAntiAffinityLabelSelector: [
    { key: 'app', operator: 'In', values: 'a,b', topologyKey: 'zone', namespaces: 'x,y' },
  ],
  podAntiAffinityTermLabelSelector: [{ key: 'app', operator: 'Exists', topologyKey: 'zone' }],
};

const SHARED: JsonObject = {
  networkPolicy: { enabled: true },
  imagePullPolicy: 'Always',
  imagePullSecrets: ['pull'],
  variant: 'debug',
  arch: { amd64: 2, arm64: 1 },
  logAsJson: true,
  sts: { servicePort: 15463 },
  mountMtlsCerts: true,
  meshID: 'mesh',
  network: 'net',
  multiCluster: { clusterName: 'c' },
  priorityClassName: 'system-cluster-critical',
};

const CNI: JsonObject = {
  ambient: { enabled: true, shareHostNetworkNamespace: true },
  repair: { repairPods: false, deletePods: true },
  env: { A: 1, NODE_NAME: 'mine' },
  daemonSetLabels: { a: 1 },
  podLabels: { a: 1 },
  podAnnotations: { a: 1 },
  useAppArmorAnnotation: false,
  seccompProfile: { type: 'RuntimeDefault' },
  seLinuxOptions: { level: 's0' },
  affinity: { nodeAffinity: {} },
  updateStrategy: { type: 'OnDelete' },
  resourceQuotas: { enabled: true },
};

const ZTUNNEL: JsonObject = {
  resourceName: 'zt',
  labels: { a: 1 },
  annotations: { a: 1 },
  podLabels: { a: 1 },
  env: { A: 1 },
  peerCaCrl: { enabled: true },
  resources: { limits: { cpu: '1' } },
  nodeSelector: { a: 1 },
  dnsPolicy: 'None',
  dnsConfig: { nameservers: ['1.1.1.1'] },
  seLinuxOptions: { type: 'spc_t' },
  volumes: [{ name: 'v', emptyDir: {} }],
  volumeMounts: [{ name: 'v', mountPath: '/v' }],
  resourceQuotas: { enabled: true },
};

const egress = (settings: JsonObject): JsonObject => ({ gateways: { 'istio-egressgateway': settings } });
const ingress = (settings: JsonObject): JsonObject => ({ gateways: { 'istio-ingressgateway': settings } });

const CASES: readonly (readonly [SpecComponent, string, JsonObject])[] = [
  ['IngressGateways', 'no values', {}],
  ['IngressGateways', 'profile demo', { profile: 'demo' }],
  [
    'IngressGateways',
    'everything',
    { revision: 'canary', ownerName: 'me', global: SHARED, ...ingress(GATEWAY) },
  ],
  ['IngressGateways', 'as root', ingress({ runAsRoot: true, autoscaleEnabled: false, replicaCount: 2 })],
  ['EgressGateways', 'no values', {}],
  [
    'EgressGateways',
    'injected',
    { global: { platform: 'openshift' }, ...egress({ injectionTemplate: 'gateway' }) },
  ],
  ['Cni', 'no values', {}],
  ['Cni', 'profile ambient', { profile: 'ambient' }],
  ['Cni', 'everything', { revision: 'canary', global: { ...SHARED, platform: 'openshift' }, cni: CNI }],
  ['Ztunnel', 'no values', {}],
  ['Ztunnel', 'profile ambient', { profile: 'ambient' }],
  [
    'Ztunnel',
    'everything',
    { revision: 'canary', global: { ...SHARED, platform: 'openshift' }, ztunnel: ZTUNNEL },
  ],
];

/** As the API server writes it: null is nothing, an empty map of metadata too, and quantities have one form. */
function canonical(object: KubeObject): JsonObject {
  const quantities: Readonly<Record<string, string>> = { '2000m': '2', '1024Mi': '1Gi', '5000': '5k' };
  return JSON.parse(JSON.stringify(object), (key, value: unknown) => {
    if (value === null) return undefined;
    if (key === 'annotations' && Object.keys(value as object).length === 0) return undefined;
    if (key === 'cpu' && typeof value === 'number') return String(value);
    return typeof value === 'string' ? (quantities[value] ?? value) : value;
  }) as JsonObject;
}

cluster.describe('the API server takes every object of', () => {
  test.each(CASES)('%s, %s', async (name, _, values) => {
    const namespace = await createNamespace();
    // Its definition belongs to Multus, which is not here.
    const objects = loadComponent(name)
      .render({ namespace, values })
      .filter(({ kind }) => kind !== 'NetworkAttachmentDefinition');
    for (const object of objects) {
      // The server adds fields; every field that was sent is there.
      expect(await dryRunApply(object)).toMatchObject(canonical(object));
    }
  });
});
