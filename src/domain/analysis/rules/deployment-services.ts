/** The Services in front of one deployment agree about its ports. */
import { isObject, listAt } from '../../../lib/json.ts';
import { listNames } from '../../../lib/list-names.ts';
import { findServices } from '../semantics/find-services.ts';
import { labelsAt } from '../semantics/selectors.ts';
import { isDeploymentInMesh } from '../semantics/workload.ts';
import { originOf } from '../suppress.ts';
import type { Finding, Resource, Rule } from '../types.ts';

const MANAGED_LABEL = 'gateway.istio.io/managed';
const WAYPOINT_CONTROLLER = 'istio.io-mesh-controller';

export const deploymentServices: Rule = {
  name: 'deployment.MultiServiceAnalyzer',
  summary: 'The Services in front of a deployment do not contradict each other about its ports.',
  kinds: ['/Service', 'apps/Deployment', '/Namespace'],
  codes: ['IST0116', 'IST0137'],
  check: (context) => {
    return context.list('apps/Deployment').flatMap((deployment) => {
      const labels = labelsAt(deployment.spec, ['template', 'metadata', 'labels']);
      if (isWaypoint(deployment.labels) || isWaypoint(labels)) return [];
      const services = findServices(context, deployment.namespace, labels);
      if (services.length === 0 || !isDeploymentInMesh(context, deployment)) return [];
      const ports = services.flatMap(readPorts);
      return [...findProtocols(deployment, ports), ...findTargets(deployment, ports)];
    });
  },
};

type Labels = Readonly<Record<string, string>>;

function isWaypoint(labels: Labels): boolean {
  return labels[MANAGED_LABEL] === WAYPOINT_CONTROLLER;
}

interface ServicePort {
  readonly service: string;
  readonly port: number;
  readonly protocol: string;
  readonly target: string;
}

function readPorts(service: Resource): readonly ServicePort[] {
  return listAt(service.spec, ['ports']).flatMap((item) => {
    if (!isObject(item) || typeof item['port'] !== 'number') return [];
    const { port, protocol, targetPort } = item;
    const target = typeof targetPort === 'number' || typeof targetPort === 'string' ? targetPort : 0;
    return [
      {
        service: service.name,
        port,
        protocol: typeof protocol === 'string' && protocol !== '' ? protocol : 'TCP',
        target: String(target || port),
      },
    ];
  });
}

function findProtocols(resource: Resource, ports: readonly ServicePort[]): Finding[] {
  return [...Map.groupBy(ports, ({ port }) => port)].flatMap(([port, uses]): Finding[] => {
    const protocols = new Set(uses.map(({ protocol }) => protocol));
    if (protocols.size < 2) return [];
    return [
      {
        code: 'IST0116',
        message: `${originOf(resource)} stands behind ${nameServices(uses)}, which ${usesVerb(uses)} port ${port} with the protocols ${listNames(protocols)}`,
        resource,
        path: ['metadata', 'name'],
        suggestion: { text: 'give each protocol a port of its own' },
      },
    ];
  });
}

function findTargets(resource: Resource, ports: readonly ServicePort[]): Finding[] {
  return [...Map.groupBy(ports, ({ target }) => target)].flatMap(([target, uses]): Finding[] => {
    const numbers = new Set(uses.map(({ port }) => port));
    if (numbers.size < 2) return [];
    return [
      {
        code: 'IST0137',
        message: `${originOf(resource)} stands behind ${nameServices(uses)}, which ${usesVerb(uses)} its port ${target} by the different ports ${listNames([...numbers].map(String))}`,
        resource,
        path: ['metadata', 'name'],
        suggestion: { text: `use one service port for target port ${target}` },
      },
    ];
  });
}

function nameServices(uses: readonly ServicePort[]): string {
  const names = new Set(uses.map(({ service }) => service));
  return `${names.size === 1 ? 'Service' : 'the Services'} ${listNames(names)}`;
}

function usesVerb(uses: readonly ServicePort[]): string {
  return new Set(uses.map(({ service }) => service)).size === 1 ? 'uses' : 'use';
}
