/**
 * From what the user typed to a pod: `web-7d9f`, `web-7d9f.shop`, `deployment/web`, `svc/web.shop`, `rollout.argoproj.io/web`.
 * What is not there is answered with the nearest names, what fits several with all of them.
 */
import type { KubeObject } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import { getAt, listAt, stringAt } from '../lib/json.ts';
import { listNames } from '../lib/list-names.ts';
import { editDistance, nearestName } from '../lib/suggest.ts';
import { parsePodAddress } from './find-pod-address.ts';
import type { PodAddress } from './find-pod-address.ts';
import { podSelectorOf } from './find-pod-selector.ts';
import type { Cluster } from './ports.ts';

export interface PodQuery {
  /** `[type/]name[.namespace]`. */
  readonly address: string;
  /** For addresses without a namespace; absent: that of the context. */
  readonly namespace?: string | undefined;
}

export interface FoundPods {
  /** At least one, the best to talk to first: running, ready, fewest restarts, oldest. */
  readonly pods: readonly [KubeObject, ...KubeObject[]];
  /** The object that selects them (`Deployment shop/web`); absent when the pod itself was named. */
  readonly selectedBy?: string | undefined;
}

const POD = { apiVersion: 'v1', kind: 'Pod' } as const;

/** Types that need no discovery, by the names and short names that kubectl knows. */
const TYPES: readonly (readonly [names: string, apiVersion: string, kind: string])[] = [
  ['deployment deployments deploy deployment.apps deployments.apps', 'apps/v1', 'Deployment'],
  ['statefulset statefulsets sts statefulset.apps statefulsets.apps', 'apps/v1', 'StatefulSet'],
  ['daemonset daemonsets ds daemonset.apps daemonsets.apps', 'apps/v1', 'DaemonSet'],
  ['replicaset replicasets rs replicaset.apps replicasets.apps', 'apps/v1', 'ReplicaSet'],
  ['service services svc', 'v1', 'Service'],
  ['replicationcontroller replicationcontrollers rc', 'v1', 'ReplicationController'],
  ['job jobs job.batch jobs.batch', 'batch/v1', 'Job'],
];
const SHORT_NAMES: Readonly<Record<string, string>> = {
  gateway: 'gateway.gateway.networking.k8s.io',
  gateways: 'gateway.gateway.networking.k8s.io',
  gtw: 'gateway.gateway.networking.k8s.io',
};

/** All pods that an address means. Throws `usage` MeshErrors that name what is there instead. */
export async function findPods(query: PodQuery, cluster: Cluster, signal: AbortSignal): Promise<FoundPods> {
  const address = parsePodAddress(query.address);
  const namespace = address.namespace ?? query.namespace ?? cluster.defaultNamespace;
  if (address.type === undefined) return findByName(query, address.name, namespace, cluster, signal);
  return findBySelector(address, namespace, cluster, signal);
}

