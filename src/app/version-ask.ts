/**
 * `mesh version`: what runs here and in the cluster. Istiods say themselves which version they are and which proxies they
 * know; for those that do not answer, and for proxies that nobody knows, images tell.
 */
import { findMeshPods } from '../domain/proxy/sync-pods.ts';
import type { MeshPod } from '../domain/proxy/sync-pods.ts';
import { makeSyncRows } from '../domain/proxy/sync-rows.ts';
import { MeshError, messageOf } from '../lib/errors.ts';
import { isObject, stringAt } from '../lib/json.ts';
import type { JsonValue } from '../lib/json.ts';
import { askIstiods, bodyOf, findIstiods, selectRevision } from './istiods.ts';
import type { AskContext, Istiod, IstiodAnswer } from './istiods.ts';
import type { PodResponse } from './ports.ts';
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
    askIstiods(istiods, '/version', readVersion, context),
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

interface BuildInfo {
  readonly version: string;
  readonly gitRevision: string;
  readonly buildStatus: string;
}

/** `1.31.4-<git revision>-Clean`, or an object with its parts. Throws on anything else. */
export function readVersion(response: PodResponse): BuildInfo {
  const text = bodyOf(response).trim();
  const value = parseObject(text);
  if (value) {
    const version = stringAt(value, ['version']);
    if (version !== '') {
      return {
        version,
        gitRevision: stringAt(value, ['revision']),
        buildStatus: stringAt(value, ['status']),
      };
    }
  }
  // A version may have dashes itself (`1.31-alpha.abc`), a revision and a status have none.
  const [, version = '', gitRevision = '', buildStatus = ''] =
    /^(v?\d+\.[\w.+-]*?)(?:-([0-9a-f]{7,}|unknown)-(\w+))?$/.exec(text) ?? [];
  if (version !== '') return { version, gitRevision, buildStatus };
  throw new MeshError('unreachable', `its answer to /version is no version: ${text.slice(0, 60)}`);
}

function parseObject(text: string): JsonValue | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
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
