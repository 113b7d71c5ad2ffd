/** Egress listeners of a Sidecar (facts 6.8). */
import { checkDnsLabel, isDnsLabel } from '../blocks/domain.ts';
import { findGatewayHostProblem } from '../blocks/gateway-host.ts';
import { checkIp } from '../blocks/ip.ts';
import { checkPort } from '../blocks/port.ts';
import { checkProtocol } from '../blocks/protocol.ts';
import { checkUnixAddress, isUnixAddress } from '../blocks/unix-address.ts';
import { child, error, has, isSet, itemsOf, numberAt, textAt, textOf, warn } from '../field.ts';
import type { Field } from '../field.ts';

export function checkEgress(spec: Field, namespace: string): void {
  const listeners = itemsOf(spec, 'egress');
  const numbers = new Set<number>();
  const sockets = new Set<string>();
  for (const [index, listener] of listeners.entries()) {
    const port = child(listener, 'port');
    if (isSet(port)) {
      checkEgressPort(listener, port);
      checkIsUnique(listener, port, numbers, sockets);
    } else if (index < listeners.length - 1) {
      error(listener, 'needs a port: only the last listener may be for all the other ports');
    }
    checkHosts(listener, namespace);
  }
}

function checkEgressPort(listener: Field, port: Field): void {
  if (numberAt(port, 'targetPort') !== 0) error(child(port, 'targetPort'), 'cannot be set on a Sidecar');
  if (has(port, 'name')) checkDnsLabel(child(port, 'name'));
  const bind = child(listener, 'bind');
  if (numberAt(port, 'number') === 0) {
    if (isUnixAddress(textOf(bind))) checkUnixAddress(bind);
    else error(port, 'needs a number, unless bind is a Unix socket (unix:///path)');
    const mode = textAt(listener, 'captureMode');
    if (!['', 'DEFAULT', 'NONE'].includes(mode))
      error(child(listener, 'captureMode'), `must be DEFAULT or NONE for a Unix socket, not ${mode}`);
    return;
  }
  checkProtocol(child(port, 'protocol'), { optional: true });
  checkPort(child(port, 'number'));
  if (has(listener, 'bind')) checkIp(bind);
}

function checkIsUnique(listener: Field, port: Field, numbers: Set<number>, sockets: Set<string>): void {
  const number = numberAt(port, 'number');
  const bind = textAt(listener, 'bind');
  if (number === 0) {
    if (sockets.has(bind)) error(child(listener, 'bind'), `"${bind}" is used by an earlier listener`);
    sockets.add(bind);
  } else {
    if (numbers.has(number))
      error(child(port, 'number'), `the port ${number} is used by an earlier listener`);
    numbers.add(number);
  }
}

function checkHosts(listener: Field, namespace: string): void {
  const hosts = itemsOf(listener, 'hosts');
  if (hosts.length === 0) error(listener, 'needs hosts');
  const names = new Map<string, Set<string>>();
  for (const host of hosts) {
    const [scope, name] = splitHost(host);
    if (name === undefined) continue;
    checkHost(host, scope, name);
    if (scope.startsWith('~')) continue;
    const owner = scope === '.' ? namespace : scope;
    const known = names.get(owner) ?? new Set();
    names.set(owner, known);
    if (known.has(name) || known.has('*') || (name === '*' && known.size > 0))
      warn(host, `"${textOf(host)}" is contained in or contains another host of this list`);
    known.add(name);
  }
  if (names.get('*')?.has('*') && names.size > 1) {
    const all = hosts.find((host) => textOf(host) === '*/*');
    if (all) warn(all, '"*/*" already contains all the other hosts');
  }
}

/** Namespace and name; the name is undefined when there is no slash, which is reported. */
function splitHost(host: Field): [scope: string, name: string | undefined] {
  const text = textOf(host);
  const slash = text.indexOf('/');
  if (slash >= 0) return [text.slice(0, slash), text.slice(slash + 1)];
  error(
    host,
    `"${text}" must be namespace/host, such as ./${text === '' ? '*' : text} or */${text === '' ? '*' : text}`,
  );
  return [text, undefined];
}

function checkHost(host: Field, scope: string, name: string): void {
  const bare = scope.startsWith('~') ? scope.slice(1) : scope;
  const isScope = bare === '*' || bare === '.' || scope === '~' || isDnsLabel(bare);
  if (!isScope) error(host, `the part before / in "${textOf(host)}" must be a namespace, ".", "*" or "~"`);
  const problem = findGatewayHostProblem(name, { noIp: true });
  if (problem) error(host, `"${textOf(host)}" must be namespace/host, but ${problem}`);
}
