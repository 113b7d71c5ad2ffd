/** `mesh manifest generate`: everything that stands in the cluster after an install, in an order that can be applied. */
import type { ResolvedSpec } from '../domain/config/types.ts';
import type { Definition } from '../domain/manifest/bundle.ts';
import { namespacesOf } from '../domain/manifest/namespaces.ts';
import { sortObjects } from '../domain/manifest/order.ts';
import { renderSpec } from '../domain/manifest/render.ts';
import type { RenderedInstance } from '../domain/manifest/render.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import { nearestName } from '../lib/suggest.ts';
import type { Shipped } from './shipped.ts';

export interface GeneratedManifest {
  /** Namespaces that the objects live in; `kube-system` and `default` are there anyway. */
  readonly namespaces: readonly KubeObject[];
  /** Custom resource definitions, as they are shipped. */
  readonly definitions: readonly Definition[];
  readonly objects: readonly KubeObject[];
}

export interface GenerateOptions {
  /** Names of components (`Pilot`, `pilot`, `istiod`) or gateways; absent: all. */
  readonly components?: readonly string[] | undefined;
  readonly kubernetesVersion?: string | undefined;
}

/** Renders without a cluster. Throws a `usage` MeshError for a component that is not part of the configuration. */
export function generateManifest(
  spec: ResolvedSpec,
  shipped: Shipped,
  options: GenerateOptions = {},
): GeneratedManifest {
  const rendered = renderSpec(spec, shipped.bundle, { kubernetesVersion: options.kubernetesVersion });
  const instances = options.components ? selectInstances(rendered, options.components) : rendered;
  return {
    namespaces: namespacesOf(spec, instances),
    definitions: instances.flatMap((instance) => instance.definitions),
    objects: sortObjects(instances.flatMap((instance) => instance.objects)),
  };
}

function selectInstances(
  instances: readonly RenderedInstance[],
  names: readonly string[],
): RenderedInstance[] {
  const isNamed = (instance: RenderedInstance, name: string): boolean =>
    instance.component.toLowerCase() === name.toLowerCase() || instance.instance === name;
  for (const name of names) {
    if (instances.some((instance) => isNamed(instance, name))) continue;
    const known = [
      ...new Set(instances.flatMap((instance) => [instance.component.toLowerCase(), instance.instance])),
    ].sort();
    const nearest = nearestName(name, known);
    throw new MeshError('usage', `component "${name}" is not part of this configuration`, {
      hint: nearest === undefined ? `use one of ${known.join(', ')}` : `did you mean ${nearest}?`,
    });
  }
  return instances.filter((instance) => names.some((name) => isNamed(instance, name)));
}
