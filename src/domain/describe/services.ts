/** A Service with all that leads traffic to it and shapes it. */
import { getAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { fullHost } from '../analysis/semantics/hosts.ts';
import { servicePortProtocol } from '../analysis/semantics/protocol.ts';
import { labelsAt, matchesLabels } from '../analysis/semantics/selectors.ts';
import { containersOf } from '../analysis/semantics/workload.ts';
import type { AnalysisContext, Resource } from '../analysis/types.ts';
import { mapsAt } from '../readiness/fields.ts';
import { destinationRulesFor } from './destination-rules.ts';
import type { DestinationRuleEffect } from './destination-rules.ts';
import type { Exposure } from './exposure.ts';
import { policiesForService } from './policies.ts';
import type { AppliedPolicy } from './policies.ts';
import { routesTo } from './routes.ts';
import type { RouteEffect } from './routes.ts';

export interface ServicePort {
  readonly port: number;
  readonly name: string;
  /** As Istio reads it; `auto` where nothing says it. */
  readonly protocol: string;
  readonly targetPort: string;
  /** What is wrong with it; empty when nothing is. */
  readonly problem: string;
}

export interface DescribedService {
  /** `shop/web`. */
  readonly name: string;
  readonly host: string;
  readonly type: string;
  readonly clusterIP: string;
  readonly ports: readonly ServicePort[];
  readonly destinationRules: readonly DestinationRuleEffect[];
  readonly routes: readonly RouteEffect[];
  readonly exposures: readonly Exposure[];
  /** Policies that name the Service. */
  readonly policies: readonly AppliedPolicy[];
  /** `shop/waypoint`; empty without one. */
  readonly waypoint: string;
}

/** Without exposures, which need the addresses of gateways. `pods` are those that the Service selects, or the one of them that is described. */
export function describeService(
  context: AnalysisContext,
  service: Resource,
  pods: readonly Resource[],
  namespaceLabels: Readonly<Record<string, string>>,
): Omit<DescribedService, 'exposures'> {
  const { namespace, name, spec } = service;
  const host = fullHost(name, namespace);
  return {
    name: `${namespace}/${name}`,
    host,
    type: stringAt(spec, ['type']) || 'ClusterIP',
    clusterIP: stringAt(spec, ['clusterIP']),
    ports: mapsAt(spec, ['ports']).map((port) => describePort(port, pods)),
    destinationRules: destinationRulesFor(context, host, pods),
    routes: routesTo(context, namespace, name),
    policies: policiesForService(context, namespace, name),
    waypoint: waypointOf(service.labels, namespace) || waypointOf(namespaceLabels, namespace),
  };
}

/** Pods of the Service's namespace that it selects. */
export function podsOf(context: AnalysisContext, service: Resource): Resource[] {
  const selector = labelsAt(service.spec, ['selector']);
  if (Object.keys(selector).length === 0) return [];
  return context.listIn('/Pod', service.namespace).filter((pod) => matchesLabels(pod.labels, selector));
}

function describePort(port: JsonObject, pods: readonly Resource[]): ServicePort {
  const number = typeof port['port'] === 'number' ? port['port'] : 0;
  const target = port['targetPort'] ?? number;
  const protocol = servicePortProtocol(port);
  return {
    port: number,
    name: stringAt(port, ['name']),
    protocol: protocol === 'unsupported' ? 'auto' : protocol,
    targetPort: typeof target === 'string' ? target : JSON.stringify(target),
    problem: targetProblem(target, pods),
  };
}

/** Numbers need no declaration; names do. */
function targetProblem(target: JsonValue, pods: readonly Resource[]): string {
  if (typeof target !== 'string') return '';
  const lacking = pods.filter((pod) => !portNames(pod).includes(target));
  return lacking.length > 0 ? `no container of ${lacking[0]?.name ?? ''} has a port named ${target}` : '';
}

function portNames({ spec }: Resource): string[] {
  return ['containers', 'initContainers'].flatMap((list) =>
    containersOf(spec, list).flatMap((container) =>
      mapsAt(container, ['ports']).map((port) => stringAt(port, ['name'])),
    ),
  );
}

function waypointOf(labels: Readonly<Record<string, string>>, namespace: string): string {
  const name = labels['istio.io/use-waypoint'] ?? '';
  if (name === '' || name === 'none') return '';
  return `${labels['istio.io/use-waypoint-namespace'] ?? namespace}/${name}`;
}

/** `8080/TCP` of every container but the proxy. */
export function containerPorts({ spec }: Resource): { container: string; port: number; protocol: string }[] {
  return containersOf(spec)
    .filter((container) => stringAt(container, ['name']) !== 'istio-proxy')
    .flatMap((container) =>
      mapsAt(container, ['ports']).map((port) => ({
        container: stringAt(container, ['name']),
        port: Number(getAt(port, ['containerPort']) ?? 0),
        protocol: stringAt(port, ['protocol']) || 'TCP',
      })),
    );
}
