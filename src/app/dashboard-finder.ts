/** From a dashboard and what the user says about it to the pods behind it. */
import { siblingSelector } from '../domain/dashboard/choose-pod.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import { findAddon } from './dashboard-addon.ts';
import { finderFor, podPortOf } from './dashboard-query.ts';
import type { DashboardQuery, PodFinder } from './dashboard-query.ts';
import { parsePodAddress } from './find-pod-address.ts';
import { findPods } from './find-pod.ts';
import type { Cluster } from './ports.ts';

const POD = { apiVersion: 'v1', kind: 'Pod' } as const;

/**
 * Finds out where to look, by looking once, for a checked query. Throws `usage` MeshErrors for what the user said wrong, and `cluster` when the
 * addon or istiod is not there.
 */
export async function findDashboardPods(
  query: DashboardQuery,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<PodFinder> {
  if (query.address !== undefined) return findByAddress(query, query.address, cluster, signal);
  switch (query.dashboard.kind) {
    case 'proxy':
      return findProxy(query, cluster, signal);
    case 'istiod':
      return findIstiod(query, cluster, signal);
    case 'addon':
      return findAddon(query, cluster, signal);
  }
}

async function findByAddress(
  query: DashboardQuery,
  address: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<PodFinder> {
  const namespace = query.dashboard.kind === 'istiod' ? query.istioNamespace : query.namespace;
  const find = async (stop: AbortSignal): Promise<readonly [KubeObject, ...KubeObject[]]> =>
    (await findPods({ address, namespace }, cluster, stop)).pods;
  const [pod] = await find(signal);
  const finder = { what: `pod for ${address}`, list: find, portOf: podPortOf(query) };
  return parsePodAddress(address).type === undefined
    ? { ...finder, list: listSuccessors(pod, cluster) }
    : finder;
}

/** A pod that was named is replaced by one of another name; its labels lead to that one. */
function listSuccessors(pod: KubeObject, cluster: Cluster): PodFinder['list'] {
  const namespace = stringAt(pod, ['metadata', 'namespace']);
  const labelSelector = siblingSelector(pod);
  return async (signal) => {
    const itself = await cluster.get({ ...POD, namespace, name: pod.metadata.name }, { signal });
    if (itself && itself.metadata['deletionTimestamp'] === undefined) return [itself];
    if (labelSelector === undefined) return itself ? [itself] : [];
    return (await cluster.list({ ...POD, namespace, labelSelector }, { signal })).items;
  };
}

async function findProxy(query: DashboardQuery, cluster: Cluster, signal: AbortSignal): Promise<PodFinder> {
  const namespace = query.namespace ?? cluster.defaultNamespace;
  const finder = finderFor(query, query.selector ?? '', namespace, cluster);
  if ((await finder.list(signal)).length > 0) return finder;
  throw new MeshError('usage', `there is no ${finder.what}`, { hint: 'choose another namespace with -n' });
}

async function findIstiod(query: DashboardQuery, cluster: Cluster, signal: AbortSignal): Promise<PodFinder> {
  const terms = [
    query.dashboard.selector,
    query.selector,
    query.revision === undefined ? undefined : `istio.io/rev=${query.revision}`,
  ];
  const labelSelector = terms.filter((term) => term !== undefined).join(',');
  const finder = finderFor(query, labelSelector, query.istioNamespace, cluster);
  if ((await finder.list(signal)).length > 0) return finder;
  throw new MeshError('cluster', `no istiod is there: no ${finder.what}`, {
    hint: 'is the control plane in another namespace? --istio-namespace names it; mesh install installs one',
  });
}
