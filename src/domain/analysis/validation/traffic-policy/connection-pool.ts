/** `connectionPool` of a traffic policy, a Sidecar or the mesh (facts 6.4). */
import { checkDuration, checkDurationOrZero } from '../blocks/duration.ts';
import { checkNotNegative } from '../blocks/number.ts';
import { child, error, isSet, isTrue, textAt } from '../field.ts';
import type { Field } from '../field.ts';

const HTTP_COUNTS = [
  'http1MaxPendingRequests',
  'http2MaxRequests',
  'maxRequestsPerConnection',
  'maxRetries',
  'maxConcurrentStreams',
];

export function checkConnectionPool(pool: Field): void {
  const http = child(pool, 'http');
  const tcp = child(pool, 'tcp');
  if (!isSet(http) && !isSet(tcp)) error(pool, 'needs http or tcp');
  if (isSet(http)) checkHttp(http);
  if (isSet(tcp)) checkTcp(tcp);
}

function checkHttp(http: Field): void {
  for (const count of HTTP_COUNTS) checkNotNegative(child(http, count));
  checkDuration(child(http, 'idleTimeout'));
  if (isTrue(http, 'useClientProtocol') && textAt(http, 'h2UpgradePolicy') === 'UPGRADE')
    error(http, 'useClientProtocol and h2UpgradePolicy UPGRADE exclude each other');
  const keepAlive = child(http, 'http2KeepAlive');
  if (isSet(keepAlive)) {
    for (const name of ['interval', 'timeout']) {
      const duration = child(keepAlive, name);
      if (isSet(duration)) checkDuration(duration);
      else error(keepAlive, `needs ${name}`);
    }
  }
}

function checkTcp(tcp: Field): void {
  checkNotNegative(child(tcp, 'maxConnections'));
  checkDuration(child(tcp, 'connectTimeout'));
  checkDuration(child(tcp, 'maxConnectionDuration'));
  checkDurationOrZero(child(tcp, 'idleTimeout'));
  const keepAlive = child(tcp, 'tcpKeepalive');
  checkDuration(child(keepAlive, 'time'));
  checkDuration(child(keepAlive, 'interval'));
}
