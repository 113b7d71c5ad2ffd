/** Gateway of networking.istio.io (facts 6.2). */
import { isHttp, isTls, parseProtocol } from '../semantics/protocol.ts';
import { checkBind, isUnixBound } from './blocks/bind.ts';
import { isDnsLabel } from './blocks/domain.ts';
import { findGatewayHostProblem } from './blocks/gateway-host.ts';
import { isPort } from './blocks/port.ts';
import { checkProtocol } from './blocks/protocol.ts';
import { checkServerTls, tlsModeOf } from './blocks/server-tls.ts';
import {
  child,
  error,
  has,
  isSet,
  isTrue,
  itemsOf,
  numberAt,
  rootField,
  textAt,
  textOf,
  warn,
} from './field.ts';
import type { Field } from './field.ts';
import type { Resource } from '../types.ts';
import type { ValidationProblem } from './problem.ts';

export function validateGateway({ name, spec }: Pick<Resource, 'name' | 'spec'>): ValidationProblem[] {
  const root = rootField(spec);
  if (!isDnsLabel(name)) {
    const metadata = rootField({ name }, 'metadata', root.problems);
    error(
      child(metadata, 'name'),
      `the name of a Gateway must be a DNS label: "${name}" is not made of letters, digits and inner dashes`,
    );
  }
  const servers = itemsOf(root, 'servers');
  if (servers.length === 0) error(root, 'needs servers');
  const portNames = new Set<string>();
  for (const server of servers) {
    checkPortNameIsUnique(server, portNames);
    warnOfRedirect(server);
    checkServer(server);
  }
  return root.problems;
}

function checkPortNameIsUnique(server: Field, seen: Set<string>): void {
  const port = child(server, 'port');
  const name = textAt(port, 'name');
  if (name === '') return;
  if (seen.has(name)) error(child(port, 'name'), `the port name "${name}" is used by an earlier server`);
  seen.add(name);
}

function warnOfRedirect(server: Field): void {
  const tls = child(server, 'tls');
  const port = child(server, 'port');
  if (isSet(port) && isTrue(tls, 'httpsRedirect') && !isHttp(parseProtocol(textAt(port, 'protocol'))))
    warn(child(tls, 'httpsRedirect'), 'only works on a port whose protocol is HTTP');
}

function checkServer(server: Field): void {
  const hosts = itemsOf(server, 'hosts');
  if (hosts.length === 0) error(server, 'needs hosts');
  for (const host of hosts) checkNamespacedHost(host);
  const before = server.problems.length;
  checkServerPort(server);
  const portIsValid = server.problems.length === before;
  checkBind(server);
  const tls = child(server, 'tls');
  if (isSet(tls)) checkServerTls(tls);
  if (portIsValid) checkTlsOfProtocol(server, tls);
}

/** `[namespace/]name`. */
function checkNamespacedHost(host: Field): void {
  const text = textOf(host);
  const slash = text.indexOf('/');
  const namespace = slash < 0 ? '*' : text.slice(0, slash);
  const name = slash < 0 ? text : text.slice(slash + 1);
  if (namespace !== '*' && namespace !== '.' && !isDnsLabel(namespace))
    error(host, `the part before / in "${text}" must be a namespace, "." or "*"`);
  const problem = findGatewayHostProblem(name);
  if (problem) error(host, `"${text}" must be a host: ${problem}`);
}

function checkServerPort(server: Field): void {
  const port = child(server, 'port');
  if (!isSet(port)) {
    error(server, 'needs a port');
    return;
  }
  const protocol = child(port, 'protocol');
  checkProtocol(isSet(protocol) ? protocol : port);
  const number = numberAt(port, 'number');
  const field = child(port, 'number');
  const numberField = isSet(field) ? field : port;
  if (isUnixBound(server)) {
    if (number !== 0) error(numberField, 'must be 0 for a server that is bound to a Unix socket');
  } else if (!isPort(number)) error(numberField, `must be a port number from 1 to 65535, not ${number}`);
  if (numberAt(port, 'targetPort') !== 0) error(child(port, 'targetPort'), 'cannot be set on a Gateway');
  if (!has(port, 'name')) error(port, 'needs a name');
}

function checkTlsOfProtocol(server: Field, tls: Field): void {
  const text = textAt(child(server, 'port'), 'protocol');
  const protocol = parseProtocol(text);
  if (isTls(protocol)) {
    if (!isSet(tls)) error(server, `the protocol ${text} needs tls`);
    return;
  }
  if (!isSet(tls)) return;
  if (!isHttp(protocol)) error(tls, `a port of the protocol ${text} takes no tls; use TLS or HTTPS`);
  else if (!isRedirectOnly(tls))
    error(tls, `a port of the protocol ${text} takes no certificates; use HTTPS, or only httpsRedirect`);
}

function isRedirectOnly(tls: Field): boolean {
  const mode = tlsModeOf(tls);
  return (
    (mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH') &&
    !['caCertificates', 'privateKey', 'serverCertificate'].some((name) => has(tls, name))
  );
}
