/** What an uninstall would take with it or leave broken: shown before anything goes. */
import type { KubeObject } from '../domain/manifest/types.ts';
import { isGateway } from '../domain/plan/held.ts';
import type { InventoryItem } from '../domain/plan/inventory.ts';
import { LABELS } from '../domain/plan/ownership.ts';
import { findMeshPods } from '../domain/proxy/sync-pods.ts';
import { mapsAt } from '../domain/readiness/fields.ts';
import { stringAt } from '../lib/json.ts';
import { countCustomResources } from './custom-resources.ts';
import type { Cluster } from './ports.ts';

export interface BlastRadius {
  /** Proxies of other workloads that lose their control plane, by namespace. */
  readonly proxies: readonly { readonly namespace: string; readonly count: number }[];
  /** Gateways that traffic may come through: `istio-system/istio-ingressgateway 203.0.113.7`. */
  readonly gateways: readonly string[];
  /** Custom resources that go with their definitions, by kind. */
  readonly customResources: readonly { readonly kind: string; readonly count: number }[];
}

export function countAll(list: readonly { readonly count: number }[]): number {
  return list.reduce((sum, { count }) => sum + count, 0);
}

/** true when something of users would be lost or cut off. */
export function hurts(radius: BlastRadius): boolean {
  return radius.proxies.length > 0 || radius.customResources.length > 0;
}

export interface RadiusInput {
  readonly items: readonly InventoryItem[];
  /** Revisions that go, `default` for the one without a name. */
  readonly revisions: readonly string[];
  /** Definitions go too. */
  readonly purge: boolean;
  readonly signal: AbortSignal;
}

export async function measureRadius(input: RadiusInput, cluster: Cluster): Promise<BlastRadius> {
  const [proxies, gateways, customResources] = await Promise.all([
    attachedProxies(input, cluster),
    busyGateways(input, cluster),
    input.purge ? lostResources(input, cluster) : [],
  ]);
  return { proxies, gateways, customResources };
}

async function attachedProxies(input: RadiusInput, cluster: Cluster): Promise<BlastRadius['proxies']> {
  const { signal } = input;
  const [pods, namespaces, webhooks] = await Promise.all([
    cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { signal }),
    cluster.list({ apiVersion: 'v1', kind: 'Namespace' }, { signal }),
    cluster.list(
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        labelSelector: LABELS.tag,
      },
      { signal },
    ),
  ]);
  const label = (item: KubeObject, name: string): string => stringAt(item, ['metadata', 'labels', name]);
  const tags = new Map(webhooks.items.map((item) => [label(item, LABELS.tag), label(item, LABELS.revision)]));
  const workloads = input.items.filter(({ kind }) => kind === 'Deployment' || kind === 'DaemonSet');
  const counts = new Map<string, number>();
  for (const pod of findMeshPods(pods.items, { namespaces: namespaces.items, tags })) {
    const goes = workloads.some(
      ({ namespace, name }) => namespace === pod.namespace && pod.name.startsWith(`${name}-`),
    );
    if (!pod.proxy || goes || !input.revisions.includes(pod.revision)) continue;
    counts.set(pod.namespace, (counts.get(pod.namespace) ?? 0) + 1);
  }
  return [...counts].map(([namespace, count]) => ({ namespace, count })).sort(byName('namespace'));
}

function byName<K extends string>(key: K): (a: Record<K, string>, b: Record<K, string>) => number {
  return (a, b) => (a[key] < b[key] ? -1 : 1);
}

async function busyGateways(input: RadiusInput, cluster: Cluster): Promise<string[]> {
  const services = input.items.filter((item) => item.kind === 'Service' && isGateway(item));
  const live = await Promise.all(services.map((item) => cluster.get(item, { signal: input.signal })));
  return live.flatMap((service) => {
    const addresses = mapsAt(service, ['status', 'loadBalancer', 'ingress'])
      .map((entry) => stringAt(entry, ['ip']) || stringAt(entry, ['hostname']))
      .filter((address) => address !== '');
    const name = `${stringAt(service, ['metadata', 'namespace'])}/${stringAt(service, ['metadata', 'name'])}`;
    return addresses.length > 0 ? [`${name} ${addresses.join(', ')}`] : [];
  });
}

async function lostResources(
  { items, signal }: RadiusInput,
  cluster: Cluster,
): Promise<BlastRadius['customResources']> {
  return (await countCustomResources(items, cluster, signal))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => ({ kind, count }))
    .sort(byName('kind'));
}
