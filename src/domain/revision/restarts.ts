/** Which workloads have to restart after a move, in which order: found by playing the API server's part before and after. */
import { labelsAt } from '../analysis/semantics/selectors.ts';
import { matchInjector } from '../injection/match.ts';
import type { Labels } from '../injection/match.ts';
import type { ConfiguredInjector } from '../injection/settings.ts';
import { sidecarOf } from '../injection/sidecar.ts';
import { isLiving, podSidecar, workloadOf } from '../injection/workloads.ts';
import type { PodSidecar, SidecarVersion } from '../injection/workloads.ts';
import { refKey } from '../manifest/ref.ts';
import type { KubeObject, ObjectRef } from '../manifest/types.ts';
import { stringAt } from '../../lib/json.ts';
import type { Move } from './moves.ts';

/** Who decides about injection: labels by namespace, and webhooks. */
export interface InjectionState {
  readonly labels: ReadonlyMap<string, Labels>;
  readonly injectors: readonly ConfiguredInjector[];
}

export interface RestartQuery {
  readonly pods: readonly KubeObject[];
  readonly before: InjectionState;
  readonly after: InjectionState;
  readonly moves: readonly Move[];
  /** Which pods are meant, of those that would get another revision than they have. */
  readonly includes: (pod: {
    readonly namespace: string;
    readonly now: SidecarVersion;
    readonly wanted: SidecarVersion;
    /** What it would get without the moves. */
    readonly unmoved: SidecarVersion | undefined;
  }) => boolean;
  /** Keys of Deployments that are gateways of the mesh. */
  readonly gateways: ReadonlySet<string>;
}

/** A workload that has pods of another revision than they would get. */
export interface Restart {
  readonly workload: ObjectRef;
  /** Pods that have to go. */
  readonly pods: number;
  readonly now: SidecarVersion;
  readonly wanted: SidecarVersion;
  /** Index of the move that has to be made first; -1: none. */
  readonly after: number;
  readonly isGateway: boolean;
  /** Some of its pods have what they should: a rollout may be under way. */
  readonly isBegun: boolean;
}

/** In the order of restarting: as the moves come, gateways last; then by namespace and name. */
export function planRestarts(query: RestartQuery): Restart[] {
  const found = new Map<string, Restart>();
  const settled = new Set<string>();
  for (const pod of query.pods.filter(isLiving)) {
    const namespace = stringAt(pod, ['metadata', 'namespace']);
    const { now, wanted } = sidecarIn(pod, query.after);
    if (!now || !wanted) continue;
    const workload = workloadOf(pod);
    const key = refKey(workload);
    if (now.revision === wanted.revision) {
      settled.add(key);
      continue;
    }
    const unmoved = sidecarIn(pod, query.before).wanted;
    if (!query.includes({ namespace, now, wanted, unmoved })) continue;
    found.set(key, {
      workload,
      pods: (found.get(key)?.pods ?? 0) + 1,
      now,
      wanted,
      after: moveBefore(pod, unmoved?.revision !== wanted.revision, query),
      isGateway: query.gateways.has(key) || isGatewayPod(pod),
      isBegun: false,
    });
  }
  return [...found]
    .map(([key, restart]) => ({ ...restart, isBegun: settled.has(key) }))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function sortKey({ workload, after, isGateway }: Restart): string {
  const stage = String(after + 1).padStart(6, '0');
  return [isGateway ? 1 : 0, stage, workload.namespace, workload.kind, workload.name].join(' ');
}

/** What the pod has and would get. */
export function sidecarIn(pod: KubeObject, { labels, injectors }: InjectionState): PodSidecar {
  return podSidecar(pod, labels.get(stringAt(pod, ['metadata', 'namespace'])) ?? {}, injectors);
}

function moveBefore(pod: KubeObject, isMoved: boolean, { moves, after }: RestartQuery): number {
  if (!isMoved) return -1;
  const namespace = stringAt(pod, ['metadata', 'namespace']);
  const own = moves.findIndex((move) => move.type === 'namespace' && move.namespace === namespace);
  if (own >= 0) return own;
  const subject = {
    labels: labelsAt(pod, ['metadata', 'labels']),
    namespaceLabels: after.labels.get(namespace) ?? {},
  };
  const tag = after.injectors.find(({ injector }) => matchInjector(injector, subject).matches)?.injector.tag;
  return moves.findIndex((move) => move.type === 'tag' && move.tag === tag);
}

/** A gateway that the injector writes: it says so by its template. */
function isGatewayPod(pod: KubeObject): boolean {
  const templates = stringAt(pod, ['metadata', 'annotations', 'inject.istio.io/templates']);
  return templates.split(',').includes('gateway');
}

/** Proxies of one revision in one namespace. */
export interface LeftProxies {
  readonly revision: string;
  readonly namespace: string;
  readonly pods: number;
}

/** Who has a sidecar of another revision than `revision` that an injector put there; also of one that is no longer there. */
export function proxiesBeside(revision: string, pods: readonly KubeObject[]): LeftProxies[] {
  const counts = new Map<string, LeftProxies>();
  for (const pod of pods.filter(isLiving)) {
    const sidecar = sidecarOf(pod);
    if (!sidecar?.isInjected || sidecar.revision === revision || sidecar.revision === '') continue;
    const namespace = stringAt(pod, ['metadata', 'namespace']);
    const key = `${sidecar.revision} ${namespace}`;
    const count = (counts.get(key)?.pods ?? 0) + 1;
    counts.set(key, { revision: sidecar.revision, namespace, pods: count });
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, left]) => left);
}
