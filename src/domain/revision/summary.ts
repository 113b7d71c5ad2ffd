/** The revisions of a cluster, each with who uses it: the answer to "what may go, and what is still to be done?" */
import type { ConfiguredInjector } from '../injection/settings.ts';
import { isLiving } from '../injection/workloads.ts';
import type { KubeObject } from '../manifest/types.ts';
import type { HistoryEntry } from '../plan/history.ts';
import type { Inventory } from '../plan/inventory.ts';
import { LABELS, ownerOf } from '../plan/ownership.ts';
import type { Owner } from '../plan/ownership.ts';
import { findMeshPods } from '../proxy/sync-pods.ts';
import { imageVersion } from '../proxy/image-version.ts';
import { objectAt, stringAt } from '../../lib/json.ts';
import { sidecarIn } from './restarts.ts';
import type { InjectionState } from './restarts.ts';
import type { NamespaceUse } from './usage.ts';
import { revisionName } from '../manifest/revision-name.ts';

export interface RevisionSummary {
  /** `default` for the one without a name. */
  readonly revision: string;
  /** Of the control plane; empty when it is outside of the cluster. */
  readonly namespace: string;
  /** Empty where it is not known. */
  readonly istioVersion: string;
  readonly profile: string;
  readonly installedBy: Owner;
  /** What mesh did to it last. */
  readonly lastRun: Pick<HistoryEntry, 'action' | 'status' | 'startedAt'> | undefined;
  readonly istiod: 'ready' | 'waiting' | 'failed' | 'external';
  /** Why istiod is not ready; empty when it is. */
  readonly reason: string;
  readonly tags: readonly string[];
  /** Namespaces whose new pods it injects. */
  readonly namespaces: readonly string[];
  /** Proxies that have it, by version. */
  readonly proxies: readonly { readonly version: string; readonly count: number }[];
  /** Pods that have it although their namespace asks for another one. */
  readonly strays: readonly {
    readonly namespace: string;
    readonly wanted: string;
    readonly pods: number;
  }[];
}

export interface SummaryInput {
  readonly namespaces: readonly KubeObject[];
  readonly pods: readonly KubeObject[];
  readonly state: InjectionState;
  readonly istiods: readonly KubeObject[];
  readonly inventories: readonly Inventory[];
  readonly uses: readonly NamespaceUse[];
  readonly readinessOf: (
    revision: string,
  ) =>
    | { readonly state: 'ready' }
    | { readonly state: 'waiting' | 'failed'; readonly reason: string }
    | undefined;
}

/** By name, the default revision first. */
export function summarizeRevisions(input: SummaryInput): RevisionSummary[] {
  const names = new Set([
    ...input.state.injectors.map(({ injector }) => injector.revision),
    ...input.istiods.map(revisionOf),
    ...input.inventories.map(({ revision }) => revisionName(revision)),
  ]);
  const proxies = countProxies(input);
  const strays = countStrays(input);
  return [...names].sort(defaultFirst).map((revision) => {
    const record = input.inventories.find((inventory) => revisionName(inventory.revision) === revision);
    const istiod = input.istiods.find((object) => revisionOf(object) === revision);
    const readiness = input.readinessOf(revision);
    const last = record?.history.at(-1);
    return {
      revision,
      namespace: record?.namespace ?? namespaceOf(istiod, revision, input.state.injectors),
      istioVersion: record?.istioVersion ?? versionOf(istiod),
      profile: record?.profile ?? '',
      installedBy: record ? 'mesh' : istiod ? ownerOf(istiod) : 'other',
      lastRun: last && { action: last.action, status: last.status, startedAt: last.startedAt },
      istiod: readiness?.state ?? 'external',
      reason: readiness && readiness.state !== 'ready' ? readiness.reason : '',
      tags: tagsOf(revision, input.state.injectors),
      namespaces: input.uses
        .filter(({ revisions, asksFor }) => asksFor !== '' && revisions.includes(revision))
        .map(({ namespace }) => namespace),
      proxies: proxies.get(revision) ?? [],
      strays: strays.get(revision) ?? [],
    };
  });
}

function defaultFirst(a: string, b: string): number {
  if (a === 'default' || b === 'default') return a === 'default' ? -1 : 1;
  return a < b ? -1 : 1;
}

function revisionOf(object: KubeObject): string {
  return stringAt(object, ['metadata', 'labels', LABELS.revision]) || 'default';
}

function tagsOf(revision: string, injectors: readonly ConfiguredInjector[]): string[] {
  return injectors
    .flatMap(({ injector }) => (injector.revision === revision && injector.tag !== '' ? [injector.tag] : []))
    .sort();
}

function namespaceOf(
  istiod: KubeObject | undefined,
  revision: string,
  injectors: readonly ConfiguredInjector[],
): string {
  const own = injectors.find(({ injector }) => injector.revision === revision);
  const target = own?.injector.webhooks[0]?.target;
  return stringAt(istiod, ['metadata', 'namespace']) || (target?.type === 'service' ? target.namespace : '');
}

function versionOf(istiod: KubeObject | undefined): string {
  if (!istiod) return '';
  const labelled = stringAt(istiod, ['metadata', 'labels', LABELS.version]);
  if (labelled !== '' && labelled !== 'unknown') return labelled;
  const pod = { ...istiod, spec: objectAt(istiod, ['spec', 'template', 'spec']) };
  const version = imageVersion(pod, 'discovery');
  return version === undefined || version === 'unknown' ? '' : version;
}

function countProxies({
  pods,
  namespaces,
  state,
}: SummaryInput): Map<string, RevisionSummary['proxies'][number][]> {
  const tags = new Map(
    state.injectors.flatMap(({ injector }) =>
      injector.tag === '' ? [] : [[injector.tag, injector.revision] as const],
    ),
  );
  const counts = new Map<string, Map<string, number>>();
  for (const { revision, proxy } of findMeshPods(pods, { namespaces, tags })) {
    if (!proxy) continue;
    const versions = counts.get(revision) ?? new Map<string, number>();
    versions.set(proxy.version, (versions.get(proxy.version) ?? 0) + 1);
    counts.set(revision, versions);
  }
  return new Map(
    [...counts].map(([revision, versions]) => [
      revision,
      [...versions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([version, count]) => ({ version, count })),
    ]),
  );
}

function countStrays({ pods, state }: SummaryInput): Map<string, RevisionSummary['strays'][number][]> {
  const counts = new Map<string, { revision: string; namespace: string; wanted: string; pods: number }>();
  for (const pod of pods.filter(isLiving)) {
    const { now, wanted } = sidecarIn(pod, state);
    if (!now || !wanted || now.revision === wanted.revision) continue;
    const namespace = stringAt(pod, ['metadata', 'namespace']);
    const key = [now.revision, namespace, wanted.revision].join(' ');
    const pods = (counts.get(key)?.pods ?? 0) + 1;
    counts.set(key, { revision: now.revision, namespace, wanted: wanted.revision, pods });
  }
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  return new Map(
    [...Map.groupBy(sorted, ({ revision }) => revision)].map(([revision, entries]) => [
      revision,
      entries.map(({ namespace, wanted, pods }) => ({ namespace, wanted, pods })),
    ]),
  );
}
