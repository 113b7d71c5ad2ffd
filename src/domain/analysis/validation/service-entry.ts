/** ServiceEntry (facts 6.5). Endpoints are in `service-entry-endpoints.ts`. */
import { isHttp, isTcp, isTls, parseProtocol } from '../semantics/protocol.ts';
import { checkDnsLabel, checkWildcardDomain, findFqdnProblem } from './blocks/domain.ts';
import { checkExportTo } from './blocks/export-to.ts';
import { checkSubnet } from './blocks/ip.ts';
import { checkPort } from './blocks/port.ts';
import { checkProtocol } from './blocks/protocol.ts';
import { checkWorkloadSelector } from './blocks/selector.ts';
import { child, error, has, isSet, itemsOf, numberAt, rootField, textAt, textOf, warn } from './field.ts';
import type { Field } from './field.ts';
import type { Resource } from '../types.ts';
import type { ValidationProblem } from './problem.ts';
import { checkDnsEndpoint, checkStaticEndpoint } from './service-entry-endpoints.ts';

export function validateServiceEntry({
  namespace,
  spec,
}: Pick<Resource, 'namespace' | 'spec'>): ValidationProblem[] {
  const root = rootField(spec);
  if (!checkWorkloadSelector(root, 'it selects every pod and WorkloadEntry of the namespace'))
    return root.problems;
  if (isSet(child(root, 'workloadSelector')) && has(root, 'endpoints'))
    error(root, 'give only one of workloadSelector and endpoints');
  const resolution = textAt(root, 'resolution') || 'NONE';
  checkHosts(root, resolution);
  for (const address of itemsOf(root, 'addresses')) {
    checkSubnet(address);
    if (textOf(address).includes('/') && resolution !== 'NONE' && resolution !== 'STATIC')
      error(address, 'address ranges need the resolution NONE or STATIC');
  }
  checkPorts(root, resolution);
  checkResolution(root, resolution);
  checkHostsAndPorts(root, resolution);
  checkExportTo(root, namespace, { none: true });
  return root.problems;
}

function checkHosts(root: Field, resolution: string): void {
  const hosts = itemsOf(root, 'hosts');
  if (hosts.length === 0) error(root, 'needs hosts');
  for (const host of hosts) {
    const text = textOf(host);
    if (text === '*') error(host, 'a host must not be * alone');
    else if (
      checkWildcardDomain(host) &&
      text.startsWith('*') &&
      !text.startsWith('*.') &&
      resolution !== 'DYNAMIC_DNS'
    )
      warn(host, `"${text}" hardly works: a wildcard should be a whole first part, "*."`);
  }
}

function checkPorts(root: Field, resolution: string): void {
  const names = new Set<string>();
  const numbers = new Set<number>();
  for (const port of itemsOf(root, 'ports')) {
    const name = textAt(port, 'name');
    if (name !== '' && names.has(name)) error(child(port, 'name'), `the port name "${name}" is used twice`);
    names.add(name);
    const number = numberAt(port, 'number');
    if (numbers.has(number)) error(child(port, 'number'), `the port ${number} is listed twice`);
    numbers.add(number);
    checkServicePort(port);
    const protocol = textAt(port, 'protocol');
    if ((protocol === '' || protocol === 'TCP') && resolution === 'NONE' && !has(root, 'addresses'))
      warn(
        port,
        `takes all TCP traffic to the port ${number}, whatever its destination; give addresses or another protocol`,
      );
  }
}

function checkServicePort(port: Field): void {
  if (numberAt(port, 'targetPort') !== 0) checkPort(child(port, 'targetPort'));
  if (has(port, 'name')) checkDnsLabel(child(port, 'name'));
  else error(port, 'needs a name');
  checkProtocol(child(port, 'protocol'), { optional: true });
  const number = child(port, 'number');
  checkPort(isSet(number) ? number : port);
}

function checkResolution(root: Field, resolution: string): void {
  switch (resolution) {
    case 'STATIC':
      for (const endpoint of itemsOf(root, 'endpoints')) checkStaticEndpoint(endpoint, root);
      return;
    case 'DNS':
    case 'DNS_ROUND_ROBIN':
      checkDns(root, resolution);
      return;
    case 'DYNAMIC_DNS':
      checkDynamicDns(root);
      return;
    default:
      if (has(root, 'endpoints')) error(child(root, 'endpoints'), 'need a resolution other than NONE');
      if (isSet(child(root, 'workloadSelector')))
        warn(child(root, 'workloadSelector'), 'has no effect with the resolution NONE');
  }
}

function checkDns(root: Field, resolution: string): void {
  const endpoints = itemsOf(root, 'endpoints');
  const hosts = itemsOf(root, 'hosts');
  if (endpoints.length === 0) {
    const bad = hosts.find((host) => findFqdnProblem(textOf(host)) !== undefined);
    if (bad)
      error(bad, `"${textOf(bad)}" cannot be looked up: without endpoints, every host must be a full name`);
  }
  if (resolution === 'DNS_ROUND_ROBIN' && endpoints[1])
    error(endpoints[1], 'the resolution DNS_ROUND_ROBIN takes one endpoint at most');
  for (const endpoint of endpoints) checkDnsEndpoint(endpoint, root);
  if (
    has(root, 'addresses') &&
    hosts.length > 1 &&
    itemsOf(root, 'ports').some((port) => isTcp(parseProtocol(textAt(port, 'protocol'))))
  )
    warn(
      child(root, 'hosts'),
      'several hosts share the addresses, so on TCP ports they cannot be told apart',
    );
}

const DYNAMIC_PROTOCOLS: ReadonlySet<string> = new Set(['http', 'http2', 'grpc', 'tls']);

function checkDynamicDns(root: Field): void {
  for (const host of itemsOf(root, 'hosts')) {
    if (!textOf(host).startsWith('*'))
      error(host, `the resolution DYNAMIC_DNS needs a wildcard, not "${textOf(host)}"`);
  }
  for (const name of ['addresses', 'endpoints'])
    if (has(root, name)) error(child(root, name), 'cannot be used with the resolution DYNAMIC_DNS');
  for (const port of itemsOf(root, 'ports')) {
    const protocol = child(port, 'protocol');
    if (!DYNAMIC_PROTOCOLS.has(parseProtocol(textOf(protocol))))
      error(
        isSet(protocol) ? protocol : port,
        'the resolution DYNAMIC_DNS needs the protocol HTTP, HTTP2, GRPC or TLS',
      );
  }
}

/** Told once: what a connection without a host name in it is for is only known by its port. */
function checkHostsAndPorts(root: Field, resolution: string): void {
  if (resolution === 'NONE' || itemsOf(root, 'hosts').length < 2) return;
  const port = itemsOf(root, 'ports').find((candidate) => {
    const protocol = parseProtocol(textAt(candidate, 'protocol'));
    return !isHttp(protocol) && !isTls(protocol);
  });
  if (port)
    error(port, 'several hosts need ports whose protocol is HTTP or TLS, where hosts can be told apart');
}
