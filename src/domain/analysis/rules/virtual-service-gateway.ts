/** The gateways of a VirtualService exist and serve one of its hosts. */
import { getAt, listAt } from '../../../lib/json.ts';
import { listNames } from '../../../lib/list-names.ts';
import { guessResource } from '../semantics/did-you-mean.ts';
import { GATEWAY, gatewayReferences } from '../semantics/gateway-reference.ts';
import type { GatewayReference } from '../semantics/gateway-reference.ts';
import { createHostIndex } from '../semantics/host-index.ts';
import type { HostIndex } from '../semantics/host-index.ts';
import { textList } from '../semantics/hosts.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource, Rule, Suggestion } from '../types.ts';

export const virtualServiceGateway: Rule = {
  name: 'virtualservice.GatewayAnalyzer',
  summary: 'Gateways that a VirtualService names exist, and serve at least one of its hosts.',
  kinds: ['networking.istio.io/VirtualService', GATEWAY],
  codes: ['IST0101', 'IST0132', 'IST0165'],
  check: (context) => {
    const hostsOf = createGatewayHosts();
    const findings: Finding[] = [];
    for (const resource of context.list('networking.istio.io/VirtualService')) {
      for (const reference of gatewayReferences(resource)) {
        findings.push(...checkReference(context, resource, reference, hostsOf));
      }
    }
    return findings;
  },
};

function checkReference(
  context: AnalysisContext,
  resource: Resource,
  reference: GatewayReference,
  hostsOf: (gateway: Resource) => GatewayHosts,
): Finding[] {
  const { text, path, namespace, name } = reference;
  if (reference.isInternal) {
    return [
      {
        code: 'IST0165',
        message: `${originOf(resource)} names gateway "${text}", which Istio made from a Kubernetes Gateway for its own use`,
        resource,
        path,
        suggestion: { text: 'attach an HTTPRoute to the Kubernetes Gateway instead' },
      },
    ];
  }
  if (!context.isKnown(GATEWAY)) return [];
  const gateway = context.get(GATEWAY, namespace, name);
  const findings: Finding[] = [];
  if (!gateway) {
    findings.push({
      code: 'IST0101',
      message: `${originOf(resource)} names gateway "${text}", but there is no Gateway ${namespace}/${name}`,
      resource,
      path,
      suggestion: suggestGateway(context, resource, reference),
    });
  }
  const hosts = textList(resource.spec['hosts']);
  const served = gateway && hostsOf(gateway);
  if (served && hosts.some((host) => isServed(served, host, resource.namespace))) return findings;
  const what = hosts.length === 0 ? 'has no hosts' : `has the hosts ${listNames(hosts)}`;
  findings.push({
    code: 'IST0132',
    message: `${originOf(resource)} ${what}, but Gateway ${namespace}/${name} ${describeServed(gateway)}`,
    resource,
    path,
    suggestion: gateway && {
      text: `add a host that both have: to spec.hosts, or to spec.servers[].hosts of Gateway ${namespace}/${name}`,
    },
  });
  return findings;
}

function describeServed(gateway: Resource | undefined): string {
  if (!gateway) return 'does not exist';
  const hosts = gatewayHostTexts(gateway);
  return hosts.length === 0 ? 'serves no hosts' : `serves none of them (it serves ${listNames(hosts)})`;
}

/** A gateway of the same name elsewhere, or one here with a similar name. */
function suggestGateway(
  context: AnalysisContext,
  resource: Resource,
  { text, namespace, name }: GatewayReference,
): Suggestion | undefined {
  const write = (gateway: Resource): Suggestion => {
    const prefix = gateway.namespace === resource.namespace ? '' : `${gateway.namespace}/`;
    return { text: `did you mean "${prefix}${gateway.name}"?` };
  };
  // "gw.ns" and "gw.ns.svc.cluster.local" are an old form that Istio does not read any more.
  const dot = name.indexOf('.');
  if (!text.includes('/') && dot > 0) {
    const found = context.get(GATEWAY, name.slice(dot + 1).split('.')[0] ?? '', name.slice(0, dot));
    if (found) return write(found);
  }
  const elsewhere = gatewaysByName(context).get(name);
  if (elsewhere) return write(elsewhere);
  const near = guessResource(context, GATEWAY, namespace, name);
  const found = near === undefined ? undefined : context.get(GATEWAY, namespace, near);
  return found && write(found);
}

function gatewaysByName(context: AnalysisContext): ReadonlyMap<string, Resource> {
  return context.memo(
    'gateways-by-name',
    () => new Map(context.list(GATEWAY).map((gateway) => [gateway.name, gateway])),
  );
}

/** The hosts of a gateway by the namespace that may use them. */
interface GatewayHosts {
  readonly everywhere: HostIndex<true>;
  readonly inNamespace: ReadonlyMap<string, HostIndex<true>>;
}

function isServed(hosts: GatewayHosts, host: string, namespace: string): boolean {
  return hosts.everywhere.overlaps(host) || (hosts.inNamespace.get(namespace)?.overlaps(host) ?? false);
}

function gatewayHostTexts(gateway: Resource): readonly string[] {
  return listAt(gateway.spec, ['servers']).flatMap((server) => textList(getAt(server, ['hosts'])));
}

function createGatewayHosts(): (gateway: Resource) => GatewayHosts {
  const made = new Map<Resource, GatewayHosts>();
  return (gateway) => {
    let hosts = made.get(gateway);
    if (!hosts) made.set(gateway, (hosts = collectHosts(gateway)));
    return hosts;
  };
}

/** `namespace/host` is for that namespace, `./host` for the gateway's own; a `*` before the slash, or no slash: for all. */
function collectHosts(gateway: Resource): GatewayHosts {
  const everywhere = createHostIndex<true>();
  const inNamespace = new Map<string, HostIndex<true>>();
  for (const text of gatewayHostTexts(gateway)) {
    const slash = text.indexOf('/');
    const prefix = slash < 0 ? '*' : text.slice(0, slash);
    const host = text.slice(slash + 1);
    if (prefix === '*') {
      everywhere.add(host, true);
      continue;
    }
    const namespace = prefix === '.' ? gateway.namespace : prefix;
    const index = inNamespace.get(namespace) ?? createHostIndex<true>();
    index.add(host, true);
    inNamespace.set(namespace, index);
  }
  return { everywhere, inNamespace };
}
