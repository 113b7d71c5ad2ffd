/** Live objects as they can be applied again: without what the server, controllers and kubectl write by themselves. */
import { isObject, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';

/**
 * Fields of `metadata` that are left out. Owners are named by uid, and one that was made anew has another: the garbage collector
 * would delete what is restored. Finalizers belong to controllers, which set them again.
 */
const DROPPED = new Set([
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'finalizers',
  'generateName',
  'generation',
  'managedFields',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
  'uid',
]);

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** A copy without status and server fields. */
export function restorable(live: KubeObject): KubeObject {
  const { status: _status, metadata, ...rest } = live;
  const kept = Object.fromEntries(
    Object.entries(metadata).filter(([key]) => !DROPPED.has(key)),
  ) as KubeObject['metadata'];
  if (isObject(kept['annotations'])) {
    const { [LAST_APPLIED]: _applied, ...annotations } = kept['annotations'];
    if (Object.keys(annotations).length > 0) kept['annotations'] = annotations;
    else delete kept['annotations'];
  }
  return { ...(rest as JsonObject), apiVersion: live.apiVersion, kind: live.kind, metadata: kept };
}

/** By group, kind, namespace and name; Secrets first, because others refer to them. */
export function compareExported(a: KubeObject, b: KubeObject): number {
  const [left, right] = [sortKey(a), sortKey(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function sortKey(object: KubeObject): string {
  const group = object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : '';
  const namespace = stringAt(object, ['metadata', 'namespace']);
  return [group, object.kind, namespace, object.metadata.name].join('\u0000');
}
