/** The running pods of a namespace by workload: which sidecar they have, and which one they would get if they were created now. */
import { isObject, listAt, stringAt } from '../../lib/json.ts';
import type { KubeObject, ObjectRef } from '../manifest/types.ts';
import { decideInjection } from './decide.ts';
import type { InjectedPod } from './decide.ts';
import { matchInjector } from './match.ts';
import type { Labels } from './match.ts';
import { injectedVersion } from './settings.ts';
import type { ConfiguredInjector } from './settings.ts';
import { injectedPodOf, sidecarOf } from './sidecar.ts';

/** A sidecar by the istiod that injects it; `unknown` when the proxy does not say which. */
export interface SidecarVersion {
  readonly revision: string;
  /** Empty when it is not known. */
  readonly version: string;
}

export interface PodSidecar {
  /** undefined: no sidecar. */
  readonly now: SidecarVersion | undefined;
  /** What the pod would get if it were created now. */
  readonly wanted: SidecarVersion | undefined;
  /** More than one injector selects the pod: then nobody knows what it would get. */
  readonly isContested: boolean;
}

export function podSidecar(
  pod: KubeObject,
  namespaceLabels: Labels,
  injectors: readonly ConfiguredInjector[],
): PodSidecar {
  const sidecar = sidecarOf(pod);
  const subject = injectedPodOf(pod, stringAt(pod, ['metadata', 'namespace']));
  const selecting = injectors.filter(
    ({ injector }) => matchInjector(injector, { labels: subject.labels, namespaceLabels }).matches,
  );
  const [only] = selecting;
  const injects = only !== undefined && decideInjection(subject, only.settings.config).injects;
  const now = sidecar && { revision: sidecar.revision || 'unknown', version: sidecar.version };
  // A proxy that somebody wrote into the manifest stays, whatever webhooks do.
  const isOwn = sidecar !== undefined && !sidecar.isInjected;
  return {
    now,
    wanted: injects ? wantedFrom(only, subject) : isOwn ? now : undefined,
    isContested: selecting.length > 1,
  };
}

function wantedFrom({ injector, settings }: ConfiguredInjector, pod: InjectedPod): SidecarVersion {
  const ownImage = ['sidecar.istio.io/proxyImage', 'sidecar.istio.io/proxyImageType'].some((key) =>
    Object.hasOwn(pod.annotations, key),
  );
  return { revision: injector.revision, version: ownImage ? '' : injectedVersion(settings) };
}

/** Whether the pod has another sidecar than it would get. Versions count where both are known. */
export function isOutdated({ now, wanted, isContested }: PodSidecar): boolean {
  if (isContested || now?.revision !== wanted?.revision) return true;
  const versions = [now?.version, wanted?.version].filter(
    (version) => version !== undefined && version !== '',
  );
  return new Set(versions).size > 1;
}

/** Pods of one workload that have, and would get, the same. */
export interface WorkloadSidecar extends PodSidecar {
  readonly workload: ObjectRef;
  readonly pods: number;
}

/** Those that live, by workload, sorted by kind and name. */
export function groupByWorkload(
  pods: readonly KubeObject[],
  sidecarOfPod: (pod: KubeObject) => PodSidecar,
): WorkloadSidecar[] {
  const groups = new Map<string, WorkloadSidecar>();
  for (const pod of pods.filter(isLiving)) {
    const workload = workloadOf(pod);
    const sidecar = sidecarOfPod(pod);
    const key = [workload.kind, workload.name, JSON.stringify(sidecar)].join('\n');
    groups.set(key, { workload, ...sidecar, pods: (groups.get(key)?.pods ?? 0) + 1 });
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

export function isLiving(pod: KubeObject): boolean {
  const phase = stringAt(pod, ['status', 'phase']);
  return phase !== 'Succeeded' && phase !== 'Failed' && pod.metadata['deletionTimestamp'] === undefined;
}

/** What makes the pod, as an operator names it: the Deployment behind a ReplicaSet, the CronJob behind a Job, else the pod itself. */
export function workloadOf(pod: KubeObject): ObjectRef {
  const namespace = stringAt(pod, ['metadata', 'namespace']);
  const owner = listAt(pod, ['metadata', 'ownerReferences']).find(
    (reference) => isObject(reference) && reference['controller'] === true,
  );
  if (!isObject(owner)) return { apiVersion: 'v1', kind: 'Pod', namespace, name: pod.metadata.name };
  const apiVersion = stringAt(owner, ['apiVersion']);
  const kind = stringAt(owner, ['kind']);
  const name = stringAt(owner, ['name']);
  const without = (label: string): string => {
    const hash = stringAt(pod, ['metadata', 'labels', label]);
    return hash !== '' && name.endsWith(`-${hash}`) ? name.slice(0, -hash.length - 1) : '';
  };
  if (kind === 'ReplicaSet') {
    const deployment = without('pod-template-hash');
    if (deployment) return { apiVersion, kind: 'Deployment', namespace, name: deployment };
    const rollout = without('rollouts-pod-template-hash');
    if (rollout) return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', namespace, name: rollout };
  }
  const cronJob = kind === 'Job' ? /^(.+)-\d{8,10}$/.exec(name)?.[1] : undefined;
  if (cronJob !== undefined) return { apiVersion: 'batch/v1', kind: 'CronJob', namespace, name: cronJob };
  return { apiVersion, kind, namespace, name };
}
