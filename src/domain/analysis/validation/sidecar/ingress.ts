/** Ingress listeners of a Sidecar (facts 6.8). */
import { isHttp, isTls, parseProtocol } from '../../semantics/protocol.ts';
import { checkDnsLabel } from '../blocks/domain.ts';
import { checkIp } from '../blocks/ip.ts';
import { checkPort, isPort } from '../blocks/port.ts';
import { checkProtocol } from '../blocks/protocol.ts';
import { checkServerTls } from '../blocks/server-tls.ts';
import { checkUnixAddress, isUnixAddress } from '../blocks/unix-address.ts';
import { child, error, has, isSet, isTrue, itemsOf, numberAt, textAt, textOf, warn } from '../field.ts';
import type { Field } from '../field.ts';
import { checkConnectionPool } from '../traffic-policy/connection-pool.ts';

export function checkIngress(spec: Field): void {
  const numbers = new Set<number>();
  for (const listener of itemsOf(spec, 'ingress')) {
    const port = child(listener, 'port');
    if (!isSet(port)) {
      error(listener, 'needs a port');
      continue;
    }
    const number = numberAt(port, 'number');
    if (numbers.has(number))
      error(child(port, 'number'), `the port ${number} is used by an earlier listener`);
    numbers.add(number);
    checkListener(listener, port);
  }
}

function checkListener(listener: Field, port: Field): void {
  if (numberAt(port, 'targetPort') !== 0) error(child(port, 'targetPort'), 'cannot be set on a Sidecar');
  if (has(port, 'name')) checkDnsLabel(child(port, 'name'));
  checkProtocol(child(port, 'protocol'), { optional: true });
  const number = child(port, 'number');
  checkPort(isSet(number) ? number : port);
  if (has(listener, 'bind')) checkIp(child(listener, 'bind'));
  if (has(listener, 'defaultEndpoint')) checkDefaultEndpoint(child(listener, 'defaultEndpoint'));
  const tls = child(listener, 'tls');
  if (isSet(tls)) checkIngressTls(tls, textAt(port, 'protocol'));
  const pool = child(listener, 'connectionPool');
  if (!isSet(pool)) return;
  checkConnectionPool(pool);
  if (isSet(child(pool, 'http')) && !isHttp(parseProtocol(textAt(port, 'protocol'))))
    warn(child(pool, 'http'), 'has no effect: the protocol of the port is not HTTP');
}

const LOCAL_HOSTS: ReadonlySet<string> = new Set(['', '127.0.0.1', '0.0.0.0', '::1', '::']);

function checkDefaultEndpoint(field: Field): void {
  const text = textOf(field);
  if (isUnixAddress(text)) {
    checkUnixAddress(field);
    return;
  }
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,9})$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? '';
  if (!match || !LOCAL_HOSTS.has(host) || !isPort(Number(match[3])))
    error(field, `"${text}" must be unix:///path, or a local address with a port, such as 127.0.0.1:8080`);
}

const NOT_HERE = ['subjectAltNames', 'credentialName', 'credentialNames', 'tlsCertificates'];

function checkIngressTls(tls: Field, protocol: string): void {
  for (const name of NOT_HERE) if (has(tls, name)) error(child(tls, name), 'cannot be used in a Sidecar');
  if (isTrue(tls, 'httpsRedirect')) error(child(tls, 'httpsRedirect'), 'cannot be used in a Sidecar');
  const mode = textAt(tls, 'mode');
  if (mode === 'ISTIO_MUTUAL' || mode === 'AUTO_PASSTHROUGH')
    error(child(tls, 'mode'), `${mode} cannot be used in a Sidecar`);
  if (!isTls(parseProtocol(protocol))) error(tls, 'needs a port whose protocol is TLS or HTTPS');
  checkServerTls(tls);
}
