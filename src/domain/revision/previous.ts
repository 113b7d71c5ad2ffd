/** What a promotion remembers where it changed something, so that abandoning can put it back. */
import type { JsonObject } from '../../lib/json.ts';
import type { Labels } from '../injection/match.ts';

/** On a namespace: its labels before, `istio-injection=enabled`. On the webhook of a tag: the revision that it pointed to. */
export const PREVIOUS = 'mesh.io/previous-revision';
/** On a namespace: the revision that it was moved to. Another one by now: somebody has moved it since. */
export const PROMOTED_TO = 'mesh.io/promoted-to';

export const INJECTION = 'istio-injection';
export const REVISION = 'istio.io/rev';

/** The labels that decide who injects; absent ones are left out. */
export function injectionLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => key === INJECTION || key === REVISION));
}

/** `istio-injection=enabled`; several with a comma; empty for none. */
export function formatLabels(labels: Labels): string {
  return Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** What `formatLabels` wrote. undefined for a text that has anything else in it. */
export function parseLabels(text: string): Labels | undefined {
  if (text === '') return {};
  const pairs = text.split(',').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return pairs.every(([key]) => key === INJECTION || key === REVISION)
    ? Object.fromEntries(pairs)
    : undefined;
}

/** Merge patch for `metadata` of a namespace: exactly these injection labels. `promotedTo` absent: nothing is remembered. */
export function relabelPatch(before: Labels, after: Labels, promotedTo: string | undefined): JsonObject {
  const removed = Object.keys(before).map((key) => [key, null] as const);
  return {
    labels: { ...Object.fromEntries(removed), ...after },
    annotations: {
      [PREVIOUS]: promotedTo === undefined ? null : formatLabels(before),
      [PROMOTED_TO]: promotedTo ?? null,
    },
  };
}
