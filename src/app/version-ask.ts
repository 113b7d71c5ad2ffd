/**
 * `mesh version`: what runs here and in the cluster. Istiods say themselves which version they are and which proxies they
 * know; for those that do not answer, and for proxies that nobody knows, images tell.
 */
import type { BuildInfo } from '../domain/proxy/build-info.ts';
import { findMeshPods } from '../domain/proxy/sync-pods.ts';
import type { MeshPod } from '../domain/proxy/sync-pods.ts';
import { makeSyncRows } from '../domain/proxy/sync-rows.ts';
import { MeshError, messageOf } from '../lib/errors.ts';
import { askForVersions, findIstiods, selectRevision } from './istiods.ts';
import type { AskContext, Istiod, IstiodAnswer } from './istiods.ts';
import { askForProxies, sortAnswers } from './proxy-status.ts';

/** Of one istiod pod. */
export interface IstiodVersion {
  readonly name: string;
  readonly namespace: string;
  readonly revision: string;
  readonly version: string;
  /** Git revision and build status, as istiod tells them. */
  readonly gitRevision?: string | undefined;
  readonly buildStatus?: string | undefined;
  /** Whether istiod said it, or its image does. */
  readonly source: 'istiod' | 'image';
}

export interface ProxyVersion {
  readonly name: string;
  readonly namespace: string;
  readonly version: string;
  /** `sidecar`, `router`, ...; not known of proxies that no istiod knows. */
  readonly kind?: string | undefined;
}

export interface MeshVersion {
  readonly client: { readonly mesh: string; readonly istio: string };
  readonly kubernetes?: string | undefined;
  readonly controlPlane?: readonly IstiodVersion[] | undefined;
  readonly dataPlane?: readonly ProxyVersion[] | undefined;
}

export interface AskedVersions {
  readonly kubernetes: string;
  /** By namespace and name. */
  readonly controlPlane: readonly IstiodVersion[];
  readonly dataPlane: readonly ProxyVersion[];
  /** What had to be told by images or could not be told, a sentence each. */
  readonly notes: readonly string[];
}

export interface VersionInput {
  readonly istioNamespace?: string | undefined;
  readonly revision?: string | undefined;
}

/** Throws MeshErrors when the API server can not be asked, and `usage` when there is no such revision. */
export async function askVersions(
  { istioNamespace, revision }: VersionInput,
  context: AskContext,
): Promise<AskedVersions> {
  const { cluster, signal } = context;
  const [kubernetes, found, { pods, notes }] = await Promise.all([
    cluster.version({ signal }),
    findIstiods(cluster, { namespace: istioNamespace }, signal),
    readProxyPods(context),
  ]);
  const istiods = selectRevision(found, revision);
  const [versions, proxies] = await Promise.all([
    askForVersions(istiods, context),
    askForProxies(istiods, context),
  ]);
  const rows = makeSyncRows({ ...sortAnswers(proxies), pods }).filter(
    (row) => row.status !== 'NO PROXY' && (revision === undefined || row.revision === revision),
  );
  return {
    kubernetes,
    controlPlane: versions.map(asIstiodVersion),
    dataPlane: rows.map(({ name, namespace, version = 'unknown', kind }) => ({
      name,
      namespace,
      version,
      ...(kind === undefined ? {} : { kind }),
    })),
    notes: [...notes, ...silenceNotes(versions, proxies)],
  };
}

async function readProxyPods({
  cluster,
  signal,
}: AskContext): Promise<{ readonly pods: MeshPod[]; readonly notes: readonly string[] }> {
  try {
    const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { signal });
    const pods = findMeshPods(items, { namespaces: [], tags: new Map() });
    return { pods: pods.filter(({ proxy }) => proxy !== undefined), notes: [] };
  } catch (error) {
    if (!(error instanceof MeshError) || error.code !== 'auth') throw error;
    return { pods: [], notes: [`proxies that no istiod knows are not counted: ${messageOf(error)}`] };
  }
}

function asIstiodVersion(answer: IstiodAnswer<BuildInfo>): IstiodVersion {
  const { name, namespace, revision, version } = answer.istiod;
  const base = { name, namespace, revision };
  if ('error' in answer) return { ...base, version, source: 'image' };
  const { version: told, gitRevision, buildStatus } = answer.value;
  return {
    ...base,
    version: told,
    ...(gitRevision === '' ? {} : { gitRevision }),
    ...(buildStatus === '' ? {} : { buildStatus }),
    source: 'istiod',
  };
}

/** One line an istiod, with the first thing that went wrong. */
function silenceNotes(...questions: readonly (readonly IstiodAnswer<unknown>[])[]): string[] {
  const silent = new Map<Istiod, MeshError>();
  for (const answer of questions.flat())
    if ('error' in answer && !silent.has(answer.istiod)) silent.set(answer.istiod, answer.error);
  return [...silent.values()].map(({ message }) => `versions are told by images: ${message}`);
}
