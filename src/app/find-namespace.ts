/** Namespaces by name. */
import type { KubeObject } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import { nearestName } from '../lib/suggest.ts';
import type { Cluster } from './ports.ts';

/** Throws a `usage` MeshError with the nearest name when there is no such namespace. */
export async function findNamespace(
  name: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<KubeObject> {
  const found = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name }, { signal });
  if (found) return found;
  throw new MeshError('usage', `there is no namespace ${name}`, {
    hint: await hintFor(name, cluster, signal),
  });
}

async function hintFor(name: string, cluster: Cluster, signal: AbortSignal): Promise<string> {
  try {
    const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Namespace' }, { signal });
    const nearest = nearestName(
      name,
      items.map((item) => item.metadata.name),
    );
    if (nearest !== undefined) return `did you mean ${nearest}?`;
  } catch (error) {
    // Who may not list namespaces gets the plain hint.
    if (!(error instanceof MeshError) || error.code === 'cancelled') throw error;
  }
  return 'kubectl get namespaces lists them';
}
