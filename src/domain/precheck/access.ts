/** Permissions that an installation needs, each once however many objects need it. Pure: resources come from discovery. */
import { objectAt, stringAt } from '../../lib/json.ts';
import { refKey, refOf } from '../manifest/ref.ts';
import type { KubeObject, ObjectRef } from '../manifest/types.ts';

/** One question to the API server. */
export interface Access {
  readonly verb: string;
  readonly group: string;
  /** Plural, as in paths. */
  readonly resource: string;
  /** Absent: of cluster-scoped objects, or in all namespaces. */
  readonly namespace?: string | undefined;
}

/** Objects, and what will be done to them. */
export interface AccessNeed {
  readonly ref: Pick<ObjectRef, 'apiVersion' | 'kind' | 'namespace'>;
  readonly verbs: readonly string[];
}

/** Plural and scope of a kind; undefined: the server does not know it (yet). */
export type FindResource = (
  apiVersion: string,
  kind: string,
) => { readonly resource: string; readonly namespaced: boolean } | undefined;

/** The questions for `needs`, sorted, each once. */
export function accessesFor(needs: readonly AccessNeed[], find: FindResource): Access[] {
  const accesses = new Map<string, Access>();
  for (const { ref, verbs } of needs) {
    const group = groupOf(ref.apiVersion);
    const known = find(ref.apiVersion, ref.kind);
    const resource = known?.resource ?? guessPlural(ref.kind);
    for (const verb of verbs) {
      const access = {
        verb,
        group,
        resource,
        ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
      };
      accesses.set(accessKey(access), access);
    }
  }
  return [...accesses.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, access]) => access);
}

/** `apps/deployments/istio-system/patch`: sorts by resource first. */
export function accessKey({ group, resource, namespace, verb }: Access): string {
  return [group, resource, namespace ?? '', verb].join('/');
}

export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

/** Kinds that definitions among `objects` will bring, for those that discovery does not know. */
export function findInDefinitions(objects: readonly KubeObject[]): FindResource {
  const known = new Map<string, { readonly resource: string; readonly namespaced: boolean }>();
  for (const object of objects) {
    if (object.kind !== 'CustomResourceDefinition') continue;
    const spec = objectAt(object, ['spec']);
    known.set(`${stringAt(spec, ['group'])}/${stringAt(spec, ['names', 'kind'])}`, {
      resource: stringAt(spec, ['names', 'plural']),
      namespaced: spec['scope'] === 'Namespaced',
    });
  }
  return (apiVersion, kind) => known.get(`${groupOf(apiVersion)}/${kind}`);
}

/** As Kubernetes names resources by default: `gatewayclasses`, `policies`. */
function guessPlural(kind: string): string {
  const word = kind.toLowerCase();
  if (/(?:s|x|ch|sh)$/.test(word)) return `${word}es`;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}

/** Kinds that are waited for, and those whose state says why it takes long. */
const WATCHED = new Set(['Deployment', 'DaemonSet', 'CustomResourceDefinition']);
/** Never deleted by prune, and by uninstall only with --purge. */
const KEPT = 'CustomResourceDefinition';

/**
 * Everything that installing, waiting for, recording, pruning and uninstalling `objects` takes. `existing` has the keys of
 * objects that are there already: they are changed, not created; namespaces are left as they are.
 */
export function needsOfObjects(
  objects: readonly KubeObject[],
  namespaces: readonly KubeObject[],
  home: string,
  existing: ReadonlySet<string>,
): AccessNeed[] {
  const isThere = (object: KubeObject): boolean => existing.has(refKey(refOf(object)));
  const places = namespaces.map((object): AccessNeed => ({
    ref: placeOf(object),
    verbs: isThere(object) ? ['get'] : ['get', 'create', 'patch'],
  }));
  const needs = objects.map((object): AccessNeed => {
    const verbs = ['get', 'patch'];
    if (!isThere(object)) verbs.push('create');
    if (WATCHED.has(object.kind)) verbs.push('list', 'watch');
    if (object.kind !== KEPT) verbs.push('delete');
    return { ref: placeOf(object), verbs };
  });
  const workloads = objects.filter(({ kind }) => kind === 'Deployment' || kind === 'DaemonSet').map(placeOf);
  const read = ['list', 'watch'];
  return [
    ...places,
    ...needs,
    ...workloads.flatMap(({ namespace }): AccessNeed[] => [
      { ref: { apiVersion: 'v1', kind: 'Pod', namespace }, verbs: read },
      { ref: { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace }, verbs: read },
    ]),
    ...recordNeeds(home),
    ...recordNeeds(home).map(({ ref }): AccessNeed => ({ ref, verbs: ['get', 'delete'] })),
    // Records of every revision are looked up by label.
    { ref: { apiVersion: 'v1', kind: 'Secret' }, verbs: ['list'] },
  ];
}

/** The lock of a run is a Lease, its record are Secrets, both beside the control plane. */
export function recordNeeds(home: string): AccessNeed[] {
  return [
    { ref: { apiVersion: 'v1', kind: 'Secret', namespace: home }, verbs: ['create', 'patch', 'update'] },
    {
      ref: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: home },
      verbs: ['create', 'update'],
    },
  ];
}

/** Kind and namespace of an object. */
export function placeOf(object: KubeObject): AccessNeed['ref'] {
  const namespace = stringAt(object, ['metadata', 'namespace']);
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    ...(namespace === '' ? {} : { namespace }),
  };
}
