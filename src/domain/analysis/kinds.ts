/**
 * The kinds that the analysis reads, with the API versions it accepts. Documents of any other group, version or kind are
 * left alone. Source: facts 1.1.
 */
import type { KindKey } from './types.ts';

export interface KindInfo {
  readonly key: KindKey;
  readonly group: string;
  readonly kind: string;
  /** Accepted versions, the preferred one first. */
  readonly versions: readonly string[];
  /** Name in the API's paths. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** In a cluster only objects of the analysed revision count (label `istio.io/rev`). */
  readonly byRevision: boolean;
  /** Without `spec`: `Resource.spec` is the whole object. */
  readonly specless: boolean;
}

type Row = readonly [key: KindKey, plural: string, versions: string, options?: string];

/** Options: `c` cluster-scoped, `r` limited to a revision, `s` without spec. */
const ROWS: readonly Row[] = [
  ['networking.istio.io/VirtualService', 'virtualservices', 'v1 v1beta1 v1alpha3', 'r'],
  ['networking.istio.io/Gateway', 'gateways', 'v1 v1beta1 v1alpha3', 'r'],
  ['networking.istio.io/ServiceEntry', 'serviceentries', 'v1 v1beta1 v1alpha3', 'r'],
  ['networking.istio.io/WorkloadEntry', 'workloadentries', 'v1 v1beta1 v1alpha3', 'r'],
  ['networking.istio.io/WorkloadGroup', 'workloadgroups', 'v1 v1beta1 v1alpha3', 'r'],
  ['networking.istio.io/DestinationRule', 'destinationrules', 'v1 v1beta1 v1alpha3', 'r'],
  ['networking.istio.io/Sidecar', 'sidecars', 'v1 v1beta1 v1alpha3', 'r'],
  ['networking.istio.io/EnvoyFilter', 'envoyfilters', 'v1alpha3', 'r'],
  ['networking.istio.io/ProxyConfig', 'proxyconfigs', 'v1beta1', 'r'],
  ['security.istio.io/AuthorizationPolicy', 'authorizationpolicies', 'v1 v1beta1', 'r'],
  ['security.istio.io/RequestAuthentication', 'requestauthentications', 'v1 v1beta1', 'r'],
  ['security.istio.io/PeerAuthentication', 'peerauthentications', 'v1 v1beta1', 'r'],
  ['telemetry.istio.io/Telemetry', 'telemetries', 'v1 v1alpha1', 'r'],
  ['extensions.istio.io/WasmPlugin', 'wasmplugins', 'v1alpha1', 'r'],
  ['extensions.istio.io/TrafficExtension', 'trafficextensions', 'v1alpha1', 'r'],
  ['gateway.networking.k8s.io/Gateway', 'gateways', 'v1 v1beta1 v1alpha2', 'r'],
  ['gateway.networking.k8s.io/HTTPRoute', 'httproutes', 'v1 v1beta1 v1alpha2', 'r'],
  ['gateway.networking.k8s.io/GRPCRoute', 'grpcroutes', 'v1 v1alpha2', 'r'],
  ['/Service', 'services', 'v1'],
  ['/Pod', 'pods', 'v1'],
  ['/Namespace', 'namespaces', 'v1', 'c'],
  ['/Node', 'nodes', 'v1', 'c'],
  ['/Secret', 'secrets', 'v1', 's'],
  ['/ConfigMap', 'configmaps', 'v1', 'rs'],
  ['apps/Deployment', 'deployments', 'v1', 'r'],
  ['admissionregistration.k8s.io/MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', 'v1', 'crs'],
  [
    'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
    'v1',
    'crs',
  ],
  ['apiextensions.k8s.io/CustomResourceDefinition', 'customresourcedefinitions', 'v1', 'cr'],
];

export const KINDS: ReadonlyMap<KindKey, KindInfo> = new Map(
  ROWS.map(([key, plural, versions, options = '']) => {
    const [group = '', kind = ''] = key.split('/');
    const info: KindInfo = {
      key,
      group,
      kind,
      plural,
      versions: versions.split(' '),
      namespaced: !options.includes('c'),
      byRevision: options.includes('r'),
      specless: options.includes('s'),
    };
    return [key, info];
  }),
);

const BY_API_VERSION: ReadonlyMap<string, KindInfo> = new Map(
  [...KINDS.values()].flatMap((info) =>
    info.versions.map(
      (version) => [`${info.group ? `${info.group}/` : ''}${version}/${info.kind}`, info] as const,
    ),
  ),
);

/** The kind of a document, or undefined when the analysis does not read it. */
export function findKind(apiVersion: string, kind: string): KindInfo | undefined {
  return BY_API_VERSION.get(`${apiVersion}/${kind}`);
}

/** Namespaces that belong to Kubernetes or to a local cluster; what lives there is not analysed (facts 1.3). */
export const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
]);
