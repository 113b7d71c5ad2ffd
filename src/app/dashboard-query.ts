/** What a user says about a dashboard, and the pods that come of it. */
import type { Dashboard } from '../domain/dashboard/dashboards.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import { listNames } from '../lib/list-names.ts';
import type { Cluster } from './ports.ts';

export interface DashboardQuery {
  readonly dashboard: Dashboard;
  /** `[type/]name[.namespace]`, for proxies and istiods. */
  readonly address?: string | undefined;
  /** Replaces the selector of an addon, chooses a proxy, narrows down istiods. */
  readonly selector?: string | undefined;
  readonly revision?: string | undefined;
  /** What `-n` says. */
  readonly namespace?: string | undefined;
  readonly istioNamespace: string;
  /** Port of the pod. */
  readonly podPort?: number | undefined;
}

/** Where the pods of a dashboard are; can be asked again and again. */
export interface PodFinder {
  /** `pod with app=kiali in namespace istio-system`, for errors. */
  readonly what: string;
  /** All that fit, whatever their state. */
  readonly list: (signal: AbortSignal) => Promise<readonly KubeObject[]>;
  /** undefined: this pod does not have it. */
  readonly portOf: (pod: KubeObject) => number | undefined;
}

const POD = { apiVersion: 'v1', kind: 'Pod' } as const;

/** Throws `usage` MeshErrors for what is missing and what excludes each other. */
export function checkDashboardQuery({ dashboard, address, selector, revision }: DashboardQuery): void {
  const given = [
    address === undefined ? '' : `the pod ${address}`,
    selector === undefined ? '' : '--selector',
    revision === undefined ? '' : '--revision',
  ].filter((name) => name !== '');
  if (dashboard.kind !== 'istiod' && revision !== undefined)
    throw new MeshError('usage', `--revision is for controlz and istiod-debug, not for ${dashboard.name}`);
  if (dashboard.kind === 'proxy' && given.length === 0) {
    throw new MeshError('usage', `${dashboard.name}: which proxy?`, {
      hint: `name its pod, such as mesh dashboard ${dashboard.name} deployment/web.shop, or give --selector`,
    });
  }
  if (dashboard.kind !== 'addon' && given.length > 1) {
    throw new MeshError('usage', `${dashboard.name}: ${listNames(given)} exclude each other`, {
      hint: 'give one of them',
    });
  }
}

/** Pods by labels; nothing is asked yet. */
export function finderFor(
  query: DashboardQuery,
  labelSelector: string,
  namespace: string,
  cluster: Cluster,
): PodFinder {
  return {
    what: `pod with ${labelSelector} in namespace ${namespace}`,
    list: async (signal) => (await cluster.list({ ...POD, namespace, labelSelector }, { signal })).items,
    portOf: podPortOf(query),
  };
}

export function podPortOf({ dashboard, podPort }: DashboardQuery): PodFinder['portOf'] {
  return (pod) => {
    if (podPort !== undefined) return podPort;
    const annotated = Number(stringAt(pod, ['metadata', 'annotations', 'prometheus.io/port']));
    return dashboard.isPortAnnotated && annotated > 0 ? annotated : dashboard.port;
  };
}
