/** The ports on which a Gateway listens can be reached through a Service of its workload. */
import { getAt, listAt } from '../../../lib/json.ts';
import { listNames } from '../../../lib/list-names.ts';
import { findServices } from '../semantics/find-services.ts';
import { findWorkloads, workloadLabels } from '../semantics/find-workload.ts';
import { GATEWAY } from '../semantics/gateway-reference.ts';
import { gatewayWorkload } from '../semantics/gateway-workload.ts';
import { firstLabel, isEmptySelector, labelsAt, renderSelector } from '../semantics/selectors.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, FieldPath, Finding, Resource, Rule } from '../types.ts';

const SERVICE = '/Service';

export const gatewayIngressGatewayPort: Rule = {
  name: 'gateway.IngressGatewayPortAnalyzer',
  summary:
    'A Gateway selects a workload, and a Service of it has its ports. Files without an ingress gateway pod are taken to have the default one.',
  kinds: [GATEWAY, '/Pod', SERVICE, 'apps/Deployment'],
  codes: ['IST0101', 'IST0162'],
  check: (context) => {
    const portsOf = createPortFinder(context);
    return context.list(GATEWAY).flatMap((resource): Finding[] => {
      const found = gatewayWorkload(context, resource);
      if (!found) return [];
      if ('finding' in found) return [found.finding];
      const ports = portsOf(resource);
      return ports ? checkPorts(resource, ports) : [];
    });
  },
};

function checkPorts(resource: Resource, ports: ReadonlySet<number>): Finding[] {
  const selector = labelsAt(resource.spec, ['selector']);
  const workload = renderSelector(selector) || 'any pod';
  const first = firstLabel(selector);
  const known = [...ports].sort((a, b) => a - b).map(String);
  const reported = new Set<number>();
  return listAt(resource.spec, ['servers']).flatMap((server, index): Finding[] => {
    const port = getAt(server, ['port', 'number']);
    if (typeof port !== 'number' || ports.has(port) || reported.has(port)) return [];
    reported.add(port);
    const place: FieldPath =
      first === undefined ? ['spec', 'servers', index, 'port', 'number'] : ['spec', 'selector', first];
    const reason = known.length === 0 ? 'has a TCP port' : `has it; their ports are ${listNames(known)}`;
    return [
      {
        code: 'IST0162',
        message: `${originOf(resource)} listens on port ${port}, but no Service of its workload (${workload}) ${reason}`,
        resource,
        path: place,
        suggestion: { text: `add port ${port} to the Service, or use the target port of one that it has` },
      },
    ];
  });
}

/** Returns a search for the ports through which the workload of a gateway is reached; undefined: unknown. */
function createPortFinder(context: AnalysisContext): (gateway: Resource) => ReadonlySet<number> | undefined {
  const selectsAll = Map.groupBy(
    context.list(SERVICE).filter((service) => isEmptySelector(labelsAt(service.spec, ['selector']))),
    (service) => service.namespace,
  );
  const servicesOf = (workload: Resource): readonly Resource[] => [
    ...findServices(context, workload.namespace, workloadLabels(workload)),
    ...(selectsAll.get(workload.namespace) ?? []),
  ];
  const answers = new Map<string, ReadonlySet<number> | undefined>();
  return (gateway) => {
    const selector = labelsAt(gateway.spec, ['selector']);
    const question = renderSelector(selector);
    if (!answers.has(question)) {
      const workloads = findWorkloads(context, selector);
      // The stand-in brings its own Service; of other workloads the Services must have been given.
      const isJudged = context.isKnown(SERVICE) || workloads.every((workload) => workload.isStandIn);
      const services = new Set(isJudged ? workloads.flatMap(servicesOf) : []);
      answers.set(question, isJudged ? collectPorts(services) : undefined);
    }
    return answers.get(question);
  };
}

/** TCP ports (also where the protocol is left out, as Kubernetes has it) with their numeric target ports. */
function collectPorts(services: Iterable<Resource>): ReadonlySet<number> {
  const numbers = new Set<number>();
  for (const service of services) {
    for (const item of listAt(service.spec, ['ports'])) {
      const protocol = getAt(item, ['protocol']);
      if (protocol !== undefined && protocol !== '' && protocol !== 'TCP') continue;
      for (const field of ['port', 'targetPort']) {
        const number = getAt(item, [field]);
        if (typeof number === 'number' && number !== 0) numbers.add(number);
      }
    }
  }
  return numbers;
}
