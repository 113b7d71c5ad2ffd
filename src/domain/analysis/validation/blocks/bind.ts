/** `bind` of a listener: an IP address, or a Unix socket. */
import { has, textAt, child } from '../field.ts';
import type { Field } from '../field.ts';
import { checkIp } from './ip.ts';
import { checkUnixAddress, isUnixAddress } from './unix-address.ts';

/** Whether the listener is bound to a Unix socket, and so has no port number. */
export function isUnixBound(listener: Field): boolean {
  return isUnixAddress(textAt(listener, 'bind'));
}

export function checkBind(listener: Field): void {
  if (!has(listener, 'bind')) return;
  const bind = child(listener, 'bind');
  if (isUnixBound(listener)) checkUnixAddress(bind);
  else checkIp(bind);
}
