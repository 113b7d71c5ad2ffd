/** PeerAuthentication (facts 6.10). */
import { child, entries, error, hasEntries, rootField } from './field.ts';
import { isPort } from './blocks/port.ts';
import { checkMatchLabels } from './blocks/selector.ts';
import type { Resource } from '../types.ts';
import type { ValidationProblem } from './problem.ts';

export function validatePeerAuthentication({ spec }: Pick<Resource, 'spec'>): ValidationProblem[] {
  const root = rootField(spec);
  const ports = child(root, 'portLevelMtls');
  const selector = child(root, 'selector');
  if (hasEntries(root, 'portLevelMtls') && !hasEntries(selector, 'matchLabels'))
    error(ports, 'needs a selector with matchLabels: ports are those of chosen workloads');
  for (const port of entries(ports)) {
    if (!/^\d{1,10}$/.test(String(port.key)) || !isPort(Number(port.key)))
      error(port, `the key "${port.key}" must be a port number from 1 to 65535`);
  }
  checkMatchLabels(selector);
  return root.problems;
}
