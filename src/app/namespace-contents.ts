/** Whether anything but what Kubernetes and istiod put there by themselves lives in a namespace. */
import { getAt, listAt, stringAt } from '../lib/json.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { PARALLEL } from './make-plan.ts';
import { mapParallel } from './parallel.ts';
import type { Cluster } from './ports.ts';

/** Objects of these kinds come and go by themselves. */
const PASSING_KINDS = ['Event', 'EndpointSlice', 'Endpoints', 'Lease', 'ControllerRevision', 'PodMetrics'];

/** They go when their controller is gone, a little later than that. */
const DEPENDENT_KINDS = ['Pod', 'ReplicaSet'];

/** Written by Kubernetes into every namespace, and by istiod for itself (Istio documentation, "Plugging in CA certificates"). */
const AUTOMATIC: Readonly<Record<string, RegExp>> = {
  ConfigMap:
    /^(kube-root-ca\.crt|istio-ca-root-cert|istio-ca-crl|istio-[a-z-]*leader|istio-[a-z-]*election|istio-gateway-deployment-default|istio-gateway-status-leader)$/,
  ServiceAccount: /^default$/,
  Secret: /^istio-ca-secret$/,
};

/** Lists every kind that can live in a namespace; unreadable kinds count as occupied. */
export async function isEmptyNamespace(
  namespace: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<boolean> {
  const resources = (await cluster.resources({ signal })).filter(
    (resource) => resource.namespaced && resource.verbs.includes('list') && !resource.resource.includes('/'),
  );
  const kinds = [
    ...new Map(
      resources.map((resource) => [`${resource.apiVersion.split('/')[0] ?? ''}/${resource.kind}`, resource]),
    ).values(),
  ];
  const lists = await mapParallel(kinds, PARALLEL, async ({ apiVersion, kind }) => {
    const { items } = await cluster.list({ apiVersion, kind, namespace }, { signal });
    return items.filter((item) => !isAutomatic(kind, item)).length;
  });
  return lists.every((count) => count === 0);
}

function isAutomatic(kind: string, item: KubeObject): boolean {
  if (PASSING_KINDS.includes(kind)) return true;
  if (getAt(item, ['metadata', 'deletionTimestamp']) !== undefined) return true;
  if (DEPENDENT_KINDS.includes(kind) && listAt(item, ['metadata', 'ownerReferences']).length > 0) return true;
  return AUTOMATIC[kind]?.test(stringAt(item, ['metadata', 'name'])) ?? false;
}
