/**
 * `mesh proxy-status`: every proxy and whether it has what its istiod sent. All istiods are asked at once; one that does not
 * answer is named and costs its own proxies only.
 */
import { findMeshPods } from '../domain/proxy/sync-pods.ts';
import type { MeshPod } from '../domain/proxy/sync-pods.ts';
import { filterRows, makeSyncRows } from '../domain/proxy/sync-rows.ts';
import type { ProxyRow, RowFilter, SyncInput } from '../domain/proxy/sync-rows.ts';
import { parseSyncz } from '../domain/proxy/sync-status.ts';
import type { ProxySync } from '../domain/proxy/sync-status.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { MeshError, messageOf } from '../lib/errors.ts';
import type { JsonValue } from '../lib/json.ts';
import { askIstiods, bodyOf, findIstiods, selectRevision } from './istiods.ts';
import type { AskContext, Istiod, IstiodAnswer } from './istiods.ts';
import type { PodResponse } from './ports.ts';
import { listTags } from './tags.ts';

export interface ProxyStatusInput extends RowFilter {
  /** Namespace of the control plane; absent: wherever istiods run. */
  readonly istioNamespace?: string | undefined;
}

export interface ProxyStatus {
  /** By namespace and name. */
  readonly rows: readonly ProxyRow[];
  /** Istiods that were asked. */
  readonly istiods: number;
  /** One for each istiod that gave no answer of use. */
  readonly failures: readonly MeshError[];
  /** What could not be looked at otherwise, a sentence each. */
  readonly warnings: readonly string[];
}

/** Throws MeshErrors when the API server can not be asked for istiods, and `usage` when there is no such revision. */
export async function readProxyStatus(input: ProxyStatusInput, context: AskContext): Promise<ProxyStatus> {
  const warnings: string[] = [];
  const [pods, answers] = await Promise.all([readMeshPods(input, context, warnings), askAll(input, context)]);
  const rows = makeSyncRows({ ...sortAnswers(answers), pods });
  return {
    rows: filterRows(rows, input),
    istiods: answers.length,
    // The proxies of one that is going have gone to others already, or are about to.
    failures: answers.flatMap((answer) =>
      'error' in answer && !answer.istiod.isTerminating ? [answer.error] : [],
    ),
    warnings,
  };
}

/** Who answered and who did not, as rows are made of it. */
export function sortAnswers(
  answers: readonly IstiodAnswer<ProxySync[]>[],
): Pick<SyncInput, 'answers' | 'missing'> {
  return {
    answers: answers.flatMap((answer) =>
      'value' in answer ? [{ istiod: answer.istiod, proxies: answer.value }] : [],
    ),
    missing: answers.flatMap((answer) => ('error' in answer ? [answer.istiod] : [])),
  };
}

async function askAll(input: ProxyStatusInput, context: AskContext): Promise<IstiodAnswer<ProxySync[]>[]> {
  const found = await findIstiods(context.cluster, { namespace: input.istioNamespace }, context.signal);
  return askForProxies(selectRevision(found, input.revision), context);
}

/** The proxies that each of `istiods` knows. */
export function askForProxies(
  istiods: readonly Istiod[],
  context: AskContext,
): Promise<IstiodAnswer<ProxySync[]>[]> {
  return askIstiods(istiods, '/debug/syncz', readSyncz, context);
}

function readSyncz(response: PodResponse): ProxySync[] {
  const proxies = parseSyncz(parseJson(bodyOf(response)));
  if (proxies) return proxies;
  throw new MeshError('unreachable', 'its answer to /debug/syncz is not a list of proxies');
}

/** JSON from a pod. Throws an `unreachable` MeshError that shows how the text begins. */
export function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    const start = text.trim().slice(0, 60);
    throw new MeshError('unreachable', `its answer is not JSON: ${start || 'it is empty'}`, { cause: error });
  }
}

/** Pods that have or should have a proxy; none, and a warning, when they may not be listed. */
async function readMeshPods(
  { namespace }: ProxyStatusInput,
  { cluster, signal }: AskContext,
  warnings: string[],
): Promise<MeshPod[]> {
  const allowed = async <T>(read: Promise<T>, otherwise: T, lost: string): Promise<T> => {
    try {
      return await read;
    } catch (error) {
      if (!(error instanceof MeshError) || error.code !== 'auth') throw error;
      warnings.push(`${lost}: ${messageOf(error)}`);
      return otherwise;
    }
  };
  const list = async (kind: string, inNamespace?: string): Promise<readonly KubeObject[]> =>
    (await cluster.list({ apiVersion: 'v1', kind, namespace: inNamespace }, { signal })).items;
  const [pods, namespaces, tags] = await Promise.all([
    allowed(list('Pod', namespace), [], 'pods without a connection are not shown'),
    allowed(list('Namespace'), [], 'pods without a sidecar are not looked for'),
    allowed(listTags(cluster, signal), [], 'revision tags are not known'),
  ]);
  const byTag = new Map(tags.filter(({ tag }) => tag !== '').map(({ tag, revision }) => [tag, revision]));
  return findMeshPods(pods, { namespaces, tags: byTag });
}
