/**
 * `mesh namespace label|unlabel`: which control plane injects the pods of a namespace. What is planned is known before anything
 * is written: the labels, and the workloads whose pods will differ once they restart.
 */
import { labelsAt } from '../domain/analysis/semantics/selectors.ts';
import { SYSTEM_NAMESPACES } from '../domain/analysis/kinds.ts';
import { noInjector, unknownRevision } from '../domain/injection/injectors.ts';
import type { Injector } from '../domain/injection/injectors.ts';
import { matchInjector } from '../domain/injection/match.ts';
import type { Labels } from '../domain/injection/match.ts';
import type { ConfiguredInjector } from '../domain/injection/settings.ts';
import { groupByWorkload, isOutdated, podSidecar } from '../domain/injection/workloads.ts';
import type { WorkloadSidecar } from '../domain/injection/workloads.ts';
import type { ObjectRef } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import { listNames } from '../lib/list-names.ts';
import { findNamespace } from './find-namespace.ts';
import { configureInjectors, findSilentInjectors, listInjectors } from './injectors.ts';
import type { Cluster } from './ports.ts';

const INJECTION = 'istio-injection';
const REVISION = 'istio.io/rev';
const AMBIENT = 'istio.io/dataplane-mode';

export interface NamespaceLabelInput {
  readonly namespace: string;
  /** `label` without a revision means the default control plane. */
  readonly action: 'label' | 'unlabel';
  /** Revision or tag. */
  readonly revision?: string | undefined;
  readonly signal: AbortSignal;
}

export interface LabelChange {
  readonly label: string;
  /** undefined: it is not there. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface NamespaceLabelPlan {
  readonly namespace: string;
  /** Only what differs. */
  readonly changes: readonly LabelChange[];
  /** Labels of the namespace afterwards. */
  readonly labels: Labels;
  /** Workloads whose pods have another sidecar than new pods would get. */
  readonly outdated: readonly WorkloadSidecar[];
  /** Pods that are as they should be. */
  readonly settledPods: number;
  readonly injectors: readonly ConfiguredInjector[];
  /** Revisions that inject here by these labels, and whose istiod has no ready pod: new pods are refused until it has. */
  readonly silentRevisions: readonly string[];
}

/** Writes nothing. Throws `usage` and `conflict` MeshErrors for what makes no sense. */
export async function planNamespaceLabel(
  input: NamespaceLabelInput,
  cluster: Cluster,
): Promise<NamespaceLabelPlan> {
  const { namespace, signal } = input;
  const [object, injectors] = await Promise.all([
    findNamespace(namespace, cluster, signal),
    listInjectors(cluster, signal),
  ]);
  const before = labelsAt(object, ['metadata', 'labels']);
  const wanted = input.action === 'label' ? wantedLabels(input, before, injectors) : {};
  const changes = [INJECTION, REVISION]
    .map((label): LabelChange => ({ label, from: before[label], to: wanted[label] }))
    .filter(({ from, to }) => from !== to);
  const others = Object.entries(before).filter(([label]) => label !== INJECTION && label !== REVISION);
  const labels = { ...Object.fromEntries(others), ...wanted };
  const configured = await configureInjectors(injectors, cluster, signal);
  const answering = injectors.filter((injector) => {
    return matchInjector(injector, { labels: {}, namespaceLabels: labels }).matches;
  });
  const [{ outdated, settledPods }, silent] = await Promise.all([
    findOutdated(namespace, labels, configured, cluster, signal),
    findSilentInjectors(answering, cluster, signal),
  ]);
  const silentRevisions = [...new Set(silent.map(({ revision }) => revision))];
  return { namespace, changes, labels, outdated, settledPods, injectors: configured, silentRevisions };
}

function wantedLabels(
  { namespace, revision }: NamespaceLabelInput,
  before: Labels,
  injectors: readonly Injector[],
): Labels {
  if (SYSTEM_NAMESPACES.has(namespace))
    throw new MeshError('usage', `${namespace} belongs to Kubernetes, istiod never injects there`);
  const home = injectors.find(({ webhooks: [webhook] }) => {
    return webhook?.target.type === 'service' && webhook.target.namespace === namespace;
  });
  if (home) {
    throw new MeshError('usage', `${namespace} is the namespace of the control plane ${home.revision}`, {
      hint: 'gateways are injected by labels of their own; put workloads into another namespace',
    });
  }
  if (before[AMBIENT] === 'ambient') {
    throw new MeshError(
      'conflict',
      `namespace ${namespace} is in the ambient mesh, its pods need no sidecar`,
      {
        hint: `take it out first: kubectl label namespace ${namespace} ${AMBIENT}-`,
      },
    );
  }
  if (injectors.length === 0) throw noInjector();
  const wanted: Labels = revision === undefined ? { [INJECTION]: 'enabled' } : { [REVISION]: revision };
  const answering = injectors.filter((injector) => {
    return matchInjector(injector, { labels: {}, namespaceLabels: wanted }).matches;
  });
  if (answering.length === 0) throw unknownRevision(revision, injectors);
  if (answering.length > 1) {
    const label = Object.entries(wanted).map(([key, value]) => `${key}=${value}`);
    throw new MeshError(
      'conflict',
      `${answering.length} injectors answer for ${label.join()}: ${listNames(answering.map(({ name }) => name))}`,
      {
        hint: 'mesh tag list shows revisions and tags; remove the one that is not used',
      },
    );
  }
  return wanted;
}

/** Workloads of the namespace whose pods are not what `labels` ask for. */
export async function findOutdated(
  namespace: string,
  labels: Labels,
  injectors: readonly ConfiguredInjector[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<{ readonly outdated: WorkloadSidecar[]; readonly settledPods: number }> {
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, { signal });
  const groups = groupByWorkload(items, (pod) => podSidecar(pod, labels, injectors));
  const outdated = groups.filter(isOutdated);
  const pods = (list: readonly WorkloadSidecar[]): number => list.reduce((sum, group) => sum + group.pods, 0);
  return { outdated, settledPods: pods(groups) - pods(outdated) };
}

/** Writes the labels and nothing else. */
export async function applyNamespaceLabel(
  { namespace, changes }: NamespaceLabelPlan,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  if (changes.length === 0) return;
  const labels = Object.fromEntries(changes.map(({ label, to }) => [label, to ?? null]));
  const ref: ObjectRef = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
  await cluster.patch(ref, { metadata: { labels } }, { signal });
}
