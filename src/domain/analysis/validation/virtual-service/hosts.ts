/** Hosts of a VirtualService (facts 6.3). */
import { checkWildcardDomainOrIp, findFqdnProblem } from '../blocks/domain.ts';
import { createBeginnings } from '../blocks/beginnings.ts';
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

const MAX_OVERLAPS = 100;

/** Two hosts overlap when they are equal, or when one ends with what the other has after its `*`. */
function checkOverlap(hosts: readonly Field[]): void {
  const indexes = new Map<string, number>();
  const wildcards = createBeginnings<number>();
  const overlaps: Overlap[] = [];
  for (const [index, host] of hosts.entries()) {
    const text = textOf(host);
    const twin = indexes.get(text);
    if (twin === undefined) {
      indexes.set(text, index);
      if (text.startsWith('*')) wildcards.set(text.slice(1), index);
    } else overlaps.push([index, twin]);
  }
  for (const [text, index] of indexes) {
    for (const wildcard of wildcards.ofEnds(text.startsWith('*') ? text.slice(1) : text))
      if (wildcard !== index) overlaps.push([Math.max(index, wildcard), Math.min(index, wildcard)]);
  }
  overlaps.sort(([a, b], [c, d]) => a - c || b - d);
  for (const [later, earlier] of overlaps.slice(0, MAX_OVERLAPS)) {
    const [text, other] = [textOf(hosts[later] as Field), textOf(hosts[earlier] as Field)];
    error(
      hosts[later] as Field,
      other === text ? `"${text}" is listed twice` : `"${text}" overlaps the host "${other}"`,
    );
  }
}

/** Indexes of two hosts. */
type Overlap = readonly [later: number, earlier: number];
