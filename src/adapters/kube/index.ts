/**
 * The Kubernetes API behind the `Cluster` port: kubeconfig, credentials and proxies as kubectl understands them, and one
 * small client that sends JSON untouched. @kubernetes/client-node is not loaded: its object API drops fields it does not
 * know, lower-cases paths and opens a connection for each request.
 */
import type { AccessQuery, ApiResource, Cluster } from '../../app/ports.ts';
import { getAt, stringAt } from '../../lib/json.ts';
import { createApi } from './api.ts';
import type { Api } from './api.ts';
import { createCredentials } from './credentials.ts';
import { createDispatchers } from './dispatcher.ts';
import { readKubeconfig } from './kubeconfig.ts';
import type { Environment } from './kubeconfig.ts';
import { listAll } from './lists.ts';
import { createObjectVerbs } from './objects.ts';
import { resourcePath } from './paths.ts';
import { proxyFor } from './proxy.ts';
import type { RetryOptions } from './retry.ts';
import { serviceRequest } from './service-request.ts';
import { resolveTarget } from './target.ts';
import type { TargetOverrides } from './target.ts';
import { createTransport } from './transport.ts';
import { WATCH_TIMING, watchList } from './watch.ts';
import type { WatchTiming } from './watch.ts';

export interface ConnectOptions extends TargetOverrides {
  /** One kubeconfig file, which must exist. Default: KUBECONFIG, ~/.kube/config, the pod's service account. */
  readonly kubeconfig?: string | undefined;
  /** `mesh/1.0.0`. */
  readonly userAgent?: string | undefined;
  /** For one request, its answer's body included; 0: no limit. Default 15 s. */
  readonly requestTimeoutMs?: number | undefined;
  readonly env: Environment;
  /** Ends everything that this cluster does, with `cancelled` MeshErrors. */
  readonly signal?: AbortSignal | undefined;
  /** Whether exec plugins may use standard input. Default: whether it is a terminal. */
  readonly isInteractive?: boolean | undefined;
  readonly execTimeoutMs?: number | undefined;
  /** Hears each different warning of the API server once (`policy/v1beta1 PodSecurityPolicy is deprecated`). */
  readonly onWarning?: ((text: string) => void) | undefined;
  /** Pauses and limits, for tests. */
  readonly retry?: Partial<RetryOptions> | undefined;
  readonly watchTiming?: Partial<WatchTiming> | undefined;
}

const REQUEST_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Finds out which cluster is meant; nothing is sent yet. Throws `config` and `usage` MeshErrors for everything that is
 * wrong with the kubeconfig, the flags or the environment.
 */
export function connect(options: ConnectOptions): Cluster {
  const requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const target = resolveTarget(readKubeconfig(options.kubeconfig, options.env), options, options.env);
  const proxy = proxyFor(target.server, target.cluster.proxyUrl, options.env);
  const peer = { server: target.server, context: target.context, userName: target.userName, proxy };
  const credentials = createCredentials(target, options);
  const connectTimeoutMs =
    requestTimeoutMs > 0 ? Math.min(requestTimeoutMs, CONNECT_TIMEOUT_MS) : CONNECT_TIMEOUT_MS;
  const transport = createTransport({
    peer,
    credentials,
    dispatchers: createDispatchers(target, { proxy, connectTimeoutMs }),
    userAgent: options.userAgent ?? 'mesh',
    requestTimeoutMs,
    acceptGzip: target.cluster.disableCompression !== true,
    signal: options.signal,
    onWarning: options.onWarning,
  });
  const retry: RetryOptions = {
    maxRetries: 5,
    firstPauseMs: 300,
    totalMs: requestTimeoutMs * 4,
    random: Math.random,
    now: Date.now,
    ...options.retry,
  };
  const api = createApi({ transport, peer, credentials: credentials.kind, retry });
  let version: Promise<string> | undefined;
  const timing = { ...WATCH_TIMING, ...options.watchTiming };
  return {
    context: target.context,
    server: target.server.href.replace(/\/$/, ''),
    defaultNamespace: target.namespace,
    requestCounts: transport.requestCounts,
    ...createObjectVerbs(api, target.namespace),
    version: (request = {}) => {
      version ??= readVersion(api, request.signal).catch((error: unknown) => {
        version = undefined;
        throw error;
      });
      return version;
    },
    resource: (apiVersion, kind, request = {}) => api.findResource(apiVersion, kind, request.signal),
    resources: (request = {}) => api.allResources(request.signal),
    // New definitions add to the groups; the core stays what it is.
    forgetResources: () => api.discovery.forget(api.discovery.reading('apps/v1')),
    list: (query, request) => listAll(api, query, request),
    watch: (query, resourceVersion, request = {}) => watchList(api, query, resourceVersion, request, timing),
    isAllowed: (query, request = {}) => isAllowed(api, query, request.signal),
    logs: (pod, request = {}) => readLogs(api, pod, request.signal),
    podRequest: async (request, options = {}) => {
      const { podRequest } = await import('./port-forward/index.ts');
      return podRequest(request, { api, peer, requestTimeoutMs }, options.signal);
    },
    serviceRequest: (request, options = {}) => serviceRequest(api, request, options.signal),
    forward: async (request) => {
      const { startForward } = await import('./port-forward/index.ts');
      return startForward(request, { api, peer, requestTimeoutMs });
    },
    close: () => transport.close(),
  };
}

async function readVersion(api: Api, signal: AbortSignal | undefined): Promise<string> {
  const operation = 'read the version of the API server';
  const { answer } = await api.call(
    { method: 'GET', path: '/version', signal },
    { operation, repeat: 'always' },
  );
  return stringAt(api.parse(answer, operation), ['gitVersion']);
}

async function isAllowed(
  api: Api,
  { verb, group, resource, namespace, name }: AccessQuery,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const operation = `ask whether to ${verb} ${resource} is allowed`;
  const resourceAttributes = { verb, group, resource, namespace, name };
  const body = JSON.stringify({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  });
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  // A review is answered, not stored: it can be asked any number of times.
  const { answer } = await api.call(
    { method: 'POST', path, contentType: 'application/json', body, signal },
    { operation, repeat: 'always' },
  );
  return getAt(api.parse(answer, operation), ['status', 'allowed']) === true;
}

const PODS: ApiResource = {
  apiVersion: 'v1',
  kind: 'Pod',
  resource: 'pods',
  namespaced: true,
  verbs: ['get'],
};

async function readLogs(
  api: Api,
  pod: Parameters<Cluster['logs']>[0],
  signal: AbortSignal | undefined,
): Promise<string> {
  const query = { container: pod.container, tailLines: pod.lines, previous: pod.previous ? true : undefined };
  const path = resourcePath(PODS, { namespace: pod.namespace, name: pod.name, subresource: 'log', query });
  const operation = `read the log of Pod ${pod.namespace}/${pod.name}`;
  const { answer } = await api.call(
    { method: 'GET', path, accept: '*/*', signal },
    { operation, repeat: 'always' },
  );
  return answer.text;
}
