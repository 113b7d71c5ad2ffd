/** Where objects hold the pods that they make, and those pods as the API server would see them. */
import { isObject, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';

/** How a kind makes pods. */
interface Workload {
  /** Where its pod template stands; empty for a Pod itself. */
  readonly template: readonly string[];
  /** Who owns the pod in a cluster, and what the pod gets from it. */
  readonly owner: (name: string) => Owner;
}

interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Stands for the hash that a Deployment's controller makes. */
const HASH = '5d8f9c7b6d';
const TEMPLATE = ['spec', 'template'] as const;

/**
 * Pods of Deployments belong to ReplicaSets, those of CronJobs to Jobs: istiod works out the workload's name from there
 * (facts 2.6), so the pods that it is asked about look the same.
 */
const WORKLOADS: Readonly<Record<string, Workload>> = {
  '/Pod': { template: [], owner: (name) => ({ apiVersion: 'v1', kind: 'Pod', name }) },
  '/ReplicationController': owned('v1', 'ReplicationController'),
  'apps/ReplicaSet': owned('apps/v1', 'ReplicaSet'),
  'apps/StatefulSet': owned('apps/v1', 'StatefulSet'),
  'apps/DaemonSet': owned('apps/v1', 'DaemonSet'),
  'batch/Job': owned('batch/v1', 'Job'),
  'apps/Deployment': hashed('pod-template-hash'),
  'argoproj.io/Rollout': hashed('rollouts-pod-template-hash'),
  'batch/CronJob': {
    template: ['spec', 'jobTemplate', 'spec', 'template'],
    owner: (name) => ({ apiVersion: 'batch/v1', kind: 'Job', name: `${name}-29000000` }),
  },
  'apps.openshift.io/DeploymentConfig': {
    template: TEMPLATE,
    owner: (name) => ({
      apiVersion: 'v1',
      kind: 'ReplicationController',
      name: `${name}-1`,
      labels: { deploymentconfig: name },
    }),
  },
};

function owned(apiVersion: string, kind: string): Workload {
  return { template: TEMPLATE, owner: (name) => ({ apiVersion, kind, name }) };
}

function hashed(label: string): Workload {
  return {
    template: TEMPLATE,
    owner: (name) => ({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      name: `${name}-${HASH}`,
      labels: { [label]: HASH },
    }),
  };
}

/** A pod template in a document. */
export interface PodTemplate {
  /** Path of the object in its document: empty, or an item of a List. */
  readonly base: readonly (string | number)[];
  /** `Deployment shop/web`, for people. */
  readonly name: string;
  /** Path of the template in the object; empty for a Pod. */
  readonly path: readonly string[];
  readonly namespace: string;
  /** The template with `metadata` and `spec`, as it stands in the document. */
  readonly template: JsonObject;
  /** The pod that a cluster would make of it. */
  readonly pod: JsonObject;
  /** Labels of the pod that are not the template's. */
  readonly added: readonly string[];
}

/** All pod templates of a document, also those in (lists of) Lists. Objects that name no namespace are in `namespace`. */
export function findPodTemplates(
  document: JsonValue,
  namespace: string,
  base: readonly (string | number)[] = [],
): PodTemplate[] {
  if (!isObject(document)) return [];
  const { items } = document;
  if (stringAt(document, ['kind']).endsWith('List') && Array.isArray(items))
    return items.flatMap((item, index) => findPodTemplates(item, namespace, [...base, 'items', index]));
  const found = podTemplateOf(document, namespace, base);
  return found ? [found] : [];
}

function podTemplateOf(
  object: JsonObject,
  defaultNamespace: string,
  base: readonly (string | number)[],
): PodTemplate | undefined {
  const apiVersion = stringAt(object, ['apiVersion']);
  const kind = stringAt(object, ['kind']);
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  const workload = WORKLOADS[`${group}/${kind}`];
  if (!workload) return undefined;
  const template = objectAt(object, workload.template);
  if (!isObject(template['spec'])) return undefined;
  const name = stringAt(object, ['metadata', 'name']) || stringAt(object, ['metadata', 'generateName']);
  const namespace = stringAt(object, ['metadata', 'namespace']) || defaultNamespace;
  const owner = workload.owner(name);
  return {
    base,
    name: `${kind} ${namespace}/${name}`,
    path: workload.template,
    namespace,
    template,
    pod:
      kind === 'Pod'
        ? { ...object, metadata: podMetadata(object, namespace) }
        : podOf(template, namespace, owner),
    added: Object.keys(owner.labels ?? {}),
  };
}

function podMetadata(pod: JsonObject, namespace: string): JsonObject {
  return { ...objectAt(pod, ['metadata']), namespace };
}

function podOf(template: JsonObject, namespace: string, owner: Owner): JsonObject {
  const { apiVersion, kind, name, labels } = owner;
  const metadata = objectAt(template, ['metadata']);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      namespace,
      generateName: `${name}-`,
      ...(labels ? { labels: { ...objectAt(metadata, ['labels']), ...labels } } : {}),
      ownerReferences: [
        { apiVersion, kind, name, uid: OWNER_UID, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: template['spec'] ?? {},
  };
}

/** Owner references without one are not valid. */
const OWNER_UID = '00000000-0000-0000-0000-000000000000';

/** The template again, from the pod that came of it: what the template does not have of itself is taken out. */
export function templateOfPod(found: PodTemplate, pod: JsonObject): JsonObject {
  const own = found.template;
  const given = objectAt(own, ['metadata']);
  const had = (map: string, key: string): boolean => Object.hasOwn(map ? objectAt(given, [map]) : given, key);
  const kept = Object.entries(objectAt(pod, ['metadata'])).flatMap(([key, value]): [string, JsonValue][] => {
    if (BELONGS_TO_POD.includes(key)) return had('', key) ? [[key, given[key] ?? null]] : [];
    if (key !== 'labels' || !isObject(value)) return [[key, value]];
    const labels = Object.entries(value).filter(
      ([name]) => !found.added.includes(name) || had('labels', name),
    );
    return labels.length > 0 || had('', 'labels') ? [[key, Object.fromEntries(labels)]] : [];
  });
  return { ...own, metadata: Object.fromEntries(kept), spec: pod['spec'] ?? {} };
}

/** Metadata that a template's pod has and the template has not. */
const BELONGS_TO_POD = ['namespace', 'generateName', 'ownerReferences'];
