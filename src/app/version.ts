/** `mesh version`: what runs here and in the cluster, told by the images that run. */
import type { KubeObject } from '../domain/manifest/types.ts';
import { getAt, isObject, stringAt } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Cluster } from './ports.ts';

export interface ControlPlaneVersion {
  readonly revision: string;
  readonly namespace: string;
  /** istiod pods of this revision and version. */
  readonly pods: number;
  readonly version: string;
}

export interface DataPlaneVersion {
  readonly version: string;
  /** Pods with a proxy of this version. */
  readonly proxies: number;
}

export interface MeshVersion {
  readonly client: { readonly mesh: string; readonly istio: string };
  readonly kubernetes?: string | undefined;
  readonly controlPlane?: readonly ControlPlaneVersion[] | undefined;
  readonly dataPlane?: readonly DataPlaneVersion[] | undefined;
}

/** Reads running pods of all namespaces: istiods and everything with a proxy. */
export async function readClusterVersions(
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Omit<MeshVersion, 'client'>> {
  const [kubernetes, pods] = await Promise.all([
    cluster.version({ signal }),
    cluster.list({ apiVersion: 'v1', kind: 'Pod', fieldSelector: 'status.phase=Running' }, { signal }),
  ]);
  return { kubernetes, controlPlane: controlPlaneOf(pods.items), dataPlane: dataPlaneOf(pods.items) };
}

function controlPlaneOf(pods: readonly KubeObject[]): ControlPlaneVersion[] {
  const found = new Map<string, ControlPlaneVersion>();
  for (const pod of pods) {
    const version = imageVersion(pod, 'discovery');
    if (stringAt(pod, ['metadata', 'labels', 'app']) !== 'istiod' || version === undefined) continue;
    const revision = stringAt(pod, ['metadata', 'labels', 'istio.io/rev']) || 'default';
    const namespace = stringAt(pod, ['metadata', 'namespace']);
    const key = `${namespace}/${revision}/${version}`;
    found.set(key, { revision, namespace, version, pods: (found.get(key)?.pods ?? 0) + 1 });
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

function dataPlaneOf(pods: readonly KubeObject[]): DataPlaneVersion[] {
  const counts = new Map<string, number>();
  for (const pod of pods) {
    const version = imageVersion(pod, 'istio-proxy');
    if (version !== undefined) counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  return [...counts.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([version, proxies]) => ({ version, proxies }));
}

/** The tag of a container's image, without the variant: `1.31.4` of `docker.io/istio/proxyv2:1.31.4-distroless`. */
function imageVersion(pod: KubeObject, container: string): string | undefined {
  const containers = [getAt(pod, ['spec', 'containers']), getAt(pod, ['spec', 'initContainers'])].flatMap(
    (list) => (Array.isArray(list) ? list : []),
  );
  const found = containers.find((item): item is JsonObject => isObject(item) && item['name'] === container);
  const image = stringAt(found, ['image']).replace(/@sha256:.*$/, '');
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  return found ? (tag ?? 'unknown').replace(/-(distroless|debug)$/, '') : undefined;
}
