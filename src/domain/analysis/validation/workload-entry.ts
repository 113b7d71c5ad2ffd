/** WorkloadEntry (facts 6.6). The endpoints of a ServiceEntry have the same fields, but other rules. */
import { checkFqdnOrIp, isDnsLabel } from './blocks/domain.ts';
import { checkLabels } from './blocks/labels.ts';
import { checkPort } from './blocks/port.ts';
import { checkUnixAddress, isUnixAddress } from './blocks/unix-address.ts';
import { child, entries, error, hasEntries, rootField, textOf, textAt, warn } from './field.ts';
import type { Field } from './field.ts';
import type { Resource } from '../types.ts';
import type { ValidationProblem } from './problem.ts';

export function validateWorkloadEntry({ spec }: Pick<Resource, 'spec'>): ValidationProblem[] {
  const root = rootField(spec);
  checkWorkloadEntry(root);
  return root.problems;
}

function checkWorkloadEntry(entry: Field): void {
  const address = child(entry, 'address');
  const text = textOf(address);
  if (text === '') {
    if (textAt(entry, 'network') === '') {
      error(entry, 'an address or a network is needed');
      return;
    }
    warn(entry, 'has a network but no address: it is only reached through a gateway of that network');
  } else if (isUnixAddress(text)) {
    checkUnixAddress(address);
    if (hasEntries(entry, 'ports'))
      error(child(entry, 'ports'), 'a Unix socket has no ports: leave them out');
  } else {
    checkFqdnOrIp(address);
  }
  for (const port of entries(child(entry, 'ports'))) {
    checkPortName(port);
    checkPort(port);
  }
  checkLabels(child(entry, 'labels'));
}

/** The key of a map of ports. */
export function checkPortName(port: Field): void {
  if (!isDnsLabel(String(port.key)))
    error(port, `the port name "${port.key}" must be a DNS label: 1 to 63 letters, digits and inner dashes`);
}
