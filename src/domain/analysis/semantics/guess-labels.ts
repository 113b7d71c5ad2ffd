/** What a selector that matches no pod was probably meant to be. */
import { guessName } from './did-you-mean.ts';
import { renderSelector } from './selectors.ts';
import type { AnalysisContext, Suggestion } from '../types.ts';

/**
 * The selector with a key or value that pods of `namespace` (undefined: all) have in place of one that comes near, if pods
 * match then; else the command that shows their labels.
 */
export function guessLabels(
  context: AnalysisContext,
  labels: Readonly<Record<string, string>>,
  namespace?: string,
): Suggestion {
  const pairs = labelPairs(context, namespace);
  const changed: Record<string, string> = {};
  for (const [key, value] of Object.entries(labels)) {
    const pair = `${key}=${value}`;
    const near = pairs.set.has(pair) ? pair : guessName(context, pair, pairs.list);
    if (near === undefined) return showLabels(namespace);
    const at = near.indexOf('=');
    changed[near.slice(0, at)] = near.slice(at + 1);
  }
  if (context.select('/Pod', changed, namespace).length === 0) return showLabels(namespace);
  return { text: `did you mean ${renderSelector(changed)}?` };
}

function showLabels(namespace: string | undefined): Suggestion {
  return { text: `kubectl get pods ${namespace ? `-n ${namespace}` : '-A'} --show-labels` };
}

interface LabelPairs {
  readonly set: ReadonlySet<string>;
  readonly list: readonly string[];
}

/** `key=value` of every label of the pods. */
function labelPairs(context: AnalysisContext, namespace: string | undefined): LabelPairs {
  return context.memo(`pod-label-pairs/${namespace ?? ''}`, () => {
    const pods = namespace === undefined ? context.list('/Pod') : context.listIn('/Pod', namespace);
    const set = new Set(
      pods.flatMap(({ labels }) => Object.entries(labels).map(([key, value]) => `${key}=${value}`)),
    );
    return { set, list: [...set] };
  });
}
