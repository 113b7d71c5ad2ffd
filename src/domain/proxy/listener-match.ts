/** Which connections a filter chain takes, in a few words. */
import { listAt, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { numberAt } from './config-dump.ts';

/** Sets of application protocols that istiod uses again and again, by the names that istioctl's users know. */
const PROTOCOLS: readonly (readonly [title: string, protocols: readonly string[]])[] = [
  ['HTTP TLS', ['http/1.0', 'http/1.1', 'h2c', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2']],
  ['Istio HTTP Plain', ['istio', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2']],
  ['TCP TLS', ['istio-peer-exchange', 'istio']],
  ['HTTP', ['http/1.0', 'http/1.1', 'h2c']],
];

/** `SNI: a; Trans: tls; App: HTTP; Addr: 10.0.0.1/32:80`, or `ALL`. Where a matcher tree chooses, only the chain's name is known. */
export function describeChainMatch(chain: JsonValue, isChosenByMatcher: boolean): string {
  if (isChosenByMatcher) return `Chain: ${stringAt(chain, ['name'])}`;
  const match = objectAt(chain, ['filterChainMatch']);
  const transport = stringAt(match, ['transportProtocol']);
  const parts = [
    ...titled('SNI', texts(match, 'serverNames')),
    ...(transport === '' ? [] : [`Trans: ${transport}`]),
    ...describeProtocols(texts(match, 'applicationProtocols')),
    ...describeAddresses('Addr', listAt(match, ['prefixRanges']), ports(match, 'destinationPort')),
    ...describeAddresses('Src', listAt(match, ['sourcePrefixRanges']), texts(match, 'sourcePorts')),
    ...describeAddresses('Direct src', listAt(match, ['directSourcePrefixRanges']), []),
  ];
  return parts.length > 0 ? parts.join('; ') : 'ALL';
}

function describeProtocols(protocols: readonly string[]): string[] {
  const known = PROTOCOLS.find(
    ([, set]) => set.length === protocols.length && set.every((item) => protocols.includes(item)),
  );
  return titled('App', known ? [known[0]] : protocols);
}

function describeAddresses(
  title: string,
  ranges: readonly JsonValue[],
  portNumbers: readonly string[],
): string[] {
  const port = portNumbers.length > 0 ? `:${portNumbers.join(',')}` : '';
  const prefixes = ranges.map((range) => {
    return `${stringAt(range, ['addressPrefix'])}/${numberAt(range, ['prefixLen'])}${port}`;
  });
  if (prefixes.length > 0) return titled(title, prefixes);
  return port === '' ? [] : [`${title}: *${port}`];
}

function titled(title: string, values: readonly string[]): string[] {
  return values.length > 0 ? [`${title}: ${values.join(',')}`] : [];
}

function texts(match: JsonObject, name: string): string[] {
  return listAt(match, [name]).map(String);
}

function ports(match: JsonObject, name: string): string[] {
  const value = match[name];
  return typeof value === 'number' ? [String(value)] : [];
}
