/** Whether one object is another one with additions. */
import { isObject } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';

/**
 * Everything in `wanted` is in `live`: the server adds defaults to maps, never to lists, but inside of their items.
 * Null and empty values may be missing in `live`, as the server drops them.
 */
export function contains(live: JsonValue | undefined, wanted: JsonValue): boolean {
  if (live === undefined) return isEmpty(wanted);
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) &&
      live.length === wanted.length &&
      wanted.every((item, index) => contains(live[index], item))
    );
  }
  if (isObject(wanted))
    return isObject(live) && Object.entries(wanted).every(([key, value]) => contains(live[key], value));
  return live === wanted;
}

function isEmpty(value: JsonValue): boolean {
  return (
    value === null ||
    (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0)
  );
}
