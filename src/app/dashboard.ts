/** Use case of `mesh dashboard`: windows of the mesh on local ports, ready to be looked at, for as long as they are wanted. */
import { MeshError, messageOf } from '../lib/errors.ts';
import { listNames } from '../lib/list-names.ts';
import { findDashboardPods } from './dashboard-finder.ts';
import type { DashboardQuery } from './dashboard-query.ts';
import { createPodSource } from './dashboard-source.ts';
import type { Clock, Cluster, Forward, ForwardState, PodPort, PodResponse } from './ports.ts';

export interface DashboardRequest extends DashboardQuery {
  /** What it is called in output; different for each. */
  readonly label: string;
  /** Local port that it must be; absent: that of the pod, else the next free one. */
  readonly localPort?: number | undefined;
  /** `localhost`, or an address of this machine. */
  readonly listenAddress: string;
  /** 0: for ever. */
  readonly reconnectTimeoutMs: number;
  /** That it is not installed is no failure. */
  readonly isOptional?: boolean | undefined;
}

export interface OpenDashboard {
  readonly name: string;
  /** `http://localhost:20001/kiali`. */
  readonly url: string;
  readonly pod: PodPort;
  readonly localPort: number;
  readonly addresses: readonly string[];
}

export type DashboardEvent =
  | { readonly type: 'ready'; readonly dashboard: OpenDashboard }
  /** All have become ready or failed; `missing` are optional ones that are not installed. */
  | {
      readonly type: 'settled';
      readonly dashboards: readonly OpenDashboard[];
      readonly missing: readonly string[];
    }
  | { readonly type: 'failed'; readonly name: string; readonly error: MeshError }
  | {
      readonly type: 'state';
      readonly name: string;
      readonly isReady: boolean;
      readonly state: ForwardState;
    };

export interface DashboardContext {
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** The user's wish to end. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: DashboardEvent) => void;
}

interface Running {
  readonly open: OpenDashboard;
  readonly forward: Forward;
}

/**
 * Opens all of them at once and keeps them open until the user ends it; then it resolves. When none could be opened, or
 * none is left, it throws what happened to the last one. Throws `cancelled` when the user ends it before one was ready.
 */
export async function runDashboards(
  requests: readonly DashboardRequest[],
  context: DashboardContext,
): Promise<void> {
  const { signal, onEvent } = context;
  const errors: MeshError[] = [];
  const missing: string[] = [];
  const fail = (name: string, error: unknown): void => {
    const known = asMeshError(error);
    if (known.code === 'cancelled') return;
    errors.push(known);
    onEvent({ type: 'failed', name, error: known });
  };
  const opened = await Promise.all(
    requests.map(async (request): Promise<Running | undefined> => {
      try {
        const running = await openDashboard(request, context);
        onEvent({ type: 'ready', dashboard: running.open });
        return running;
      } catch (error) {
        if (request.isOptional && error instanceof MeshError && error.code === 'cluster')
          missing.push(request.label);
        else fail(request.label, error);
        return undefined;
      }
    }),
  );
  const running = opened.filter((item) => item !== undefined);
  if (signal.aborted && running.length === 0)
    throw new MeshError('cancelled', 'stopped before a page answered');
  if (running.length > 0)
    onEvent({ type: 'settled', dashboards: running.map(({ open }) => open), missing: missing.sort() });
  await Promise.all(
    running.map(({ open, forward }) => forward.ended.catch((error: unknown) => fail(open.name, error))),
  );
  if (signal.aborted) return;
  throw (
    errors.at(-1) ??
    new MeshError('cluster', `none is there: ${listNames(missing.sort(), missing.length)}`, {
      hint: 'mesh addon install installs some; --istio-namespace and -n say where to look',
    })
  );
}

async function openDashboard(request: DashboardRequest, context: DashboardContext): Promise<Running> {
  const { cluster, signal, onEvent } = context;
  const { label: name } = request;
  const { pages, port } = request.dashboard;
  const finder = await findDashboardPods(request, cluster, signal);
  let isReady = false;
  let pod: PodPort | undefined;
  let lastReason: string | undefined;
  const forward = await cluster.forward({
    port: request.localPort ?? request.podPort ?? port,
    isPortFixed: request.localPort !== undefined,
    address: request.listenAddress,
    source: createPodSource(finder, cluster),
    reconnectTimeoutMs: request.reconnectTimeoutMs,
    onState: (state) => {
      if (state.type === 'connected') pod = state.pod;
      // A search repeats itself.
      const reason = state.type === 'lost' ? state.reason : undefined;
      if (reason !== undefined && reason === lastReason) return;
      lastReason = reason;
      onEvent({ type: 'state', name, isReady, state });
    },
  });
  try {
    const page = await findPage(name, pages, forward, request.reconnectTimeoutMs, context);
    if (!pod) throw new MeshError('internal', `${name}: a page without a pod`);
    isReady = true;
    const url = `${page.scheme}://${hostOf(request.listenAddress)}:${forward.port}${page.path}`;
    const open = { name, url, pod, localPort: forward.port, addresses: forward.addresses };
    return { open, forward };
  } catch (error) {
    await forward.close();
    throw error;
  }
}

interface Page {
  readonly path: string;
  readonly scheme: 'http' | 'https';
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;

/** Waits until the server in the pod gives a page, and finds out which one. While it starts it may answer 5xx. */
async function findPage(
  name: string,
  pages: readonly string[],
  forward: Forward,
  timeoutMs: number,
  { clock, signal }: DashboardContext,
): Promise<Page> {
  const [first = '/'] = pages;
  const startMs = clock.now().getTime();
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    let answer: PodResponse | undefined;
    for (const path of pages) {
      answer = await forward.request(path);
      if (wantsTls(answer)) return { path, scheme: 'https' };
      if (answer.status >= 500) break;
      if (answer.status !== 404) return { path, scheme: 'http' };
    }
    if (!answer || answer.status === 404) return { path: first, scheme: 'http' };
    if (timeoutMs > 0 && clock.now().getTime() - startMs + pauseMs > timeoutMs) {
      throw new MeshError('unreachable', `${name} answers ${answer.status} for ${timeoutMs / 1000} s`, {
        details: [
          answer.body
            .replace(/<[^>]*>/g, ' ')
            .replace(/\s+/g, ' ')
            .trim()
            .slice(0, 200),
        ],
        hint: 'its log may say why; --reconnect-timeout gives it more time',
      });
    }
    await clock.sleep(pauseMs, signal);
  }
}

/** What servers written in Go, and nginx, say to HTTP on a TLS port. */
function wantsTls({ status, body }: PodResponse): boolean {
  return status === 400 && /HTTP request (?:to an HTTPS server|was sent to HTTPS port)/.test(body);
}

/** Browsers cannot go to "any address". */
function hostOf(listenAddress: string): string {
  if (['0.0.0.0', '::', '127.0.0.1', '::1'].includes(listenAddress)) return 'localhost';
  return listenAddress.includes(':') ? `[${listenAddress}]` : listenAddress;
}

function asMeshError(error: unknown): MeshError {
  return error instanceof MeshError ? error : new MeshError('internal', messageOf(error), { cause: error });
}
