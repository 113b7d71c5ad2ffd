/** The traffic policy of a DestinationRule and of its subsets and ports (facts 6.4). */
import { checkFqdnOrIp } from '../blocks/domain.ts';
import { checkPort } from '../blocks/port.ts';
import { child, error, has, isSet, itemsOf, textAt } from '../field.ts';
import type { Field } from '../field.ts';
import { checkClientTls } from './client-tls.ts';
import { checkConnectionPool } from './connection-pool.ts';
import { checkLoadBalancer } from './load-balancer.ts';
import { checkOutlierDetection } from './outlier-detection.ts';

const PORT_SETTINGS = ['outlierDetection', 'connectionPool', 'loadBalancer', 'tls'];
const SETTINGS = [...PORT_SETTINGS, 'portLevelSettings', 'tunnel', 'proxyProtocol', 'retryBudget'];

/** `namespace`: that of the DestinationRule. */
export function checkTrafficPolicy(policy: Field, namespace: string): void {
  if (!SETTINGS.some((name) => has(policy, name))) {
    error(policy, `is empty; it needs one of ${SETTINGS.join(', ')}`);
    return;
  }
  const tunnel = child(policy, 'tunnel');
  const proxyProtocol = child(policy, 'proxyProtocol');
  if (isSet(tunnel) && isSet(proxyProtocol)) {
    error(policy, 'give only one of tunnel and proxyProtocol');
    return;
  }
  checkSettings(policy, namespace);
  for (const port of itemsOf(policy, 'portLevelSettings')) checkPortSettings(port, namespace);
  if (isSet(tunnel)) checkTunnel(tunnel);
  const version = textAt(proxyProtocol, 'version');
  if (!['', 'V1', 'V2'].includes(version)) error(child(proxyProtocol, 'version'), 'must be V1 or V2');
}

function checkSettings(policy: Field, namespace: string): void {
  const outlier = child(policy, 'outlierDetection');
  const pool = child(policy, 'connectionPool');
  const balancer = child(policy, 'loadBalancer');
  const tls = child(policy, 'tls');
  if (isSet(outlier)) checkOutlierDetection(outlier);
  if (isSet(pool)) checkConnectionPool(pool);
  if (isSet(balancer)) checkLoadBalancer(balancer, isSet(outlier));
  if (isSet(tls)) checkClientTls(tls, namespace);
}

function checkPortSettings(settings: Field, namespace: string): void {
  const port = child(settings, 'port');
  if (!isSet(port)) error(settings, 'needs a port');
  if (!PORT_SETTINGS.some((name) => has(settings, name)))
    error(settings, `needs one of ${PORT_SETTINGS.join(', ')}`);
  else checkSettings(settings, namespace);
}

function checkTunnel(tunnel: Field): void {
  const protocol = textAt(tunnel, 'protocol');
  if (!['', 'CONNECT', 'POST'].includes(protocol))
    error(child(tunnel, 'protocol'), `must be CONNECT or POST, not "${protocol}"`);
  const host = child(tunnel, 'targetHost');
  if (isSet(host)) checkFqdnOrIp(host);
  else error(tunnel, 'needs a targetHost');
  const port = child(tunnel, 'targetPort');
  checkPort(isSet(port) ? port : tunnel);
}
