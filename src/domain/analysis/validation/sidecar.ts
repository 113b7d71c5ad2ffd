/** Sidecar (facts 6.8). Listeners are in `sidecar/`. */
import { checkDestination } from './blocks/destination.ts';
import { checkFqdn } from './blocks/domain.ts';
import { checkWorkloadSelector } from './blocks/selector.ts';
import { child, error, has, isSet, rootField, textAt } from './field.ts';
import type { Field } from './field.ts';
import type { Resource } from '../types.ts';
import type { ValidationProblem } from './problem.ts';
import { checkEgress } from './sidecar/egress.ts';
import { checkIngress } from './sidecar/ingress.ts';
import { checkConnectionPool } from './traffic-policy/connection-pool.ts';

const PARTS = ['egress', 'ingress', 'outboundTrafficPolicy', 'inboundConnectionPool'];

export function validateSidecar({
  namespace,
  spec,
}: Pick<Resource, 'namespace' | 'spec'>): ValidationProblem[] {
  const root = rootField(spec);
  if (
    !checkWorkloadSelector(root, 'it selects every workload of the namespace; leave it out if this is meant')
  )
    return root.problems;
  if (!PARTS.some((part) => has(root, part))) {
    error(root, `needs one of ${PARTS.join(', ')}`);
    return root.problems;
  }
  checkIngress(root);
  const pool = child(root, 'inboundConnectionPool');
  if (isSet(pool)) checkConnectionPool(pool);
  checkEgress(root, namespace);
  const policy = child(root, 'outboundTrafficPolicy');
  if (isSet(policy)) checkOutboundPolicy(policy);
  return root.problems;
}

function checkOutboundPolicy(policy: Field): void {
  const mode = textAt(policy, 'mode');
  if (mode === 'ALLOW_ANY_DYNAMIC_DNS') {
    error(child(policy, 'mode'), 'ALLOW_ANY_DYNAMIC_DNS is not possible in a Sidecar');
    return;
  }
  const proxy = child(policy, 'egressProxy');
  if (!isSet(proxy)) return;
  if (mode !== 'ALLOW_ANY') {
    error(proxy, 'needs the mode ALLOW_ANY');
    return;
  }
  const host = child(proxy, 'host');
  if (isSet(host)) checkFqdn(host);
  if (!isSet(child(proxy, 'port'))) {
    error(proxy, 'needs a port');
    return;
  }
  checkDestination(proxy);
}
