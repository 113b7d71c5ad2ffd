/** Where an addon is: in the namespace of the control plane or the user's own, by its labels or behind its Service. */
import { targetPortOf } from '../domain/dashboard/target-port.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import { listNames } from '../lib/list-names.ts';
import { finderFor } from './dashboard-query.ts';
import type { DashboardQuery, PodFinder } from './dashboard-query.ts';
import { podSelectorOf } from './find-pod-selector.ts';
import type { Cluster } from './ports.ts';

/** Throws a `cluster` MeshError that says how to get it when there is none. */
export async function findAddon(
  query: DashboardQuery,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<PodFinder> {
  const labelSelector = query.selector ?? query.dashboard.selector ?? '';
  const namespaces = [...new Set([query.istioNamespace, query.namespace ?? cluster.defaultNamespace])];
  for (const namespace of namespaces) {
    const finder = finderFor(query, labelSelector, namespace, cluster);
    if ((await finder.list(signal)).length > 0) return finder;
    if (query.selector !== undefined) continue;
    const behind = await findByService(query, namespace, cluster, signal);
    if (behind) return behind;
  }
  throw await missingAddon(query, labelSelector, namespaces, cluster, signal);
}

/** Operators and charts use labels of their own, but their Services have the well-known names. */
async function findByService(
  query: DashboardQuery,
  namespace: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<PodFinder | undefined> {
  for (const { name, port } of query.dashboard.services ?? []) {
    const service = await cluster.get({ apiVersion: 'v1', kind: 'Service', namespace, name }, { signal });
    const labelSelector = service && podSelectorOf(service);
    if (!service || labelSelector === undefined) continue;
    const finder = finderFor(query, labelSelector, namespace, cluster);
    const [pod] = await finder.list(signal);
    if (!pod || targetPortOf(service, port, pod) === undefined) continue;
    return {
      ...finder,
      what: `pod of Service ${namespace}/${name}`,
      portOf: (chosen) => query.podPort ?? targetPortOf(service, port, chosen),
    };
  }
  return undefined;
}

async function missingAddon(
  { dashboard: { name, isInstallable } }: DashboardQuery,
  labelSelector: string,
  namespaces: readonly string[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<MeshError> {
  const where = `${namespaces.length === 1 ? 'namespace' : 'the namespaces'} ${listNames(namespaces)}`;
  const [elsewhere] = await namespacesWith(labelSelector, cluster, signal);
  const hint =
    elsewhere !== undefined
      ? `there is one in namespace ${elsewhere}: mesh dashboard ${name} -n ${elsewhere}`
      : isInstallable
        ? `mesh addon install ${name} installs it`
        : 'mesh does not install it; give another namespace with -n or other labels with --selector';
  return new MeshError('cluster', `${name} is not there: no pod has ${labelSelector} in ${where}`, { hint });
}

/** Best effort: who may not look at all namespaces gets no hint about them. */
async function namespacesWith(
  labelSelector: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<string[]> {
  try {
    const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Pod', labelSelector }, { signal });
    return items.map((item) => stringAt(item, ['metadata', 'namespace'])).sort();
  } catch (error) {
    if (error instanceof MeshError && error.code !== 'cancelled') return [];
    throw error;
  }
}
