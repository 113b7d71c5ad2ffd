/** `mesh export`: all configuration of the mesh, ready to be applied again. Never a part of it: what may not be read is an error. */
import type { Exported } from '../domain/export/documents.ts';
import { compareExported, restorable } from '../domain/export/restorable.ts';
import { secretSelector } from '../domain/export/secrets.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { lastDeployed } from '../domain/plan/history.ts';
import { ownerOf } from '../domain/plan/ownership.ts';
import type { Release } from '../domain/plan/release.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import { listInventories } from './inventories.ts';
import { mapParallel } from './parallel.ts';
import type { ApiResource, Cluster } from './ports.ts';
import { loadRelease } from './releases.ts';

const AT_ONCE = 16;

export interface ExportOptions {
  /** Only what is in this namespace. */
  readonly namespace?: string | undefined;
  /** Also Secrets: of the certificate authority, of other clusters, and those that gateways name. Default false. */
  readonly includeSecrets?: boolean | undefined;
}

export interface ExportResult extends Exported {
  /** Why what mesh recorded is not part of it, though it was asked for. */
  readonly recordProblem?: string | undefined;
}

/** Without releases for one namespace. Throws an `auth` MeshError that names every kind the user may not list. */
export async function exportMesh(
  cluster: Cluster,
  signal: AbortSignal,
  options: ExportOptions = {},
): Promise<ExportResult> {
  const [objects, records] = await Promise.all([
    exportResources(cluster, signal, options),
    options.namespace === undefined ? readRecords(cluster, signal) : { releases: [] },
  ]);
  return { objects, ...records };
}

/** Records are Secrets: who may not read them can still save the configuration. */
async function readRecords(
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Pick<ExportResult, 'releases' | 'recordProblem'>> {
  try {
    return { releases: await readReleases(cluster, signal) };
  } catch (error) {
    if (!(error instanceof MeshError) || error.code === 'cancelled' || error.code === 'unreachable')
      throw error;
    return { releases: [], recordProblem: error.message };
  }
}

/**
 * Custom resources of Istio and of the Gateway API in every kind that is served, without server fields, sorted. Left out is
 * what an install brings back by itself, and what is being deleted.
 */
export async function exportResources(
  cluster: Cluster,
  signal: AbortSignal,
  options: ExportOptions = {},
): Promise<KubeObject[]> {
  const { namespace } = options;
  const kinds = exportedKinds(await cluster.resources({ signal })).filter(
    ({ namespaced }) => namespaced || namespace === undefined,
  );
  const lists = await listAll(kinds, namespace, cluster, signal);
  const configuration = lists.filter(isWanted);
  const secrets = options.includeSecrets ? await listAll([SECRET], namespace, cluster, signal) : [];
  const isOurs = secretSelector(configuration);
  return [...configuration, ...secrets.filter((secret) => isWanted(secret) && isOurs(secret))]
    .map(restorable)
    .sort(compareExported);
}

const SECRET = { apiVersion: 'v1', kind: 'Secret' } as const;
const GATEWAY_GROUPS = [
  'gateway.networking.k8s.io',
  'gateway.networking.x-k8s.io',
  'inference.networking.k8s.io',
];

/** Each kind once, in the version that the server prefers: the first one it names. */
function exportedKinds(resources: readonly ApiResource[]): ApiResource[] {
  const kinds = new Map<string, ApiResource>();
  for (const resource of resources) {
    const [group = '', version] = resource.apiVersion.split('/');
    const isOurs = group === 'istio.io' || group.endsWith('.istio.io') || GATEWAY_GROUPS.includes(group);
    if (version === undefined || !isOurs || !resource.verbs.includes('list')) continue;
    const key = `${group}/${resource.kind}`;
    if (!kinds.has(key)) kinds.set(key, resource);
  }
  return [...kinds.values()];
}

/** All objects of all `kinds`; the kinds that may not be listed are told together. */
async function listAll(
  kinds: readonly Pick<ApiResource, 'apiVersion' | 'kind'>[],
  namespace: string | undefined,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const refused: MeshError[] = [];
  const lists = await mapParallel(kinds, AT_ONCE, async ({ apiVersion, kind }) => {
    try {
      const query = { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) };
      return (await cluster.list(query, { signal })).items;
    } catch (error) {
      if (!(error instanceof MeshError) || error.code !== 'auth') throw error;
      refused.push(error);
      return [];
    }
  });
  if (refused.length === 0) return lists.flat();
  throw new MeshError('auth', 'not everything may be read, nothing was exported', {
    details: refused.map(({ message }) => message).sort(),
    hint: 'let an administrator grant "list" for these, or name a namespace with -n',
    cause: refused[0],
  });
}

function isWanted(object: KubeObject): boolean {
  return ownerOf(object) !== 'mesh' && stringAt(object, ['metadata', 'deletionTimestamp']) === '';
}

/** The last deployed release of each revision. */
async function readReleases(cluster: Cluster, signal: AbortSignal): Promise<Release[]> {
  const inventories = await listInventories(cluster, signal);
  const releases = await mapParallel(inventories, AT_ONCE, async ({ inventory }) => {
    const entry = lastDeployed(inventory.history);
    return entry && loadRelease(inventory, entry.number, cluster, signal);
  });
  return releases
    .filter((release) => release !== undefined)
    .sort((a, b) => (`${a.namespace}/${a.revision}` < `${b.namespace}/${b.revision}` ? -1 : 1));
}
