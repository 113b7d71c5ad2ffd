/** `mesh proxy-config log`: levels of the loggers of proxies, read and set. */
import type { KubeObject } from '../domain/manifest/types.ts';
import { checkLoggers, levelPaths, parseLevels, parseLoggers, readLevel } from '../domain/proxy/log.ts';
import type { LevelChange } from '../domain/proxy/log.ts';
import { MeshError } from '../lib/errors.ts';
import { isObject, stringAt } from '../lib/json.ts';
import type { JsonValue } from '../lib/json.ts';
import { podName } from './find-pod.ts';
import { mapParallel } from './parallel.ts';
import type { Cluster } from './ports.ts';
import { askEnvoy } from './proxy-config-source.ts';

export interface LogInput {
  readonly pods: readonly KubeObject[];
  readonly adminPort: number;
  /** `reset`: back to what the injector gave the proxy. Absent: read only. */
  readonly change?: LevelChange | 'reset' | undefined;
  readonly istioNamespace: string;
  readonly signal: AbortSignal;
}

export interface ProxyLog {
  readonly pod: string;
  readonly namespace: string;
  /** As Envoy writes it: `active loggers:` and a line for each that was asked for or changed. */
  readonly text: string;
  readonly loggers: Readonly<Record<string, string>>;
}

const AT_ONCE = 8;
const DEFAULT_LEVEL = 'warning';

/** What each pod's Envoy says, in the order of the pods. Loggers are checked on all pods before anything is changed. */
export async function useProxyLogs(input: LogInput, cluster: Cluster): Promise<ProxyLog[]> {
  const { pods } = input;
  const changes = await Promise.all(pods.map((pod) => changeFor(pod, input, cluster)));
  const before = await mapParallel(pods, AT_ONCE, (pod) => post(pod, '/logging', input, cluster));
  for (const [index, text] of before.entries()) {
    const change = changes[index];
    if (change) checkLoggers(change, Object.keys(parseLoggers(text)));
  }
  return mapParallel(pods, AT_ONCE, async (pod, index) => {
    const change = changes[index];
    let text = before[index] ?? '';
    for (const path of change ? levelPaths(change) : []) {
      text = await post(pod, path, input, cluster);
    }
    return {
      pod: pod.metadata.name,
      namespace: stringAt(pod, ['metadata', 'namespace']),
      text,
      loggers: parseLoggers(text),
    };
  });
}

/** Pods with a label selector that run. Throws a `usage` MeshError when there is none. */
export async function selectPods(
  labelSelector: string,
  namespace: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const { items } = await cluster.list(
    { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector },
    { signal },
  );
  const running = items.filter((pod) => stringAt(pod, ['status', 'phase']) === 'Running');
  if (running.length === 0) {
    throw new MeshError('usage', `no running pod of namespace ${namespace} has the labels ${labelSelector}`, {
      hint: 'choose another namespace with -n',
    });
  }
  return running.sort((a, b) => (podName(a) < podName(b) ? -1 : 1));
}

async function post(pod: KubeObject, path: string, input: LogInput, cluster: Cluster): Promise<string> {
  return (await askEnvoy(pod, input.adminPort, 'POST', path, cluster, input.signal)).body;
}

async function changeFor(
  pod: KubeObject,
  input: LogInput,
  cluster: Cluster,
): Promise<LevelChange | undefined> {
  if (input.change !== 'reset') return input.change;
  const values = await readProxyValues(pod, input, cluster);
  const setting = (name: string): string =>
    stringAt(pod, ['metadata', 'annotations', `sidecar.istio.io/${name}`]) || stringAt(values, [name]);
  const level = readLevel(setting('logLevel')) ?? DEFAULT_LEVEL;
  return parseLevels([level, setting('componentLogLevel')]);
}

/** `global.proxy` of the injector that made the proxy; undefined when it can not be read. */
async function readProxyValues(
  pod: KubeObject,
  input: LogInput,
  cluster: Cluster,
): Promise<JsonValue | undefined> {
  const revision = stringAt(pod, ['metadata', 'labels', 'istio.io/rev']);
  const suffix = revision === '' || revision === 'default' ? '' : `-${revision}`;
  const ref = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: `istio-sidecar-injector${suffix}`,
    namespace: input.istioNamespace,
  };
  try {
    const map = await cluster.get(ref, { signal: input.signal });
    const values = JSON.parse(stringAt(map, ['data', 'values'])) as JsonValue;
    const global = isObject(values) ? values['global'] : undefined;
    return isObject(global) ? global['proxy'] : undefined;
  } catch (error) {
    if (error instanceof MeshError && error.code !== 'auth') throw error;
    return undefined;
  }
}
