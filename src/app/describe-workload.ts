/** `mesh describe pod|service`: all that decides about the traffic of one workload, from the API and from its own proxy. */
import { findServices } from '../domain/analysis/semantics/find-services.ts';
import { isAmbientPod, proxyContainers } from '../domain/analysis/semantics/workload.ts';
import type { KindKey, Resource } from '../domain/analysis/types.ts';
import { exposuresOf } from '../domain/describe/exposure.ts';
import { effectivePeerAuthentication } from '../domain/describe/peer-authentication.ts';
import type { PeerAuthentication } from '../domain/describe/peer-authentication.ts';
import { policiesForWorkload } from '../domain/describe/policies.ts';
import type { AppliedPolicy } from '../domain/describe/policies.ts';
import { containerPorts, describeService, podsOf } from '../domain/describe/services.ts';
import type { DescribedService } from '../domain/describe/services.ts';
import { podSidecar } from '../domain/injection/workloads.ts';
import type { PodSidecar } from '../domain/injection/workloads.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import { listNames } from '../lib/list-names.ts';
import { nearestName } from '../lib/suggest.ts';
import { askProxy } from './describe-workload-envoy.ts';
import type { ProxyReport } from './describe-workload-envoy.ts';
import { findGatewayAddresses, loadWorld } from './describe-workload-load.ts';
import type { DescribeWorld } from './describe-workload-load.ts';
import {
  isReady,
  podWarnings,
  proxyWarnings,
  serviceWarnings,
  sidecarWarnings,
} from './describe-workload-warnings.ts';
import { findPod } from './find-pod.ts';
import { configureInjectors, listInjectors } from './injectors.ts';
import type { Cluster, Files } from './ports.ts';

export interface DescribeInput {
  readonly address: string;
  readonly namespace?: string | undefined;
  readonly istioNamespace: string;
  /** Envoy's. */
  readonly adminPort: number;
  /** Do not warn about pods without a proxy. */
  readonly ignoreUnmeshed: boolean;
  readonly signal: AbortSignal;
}

interface Ports {
  readonly cluster: Cluster;
  readonly files: Files;
}

export interface DescribedPod {
  /** `shop/web-1`. */
  readonly name: string;
  /** The object by which it was found; absent when it was named itself. */
  readonly selectedBy?: string | undefined;
  readonly phase: string;
  readonly isReady: boolean;
  readonly dataplane: 'sidecar' | 'ambient' | 'none';
  readonly sidecar: PodSidecar;
  readonly ports: readonly { readonly container: string; readonly port: number; readonly protocol: string }[];
  /** Absent without a proxy. */
  readonly proxy?: ProxyReport | undefined;
  readonly services: readonly DescribedService[];
  readonly peerAuthentication: PeerAuthentication;
  readonly policies: readonly AppliedPolicy[];
  readonly warnings: readonly string[];
  /** Kinds that could not be read for want of permission. */
  readonly unknownKinds: readonly KindKey[];
}

export interface DescribedServiceReport {
  readonly service: DescribedService;
  readonly pods: readonly {
    readonly name: string;
    readonly isReady: boolean;
    readonly dataplane: DescribedPod['dataplane'];
  }[];
  /** One for each different answer among the pods. */
  readonly peerAuthentications: readonly PeerAuthentication[];
  readonly warnings: readonly string[];
  readonly unknownKinds: readonly KindKey[];
}

/** Throws `usage` MeshErrors for what is not there. */
export async function describePodWorkload(input: DescribeInput, ports: Ports): Promise<DescribedPod> {
  const { cluster } = ports;
  const { signal } = input;
  const { pod, selectedBy } = await findPod(input, cluster, signal);
  const namespace = stringAt(pod, ['metadata', 'namespace']);
  const revision = stringAt(pod, ['metadata', 'annotations', 'istio.io/rev']) || 'default';
  const [world, injectors] = await Promise.all([
    loadWorld({ ...input, namespace, revision }, ports),
    listInjectors(cluster, signal).then((found) => configureInjectors(found, cluster, signal)),
  ]);
  const sidecar = podSidecar(pod, world.namespaceLabels, injectors);
  const resource = resourceOf(world, pod);
  const services = await Promise.all(
    findServices(world.context, namespace, resource.labels).map((service) =>
      withExposures(
        describeService(world.context, service, [resource], world.namespaceLabels),
        world,
        cluster,
        signal,
      ),
    ),
  );
  const proxy = sidecar.now ? await askProxy(pod, input.adminPort, cluster, signal) : undefined;
  const workload = { namespace, labels: resource.labels };
  const dataplane = dataplaneOf(resource, sidecar.now !== undefined);
  const policies = policiesForWorkload(world.context, workload, world.rootNamespace);
  return {
    name: `${namespace}/${pod.metadata.name}`,
    selectedBy,
    phase: stringAt(pod, ['status', 'phase']),
    isReady: isReady(pod),
    dataplane,
    sidecar,
    ports: containerPorts(resource),
    proxy,
    services,
    peerAuthentication: effectivePeerAuthentication(world.context, workload, world.rootNamespace),
    policies,
    warnings: [
      ...podWarnings(pod, resource, dataplane, input.ignoreUnmeshed),
      ...sidecarWarnings(sidecar),
      ...serviceWarnings(services),
      ...proxyWarnings(proxy, policies),
    ],
    unknownKinds: world.unknownKinds,
  };
}

