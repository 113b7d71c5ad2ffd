/**
 * Which proxy a request goes through, as client-go decides: `proxy-url` of the kubeconfig, else HTTPS_PROXY/HTTP_PROXY
 * unless NO_PROXY names the host. Rules of Go's httpproxy package: localhost and loopback addresses never go through
 * a proxy of the environment; NO_PROXY holds hosts, domains, addresses, CIDR ranges and ports. client-node ignores them all.
 */
import { BlockList, isIP, isIPv6 } from 'node:net';
import { MeshError } from '../../lib/errors.ts';
import type { Environment } from './kubeconfig.ts';

const SCHEMES = ['http:', 'https:', 'socks5:', 'socks5h:'];

/** undefined: directly. Throws a `config` MeshError for a proxy that is not a URL. */
export function proxyFor(server: URL, proxyUrl: string | undefined, env: Environment): URL | undefined {
  if (proxyUrl !== undefined) return parseProxy(proxyUrl, 'proxy-url of the kubeconfig');
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = anyCase(env, name);
  if (value === '' || isExempt(server, anyCase(env, 'NO_PROXY'))) return undefined;
  return parseProxy(value, name);
}

function anyCase(env: Environment, name: string): string {
  return env[name] || env[name.toLowerCase()] || '';
}

function parseProxy(text: string, source: string): URL {
  const known = URL.canParse(text) ? new URL(text) : undefined;
  if (known && SCHEMES.includes(known.protocol)) return known;
  const bare = `http://${text}`;
  if (!text.includes('://') && URL.canParse(bare)) return new URL(bare);
  throw new MeshError(
    'config',
    `the proxy "${text.replace(/\/\/[^@/]*@/, '//***@')}" in ${source} is not an http, https or socks5 URL`,
  );
}

/** Whether the environment's proxy is not for this server. */
export function isExempt(server: URL, noProxy: string): boolean {
  const host = server.hostname
    .replace(/^\[|\]$/g, '')
    .toLowerCase()
    .replace(/\.$/, '');
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || isLoopback(host)) return true;
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && (entry === '*' || matches(entry, host, port)));
}

function isLoopback(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function matches(entry: string, host: string, port: string): boolean {
  const range = /^(.+)\/(\d+)$/.exec(entry);
  if (range?.[1] !== undefined) return isInRange(host, range[1], Number(range[2]));
  const withPort = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(entry);
  const name = withPort?.[1] ?? withPort?.[2] ?? entry;
  if (withPort?.[3] !== undefined && withPort[3] !== port) return false;
  if (isIP(name) !== 0) return isIP(host) !== 0 && isInRange(host, name, isIPv6(name) ? 128 : 32);
  if (isIP(host) !== 0) return false;
  // `.example.com` and `*.example.com` mean subdomains only, `example.com` means itself too.
  const domain = name.replace(/^\*(?=\.)/, '');
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

function isInRange(host: string, network: string, bits: number): boolean {
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  if (isIP(network) === 0 || isIP(host) === 0 || bits > (family === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}
