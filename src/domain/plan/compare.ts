/** Whether applying would change an object: the live one against what the server's dry run answers. */
import { isEqual } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';

const SERVER_FIELDS = [
  'managedFields',
  'resourceVersion',
  'generation',
  'uid',
  'creationTimestamp',
  'selfLink',
];

/** An object without what the server writes by itself: what people compare. */
export function comparable(object: KubeObject): JsonObject {
  const { status: _status, metadata, ...rest } = object;
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !SERVER_FIELDS.includes(key)));
  return { ...rest, metadata: kept };
}

/** true when the dry run would leave the live object as it is. */
export function isUnchanged(live: KubeObject, dryRun: KubeObject): boolean {
  return isEqual(comparable(live), comparable(dryRun));
}
