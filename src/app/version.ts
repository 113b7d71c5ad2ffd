/** What runs in a cluster, told by images alone: nobody is asked but the API server. */
import type { KubeObject } from '../domain/manifest/types.ts';
import { imageVersion } from '../domain/proxy/image-version.ts';
import { stringAt } from '../lib/json.ts';
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

export interface RunningVersions {
  readonly kubernetes: string;
  readonly controlPlane: readonly ControlPlaneVersion[];
  readonly dataPlane: readonly DataPlaneVersion[];
}

/** Reads running pods of all namespaces: istiods and everything with a proxy. */
export async function readClusterVersions(cluster: Cluster, signal: AbortSignal): Promise<RunningVersions> {
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
