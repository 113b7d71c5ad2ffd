/** What a resource applies to: labels of workloads, or references to targets. */
import { child, entries, error, has, hasEntries, isSet, itemsOf, textAt, textOf, warn } from '../field.ts';
import type { Field } from '../field.ts';

/** Reports empty keys and wildcards. Gives whether there were none. */
function checkLiteralLabels(labels: Field): boolean {
  const before = labels.problems.length;
  for (const entry of entries(labels)) {
    if (entry.key === '') error(entry, 'the key of a label must not be empty');
    if (String(entry.key).includes('*'))
      error(entry, `the key "${entry.key}" must not contain a wildcard (*)`);
    if (textOf(entry).includes('*')) error(entry, `"${textOf(entry)}" must not contain a wildcard (*)`);
  }
  return labels.problems.length === before;
}

/**
 * `workloadSelector.labels`. Gives false when nothing else of the resource is worth a look: the reference then reports
 * these errors alone.
 */
export function checkWorkloadSelector(spec: Field, emptyMeans: string): boolean {
  const selector = child(spec, 'workloadSelector');
  if (!isSet(selector)) return true;
  if (!checkLiteralLabels(child(selector, 'labels'))) return false;
  if (!hasEntries(selector, 'labels')) warn(selector, `has no labels, so ${emptyMeans}`);
  return true;
}

/** `selector.matchLabels`, or another field of this shape. */
export function checkMatchLabels(selector: Field): void {
  if (!isSet(selector)) return;
  checkLiteralLabels(child(selector, 'matchLabels'));
  if (!hasEntries(selector, 'matchLabels'))
    warn(selector, 'has no matchLabels, so it selects every workload; leave it out if this is meant');
}

/** At most one of `selector`, `targetRef` and `targetRefs`; then each of them. */
export function checkAttachment(spec: Field): void {
  const count =
    Number(isSet(child(spec, 'selector'))) +
    Number(isSet(child(spec, 'targetRef'))) +
    Number(has(spec, 'targetRefs'));
  if (count > 1) error(spec, 'give only one of selector, targetRef and targetRefs');
  checkMatchLabels(child(spec, 'selector'));
  checkTargetRefs(spec);
}

function checkTargetRefs(spec: Field): void {
  const single = child(spec, 'targetRef');
  if (isSet(single)) checkTargetRef(single);
  for (const target of itemsOf(spec, 'targetRefs')) checkTargetRef(target);
}

/** Group by kind of what a policy can be attached to. */
const TARGETS: Readonly<Record<string, readonly string[]>> = {
  Service: ['', 'core'],
  ServiceEntry: ['networking.istio.io'],
  Gateway: ['gateway.networking.k8s.io'],
  GatewayClass: ['gateway.networking.k8s.io'],
};

function checkTargetRef(target: Field): void {
  if (textAt(target, 'name') === '') error(target, 'needs a name');
  if (textAt(target, 'namespace') !== '')
    error(child(target, 'namespace'), 'must be empty: a target is looked for in the namespace of the policy');
  const kind = textAt(target, 'kind');
  const group = textAt(target, 'group');
  const groups = Object.hasOwn(TARGETS, kind) ? TARGETS[kind] : undefined;
  if (groups?.includes(group)) return;
  const field = child(target, groups ? 'group' : 'kind');
  if (groups)
    error(
      field,
      `the group of a ${kind} must be ${groups.map((name) => `"${name}"`).join(' or ')}, not "${group}"`,
    );
  else error(field, `must be Service, ServiceEntry, Gateway or GatewayClass, not "${kind}"`);
}
