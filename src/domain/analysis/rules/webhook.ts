/** Each pod is injected by one webhook at most, and the webhooks call Services that exist. */
import { getAt, isObject, listAt, objectAt, stringAt } from '../../../lib/json.ts';
import { listNames } from '../../../lib/list-names.ts';
import { guessName } from '../semantics/did-you-mean.ts';
import { isIstioWebhook, listWebhooks, MUTATING_WEBHOOKS } from '../semantics/injection-webhooks.ts';
import type { Webhook } from '../semantics/injection-webhooks.ts';
import { acceptsLabels } from '../semantics/label-selector.ts';
import { INJECT_KEY, INJECTION_LABEL, REVISION_LABEL } from '../semantics/workload.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource, Rule } from '../types.ts';

const SERVICE = '/Service';

export const webhook: Rule = {
  name: 'webhook.Analyzer',
  summary: 'No two injection webhooks inject the same pod, and their Services exist.',
  kinds: [MUTATING_WEBHOOKS, SERVICE],
  codes: ['IST0139'],
  check: (context) => {
    const byConfiguration = Map.groupBy(listWebhooks(context), ({ configuration }) => configuration);
    // All webhooks of a configuration count as soon as one thing says that it is Istio's.
    const webhooks = [...byConfiguration]
      .filter(([configuration, all]) => all.some(isIstioWebhook) || revisionsOf(configuration, all).size > 0)
      .flatMap(([, all]) => all);
    const revisions = new Set(
      [...byConfiguration].flatMap(([configuration, all]) => [...revisionsOf(configuration, all)]),
    );
    return [...findOverlaps(webhooks, revisions), ...findMissingServices(context, webhooks)];
  },
};

function revisionsOf(configuration: Resource, webhooks: readonly Webhook[]): ReadonlySet<string> {
  const revisions = new Set<string>();
  const add = (value: unknown): void => {
    if (typeof value === 'string' && value !== '') revisions.add(value);
  };
  add(configuration.labels[REVISION_LABEL]);
  for (const { value } of webhooks) {
    for (const selector of [value['namespaceSelector'], value['objectSelector']]) {
      add(objectAt(selector, ['matchLabels'])[REVISION_LABEL]);
      for (const expression of listAt(selector, ['matchExpressions'])) {
        if (stringAt(expression, ['key']) === REVISION_LABEL) listAt(expression, ['values']).forEach(add);
      }
    }
  }
  return revisions;
}

type Labels = Readonly<Record<string, string>>;

/** Webhooks that accept the same pod, tried with every combination of the labels that Istio's webhooks ask for. */
function findOverlaps(webhooks: readonly Webhook[], revisions: ReadonlySet<string>): Finding[] {
  const namespaces = withRevisions(
    [{}, label(INJECTION_LABEL, 'enabled'), label(INJECTION_LABEL, 'disabled')],
    revisions,
  );
  const pods = withRevisions([{}, label(INJECT_KEY, 'true'), label(INJECT_KEY, 'false')], revisions);
  const overlaps = new Map<Webhook, Set<Webhook>>();
  for (const ofNamespace of namespaces) {
    const candidates = webhooks.filter(({ value }) => acceptsLabels(value['namespaceSelector'], ofNamespace));
    if (candidates.length < 2) continue;
    for (const ofPod of pods) {
      const matching = candidates.filter(({ value }) => acceptsLabels(value['objectSelector'], ofPod));
      if (matching.length < 2) continue;
      for (const one of matching) {
        let others = overlaps.get(one);
        if (!others) overlaps.set(one, (others = new Set()));
        for (const other of matching) if (other !== one) others.add(other);
      }
    }
  }
  return webhooks.flatMap((one): Finding[] => {
    const others = overlaps.get(one);
    if (!others) return [];
    const names = [...others].map(({ configuration, name }) => `${configuration.name}/${name}`).sort();
    return [
      {
        code: 'IST0139',
        message: `Webhook ${one.name} of ${originOf(one.configuration)} injects pods that ${listNames(names)} ${names.length === 1 ? 'injects' : 'inject'} too`,
        resource: one.configuration,
        path: [...one.path, 'name'],
        suggestion: {
          text: 'remove the revision or tag that is not used any more, or let the selectors exclude each other: mesh tag list',
        },
      },
    ];
  });
}

function label(key: string, value: string): Labels {
  return { [key]: value };
}

function withRevisions(sets: readonly Labels[], revisions: ReadonlySet<string>): readonly Labels[] {
  return [
    ...sets,
    ...[...revisions].flatMap((revision) => sets.map((set) => ({ ...set, [REVISION_LABEL]: revision }))),
  ];
}

function findMissingServices(context: AnalysisContext, webhooks: readonly Webhook[]): Finding[] {
  if (!context.isKnown(SERVICE)) return [];
  return webhooks.flatMap(({ configuration, name: webhookName, value, path }): Finding[] => {
    const service = getAt(value, ['clientConfig', 'service']);
    if (!isObject(service)) return [];
    const name = stringAt(service, ['name']);
    const namespace = stringAt(service, ['namespace']);
    if (context.get(SERVICE, namespace, name)) return [];
    const near = guessName(
      context,
      name,
      context.listIn(SERVICE, namespace).map((candidate) => candidate.name),
    );
    return [
      {
        code: 'IST0139',
        message: `Webhook ${webhookName} of ${originOf(configuration)} calls Service ${namespace}/${name}, which does not exist`,
        resource: configuration,
        path: [...path, 'clientConfig', 'service', 'name'],
        suggestion: {
          text: near ? `did you mean "${near}"?` : `kubectl get services -n ${namespace}`,
        },
      },
    ];
  });
}
