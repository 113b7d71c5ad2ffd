/** DestinationRule (facts 6.4). Warnings inside subsets and ports are told too; the reference loses them. */
import { checkDnsLabel, checkWildcardDomain } from './blocks/domain.ts';
import { checkExportTo } from './blocks/export-to.ts';
import { checkLabels } from './blocks/labels.ts';
import { checkMatchLabels } from './blocks/selector.ts';
import { child, error, has, isSet, itemsOf, rootField, textOf } from './field.ts';
import type { Resource } from '../types.ts';
import type { ValidationProblem } from './problem.ts';
import { checkTrafficPolicy } from './traffic-policy/index.ts';

export function validateDestinationRule({
  namespace,
  spec,
}: Pick<Resource, 'namespace' | 'spec'>): ValidationProblem[] {
  const root = rootField(spec);
  if (has(root, 'host')) checkWildcardDomain(child(root, 'host'));
  else error(root, 'needs a host');
  const names = new Set<string>();
  for (const subset of itemsOf(root, 'subsets')) {
    const name = child(subset, 'name');
    if (names.has(textOf(name))) error(name, `the subset "${textOf(name)}" is defined twice`);
    names.add(textOf(name));
    if (isSet(name)) checkDnsLabel(name);
    else error(subset, 'needs a name');
    checkLabels(child(subset, 'labels'));
    const policy = child(subset, 'trafficPolicy');
    if (isSet(policy)) checkTrafficPolicy(policy, namespace);
  }
  const policy = child(root, 'trafficPolicy');
  if (isSet(policy)) checkTrafficPolicy(policy, namespace);
  const selector = child(root, 'workloadSelector');
  checkExportTo(root, namespace, { ownOnly: isSet(selector) });
  checkMatchLabels(selector);
  return root.problems;
}
