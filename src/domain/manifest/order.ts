/**
 * The order in which objects are printed and applied. `manifest generate | kubectl apply -f -` must work on an empty
 * cluster: what others need comes first, admission webhooks last, so that they cannot block what follows.
 */
import { stringAt } from '../../lib/json.ts';
import type { KubeObject } from './types.ts';

const RANKS: Readonly<Record<string, number>> = {
  Namespace: 0,
  CustomResourceDefinition: 1,
  ServiceAccount: 2,
  ClusterRole: 3,
  Role: 4,
  ClusterRoleBinding: 5,
  RoleBinding: 6,
  ResourceQuota: 7,
  NetworkPolicy: 8,
  ConfigMap: 9,
  Secret: 10,
  Service: 12,
  EndpointSlice: 13,
  Deployment: 20,
  DaemonSet: 20,
  PodDisruptionBudget: 21,
  HorizontalPodAutoscaler: 22,
  ValidatingAdmissionPolicy: 30,
  ValidatingAdmissionPolicyBinding: 31,
  MutatingWebhookConfiguration: 32,
  ValidatingWebhookConfiguration: 33,
};

/** Stages of applying: every object of a stage is there (CRDs: Established) before the next stage begins. */
export type ApplyStage = 'definitions' | 'foundations' | 'workloads' | 'webhooks';

/** Rank of a kind; kinds that are not listed (custom resources) come after Services, before workloads. */
export function kindRank(kind: string): number {
  return RANKS[kind] ?? 15;
}

/** The stage an object is applied in. */
export function applyStage(kind: string): ApplyStage {
  const rank = kindRank(kind);
  if (rank <= 1) return 'definitions';
  if (rank < 20) return 'foundations';
  return rank < 30 ? 'workloads' : 'webhooks';
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By rank, then group, kind, namespace and name: the same input gives the same order everywhere. */
export function compareObjects(a: KubeObject, b: KubeObject): number {
  return (
    kindRank(a.kind) - kindRank(b.kind) ||
    compareTexts(a.apiVersion, b.apiVersion) ||
    compareTexts(a.kind, b.kind) ||
    compareTexts(stringAt(a, ['metadata', 'namespace']), stringAt(b, ['metadata', 'namespace'])) ||
    compareTexts(a.metadata.name, b.metadata.name)
  );
}

/** A sorted copy. */
export function sortObjects<T extends KubeObject>(objects: readonly T[]): T[] {
  return [...objects].sort(compareObjects);
}
