/** The resources that an analysis reads from clusters: only the kinds that rules ask for. */
import { isSystem } from '../domain/analysis/load.ts';
import { KINDS } from '../domain/analysis/kinds.ts';
import type { KindInfo } from '../domain/analysis/kinds.ts';
import { readResource } from '../domain/analysis/resource.ts';
import type { KindKey, Resource } from '../domain/analysis/types.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import { objectAt, stringAt } from '../lib/json.ts';
import { mapParallel } from './parallel.ts';
import type { Cluster } from './ports.ts';

const AT_ONCE = 8;
const REVISION_LABEL = 'istio.io/rev';
const CLUSTER_SECRET = 'istio/multiCluster';
/** What another cluster contributes beside its Istio resources (facts 1.8). */
const REMOTE_CORE: ReadonlySet<KindKey> = new Set(['/Service', '/Namespace', '/Node', '/Pod', '/Secret']);

export interface ClusterRequest {
  readonly kinds: ReadonlySet<KindKey>;
  readonly revision: string;
  readonly istioNamespace: string;
  readonly signal?: AbortSignal | undefined;
}

export interface ClusterContents {
  readonly resources: readonly Resource[];
  /** Kinds that could be read. */
  readonly knownKinds: readonly KindKey[];
  /** Kinds that may not be read, with the reason. */
  readonly forbidden: readonly { readonly kind: KindKey; readonly reason: string }[];
}

/** Everything of the wanted kinds; throws when not one of those that the cluster has may be read. `id` is the cluster's name where there are several, else empty. */
export async function readCluster(
  cluster: Cluster,
  request: ClusterRequest,
  id = '',
): Promise<ClusterContents> {
  const wanted = [...KINDS.values()].filter(({ key }) => request.kinds.has(key));
  const lists = await mapParallel(wanted, AT_ONCE, (info) => readKind(cluster, info, request, id));
  const refused = lists.flatMap((list) => ('reason' in list ? [list] : []));
  const [first] = refused;
  if (first && !lists.some((list) => 'resources' in list && list.isServed)) throw first.error;
  return {
    resources: lists.flatMap((list) => ('resources' in list ? list.resources : [])),
    knownKinds: lists.flatMap((list) => ('resources' in list ? [list.kind] : [])),
    forbidden: refused.map(({ kind, reason }) => ({ kind, reason })),
  };
}

/** What a further cluster adds to `primary`: workloads under its own name, and Istio resources that the primary lacks. */
export function mergeRemote(primary: ClusterContents, remote: ClusterContents): ClusterContents {
  const have = new Set(primary.resources.map(identity));
  const added = remote.resources.flatMap((resource) => {
    const kind = `${resource.group}/${resource.kind}`;
    if (REMOTE_CORE.has(kind)) return [resource];
    if (!resource.group.endsWith('.istio.io') || have.has(identity(resource))) return [];
    return [resource];
  });
  return { ...primary, resources: [...primary.resources, ...added] };
}

/**
 * Names of the other clusters of the mesh, to which the control plane of `primary` has access. istioctl connects to them by
 * itself; a kubeconfig out of a Secret may run programs, so here the user names contexts.
 */
export function otherClusters(primary: ClusterContents, istioNamespace: string): readonly string[] {
  const secrets = primary.resources.filter(
    ({ kind, group, namespace, labels }) =>
      kind === 'Secret' && group === '' && namespace === istioNamespace && labels[CLUSTER_SECRET] === 'true',
  );
  return [...new Set(secrets.flatMap(({ raw }) => Object.keys(objectAt(raw, ['data']))))].sort();
}

/** Kinds that are read from a further cluster. */
export function remoteKinds(kinds: ReadonlySet<KindKey>): ReadonlySet<KindKey> {
  return new Set(
    [...kinds].filter((kind) => REMOTE_CORE.has(kind) || (kind.split('/')[0] ?? '').endsWith('.istio.io')),
  );
}

function identity({ group, kind, namespace, name }: Resource): string {
  return [group, kind, namespace, name].join('/');
}

type KindList =
  | { readonly kind: KindKey; readonly isServed: boolean; readonly resources: readonly Resource[] }
  | { readonly kind: KindKey; readonly reason: string; readonly error: MeshError };

async function readKind(
  cluster: Cluster,
  info: KindInfo,
  request: ClusterRequest,
  id: string,
): Promise<KindList> {
  const { signal, istioNamespace } = request;
  try {
    const apiVersion = await servedVersion(cluster, info, signal);
    if (apiVersion === undefined) return { kind: info.key, isServed: false, resources: [] };
    const query = {
      apiVersion,
      kind: info.kind,
      ...(info.key === '/ConfigMap' && { namespace: istioNamespace }),
      ...(info.key === '/Secret' && {
        fieldSelector: UNWANTED_SECRETS.map((type) => `type!=${type}`).join(','),
      }),
    };
    const { items } = await cluster.list(query, { signal });
    const resources = items
      .filter((item) => isWanted(item, info, request.revision))
      .map((item) => readResource(item, info, { cluster: id }).resource)
      .filter((resource) => !isSystem(resource));
    return { kind: info.key, isServed: true, resources };
  } catch (error) {
    if (error instanceof MeshError && error.code === 'auth')
      return { kind: info.key, reason: error.message, error };
    throw error;
  }
}

async function servedVersion(
  cluster: Cluster,
  info: KindInfo,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  for (const version of info.versions) {
    const apiVersion = info.group ? `${info.group}/${version}` : version;
    if (await cluster.resource(apiVersion, info.kind, { signal })) return apiVersion;
  }
  return undefined;
}

const UNWANTED_SECRETS = ['helm.sh/release.v1', 'kubernetes.io/service-account-token'];

function isWanted(object: KubeObject, info: KindInfo, revision: string): boolean {
  if (info.byRevision) {
    const label = stringAt(object, ['metadata', 'labels', REVISION_LABEL]);
    if (label !== '' && label !== revision) return false;
  }
  if (info.key === '/Secret') return !UNWANTED_SECRETS.includes(stringAt(object, ['type']));
  if (info.key === '/ConfigMap') {
    const { name } = object.metadata;
    // Leader election marks its ConfigMaps with an annotation.
    return (
      name.startsWith('istio') &&
      stringAt(object, ['metadata', 'annotations', 'control-plane.alpha.kubernetes.io/leader']) === ''
    );
  }
  return true;
}
