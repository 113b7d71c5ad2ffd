/** What an install wants to stand in the cluster: rendered objects with owner labels, by component and stage. */
import type { ResolvedSpec } from '../config/types.ts';
import type { RenderedInstance } from '../manifest/render.ts';
import { toDefinitionObject } from '../manifest/definitions.ts';
import { applyStage, compareObjects } from '../manifest/order.ts';
import type { ApplyStage } from '../manifest/order.ts';
import type { ComponentName, KubeObject } from '../manifest/types.ts';
import { labelOwned } from './ownership.ts';

export interface DesiredObject {
  readonly component: ComponentName;
  readonly stage: ApplyStage;
  readonly object: KubeObject;
}

/** Labelled objects of all instances, definitions included, in the order of `manifest generate`. */
export function desiredObjects(
  spec: ResolvedSpec,
  instances: readonly RenderedInstance[],
  istioVersion: string,
): DesiredObject[] {
  return instances
    .flatMap((instance) => {
      const definitions = instance.definitions.map(toDefinitionObject);
      return [...definitions, ...instance.objects].map((object) => ({
        component: instance.component,
        stage: applyStage(object.kind),
        object: labelOwned(object, instance.component, spec, istioVersion),
      }));
    })
    .sort((a, b) => compareObjects(a.object, b.object));
}
