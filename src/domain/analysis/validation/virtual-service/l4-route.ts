/** `tls[]` and `tcp[]` (facts 6.3). */
import { createBeginnings } from '../blocks/beginnings.ts';
import type { Beginnings } from '../blocks/beginnings.ts';
import { checkWildcardDomain } from '../blocks/domain.ts';
import { checkSubnet, isIp } from '../blocks/ip.ts';
import { checkLabels } from '../blocks/labels.ts';
import { checkPort } from '../blocks/port.ts';
import { child, error, has, itemsOf, numberAt, textOf, warn } from '../field.ts';
import type { Field } from '../field.ts';
import { checkDestinations } from './destinations.ts';
import { checkGatewayNames } from './gateways.ts';
import { isOutboundSni } from './hosts.ts';

/** The hosts of a VirtualService. */
export interface HostSet {
  readonly exact: ReadonlySet<string>;
  /** By what follows the `*`. */
  readonly wildcards: Beginnings<string>;
}

export function createHostSet(hosts: readonly string[]): HostSet {
  const wildcards = createBeginnings<string>();
  for (const host of hosts) if (host.startsWith('*')) wildcards.set(host.slice(1), host);
  return { exact: new Set(hosts), wildcards };
}

/** Whether every name that `host` means is one of `hosts`. */
function isAmong(host: string, hosts: HostSet): boolean {
  if (hosts.exact.has(host)) return true;
  return hosts.wildcards.ofEnds(host.startsWith('*') ? host.slice(1) : host).length > 0;
}

export function checkTlsRoute(route: Field, hosts: HostSet, gatewayBound: boolean): void {
  const matches = itemsOf(route, 'match');
  if (matches.length === 0) error(route, 'needs a match');
  for (const match of matches) {
    const sniHosts = itemsOf(match, 'sniHosts');
    if (sniHosts.length === 0) error(match, 'needs sniHosts');
    for (const host of sniHosts) checkSniHost(host, hosts, gatewayBound);
    checkL4Match(match);
  }
  checkRoute(route);
}

export function checkTcpRoute(route: Field): void {
  for (const match of itemsOf(route, 'match')) checkL4Match(match);
  checkRoute(route);
}

function checkRoute(route: Field): void {
  if (!has(route, 'route')) error(route, 'needs a route');
  checkDestinations(route);
}

function checkSniHost(host: Field, hosts: HostSet, gatewayBound: boolean): void {
  const text = textOf(host);
  if (isIp(text)) warn(host, `"${text}" hardly matches: clients send no SNI for an IP address`);
  else if (!(gatewayBound && isOutboundSni(text))) checkWildcardDomain(host);
  if (!isAmong(text, hosts)) error(host, `"${text}" is none of the hosts of the VirtualService`);
}

function checkL4Match(match: Field): void {
  for (const subnet of itemsOf(match, 'destinationSubnets')) checkSubnet(subnet);
  if (numberAt(match, 'port') !== 0) checkPort(child(match, 'port'));
  checkLabels(child(match, 'sourceLabels'));
  checkGatewayNames(match);
}
