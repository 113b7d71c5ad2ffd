/** The control plane pods of a cluster, and questions to all of them at once. */
import { parseBuildInfo } from '../domain/proxy/build-info.ts';
import type { BuildInfo } from '../domain/proxy/build-info.ts';
import { imageVersion } from '../domain/proxy/image-version.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { MeshError, messageOf } from '../lib/errors.ts';
import { listNames } from '../lib/list-names.ts';
import { stringAt } from '../lib/json.ts';
import { nearestName } from '../lib/suggest.ts';
import { formatDuration } from '../lib/duration.ts';
import { mapParallel } from './parallel.ts';
import type { Clock, Cluster, PodResponse } from './ports.ts';

/** A control plane pod that runs. */
export interface Istiod {
  readonly name: string;
  readonly namespace: string;
  readonly revision: string;
  /** From its image; `unknown` when that is named by its digest. */
  readonly version: string;
  /** Port of `/debug/*` and `/version`. */
  readonly port: number;
  /** Its proxies move to the others. */
  readonly isTerminating: boolean;
}

/** How questions are asked. */
export interface AskContext {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For each istiod. */
  readonly timeoutMs: number;
}

/** What one istiod said, or why it said nothing of use. */
export type IstiodAnswer<T> =
  { readonly istiod: Istiod; readonly value: T } | { readonly istiod: Istiod; readonly error: MeshError };

const MONITORING_PORT = 15014;
const DEFAULT_NAMESPACE = 'istio-system';
/** Each question is a tunnel of its own through the API server. */
const AT_ONCE = 16;

export interface IstiodQuery {
  /** Namespace of the control plane; absent: all namespaces. */
  readonly namespace?: string | undefined;
}

/** Running istiods of all revisions, by namespace and name. Without the right to look everywhere, those of istio-system. */
export async function findIstiods(
  cluster: Cluster,
  query: IstiodQuery,
  signal: AbortSignal,
): Promise<Istiod[]> {
  const pods = { apiVersion: 'v1', kind: 'Pod', labelSelector: 'app=istiod' };
  const list = async (namespace: string | undefined): Promise<readonly KubeObject[]> =>
    (await cluster.list({ ...pods, namespace }, { signal })).items;
  let found: readonly KubeObject[];
  try {
    found = await list(query.namespace);
  } catch (error) {
    const isDenied = error instanceof MeshError && error.code === 'auth';
    if (!isDenied || query.namespace !== undefined) throw error;
    found = await list(DEFAULT_NAMESPACE);
  }
  return istiodsAmong(found);
}

/** The same from pods that were listed already. */
export function istiodsAmong(pods: readonly KubeObject[]): Istiod[] {
  return pods
    .filter(
      (pod) =>
        stringAt(pod, ['metadata', 'labels', 'app']) === 'istiod' &&
        stringAt(pod, ['status', 'phase']) === 'Running',
    )
    .map(asIstiod)
    .sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
}

function asIstiod(pod: KubeObject): Istiod {
  const port = Number(stringAt(pod, ['metadata', 'annotations', 'prometheus.io/port']));
  return {
    name: pod.metadata.name,
    namespace: stringAt(pod, ['metadata', 'namespace']),
    revision: stringAt(pod, ['metadata', 'labels', 'istio.io/rev']) || 'default',
    version: imageVersion(pod, 'discovery') ?? 'unknown',
    port: Number.isInteger(port) && port > 0 && port < 65_536 ? port : MONITORING_PORT,
    isTerminating: pod.metadata['deletionTimestamp'] !== undefined,
  };
}

/** Those of one revision. Throws a `usage` MeshError when there are others only. */
export function selectRevision(istiods: readonly Istiod[], revision: string | undefined): readonly Istiod[] {
  if (revision === undefined || istiods.length === 0) return istiods;
  const selected = istiods.filter((istiod) => istiod.revision === revision);
  if (selected.length > 0) return selected;
  const known = [...new Set(istiods.map((istiod) => istiod.revision))].sort();
  const nearest = nearestName(revision, known);
  throw new MeshError('usage', `no istiod of revision "${revision}" runs in this cluster`, {
    hint: nearest === undefined ? `revisions that run: ${listNames(known, 10)}` : `did you mean ${nearest}?`,
  });
}

/**
 * Asks all `istiods` for `path` at once. `read` makes a value of an answer and throws when it can not; whatever goes
 * wrong with one is its error and no other's. Throws only `cancelled`.
 */
export async function askIstiods<T>(
  istiods: readonly Istiod[],
  path: string,
  read: (response: PodResponse) => T,
  context: AskContext,
): Promise<IstiodAnswer<T>[]> {
  return mapParallel(istiods, AT_ONCE, async (istiod) => {
    try {
      const { name: pod, namespace, port } = istiod;
      const response = await withDeadline(context, (signal) =>
        context.cluster.podRequest({ pod, namespace, port, path }, { signal }),
      );
      return { istiod, value: read(response) };
    } catch (error) {
      if (context.signal.aborted) throw error;
      return { istiod, error: asIstiodError(istiod, error) };
    }
  });
}

/** What each of `istiods` says about its version. */
export function askForVersions(
  istiods: readonly Istiod[],
  context: AskContext,
): Promise<IstiodAnswer<BuildInfo>[]> {
  return askIstiods(istiods, '/version', readVersion, context);
}

function readVersion(response: PodResponse): BuildInfo {
  const text = bodyOf(response);
  const info = parseBuildInfo(text);
  if (info) return info;
  throw new MeshError('unreachable', `its answer to /version is no version: ${text.trim().slice(0, 60)}`);
}

/** Runs `work` until the time is over: it is told to stop then, and not waited for. */
export async function withDeadline<T>(
  { clock, signal, timeoutMs }: Pick<AskContext, 'clock' | 'signal' | 'timeoutMs'>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const timeIsOver = clock.sleep(timeoutMs, both).then(() => {
    throw new MeshError('unreachable', `no answer within ${formatDuration(timeoutMs)}`);
  });
  // Whichever comes second is of no interest.
  timeIsOver.catch(() => undefined);
  try {
    const running = work(both);
    running.catch(() => undefined);
    return await Promise.race([running, timeIsOver]);
  } finally {
    ended.abort();
  }
}

function asIstiodError(istiod: Istiod, cause: unknown): MeshError {
  const code = cause instanceof MeshError && cause.code === 'auth' ? 'auth' : 'unreachable';
  const hint = cause instanceof MeshError ? cause.hint : undefined;
  const pod = `${istiod.namespace}/${istiod.name}`;
  const reason = messageOf(cause);
  // Errors of tunnels name the pod themselves.
  const message = reason.includes(pod)
    ? reason.replace(/\bPod (?=\S+\/)/, 'istiod ')
    : `istiod ${pod}: ${reason}`;
  return new MeshError(code, message, { hint, cause });
}

/** The body of an answer with status 200. Throws what stands in for the answer otherwise. */
export function bodyOf({ status, body }: PodResponse): string {
  if (status === 200) return body;
  const said = body.trim().split('\n')[0] ?? '';
  throw new MeshError(
    'unreachable',
    `it answered with status ${status}${said === '' ? '' : `: ${said.slice(0, 200)}`}`,
    status === 401 || status === 403
      ? { hint: 'istiod gives its debug pages to local callers and authenticated ones only' }
      : {},
  );
}
