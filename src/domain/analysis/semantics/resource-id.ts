import type { Resource } from '../types.ts';

/** `namespace/name`, or the name of what has no namespace. */
export function idOf({ namespace, name }: Resource): string {
  return namespace ? `${namespace}/${name}` : name;
}