/** `address` is `name[.namespace]`. Throws `usage` MeshErrors for what is not there. */
export async function describeServiceWorkload(
  input: DescribeInput,
  ports: Ports,
): Promise<DescribedServiceReport> {
  const { cluster } = ports;
  const dot = input.address.indexOf('.');
  const name = dot < 0 ? input.address : input.address.slice(0, dot);
  // `web.shop` and `web.shop.svc.cluster.local` are the same.
  const written = dot < 0 ? undefined : input.address.slice(dot + 1).replace(/\.svc(\..*)?$/, '');
  const namespace = written ?? input.namespace ?? cluster.defaultNamespace;
  const world = await loadWorld({ ...input, namespace, revision: 'default' }, ports);
  const service = world.context.get('/Service', namespace, name);
  if (!service) throw noService(name, namespace, world);
  const pods = podsOf(world.context, service);
  const described = await withExposures(
    describeService(world.context, service, pods, world.namespaceLabels),
    world,
    cluster,
    input.signal,
  );
  const modes = pods.map(({ labels }) =>
    effectivePeerAuthentication(world.context, { namespace, labels }, world.rootNamespace),
  );
  const listed = pods.map((pod) => ({
    name: `${namespace}/${pod.name}`,
    isReady: isReady(pod.raw as KubeObject),
    dataplane: dataplaneOf(pod, proxyContainers(pod.spec).length > 0),
  }));
  const unmeshed = listed.filter(({ dataplane }) => dataplane === 'none');
  return {
    service: described,
    pods: listed,
    peerAuthentications: [...new Map(modes.map((mode) => [JSON.stringify(mode), mode])).values()],
    warnings: [
      ...(pods.length === 0 ? [`no pod has the labels that Service ${described.name} selects`] : []),
      ...(pods.length > 0 && listed.every((pod) => !pod.isReady) ? ['none of its pods is ready'] : []),
      ...(unmeshed.length > 0 && !input.ignoreUnmeshed
        ? [
            `${unmeshed.length} of ${listed.length} pods have no proxy: ${listNames(unmeshed.map((pod) => pod.name))}`,
          ]
        : []),
      ...serviceWarnings([described]),
    ],
    unknownKinds: world.unknownKinds,
  };
}

function noService(name: string, namespace: string, world: DescribeWorld): MeshError {
  const names = world.context.listIn('/Service', namespace).map((service) => service.name);
  const near = nearestName(name, names);
  return new MeshError('usage', `there is no Service ${namespace}/${name}`, {
    hint:
      near !== undefined
        ? `did you mean ${near}?`
        : names.length > 0
          ? `namespace ${namespace} has ${listNames(names.sort())}`
          : `namespace ${namespace} has no Services; choose another with -n or NAME.NAMESPACE`,
  });
}

async function withExposures(
  service: Omit<DescribedService, 'exposures'>,
  world: DescribeWorld,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<DescribedService> {
  const addresses = await findGatewayAddresses(service.routes, world.context, cluster, signal);
  return { ...service, exposures: exposuresOf(world.context, service.routes, addresses) };
}

function resourceOf(world: DescribeWorld, pod: KubeObject): Resource {
  const namespace = stringAt(pod, ['metadata', 'namespace']);
  const found = world.context.get('/Pod', namespace, pod.metadata.name);
  if (found) return found;
  throw new MeshError('usage', `Pod ${namespace}/${pod.metadata.name} is gone`, {
    hint: 'run the same command again',
  });
}

function dataplaneOf(pod: Resource, hasSidecar: boolean): DescribedPod['dataplane'] {
  return hasSidecar ? 'sidecar' : isAmbientPod(pod) ? 'ambient' : 'none';
}
