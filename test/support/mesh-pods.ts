/** Pods of a mesh for tests: istiods, pods with and without a sidecar, and what istiod says about them. */
import type { KubeObject } from '../../src/domain/manifest/types.ts';
import type { JsonObject } from '../../src/lib/json.ts';

export interface TestPod {
  readonly name: string;
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Images by container. Default: an application alone. */
  readonly containers?: Readonly<Record<string, string>>;
  readonly initContainers?: Readonly<Record<string, string>>;
  readonly phase?: string;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
}

export function makePod(pod: TestPod): KubeObject {
  const list = (images: Readonly<Record<string, string>>): JsonObject[] =>
    Object.entries(images).map(([name, image]) => ({ name, image }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: pod.name,
      namespace: pod.namespace,
      labels: { ...pod.labels },
      annotations: { ...pod.annotations },
    },
    spec: {
      containers: list(pod.containers ?? { app: 'app:1' }),
      ...(pod.initContainers ? { initContainers: list(pod.initContainers) } : {}),
      ...pod.spec,
    },
    status: { phase: pod.phase ?? 'Running', ...pod.status },
  };
}

export function makeIstiod(name: string, revision = 'default', version = '1.31.4'): KubeObject {
  return makePod({
    name,
    namespace: 'istio-system',
    labels: { app: 'istiod', 'istio.io/rev': revision },
    annotations: { 'prometheus.io/port': '15014', 'sidecar.istio.io/inject': 'false' },
    containers: { discovery: `docker.io/istio/pilot:${version}` },
  });
}

export function makeSidecarPod(name: string, namespace: string, version = '1.31.4'): KubeObject {
  const image = `docker.io/istio/proxyv2:${version}`;
  return makePod({ name, namespace, containers: { app: 'app:1', 'istio-proxy': image } });
}

export function makeNamespace(name: string, labels: Readonly<Record<string, string>> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { ...labels } } };
}

const TYPES = {
  CDS: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  LDS: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  EDS: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  RDS: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  ECDS: 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig',
  WDS: 'type.googleapis.com/istio.workload.Address',
} as const;

type SyncText = 'synced' | 'stale' | 'not sent' | `error ${string}`;

/** One entry of `/debug/syncz`, all four types of Envoy synced unless `types` says otherwise. */
export function makeSyncz(
  proxy: string,
  types: Partial<Record<keyof typeof TYPES, SyncText>> = {},
  more: { readonly version?: string; readonly cluster?: string; readonly sentTime?: string } = {},
): JsonObject {
  const all = { CDS: 'synced', LDS: 'synced', EDS: 'synced', RDS: 'synced', ...types } as const;
  const sentTime = more.sentTime ?? '2026-11-23T18:18:04.1Z';
  const resources = Object.entries(all).map(([type, text]) => {
    const sent = text === 'not sent' ? {} : { sent: 'new', sentTime };
    const acked = text === 'synced' ? { acked: 'new' } : { acked: 'old' };
    const refused = text.startsWith('error ') ? { lastError: text.slice('error '.length) } : {};
    return [TYPES[type as keyof typeof TYPES], { ...sent, ...acked, ...refused }];
  });
  return {
    cluster_id: more.cluster ?? 'Kubernetes',
    proxy,
    proxy_type: 'sidecar',
    istio_version: more.version ?? '1.31.4',
    resources: Object.fromEntries(resources) as JsonObject,
  };
}
