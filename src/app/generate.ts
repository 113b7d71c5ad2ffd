/** `mesh manifest generate`: everything that stands in the cluster after an install, in an order that can be applied. */
import type { ResolvedSpec } from '../domain/config/types.ts';
import type { Definition } from '../domain/manifest/bundle.ts';
import { namespacesOf } from '../domain/manifest/namespaces.ts';
import { sortObjects } from '../domain/manifest/order.ts';
import { renderSpec } from '../domain/manifest/render.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import type { Shipped } from './shipped.ts';

export interface GeneratedManifest {
  /** Namespaces that the objects live in; `kube-system` and `default` are there anyway. */
  readonly namespaces: readonly KubeObject[];
  /** Custom resource definitions, as they are shipped. */
  readonly definitions: readonly Definition[];
  readonly objects: readonly KubeObject[];
}

/** Renders without a cluster. */
export function generateManifest(spec: ResolvedSpec, shipped: Shipped): GeneratedManifest {
  const instances = renderSpec(spec, shipped.bundle);
  return {
    namespaces: namespacesOf(spec, instances),
    definitions: instances.flatMap((instance) => instance.definitions),
    objects: sortObjects(instances.flatMap((instance) => instance.objects)),
  };
}
