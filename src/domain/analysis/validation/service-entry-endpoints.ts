/** Endpoints of a ServiceEntry: WorkloadEntries with rules that depend on the resolution (facts 6.5, 6.6). */
import { checkFqdnOrIp } from './blocks/domain.ts';
import { checkIp } from './blocks/ip.ts';
import { checkLabels } from './blocks/labels.ts';
import { checkPort } from './blocks/port.ts';
import { checkUnixAddress, isUnixAddress } from './blocks/unix-address.ts';
import { child, entries, error, hasEntries, itemsOf, textAt, textOf, warn } from './field.ts';
import type { Field } from './field.ts';
import { checkPortName } from './workload-entry.ts';

/** An IP address or a Unix socket: nothing is looked up. */
export function checkStaticEndpoint(endpoint: Field, serviceEntry: Field): void {
  const address = child(endpoint, 'address');
  const text = textOf(address);
  if (text === '') {
    if (textAt(endpoint, 'network') === '') {
      error(endpoint, 'an address or a network is needed');
      return;
    }
    warn(endpoint, 'has a network but no address: it is only reached through a gateway of that network');
  } else if (isUnixAddress(text)) {
    checkUnixAddress(address);
    if (hasEntries(endpoint, 'ports'))
      error(child(endpoint, 'ports'), 'a Unix socket has no ports: leave them out');
    if (itemsOf(serviceEntry, 'ports').length !== 1)
      error(address, 'a Unix socket needs a ServiceEntry with exactly one port');
  } else {
    checkIp(address);
  }
  checkPorts(endpoint, serviceEntry);
  checkLabels(child(endpoint, 'labels'));
}

/** A name that is looked up, or an IP address. */
export function checkDnsEndpoint(endpoint: Field, serviceEntry: Field): void {
  checkFqdnOrIp(child(endpoint, 'address'));
  checkLabels(child(endpoint, 'labels'));
  checkPorts(endpoint, serviceEntry);
}

function checkPorts(endpoint: Field, serviceEntry: Field): void {
  if (!hasEntries(endpoint, 'ports')) return;
  const names = new Set(itemsOf(serviceEntry, 'ports').map((port) => textAt(port, 'name')));
  for (const port of entries(child(endpoint, 'ports'))) {
    if (!names.has(String(port.key))) error(port, `the ServiceEntry has no port named "${port.key}"`);
    checkPortName(port);
    checkPort(port);
  }
}
