/** ProxyConfig as part of the mesh config (`defaultConfig`) and of the annotation `proxy.istio.io/config` (facts 6.15). */
import { child, error, has, isSet, numberAt, numberOf, textAt, textOf, warn } from './field.ts';
import type { Field } from './field.ts';
import { findFqdnProblem } from './blocks/domain.ts';
import { checkDurationOrZero, checkWholeSeconds } from './blocks/duration.ts';
import { isIp } from './blocks/ip.ts';
import { checkNotNegative } from './blocks/number.ts';
import { checkPort, isPort } from './blocks/port.ts';
import { checkClientTls } from './traffic-policy/client-tls.ts';

/** What Envoy replaces by the address of the node. */
const HOST_IP = '$(HOST_IP)';
const AUTO_ALLOCATE = 'ISTIO_META_DNS_AUTO_ALLOCATE';
const LEAST_WINDOW = 65_535;

/** Checks the fields that are set: those that are not have Istio's defaults, which are valid. */
export function checkMeshProxyConfig(config: Field): void {
  for (const key of ['configPath', 'binaryPath', 'serviceCluster']) {
    const field = child(config, key);
    if (field.value === '') error(field, 'must not be empty');
  }
  if (has(config, 'drainDuration')) checkWholeSeconds(child(config, 'drainDuration'));
  for (const key of ['discoveryAddress', 'statsdUdpAddress']) {
    if (has(config, key)) checkAddress(child(config, key));
  }
  for (const key of ['envoyMetricsService', 'envoyAccessLogService']) {
    const service = child(config, key);
    if (isSet(service)) checkAddress(child(service, 'address'));
  }
  checkTracing(child(config, 'tracing'));
  for (const key of ['proxyAdminPort', 'statusPort']) {
    if (isSet(child(config, key))) checkPort(child(config, key));
  }
  checkPrivateKeyProvider(child(config, 'privateKeyProvider'));
  checkConnections(child(config, 'connectionSettings'));
  const metadata = child(config, 'proxyMetadata');
  if (isSet(child(metadata, AUTO_ALLOCATE)))
    warn(child(metadata, AUTO_ALLOCATE), 'is deprecated; addresses are allocated by istiod');
}

/** `host:port`; the host is a domain name, an IP address, or `$(HOST_IP)` where that is allowed. */
function checkAddress(field: Field, allowsHostIp = false): void {
  const text = textOf(field);
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(text) ?? [];
  const name = host.replace(/^\[(.*)\]$/, '$1');
  const isHost = isIp(name) || (allowsHostIp && name === HOST_IP) || findFqdnProblem(name) === undefined;
  if (!isHost || !isPort(Number(port))) error(field, `must be <host>:<port>, not "${text}"`);
}

function checkTracing(tracing: Field): void {
  for (const key of ['zipkin', 'datadog', 'lightstep']) {
    const tracer = child(tracing, key);
    if (!isSet(tracer)) continue;
    checkAddress(child(tracer, 'address'), key !== 'lightstep');
    if (key === 'lightstep' && textAt(tracer, 'accessToken') === '') error(tracer, 'needs an accessToken');
  }
  const tls = child(tracing, 'tlsSettings');
  if (isSet(tls)) checkClientTls(tls, undefined);
}

function checkPrivateKeyProvider(provider: Field): void {
  if (!isSet(provider)) return;
  const kind = ['cryptomb', 'qat'].find((key) => isSet(child(provider, key)));
  if (kind === undefined) {
    error(provider, 'must be cryptomb or qat');
    return;
  }
  const delay = child(child(provider, kind), 'pollDelay');
  if (!/[1-9]/.test(textOf(delay))) error(delay, 'must be a duration that is not 0');
}

function checkConnections(settings: Field): void {
  for (const key of ['listenerPerConnectionBufferLimitBytes', 'clusterPerConnectionBufferLimitBytes']) {
    checkNotNegative(child(settings, key));
  }
  for (const key of TIMEOUTS) if (has(settings, key)) checkDurationOrZero(child(settings, key));
  for (const key of [
    'httpMaxConcurrentStreams',
    'listenerConnectionLimit',
    'globalDownstreamConnectionLimit',
  ]) {
    const field = child(settings, key);
    if (isSet(field) && numberOf(field) <= 0) error(field, `must be greater than 0, not ${numberOf(field)}`);
  }
  for (const key of ['http2InitialStreamWindowSize', 'http2InitialConnectionWindowSize']) {
    if (!isSet(child(settings, key)) || numberAt(settings, key) >= LEAST_WINDOW) continue;
    error(child(settings, key), `must be ${LEAST_WINDOW} or more, not ${numberAt(settings, key)}`);
  }
}

const TIMEOUTS = [
  'httpIdleTimeout',
  'httpDrainTimeout',
  'httpMaxConnectionDuration',
  'httpMaxStreamDuration',
  'httpRequestHeadersTimeout',
  'httpRequestTimeout',
  'httpStreamIdleTimeout',
];
