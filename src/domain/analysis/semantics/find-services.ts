/** The Services in front of a workload. */
import type { AnalysisContext, Resource } from '../types.ts';
import { isEmptySelector, labelsAt, matchesLabels } from './selectors.ts';

type Labels = Readonly<Record<string, string>>;

interface Entry {
  readonly service: Resource;
  readonly selector: Labels;
  readonly order: number;
}

/**
 * The Services of `namespace` whose selector is not empty and selects a pod with `labels`, in load order; not every Service is
 * asked.
 */
export function findServices(context: AnalysisContext, namespace: string, labels: Labels): Resource[] {
  const byPair = context.memo('services-by-selector', () => indexServices(context));
  return Object.entries(labels)
    .flatMap(([key, value]) => byPair.get(`${namespace}/${key}=${value}`) ?? [])
    .filter(({ selector }) => matchesLabels(labels, selector))
    .sort((a, b) => a.order - b.order)
    .map(({ service }) => service);
}

/** By namespace and first pair of the selector. */
function indexServices(context: AnalysisContext): ReadonlyMap<string, readonly Entry[]> {
  const byPair = new Map<string, Entry[]>();
  for (const [order, service] of context.list('/Service').entries()) {
    const selector = labelsAt(service.spec, ['selector']);
    if (isEmptySelector(selector)) continue;
    const [key, value] = Object.entries(selector)[0] ?? ['', ''];
    const id = `${service.namespace}/${key}=${value}`;
    const entry = { service, selector, order };
    const entries = byPair.get(id);
    if (entries) entries.push(entry);
    else byPair.set(id, [entry]);
  }
  return byPair;
}
