/** Pods that several resources select although only one can count: Sidecars, Telemetries. */
import type { AnalysisContext, KindKey, Resource } from '../types.ts';
import { isEmptySelector } from './selectors.ts';

export interface SharedPods {
  /** Two or more, in load order. */
  readonly resources: readonly Resource[];
  /** The pods that exactly these select. */
  readonly pods: readonly Resource[];
}

/**
 * The Pods that two or more resources of `kind` in their namespace select, by the group that selects them: a deployment of
 * a thousand pods is one conflict, not a thousand. Resources whose `labelsOf` is empty select nothing.
 */
export function podsSelectedBySeveral(
  context: AnalysisContext,
  kind: KindKey,
  labelsOf: (resource: Resource) => Readonly<Record<string, string>>,
): readonly SharedPods[] {
  const selecting = new Map<Resource, Resource[]>();
  for (const resource of context.list(kind)) {
    const labels = labelsOf(resource);
    if (isEmptySelector(labels)) continue;
    for (const pod of context.select('/Pod', labels, resource.namespace)) {
      const resources = selecting.get(pod);
      if (resources) resources.push(resource);
      else selecting.set(pod, [resource]);
    }
  }
  const groups = new Map<string, { resources: Resource[]; pods: Resource[] }>();
  for (const [pod, resources] of selecting) {
    if (resources.length < 2) continue;
    const key = [pod.namespace, ...resources.map(({ name }) => name)].join('/');
    const group = groups.get(key);
    if (group) group.pods.push(pod);
    else groups.set(key, { resources, pods: [pod] });
  }
  return [...groups.values()];
}
