/** What users have put into the cluster with the definitions of the mesh. */
import type { InventoryItem } from '../domain/plan/inventory.ts';
import type { Cluster } from './ports.ts';

export interface CustomResourceCount {
  /** Name of the definition: `gateways.networking.istio.io`. */
  readonly definition: string;
  readonly kind: string;
  readonly count: number;
}

/** For each definition among `items` that the server serves; each is listed once, in one of its versions. */
export async function countCustomResources(
  items: readonly InventoryItem[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<CustomResourceCount[]> {
  const names = new Set(
    items.filter((item) => item.kind === 'CustomResourceDefinition').map((item) => item.name),
  );
  if (names.size === 0) return [];
  const served = (await cluster.resources({ signal })).flatMap((resource) => {
    const name = `${resource.resource}.${resource.apiVersion.split('/')[0] ?? ''}`;
    return names.has(name) ? [[name, resource] as const] : [];
  });
  return Promise.all(
    [...new Map(served)].map(async ([definition, { apiVersion, kind }]) => ({
      definition,
      kind,
      count: (await cluster.list({ apiVersion, kind }, { signal })).items.length,
    })),
  );
}
