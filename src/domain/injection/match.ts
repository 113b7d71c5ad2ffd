/**
 * Does an injector's webhook select a pod? Selectors are evaluated as Kubernetes does, and every requirement that fails is
 * named, because that is what the operator has to change.
 */
import { listAt, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { labelsAt } from '../analysis/semantics/selectors.ts';
import { isSwitchedOff } from './injectors.ts';
import type { Injector, InjectorWebhook } from './injectors.ts';

export type Labels = Readonly<Record<string, string>>;

/** What the API server looks at. */
export interface SelectedPod {
  readonly labels: Labels;
  readonly namespaceLabels: Labels;
}

export interface WebhookMatch {
  readonly webhook: string;
  readonly matches: boolean;
  /** When it matches, the labels that it asks for; else the requirements that fail. */
  readonly because: readonly string[];
}

export interface InjectorMatch {
  readonly injector: Injector;
  readonly matches: boolean;
  /** One sentence without its end. */
  readonly reason: string;
  readonly webhooks: readonly WebhookMatch[];
}

export function matchInjector(injector: Injector, pod: SelectedPod): InjectorMatch {
  const webhooks = injector.webhooks.map((webhook) => matchWebhook(webhook, pod));
  const matching = webhooks.filter(({ matches }) => matches);
  return {
    injector,
    webhooks,
    matches: matching.length > 0,
    reason: matching.length > 0 ? reasonFor(matching, injector) : reasonAgainst(webhooks, injector),
  };
}

function reasonFor(matching: readonly WebhookMatch[], injector: Injector): string {
  const labels = [...new Set(matching.flatMap(({ because }) => because))];
  const conditions = injector.webhooks.some(
    ({ name, hasConditions }) => hasConditions && matching.some(({ webhook }) => webhook === name),
  );
  return `${labels.join(', ') || 'it selects every pod'}${conditions ? ' (its matchConditions were not evaluated)' : ''}`;
}

/** The webhooks that came nearest to a match say what is missing. */
function reasonAgainst(webhooks: readonly WebhookMatch[], injector: Injector): string {
  if (isSwitchedOff(injector)) return 'switched off, a tag has taken its place';
  const fewest = Math.min(...webhooks.map(({ because }) => because.length));
  const nearest = webhooks.filter(({ because }) => because.length === fewest);
  return [...new Set(nearest.map(({ because }) => because.join(' and ')))].join('; ');
}

function matchWebhook(webhook: InjectorWebhook, pod: SelectedPod): WebhookMatch {
  const requirements = [
    ...requirementsOf(webhook.namespaceSelector, 'namespace', pod.namespaceLabels),
    ...requirementsOf(webhook.objectSelector, 'pod', pod.labels),
  ];
  const failed = requirements.filter(({ holds }) => !holds);
  if (failed.length > 0)
    return { webhook: webhook.name, matches: false, because: failed.map(({ text }) => text) };
  const asked = requirements.filter(({ isAsking }) => isAsking).map(({ text }) => text);
  return { webhook: webhook.name, matches: true, because: asked };
}

interface Requirement {
  readonly holds: boolean;
  /** It asks for a label, and does not forbid one. */
  readonly isAsking: boolean;
  readonly text: string;
}

function requirementsOf(selector: JsonObject, subject: string, labels: Labels): Requirement[] {
  const equal = Object.entries(labelsAt(selector, ['matchLabels'])).map(([key, value]) =>
    within(subject, labels, key, [value]),
  );
  const expressions = listAt(selector, ['matchExpressions']).map((expression): Requirement => {
    const key = stringAt(expression, ['key']);
    const values = listAt(expression, ['values']).map(String);
    const value = labels[key];
    const present = `${subject} label ${key}${value === undefined ? '' : `=${value}`}`;
    const operator = stringAt(expression, ['operator']);
    switch (operator) {
      case 'In':
        return within(subject, labels, key, values);
      case 'NotIn':
        return {
          holds: value === undefined || !values.includes(value),
          isAsking: false,
          text: `${present} rules it out`,
        };
      case 'Exists':
        return {
          holds: value !== undefined,
          isAsking: true,
          text: value === undefined ? `no ${present}` : present,
        };
      case 'DoesNotExist':
        return { holds: value === undefined, isAsking: false, text: `${present} rules it out` };
      default:
        return { holds: false, isAsking: true, text: `unknown operator ${operator}` };
    }
  });
  return [...equal, ...expressions];
}

function within(subject: string, labels: Labels, key: string, values: readonly string[]): Requirement {
  const value = labels[key];
  const holds = value !== undefined && values.includes(value);
  const wanted = values.join(' or ');
  const text = holds
    ? `${subject} label ${key}=${value}`
    : value === undefined
      ? `no ${subject} label ${key}=${wanted}`
      : `${subject} label ${key} is ${value === '' ? 'empty' : value}, not ${wanted}`;
  return { holds, isAsking: true, text };
}
