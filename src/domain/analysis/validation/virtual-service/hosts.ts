/** Hosts of a VirtualService (facts 6.3). */
import { hostsOverlap } from '../../semantics/host-overlap.ts';
import { checkWildcardDomainOrIp, findFqdnProblem } from '../blocks/domain.ts';
import { error, has, itemsOf, textOf } from '../field.ts';
import type { Field } from '../field.ts';

export function checkHosts(spec: Field, gatewayBound: boolean): void {
  const hosts = itemsOf(spec, 'hosts');
  const allowSni = gatewayBound && matchesSni(spec);
  let valid = true;
  for (const host of hosts) {
    const text = textOf(host);
    if (!(allowSni && isOutboundSni(text)) && !checkWildcardDomainOrIp(host)) valid = false;
    if (text === '*' && !gatewayBound) {
      error(host, 'a host must not be * alone, except for gateways');
      valid = false;
    }
  }
  if (valid) checkOverlap(hosts);
}

function matchesSni(spec: Field): boolean {
  return itemsOf(spec, 'tls').some((route) =>
    itemsOf(route, 'match').some((match) => has(match, 'sniHosts')),
  );
}

/** `outbound_.80_.subset_.reviews.default.svc.cluster.local`: how a sidecar names a service in SNI across networks. */
export function isOutboundSni(text: string): boolean {
  const match = /^outbound_\.\d+_\.[^_]*_\.(.+)$/.exec(text);
  return match !== null && findFqdnProblem(match[1] ?? '') === undefined;
}

/** Only wildcards and equal hosts can overlap, so that long lists of plain hosts need no pairing. */
function checkOverlap(hosts: readonly Field[]): void {
  const seen = new Set<string>();
  const wildcards: string[] = [];
  for (const host of hosts) {
    const text = textOf(host);
    const isWildcard = text.startsWith('*');
    const others = isWildcard ? [...seen].filter((other) => hostsOverlap(text, other)) : [];
    if (!isWildcard) {
      if (seen.has(text)) others.push(text);
      others.push(...wildcards.filter((other) => hostsOverlap(text, other)));
    }
    for (const other of others)
      error(host, other === text ? `"${text}" is listed twice` : `"${text}" overlaps the host "${other}"`);
    seen.add(text);
    if (isWildcard) wildcards.push(text);
  }
}
