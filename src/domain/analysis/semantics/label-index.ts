/** Things by their labels, for selectors that are not about the labels of a resource's metadata. */
import { matchesLabels, renderSelector } from './selectors.ts';

type Labels = Readonly<Record<string, string>>;

export interface Labelled<T> {
  readonly labels: Labels;
  readonly namespace: string;
  readonly value: T;
}

/** Returns a search for the first thing that has all labels of a selector; `namespace` undefined: anywhere. */
export function createLabelIndex<T>(
  things: readonly Labelled<T>[],
): (selector: Labels, namespace?: string) => T | undefined {
  const byPair = new Map<string, Labelled<T>[]>();
  for (const thing of things) {
    for (const key in thing.labels) {
      const pair = `${key}=${thing.labels[key] ?? ''}`;
      const list = byPair.get(pair);
      if (list) list.push(thing);
      else byPair.set(pair, [thing]);
    }
  }
  const answers = new Map<string, T | undefined>();
  const find = (selector: Labels, namespace: string | undefined): T | undefined => {
    let candidates = things;
    for (const key in selector) {
      const list = byPair.get(`${key}=${selector[key] ?? ''}`);
      if (!list) return undefined;
      if (list.length < candidates.length) candidates = list;
    }
    return candidates.find(
      (thing) =>
        (namespace === undefined || thing.namespace === namespace) && matchesLabels(thing.labels, selector),
    )?.value;
  };
  return (selector, namespace) => {
    const question = `${namespace ?? '*'}/${renderSelector(selector)}`;
    if (!answers.has(question)) answers.set(question, find(selector, namespace));
    return answers.get(question);
  };
}
