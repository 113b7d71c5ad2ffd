/** What `mesh export` says. */
import type { KubeObject } from '../domain/manifest/types.ts';
import { stringAt } from '../lib/json.ts';

/** `12 objects of 5 kinds in 3 namespaces`. */
export function describeExport(objects: readonly KubeObject[]): string {
  const kinds = new Set(objects.map(({ kind, apiVersion }) => `${apiVersion.split('/')[0] ?? ''}/${kind}`));
  const namespaces = new Set(
    objects.map((object) => stringAt(object, ['metadata', 'namespace'])).filter((name) => name !== ''),
  );
  if (objects.length === 0) return 'no objects';
  const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;
  const where = namespaces.size === 0 ? '' : ` in ${count(namespaces.size, 'namespace')}`;
  return `${count(objects.length, 'object')} of ${count(kinds.size, 'kind')}${where}`;
}
