/** Label selectors that are sets of equalities, and the form in which Istio prints them. Source: facts 3.7. */
import { isObject, objectAt } from '../../../lib/json.ts';
import type { JsonValue } from '../../../lib/json.ts';

export { matchesLabels } from '../context.ts';

/** The labels at `path`; values that are no text are read as text, a missing map is empty. */
export function labelsAt(
  root: JsonValue | undefined,
  path: readonly (string | number)[],
): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const [key, value] of Object.entries(objectAt(root, path))) {
    if (value !== null && !isObject(value) && !Array.isArray(value)) labels[key] = String(value);
  }
  return labels;
}

/** `k=v` pairs sorted by key, joined with commas; empty for an empty selector. */
export function renderSelector(labels: Readonly<Record<string, string>>): string {
  return Object.keys(labels)
    .sort()
    .map((key) => `${key}=${labels[key] ?? ''}`)
    .join(',');
}

/** The first key of the rendered form: where findings about a selector point to. */
export function firstLabel(labels: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(labels).sort()[0];
}

export function isEmptySelector(labels: Readonly<Record<string, string>>): boolean {
  return Object.keys(labels).length === 0;
}
