/**
 * Looks at a test cluster without mesh's own client: a request with the administrator's token, and the few
 * things that many e2e tests need around it.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import type { ControlPlane } from '../controlplane/launcher.ts';

let current: ControlPlane | undefined;

/** The control plane of this worker. Throws outside of the tests of a file that calls `useControlPlane`. */
export function controlPlane(): ControlPlane {
  if (!current) throw new Error('no control plane yet: call useControlPlane() at the top of the test file');
  return current;
}

/** For `useControlPlane` alone. */
export function setControlPlane(plane: ControlPlane): void {
  current = plane;
}

export interface KubeRequestOptions {
  /** Default: GET, or POST with a body. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default: `application/json`; for PATCH `application/merge-patch+json`. */
  readonly contentType?: string;
  /** Statuses from 400 on that are an answer and not an error, such as 404. */
  readonly accept?: readonly number[];
  /** Default: the control plane of this worker. */
  readonly plane?: ControlPlane;
}

export interface KubeResponse<Body> {
  readonly status: number;
  readonly body: Body;
}

const agents = new Map<string, Agent>();

function agentFor(plane: ControlPlane): Agent {
  let agent = agents.get(plane.server);
  if (!agent) {
    agent = new Agent({ ca: readFileSync(plane.caFile), keepAlive: true });
    agents.set(plane.server, agent);
  }
  return agent;
}

/**
 * One request to the API server. `path` begins with `/api` or `/apis`. The body is parsed when it is JSON, else a
 * string; `Body` is the caller's word for its shape. Rejects on a status from 400 on that is not in `accept`.
 */
export async function kubeRequest<Body = unknown>(
  path: string,
  options: KubeRequestOptions = {},
): Promise<KubeResponse<Body>> {
  const plane = options.plane ?? controlPlane();
  const method = options.method ?? (options.body === undefined ? 'GET' : 'POST');
  const contentType =
    options.contentType ?? (method === 'PATCH' ? 'application/merge-patch+json' : 'application/json');
  const headers = {
    authorization: `Bearer ${plane.token}`,
    accept: 'application/json',
    'content-type': contentType,
  };

  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const call = request(
      `${plane.server}${path}`,
      { method, headers, agent: agentFor(plane) },
      (response) => {
        let received = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
        response.once('error', reject);
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text: received }));
      },
    );
    call.once('error', reject);
    call.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  });
  if (status >= 400 && !options.accept?.includes(status)) {
    throw new Error(`${method} ${path} was answered with ${status}: ${messageIn(text)}`);
  }
  return { status, body: parse(text) as Body };
}

/** The body alone, for the most frequent use. */
export async function kubeGet<Body = unknown>(path: string, plane?: ControlPlane): Promise<Body> {
  return (await kubeRequest<Body>(path, plane ? { plane } : {})).body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function messageIn(text: string): string {
  const body = parse(text);
  return typeof body === 'object' && body && 'message' in body ? String(body.message) : text;
}

/**
 * Makes a namespace that no other test uses, waits for its default ServiceAccount (which comes some 100 ms
 * later, and without which no pod is admitted), and returns its name.
 */
export async function createNamespace(
  prefix = 'test',
  labels: Readonly<Record<string, string>> = {},
  plane: ControlPlane = controlPlane(),
): Promise<string> {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  await kubeRequest('/api/v1/namespaces', { body: { metadata: { name, labels } }, plane });
  const accounts = `/api/v1/namespaces/${name}/serviceaccounts`;
  await waitFor(async () => {
    return (await kubeRequest(`${accounts}/default`, { accept: [404], plane })).status === 200;
  });
  return name;
}

/**
 * Calls `check` every 50 ms until it returns something other than false, null or undefined, and returns that.
 * Errors of `check` count as "not yet". When time is over it rejects with `what` was waited for and, as cause,
 * the last error.
 */
export async function waitFor<Value>(
  check: () => Value | false | null | undefined | Promise<Value | false | null | undefined>,
  timeoutMs = 20_000,
  what = String(check),
): Promise<Value> {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await check();
      if (value !== false && value !== null && value !== undefined) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() > deadline)
      throw new Error(`gave up after ${timeoutMs} ms: ${what}`, { cause: lastError });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
