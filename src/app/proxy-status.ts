/**
 * `mesh proxy-status`: every proxy and whether it has what its istiod sent. All istiods are asked at once; one that does not
 * answer is named and costs its own proxies only.
 */
import { isVersionNumber } from '../domain/proxy/image-version.ts';
import { LABELS } from '../domain/plan/ownership.ts';
import { findMeshPods } from '../domain/proxy/sync-pods.ts';
import type { MeshPod } from '../domain/proxy/sync-pods.ts';
import { filterRows, makeSyncRows } from '../domain/proxy/sync-rows.ts';
import type { ProxyRow, RowFilter, SyncInput } from '../domain/proxy/sync-rows.ts';
import { parseSyncz } from '../domain/proxy/sync-status.ts';
import type { ProxySync } from '../domain/proxy/sync-status.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { MeshError, messageOf } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import type { JsonValue } from '../lib/json.ts';
import { askForVersions, askIstiods, bodyOf, findIstiods, selectRevision } from './istiods.ts';
import type { AskContext, Istiod, IstiodAnswer } from './istiods.ts';
import type { Cluster, ListQuery, PodResponse } from './ports.ts';

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
  const istiods = selectRevision(found, input.revision);
  const [answers, versions] = await Promise.all([
    askForProxies(istiods, context),
    readUnnamedVersions(istiods, context),
  ]);
  return answers.map((answer) => {
    const { istiod } = answer;
    return { ...answer, istiod: { ...istiod, version: versions.get(istiod) ?? istiod.version } };
  });
}

/** Versions of istiods whose image does not tell it: it is named by its digest, or by a tag of somebody's own. */
async function readUnnamedVersions(
  istiods: readonly Istiod[],
  context: AskContext,
): Promise<Map<Istiod, string>> {
  const unnamed = istiods.filter(({ version }) => !isVersionNumber(version));
  const answers = await askForVersions(unnamed, context);
  return new Map(
    answers.flatMap((answer) => ('value' in answer ? [[answer.istiod, answer.value.version] as const] : [])),
  );
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

/** Pods that have or should have a proxy; what may not be read is a warning, and no pod is said to lack a proxy then. */
async function readMeshPods(
  { namespace }: ProxyStatusInput,
  { cluster, signal }: AskContext,
  warnings: string[],
): Promise<MeshPod[]> {
  const allowed = async <T>(read: Promise<T>, lost: string): Promise<T | undefined> => {
    try {
      return await read;
    } catch (error) {
      if (!(error instanceof MeshError) || error.code !== 'auth') throw error;
      warnings.push(`${lost}: ${messageOf(error)}`);
      return undefined;
    }
  };
  const [pods = [], namespaces, tags = []] = await Promise.all([
    allowed(
      listItems(cluster, { apiVersion: 'v1', kind: 'Pod', namespace }, signal),
      'pods without a connection are not shown',
    ),
    allowed(readNamespaces(cluster, namespace, signal), 'pods without a sidecar are not looked for'),
    allowed(listItems(cluster, TAG_WEBHOOKS, signal), 'revision tags are not known'),
  ]);
  const labelOf = (object: KubeObject, label: string): string =>
    stringAt(object, ['metadata', 'labels', label]);
  const byTag = new Map(
    tags.map((webhook) => [labelOf(webhook, LABELS.tag), labelOf(webhook, LABELS.revision)]),
  );
  const found = findMeshPods(pods, { namespaces: namespaces ?? [], tags: byTag });
  return namespaces ? found : found.filter(({ proxy }) => proxy !== undefined);
}

const TAG_WEBHOOKS: ListQuery = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  labelSelector: LABELS.tag,
};

/** All of them, or the one that is asked for: less to read, and a right that more people have. */
async function readNamespaces(
  cluster: Cluster,
  name: string | undefined,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const kind = { apiVersion: 'v1', kind: 'Namespace' };
  if (name === undefined) return listItems(cluster, kind, signal);
  const found = await cluster.get({ ...kind, name }, { signal });
  return found ? [found] : [];
}

async function listItems(
  cluster: Cluster,
  query: ListQuery,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  return (await cluster.list(query, { signal })).items;
}
