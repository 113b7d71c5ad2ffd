/** Where a proxy's configuration comes from: the admin port of a pod, or a saved answer of one. */
import type { KubeObject } from '../domain/manifest/types.ts';
import { parseAdminAnswer } from '../domain/proxy/config-dump.ts';
import type { AdminAnswer } from '../domain/proxy/config-dump.ts';
import { MeshError } from '../lib/errors.ts';
import { listAt, stringAt } from '../lib/json.ts';
import { podName } from './find-pod.ts';
import type { Cluster, Files, PodResponse } from './ports.ts';

/** An Envoy that can be asked. */
export interface ProxySource {
  /** `Pod shop/web-1`, `dump.json`. */
  readonly title: string;
  /** The answer to a GET; a file always gives all it has. */
  get(path: string): Promise<AdminAnswer>;
}

/** Envoy refuses a mask that leaves nothing: the proxy has no configuration of that kind. */
const NOTHING_LEFT = /^FieldMask .* could not be successfully applied to any configs/;

export function openPod(
  pod: KubeObject,
  adminPort: number,
  cluster: Cluster,
  signal: AbortSignal,
): ProxySource {
  const title = `Pod ${podName(pod)}`;
  return {
    title,
    get: async (path) => {
      const { status, body } = await askEnvoy(pod, adminPort, 'GET', path, cluster, signal);
      if (status === 400 && NOTHING_LEFT.test(body)) return { configs: [] };
      return parseAdminAnswer(body, `the answer of ${title} to ${path}`);
    },
  };
}

export function openFile(path: string, files: Files): ProxySource {
  const title = path === '-' ? 'standard input' : path;
  let answer: Promise<AdminAnswer> | undefined;
  return {
    title,
    get: () => (answer ??= files.read(path).then((text) => parseAdminAnswer(text, title))),
  };
}

/**
 * One request to Envoy's admin port. Throws `unreachable` with what is wrong with the pod, and `cluster` for every
 * status but 200, except the refusal of an empty mask.
 */
export async function askEnvoy(
  pod: KubeObject,
  adminPort: number,
  method: 'GET' | 'POST',
  path: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<PodResponse> {
  checkPod(pod);
  const namespace = stringAt(pod, ['metadata', 'namespace']);
  const request = { namespace, pod: pod.metadata.name, port: adminPort, method, path };
  const response = await cluster.podRequest(request, { signal }).catch((error: unknown) => {
    throw error instanceof MeshError && error.code === 'unreachable' && !hasProxy(pod)
      ? new MeshError('unreachable', error.message, {
          hint: 'the pod has no container istio-proxy: label its namespace for injection and restart it',
          details: error.details,
          cause: error,
        })
      : error;
  });
  if (response.status === 200 || (response.status === 400 && NOTHING_LEFT.test(response.body)))
    return response;
  const [line = ''] = response.body.split('\n');
  throw new MeshError(
    'cluster',
    `port ${adminPort} of Pod ${podName(pod)} answered ${path} with status ${response.status}${line && `: ${line.slice(0, 200)}`}`,
    { hint: 'is it the admin port of Envoy? choose another with --proxy-admin-port' },
  );
}

function checkPod(pod: KubeObject): void {
  const phase = stringAt(pod, ['status', 'phase']);
  if (phase !== '' && phase !== 'Running') {
    throw new MeshError('unreachable', `Pod ${podName(pod)} does not run: it is ${phase}`, {
      hint: 'choose another pod, or see why with: kubectl describe pod',
    });
  }
  if (stringAt(pod, ['metadata', 'labels', 'app']) === 'ztunnel') {
    throw new MeshError('usage', `Pod ${podName(pod)} is a ztunnel, which has no Envoy`, {
      hint: 'name a sidecar, a gateway or a waypoint',
    });
  }
}

function hasProxy(pod: KubeObject): boolean {
  return ['containers', 'initContainers'].some((list) =>
    listAt(pod, ['spec', list]).some((container) => stringAt(container, ['name']) === 'istio-proxy'),
  );
}
