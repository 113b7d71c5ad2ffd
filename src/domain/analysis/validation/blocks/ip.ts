/** IP addresses and subnets, as strict as Go's `netip`: no leading zeros, no spaces. */
import { error, textOf } from '../field.ts';
import type { Field } from '../field.ts';

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const HEX_GROUP = /^[0-9A-Fa-f]{1,4}$/;

function isIpv4(text: string): boolean {
  return text.length <= 15 && IPV4.test(text);
}

/** Without a zone. */
function isIpv6(text: string): boolean {
  if (text.length > 45 || !text.includes(':')) return false;
  const gap = text.indexOf('::');
  if (gap < 0) return countGroups(text) === 8;
  const left = countGroups(text.slice(0, gap));
  const right = countGroups(text.slice(gap + 2));
  return left >= 0 && right >= 0 && left + right <= 7 && !text.slice(0, gap).includes('.');
}

/** 16-bit groups of a colon separated text (an IPv4 address at the end counts two), -1 if it is malformed. */
function countGroups(text: string): number {
  if (text === '') return 0;
  const parts = text.split(':');
  const last = parts[parts.length - 1] ?? '';
  const tail = last.includes('.') ? 2 : 1;
  if (tail === 2 ? !isIpv4(last) : !HEX_GROUP.test(last)) return -1;
  for (let index = 0; index < parts.length - 1; index += 1) {
    if (!HEX_GROUP.test(parts[index] ?? '')) return -1;
  }
  return parts.length - 1 + tail;
}

/** An IPv4 or IPv6 address; IPv6 may name a zone (`fe80::1%eth0`). */
export function isIp(text: string): boolean {
  if (isIpv4(text)) return true;
  const zone = text.indexOf('%');
  if (zone < 0) return isIpv6(text);
  return zone < text.length - 1 && isIpv6(text.slice(0, zone));
}

/** `10.0.0.0/8`. Bits of the host part may be set. */
export function isCidr(text: string): boolean {
  const slash = text.lastIndexOf('/');
  if (slash < 0) return false;
  const bits = text.slice(slash + 1);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(bits)) return false;
  const address = text.slice(0, slash);
  return isIpv4(address) ? Number(bits) <= 32 : isIpv6(address) && Number(bits) <= 128;
}

export function isSubnet(text: string): boolean {
  return text.includes('/') ? isCidr(text) : isIp(text);
}

export function checkIp(field: Field): boolean {
  if (isIp(textOf(field))) return true;
  error(field, `"${textOf(field)}" must be an IP address`);
  return false;
}

/** An IP address or a CIDR. */
export function checkSubnet(field: Field): boolean {
  if (isSubnet(textOf(field))) return true;
  error(field, `"${textOf(field)}" must be an IP address or a range such as 10.0.0.0/8`);
  return false;
}
