/** VirtualService (facts 6.3). The parts are in `virtual-service/`, and so is what makes rules unreachable. */
import { checkExportTo } from './blocks/export-to.ts';
import { child, error, has, itemsOf, rootField, textOf } from './field.ts';
import type { Field } from './field.ts';
import type { Resource } from '../types.ts';
import type { ValidationProblem } from './problem.ts';
import { checkGatewayNames, isGatewayBound } from './virtual-service/gateways.ts';
import { checkHosts } from './virtual-service/hosts.ts';
import { checkNoJwtClaims } from './virtual-service/http-match.ts';
import { checkHttpRoute } from './virtual-service/http-route.ts';
import { checkTcpRoute, checkTlsRoute, createHostSet } from './virtual-service/l4-route.ts';

export function validateVirtualService({
  namespace,
  spec,
}: Pick<Resource, 'namespace' | 'spec'>): ValidationProblem[] {
  const root = rootField(spec);
  const isDelegate = !has(root, 'hosts');
  if (isDelegate) checkDelegate(root);
  const gatewayBound = isGatewayBound(root);
  const http = itemsOf(root, 'http');
  checkGatewayNames(root);
  if (!gatewayBound) {
    for (const route of http) for (const match of itemsOf(route, 'match')) checkNoJwtClaims(match);
  }
  checkHosts(root, gatewayBound);
  if (!has(root, 'http') && !has(root, 'tcp') && !has(root, 'tls')) error(root, 'needs http, tcp or tls');
  for (const route of http) checkHttpRoute(route, isDelegate);
  checkTlsRoutes(root, gatewayBound);
  for (const route of itemsOf(root, 'tcp')) checkTcpRoute(route);
  checkExportTo(root, namespace);
  return root.problems;
}

function checkTlsRoutes(root: Field, gatewayBound: boolean): void {
  if (!has(root, 'tls')) return;
  const hosts = createHostSet(itemsOf(root, 'hosts').map(textOf));
  for (const route of itemsOf(root, 'tls')) checkTlsRoute(route, hosts, gatewayBound);
}

/** Without hosts it is the target of a `delegate`, and holds nothing but HTTP rules. */
function checkDelegate(root: Field): void {
  for (const name of ['gateways', 'tls', 'tcp'])
    if (has(root, name)) error(child(root, name), 'cannot be used without hosts');
}
