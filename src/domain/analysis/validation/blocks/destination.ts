/** Where traffic goes: host, subset, port. */
import { child, error, has, isSet, textOf } from '../field.ts';
import type { Field } from '../field.ts';
import { checkDnsLabel, checkWildcardDomain } from './domain.ts';
import { checkPort } from './port.ts';

/** Callers report a destination that is missing. */
export function checkDestination(destination: Field): void {
  if (!isSet(destination)) return;
  const host = child(destination, 'host');
  if (textOf(host) === '*') error(host, 'must be a host, not * alone');
  else if (isSet(host)) checkWildcardDomain(host);
  else error(destination, 'needs a host');
  if (has(destination, 'subset')) checkDnsLabel(child(destination, 'subset'));
  const port = child(destination, 'port');
  if (isSet(port)) checkPort(child(port, 'number'));
}
