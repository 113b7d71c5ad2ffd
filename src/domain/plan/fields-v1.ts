/** Keys of FieldsV1, as `metadata.managedFields` uses them (Kubernetes documentation, "Server-Side Apply"). */
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';

/** An item of a list: the fields that its key names (none for an item of a set), and what is owned below it. */
export interface OwnedItem {
  readonly keys: JsonObject;
  readonly below: JsonValue | undefined;
  /** An item of a set is owned as a whole. */
  readonly isWhole: boolean;
}

/** Items of keyed lists stand under `k:{"name":"x"}`, those of sets under `v:"x"`; undefined: nothing of it is owned. */
export function ownedItem(node: JsonObject, item: JsonValue | undefined): OwnedItem | undefined {
  for (const [key, below] of Object.entries(node)) {
    if (key.startsWith('v:') && JSON.stringify(item) === key.slice(2))
      return { keys: {}, below, isWhole: true };
    if (!key.startsWith('k:') || !isObject(item)) continue;
    const keys: unknown = JSON.parse(key.slice(2));
    if (isObject(keys) && Object.entries(keys).every(([name, value]) => item[name] === value))
      return { keys, below, isWhole: false };
  }
  return undefined;
}
