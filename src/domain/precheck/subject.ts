/** Objects of the cluster as the subjects of findings. */
import type { Resource } from '../analysis/types.ts';
import type { KubeObject } from '../manifest/types.ts';
import { objectAt, stringAt } from '../../lib/json.ts';

/** `object` as a resource of the analysis, whatever its kind. */
export function subjectOf(object: KubeObject): Resource {
  const slash = object.apiVersion.indexOf('/');
  return {
    kind: object.kind,
    group: slash === -1 ? '' : object.apiVersion.slice(0, slash),
    version: object.apiVersion.slice(slash + 1),
    name: object.metadata.name,
    namespace: stringAt(object, ['metadata', 'namespace']),
    labels: textsAt(object, 'labels'),
    annotations: textsAt(object, 'annotations'),
    // As the analysis reads kinds without a spec (webhooks): the object itself.
    spec: object['spec'] === undefined ? object : objectAt(object, ['spec']),
    status: objectAt(object, ['status']),
    raw: object,
    cluster: '',
  };
}

/** Labels or annotations; values that are no text are left out. */
export function textsAt(
  object: KubeObject,
  field: 'labels' | 'annotations',
): Readonly<Record<string, string>> {
  const entries = Object.entries(objectAt(object, ['metadata', field]));
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
