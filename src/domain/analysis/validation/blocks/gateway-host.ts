/** Hosts that a gateway serves and that a Sidecar lets through: more than a short name, wildcards as a whole first part. */
import { findWildcardDomainProblem } from './domain.ts';
import { isIp } from './ip.ts';

/** Why `name` is no host of a gateway or of a Sidecar's egress listener, or undefined. */
export function findGatewayHostProblem(name: string, options: { noIp?: boolean } = {}): string | undefined {
  if (name === '*') return undefined;
  if (name === '') return 'its name is missing';
  if (!options.noIp && isIp(name)) return undefined;
  if (!name.includes('.')) return `short names such as "${name}" are not completed, write the full name`;
  if (name.startsWith('*') && !name.startsWith('*.')) return 'a wildcard must be a whole first part, "*."';
  return findWildcardDomainProblem(name);
}
