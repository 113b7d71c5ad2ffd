/** Identity of objects as text and as key. */
import { stringAt } from '../../lib/json.ts';
import type { KubeObject, ObjectRef } from './types.ts';

export function refOf(object: KubeObject): ObjectRef {
  const namespace = stringAt(object, ['metadata', 'namespace']);
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name: object.metadata.name,
    ...(namespace ? { namespace } : {}),
  };
}

/** One key for an object whatever version of its API it was read with. */
export function refKey(ref: ObjectRef): string {
  const slash = ref.apiVersion.indexOf('/');
  const group = slash === -1 ? '' : ref.apiVersion.slice(0, slash);
  return `${group}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}

/** `Deployment istio-system/istiod`, `ClusterRole istiod-clusterrole-istio-system`. */
export function formatRef(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`;
}
