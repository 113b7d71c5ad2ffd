/** Things by their labels, for selectors that are not about the labels of a resource's metadata. */
import { matchesLabels, renderSelector } from './selectors.ts';

type Labels = Readonly<Record<string, string>>;

export interface Labelled<T> {
  readonly labels: Labels;
  readonly namespace: string;
  readonly value: T;
}

/** Searches for things that have all labels of a selector; `namespace` undefined: anywhere. */
export interface LabelIndex<T> {
  /** Remembers its answers. */
  first(selector: Labels, namespace?: string): T | undefined;
  /** In the order given. */
  all(selector: Labels, namespace?: string): readonly T[];
}

export function createLabelIndex<T>(things: readonly Labelled<T>[]): LabelIndex<T> {
  const byPair = new Map<string, Labelled<T>[]>();
  for (const thing of things) {
    for (const key in thing.labels) {
      const pair = `${key}=${thing.labels[key] ?? ''}`;
      const list = byPair.get(pair);
      if (list) list.push(thing);
      else byPair.set(pair, [thing]);
    }
  }
  const candidatesFor = (selector: Labels): readonly Labelled<T>[] => {
    let candidates = things;
    for (const key in selector) {
      const list = byPair.get(`${key}=${selector[key] ?? ''}`);
      if (!list) return [];
      if (list.length < candidates.length) candidates = list;
    }
    return candidates;
  };
  const matches = (thing: Labelled<T>, selector: Labels, namespace: string | undefined): boolean =>
    (namespace === undefined || thing.namespace === namespace) && matchesLabels(thing.labels, selector);
  const answers = new Map<string, T | undefined>();
  return {
    first: (selector, namespace) => {
      const question = `${namespace ?? '*'}/${renderSelector(selector)}`;
      if (!answers.has(question)) {
        const found = candidatesFor(selector).find((thing) => matches(thing, selector, namespace));
        answers.set(question, found?.value);
      }
      return answers.get(question);
    },
    all: (selector, namespace) =>
      candidatesFor(selector)
        .filter((thing) => matches(thing, selector, namespace))
        .map(({ value }) => value),
  };
}