/** The best pod that an address means, and how many others it means. */
export async function findPod(
  query: PodQuery,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<{
  readonly pod: KubeObject;
  readonly others: number;
  readonly selectedBy?: string | undefined;
}> {
  const { pods, selectedBy } = await findPods(query, cluster, signal);
  return { pod: pods[0], others: pods.length - 1, selectedBy };
}

/** `shop/web-7d9f`. */
export function podName(pod: KubeObject): string {
  return `${stringAt(pod, ['metadata', 'namespace'])}/${pod.metadata.name}`;
}

async function findByName(
  query: PodQuery,
  name: string,
  namespace: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<FoundPods> {
  const pod = await cluster.get({ ...POD, namespace, name }, { signal });
  if (pod) return { pods: [pod] };
  const whole = query.address.slice(query.address.indexOf('/') + 1);
  if (whole !== name) {
    // The names of pods may hold dots.
    const dotted = await cluster.get(
      { ...POD, namespace: query.namespace ?? cluster.defaultNamespace, name: whole },
      { signal },
    );
    if (dotted) return { pods: [dotted] };
  }
  const { items } = await cluster.list({ ...POD, namespace }, { signal });
  const begun = items.filter((item) => item.metadata.name.startsWith(`${name}-`));
  const [only, second] = begun;
  if (only && !second) return { pods: [only] };
  if (second) {
    throw new MeshError('usage', `${begun.length} pods of namespace ${namespace} begin with "${name}-"`, {
      details: begun.sort(byUsefulness).slice(0, 20).map(describe),
      hint: 'name one of them, or what selects them, such as deployment/NAME',
    });
  }
  throw new MeshError('usage', `there is no pod "${name}" in namespace ${namespace}`, {
    hint: await hintFor(name, namespace, items, cluster, signal),
  });
}

async function hintFor(
  name: string,
  namespace: string,
  pods: readonly KubeObject[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<string> {
  const elsewhere = await namespacesWith(name, cluster, signal);
  if (elsewhere.length > 0)
    return `it is in namespace ${listNames(elsewhere)}: write ${name}.${elsewhere[0] ?? ''}`;
  const near = nearestPods(name, pods);
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`;
  if (pods.length === 0)
    return `namespace ${namespace} has no pods; choose another with -n or NAME.NAMESPACE`;
  return `namespace ${namespace} has ${listNames(pods.map((pod) => pod.metadata.name).sort())}`;
}

/** Best effort: who may not look at other namespaces gets no hint about them. */
async function namespacesWith(name: string, cluster: Cluster, signal: AbortSignal): Promise<string[]> {
  try {
    const { items } = await cluster.list({ ...POD, fieldSelector: `metadata.name=${name}` }, { signal });
    return items.map((item) => stringAt(item, ['metadata', 'namespace'])).sort();
  } catch (error) {
    if (error instanceof MeshError && error.code !== 'cancelled') return [];
    throw error;
  }
}

/** Up to three pods whose name, or whose name without the generated end, is near to what was typed. */
function nearestPods(name: string, pods: readonly KubeObject[]): string[] {
  const limit = Math.max(1, Math.floor(name.length / 3));
  return pods
    .map((pod) => {
      const names = [pod.metadata.name, withoutSuffix(pod)];
      return {
        name: pod.metadata.name,
        distance: Math.min(...names.map((other) => editDistance(name, other))),
      };
    })
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map((near) => near.name);
}

function withoutSuffix(pod: KubeObject): string {
  const hash = stringAt(pod, ['metadata', 'labels', 'pod-template-hash']);
  const end = hash === '' ? pod.metadata.name.lastIndexOf('-') : pod.metadata.name.lastIndexOf(`-${hash}-`);
  return end < 0 ? pod.metadata.name : pod.metadata.name.slice(0, end);
}

async function findBySelector(
  address: PodAddress,
  namespace: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<FoundPods> {
  const object = await findSelectingObject(address, namespace, cluster, signal);
  const title = `${object.kind} ${namespace}/${address.name}`;
  const labelSelector = podSelectorOf(object);
  if (labelSelector === undefined) throw new MeshError('usage', `${title} does not select pods`);
  const { items } = await cluster.list({ ...POD, namespace, labelSelector }, { signal });
  const [first, ...rest] = [...items].sort(byUsefulness);
  if (!first)
    throw new MeshError('usage', `${title} has no pods`, { hint: `it selects those with ${labelSelector}` });
  return { pods: [first, ...rest], selectedBy: title };
}

/** The object itself that an address with a type names. Throws a `usage` MeshError with the nearest names. */
export async function findSelectingObject(
  address: PodAddress,
  namespace: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<KubeObject> {
  const { apiVersion, kind } = await resolveType(address.type ?? '', cluster, signal);
  const object = await cluster.get({ apiVersion, kind, namespace, name: address.name }, { signal });
  if (object) return object;
  const { items } = await cluster.list({ apiVersion, kind, namespace }, { signal });
  const names = items.map((item) => item.metadata.name).sort();
  const near = nearestName(address.name, names);
  throw new MeshError('usage', `there is no ${kind} ${namespace}/${address.name}`, {
    hint:
      near === undefined
        ? names.length > 0
          ? `namespace ${namespace} has ${listNames(names)}`
          : `namespace ${namespace} has no ${kind}; choose another with -n or NAME.NAMESPACE`
        : `did you mean ${near}?`,
  });
}

/** The kind behind `svc`, `deployment`, `rollouts.argoproj.io` or `rollout.v1alpha1.argoproj.io`. */
async function resolveType(
  type: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<{ readonly apiVersion: string; readonly kind: string }> {
  const known = TYPES.find(([names]) => names.split(' ').includes(type));
  if (known) return { apiVersion: known[1], kind: known[2] };
  const wanted = SHORT_NAMES[type] ?? type;
  const resources = (await cluster.resources({ signal })).filter((resource) => resource.namespaced);
  const found = resources.find(({ apiVersion, kind, resource }) => {
    const [version = '', group = ''] = apiVersion.split('/').reverse();
    return [resource, kind.toLowerCase()].some((name) =>
      [name, `${name}.${group}`, `${name}.${version}.${group}`].includes(wanted),
    );
  });
  if (found) return found;
  const near = nearestName(type, ['pod', ...TYPES.flatMap(([names]) => names.split(' ')), 'gateway']);
  throw new MeshError('usage', `the cluster has no type "${type}"`, {
    hint:
      near === undefined
        ? 'use pod, deployment, service or another that selects pods'
        : `did you mean ${near}?`,
  });
}

function byUsefulness(a: KubeObject, b: KubeObject): number {
  const [ranksA, ranksB] = [ranksOf(a), ranksOf(b)];
  const different = ranksA.findIndex((rank, index) => rank !== ranksB[index]);
  if (different < 0) return a.metadata.name < b.metadata.name ? -1 : 1;
  return (ranksA[different] ?? 0) < (ranksB[different] ?? 0) ? -1 : 1;
}

/** Smaller is better, the first difference decides. */
function ranksOf(pod: KubeObject): (number | string)[] {
  return [
    pod.metadata['deletionTimestamp'] === undefined ? 0 : 1,
    stringAt(pod, ['status', 'phase']) === 'Running' ? 0 : 1,
    isReady(pod) ? 0 : 1,
    restartsOf(pod),
    stringAt(pod, ['metadata', 'creationTimestamp']),
  ];
}

function isReady(pod: KubeObject): boolean {
  return listAt(pod, ['status', 'conditions']).some(
    (condition) => stringAt(condition, ['type']) === 'Ready' && stringAt(condition, ['status']) === 'True',
  );
}

function restartsOf(pod: KubeObject): number {
  const counts = listAt(pod, ['status', 'containerStatuses']).map((status) =>
    getAt(status, ['restartCount']),
  );
  return counts.reduce<number>((sum, count) => sum + (typeof count === 'number' ? count : 0), 0);
}

function describe(pod: KubeObject): string {
  return `${pod.metadata.name} (${isReady(pod) ? 'ready' : stringAt(pod, ['status', 'phase']) || 'unknown'})`;
}
