/** What `mesh describe` reads: the configuration of the whole mesh, but Services and Pods of one namespace only. */
import { createContext } from '../domain/analysis/context.ts';
import { KINDS } from '../domain/analysis/kinds.ts';
import { readResource } from '../domain/analysis/resource.ts';
import { labelsAt, matchesLabels, renderSelector } from '../domain/analysis/semantics/selectors.ts';
import type { AnalysisContext, KindKey, Resource } from '../domain/analysis/types.ts';
import type { GatewayAddress } from '../domain/describe/exposure.ts';
import type { RouteEffect } from '../domain/describe/routes.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { mapsAt, numberAt } from '../domain/readiness/fields.ts';
import { MeshError } from '../lib/errors.ts';
import { listAt, stringAt } from '../lib/json.ts';
import { readCluster } from './analyze-cluster.ts';
import { readMeshSettings } from './analyze-mesh.ts';
import { findNamespace } from './find-namespace.ts';
import type { Cluster, Files } from './ports.ts';

const MESH_KINDS: ReadonlySet<KindKey> = new Set([
  'networking.istio.io/VirtualService',
  'networking.istio.io/DestinationRule',
  'networking.istio.io/Gateway',
  'networking.istio.io/Sidecar',
  'networking.istio.io/EnvoyFilter',
  'security.istio.io/AuthorizationPolicy',
  'security.istio.io/RequestAuthentication',
  'security.istio.io/PeerAuthentication',
  'telemetry.istio.io/Telemetry',
  'extensions.istio.io/WasmPlugin',
  'gateway.networking.k8s.io/Gateway',
  'gateway.networking.k8s.io/HTTPRoute',
  'gateway.networking.k8s.io/GRPCRoute',
]);

export interface DescribeWorld {
  readonly context: AnalysisContext;
  readonly rootNamespace: string;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** Pods of the namespace as the API has them. */
  readonly pods: readonly KubeObject[];
  /** Kinds that may not be read. */
  readonly unknownKinds: readonly KindKey[];
}

export interface LoadInput {
  readonly namespace: string;
  readonly istioNamespace: string;
  readonly revision: string;
  readonly signal: AbortSignal;
}

export async function loadWorld(
  { namespace, istioNamespace, revision, signal }: LoadInput,
  ports: { readonly cluster: Cluster; readonly files: Files },
): Promise<DescribeWorld> {
  const { cluster, files } = ports;
  const [object, services, pods, contents, settings] = await Promise.all([
    findNamespace(namespace, cluster, signal),
    cluster.list({ apiVersion: 'v1', kind: 'Service', namespace }, { signal }),
    cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, { signal }),
    readMeshKinds(cluster, { revision, istioNamespace, signal }),
    readMeshSettings({ istioNamespace, revision, signal }, files, cluster),
  ]);
  const local = [
    ...services.items.flatMap((item) => toResource(item, '/Service')),
    ...pods.items.flatMap((item) => toResource(item, '/Pod')),
    ...toResource(object, '/Namespace'),
  ];
  return {
    context: createContext([...local, ...contents.resources], settings, { knownKinds: contents.knownKinds }),
    rootNamespace: stringAt(settings.meshConfig, ['rootNamespace']) || istioNamespace,
    namespaceLabels: labelsAt(object, ['metadata', 'labels']),
    pods: pods.items,
    unknownKinds: contents.forbidden.map(({ kind }) => kind),
  };
}

/** Who may read none of it still gets what the pods and Services tell. */
async function readMeshKinds(
  cluster: Cluster,
  request: { readonly revision: string; readonly istioNamespace: string; readonly signal: AbortSignal },
): ReturnType<typeof readCluster> {
  try {
    return await readCluster(cluster, { ...request, kinds: MESH_KINDS });
  } catch (error) {
    if (!(error instanceof MeshError) || error.code !== 'auth') throw error;
    const forbidden = [...MESH_KINDS].map((kind) => ({ kind, reason: error.message }));
    return { resources: [], knownKinds: [], forbidden };
  }
}

function toResource(object: KubeObject, kind: KindKey): Resource[] {
  const info = KINDS.get(kind);
  // Items of a list have no kind of their own.
  return info ? [readResource({ ...object, apiVersion: 'v1', kind: info.kind }, info, {}).resource] : [];
}

/** Where the gateways that `routes` name can be reached, by `namespace/name`; those that can not be found out are left out. */
export async function findGatewayAddresses(
  routes: readonly RouteEffect[],
  context: AnalysisContext,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, GatewayAddress>> {
  const names = new Set(
    routes.filter(({ kind }) => kind === 'VirtualService').flatMap(({ gateways }) => gateways),
  );
  const found = await Promise.all(
    [...names].map(async (name) => {
      const [namespace = '', own = ''] = name.split('/');
      const gateway = context.get('networking.istio.io/Gateway', namespace, own);
      const address = gateway && (await addressOf(gateway, cluster, signal));
      return address ? ([[name, address]] as const) : [];
    }),
  );
  return new Map(found.flat());
}

async function addressOf(
  gateway: Resource,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<GatewayAddress | undefined> {
  const labelSelector = renderSelector(labelsAt(gateway.spec, ['selector']));
  if (labelSelector === '') return undefined;
  try {
    const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod', labelSelector }, { signal });
    const [pod] = pods.items;
    if (!pod) return undefined;
    const namespace = stringAt(pod, ['metadata', 'namespace']);
    const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Service', namespace }, { signal });
    const labels = labelsAt(pod, ['metadata', 'labels']);
    const services = items.filter((service) => {
      const selector = labelsAt(service, ['spec', 'selector']);
      return Object.keys(selector).length > 0 && matchesLabels(labels, selector);
    });
    const service = services.find((item) => externalAddresses(item).length > 0) ?? services[0];
    return service && toAddress(service);
  } catch (error) {
    // Who may not look into the gateway's namespace gets no address.
    if (error instanceof MeshError && error.code === 'auth') return undefined;
    throw error;
  }
}

function externalAddresses(service: KubeObject): string[] {
  return mapsAt(service, ['status', 'loadBalancer', 'ingress'])
    .map((ingress) => stringAt(ingress, ['hostname']) || stringAt(ingress, ['ip']))
    .filter((address) => address !== '');
}

function toAddress(service: KubeObject): GatewayAddress {
  const external = externalAddresses(service);
  const own = stringAt(service, ['spec', 'clusterIP']);
  return {
    addresses: external.length > 0 ? external : own === '' || own === 'None' ? [] : [own],
    ports: listAt(service, ['spec', 'ports']).map((port) => ({
      port: numberAt(port, ['port']),
      targetPort: numberAt(port, ['targetPort'], numberAt(port, ['port'])),
    })),
  };
}
