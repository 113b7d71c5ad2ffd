/** Protocols of ports, as Istio reads them from names, `appProtocol` and numbers. Source: facts 3.8. */
import { stringAt } from '../../../lib/json.ts';
import type { JsonObject } from '../../../lib/json.ts';

export type Protocol =
  | 'tcp'
  | 'udp'
  | 'grpc'
  | 'grpc-web'
  | 'http'
  | 'http_proxy'
  | 'http2'
  | 'https'
  | 'tls'
  | 'mongo'
  | 'redis'
  | 'mysql'
  | 'unsupported';

/** All that Istio knows. */
export const PROTOCOLS: readonly Protocol[] = [
  'tcp',
  'udp',
  'grpc',
  'grpc-web',
  'http',
  'http_proxy',
  'http2',
  'https',
  'tls',
  'mongo',
  'redis',
  'mysql',
];
const SUPPORTED: ReadonlySet<string> = new Set(PROTOCOLS);
const HTTP: ReadonlySet<Protocol> = new Set(['http', 'http2', 'http_proxy', 'grpc', 'grpc-web']);
const TLS: ReadonlySet<Protocol> = new Set(['https', 'tls']);
const TCP: ReadonlySet<Protocol> = new Set(['tcp', 'https', 'tls', 'mongo', 'redis', 'mysql']);
const APP_PROTOCOLS: Readonly<Record<string, string>> = {
  'kubernetes.io/h2c': 'http2',
  'kubernetes.io/ws': 'http',
  'kubernetes.io/wss': 'https',
};
/** Ports whose servers speak first, so that sniffing would hang: smtp, dns, mysql, mongo. */
const SERVER_FIRST_PORTS: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

/** The protocol that a text names; case does not count. */
export function parseProtocol(text: string): Protocol {
  const name = text.toLowerCase();
  return SUPPORTED.has(name) ? (name as Protocol) : 'unsupported';
}

export function isHttp(protocol: Protocol): boolean {
  return HTTP.has(protocol);
}

export function isTls(protocol: Protocol): boolean {
  return TLS.has(protocol);
}

export function isTcp(protocol: Protocol): boolean {
  return TCP.has(protocol);
}

/** The protocol of one entry of a Service's `spec.ports`. */
export function servicePortProtocol(port: JsonObject): Protocol {
  if (port['protocol'] === 'UDP') return 'udp';
  const appProtocol = stringAt(port, ['appProtocol']);
  const name = (
    appProtocol ? (APP_PROTOCOLS[appProtocol] ?? appProtocol) : stringAt(port, ['name'])
  ).toLowerCase();
  const protocol = name.startsWith('grpc-web') ? 'grpc-web' : parseProtocol(name.split('-')[0] ?? '');
  if (protocol === 'unsupported' && SERVER_FIRST_PORTS.has(Number(port['port']))) return 'tcp';
  return protocol;
}
