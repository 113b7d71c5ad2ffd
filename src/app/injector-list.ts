/** `mesh injector list`: the injectors of a cluster, the namespaces that they serve, and the sidecars of the pods there. */
import { SYSTEM_NAMESPACES } from '../domain/analysis/kinds.ts';
import { labelsAt } from '../domain/analysis/semantics/selectors.ts';
import { isSwitchedOff } from '../domain/injection/injectors.ts';
import type { Injector, InjectorTarget } from '../domain/injection/injectors.ts';
import { matchInjector } from '../domain/injection/match.ts';
import type { Labels } from '../domain/injection/match.ts';
import type { ConfiguredInjector } from '../domain/injection/settings.ts';
import { isLiving, isOutdated, podSidecar } from '../domain/injection/workloads.ts';
import type { SidecarVersion } from '../domain/injection/workloads.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { stringAt } from '../lib/json.ts';
import { findNamespace } from './find-namespace.ts';
import { configureInjectors, listInjectors } from './injectors.ts';
import type { Cluster } from './ports.ts';

export interface ListedInjector {
  /** Name of the MutatingWebhookConfiguration. */
  readonly name: string;
  readonly revision: string;
  readonly tag: string;
  readonly target: InjectorTarget | undefined;
  /** A tag has taken its place. */
  readonly isSwitchedOff: boolean;
  /** Empty where it is not known. */
  readonly proxyImage: string;
  /** Whose label names it. */
  readonly namespaces: readonly string[];
}

export interface InjectedNamespace {
  readonly namespace: string;
  /** `istio-injection=enabled`, `istio.io/rev=canary`; empty without one. */
  readonly label: string;
  /** Revisions whose injectors answer for the label; none and a label: nobody does. */
  readonly revisions: readonly string[];
  readonly pods: number;
  /** Sidecars that run there, by revision and version. */
  readonly sidecars: readonly (SidecarVersion & { readonly pods: number })[];
  /** Pods without a sidecar that would get none either. */
  readonly leftOut: number;
  /** Pods that would get another sidecar than they have. */
  readonly needRestart: number;
}

export interface InjectorList {
  readonly namespaces: readonly InjectedNamespace[];
  readonly injectors: readonly ListedInjector[];
}

export interface InjectorListInput {
  /** Only this namespace; absent: all that have a label or a sidecar. */
  readonly namespace?: string | undefined;
  readonly signal: AbortSignal;
}

/** Namespaces of Kubernetes and ambient ones are left out. Throws a `usage` MeshError for a namespace that is not there. */
export async function listInjection(input: InjectorListInput, cluster: Cluster): Promise<InjectorList> {
  const { namespace, signal } = input;
  const [namespaces, pods, injectors] = await Promise.all([
    listNamespaces(namespace, cluster, signal),
    cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, { signal }),
    listInjectors(cluster, signal).then((found) => configureInjectors(found, cluster, signal)),
  ]);
  const byNamespace = Map.groupBy(pods.items.filter(isLiving), (pod) =>
    stringAt(pod, ['metadata', 'namespace']),
  );
  const served = namespaces
    .filter((object) => namespace !== undefined || isCandidate(object))
    .map((object) => describeNamespace(object, byNamespace.get(object.metadata.name) ?? [], injectors))
    .filter(({ label, sidecars }) => namespace !== undefined || label !== '' || sidecars.length > 0);
  return {
    namespaces: served.sort((a, b) => (a.namespace < b.namespace ? -1 : 1)),
    injectors: injectors.map((injector) => describeInjector(injector, namespaces)),
  };
}

async function listNamespaces(
  name: string | undefined,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  if (name !== undefined) return [await findNamespace(name, cluster, signal)];
  return (await cluster.list({ apiVersion: 'v1', kind: 'Namespace' }, { signal })).items;
}

function isCandidate(namespace: KubeObject): boolean {
  const labels = labelsAt(namespace, ['metadata', 'labels']);
  return !SYSTEM_NAMESPACES.has(namespace.metadata.name) && labels['istio.io/dataplane-mode'] !== 'ambient';
}

function describeNamespace(
  object: KubeObject,
  pods: readonly KubeObject[],
  injectors: readonly ConfiguredInjector[],
): InjectedNamespace {
  const labels = labelsAt(object, ['metadata', 'labels']);
  const states = pods.map((pod) => podSidecar(pod, labels, injectors));
  const answering = injectors.filter(({ injector }) => answers(injector, labels));
  const counts = new Map<string, SidecarVersion & { pods: number }>();
  for (const { now } of states) {
    if (!now) continue;
    const key = `${now.revision} ${now.version}`;
    counts.set(key, { ...now, pods: (counts.get(key)?.pods ?? 0) + 1 });
  }
  return {
    namespace: object.metadata.name,
    label: injectionLabel(labels),
    revisions: [...new Set(answering.map(({ injector }) => injector.revision))].sort(),
    pods: pods.length,
    sidecars: [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count),
    leftOut: states.filter(({ now, wanted, isContested }) => !now && !wanted && !isContested).length,
    needRestart: states.filter(isOutdated).length,
  };
}

/** The injector takes pods of this namespace that say nothing themselves. */
function answers(injector: Injector, namespaceLabels: Labels): boolean {
  return matchInjector(injector, { labels: {}, namespaceLabels }).matches;
}

/** The one that counts: with both, `istio-injection` does. */
function injectionLabel(labels: Labels): string {
  for (const key of ['istio-injection', 'istio.io/rev'])
    if (labels[key] !== undefined) return `${key}=${labels[key]}`;
  return '';
}

function describeInjector(
  { injector, settings }: ConfiguredInjector,
  namespaces: readonly KubeObject[],
): ListedInjector {
  const { name, revision, tag, webhooks } = injector;
  return {
    name,
    revision,
    tag,
    target: webhooks[0]?.target,
    isSwitchedOff: isSwitchedOff(injector),
    proxyImage: settings.proxyImage,
    namespaces: namespaces
      .filter((object) => isCandidate(object) && answers(injector, labelsAt(object, ['metadata', 'labels'])))
      .map((object) => object.metadata.name)
      .sort(),
  };
}
