/** `mesh proxy-status POD`: the difference between what istiod has for one proxy and what its Envoy has. */
import { findContainer } from '../domain/proxy/image-version.ts';
import { compareDumps, isConfigDump, proxyIdOf } from '../domain/proxy/sync-diff.ts';
import type { TypeDifference } from '../domain/proxy/sync-diff.ts';
import { splitProxyId } from '../domain/proxy/sync-status.ts';
import { MeshError, messageOf } from '../lib/errors.ts';
import type { JsonValue } from '../lib/json.ts';
import { stringAt } from '../lib/json.ts';
import { listNames } from '../lib/list-names.ts';
import { findPod, podName } from './find-pod.ts';
import { askIstiods, bodyOf, findIstiods, selectRevision, withDeadline } from './istiods.ts';
import type { AskContext, IstiodAnswer } from './istiods.ts';
import type { Files, PodResponse } from './ports.ts';
import { parseJson } from './proxy-status.ts';

export interface CompareInput {
  /** `[type/]name[.namespace]`; may be absent with `file`, which says whose it is. */
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  readonly istioNamespace?: string | undefined;
  readonly revision?: string | undefined;
  /** A saved answer of Envoy's `/config_dump`, or `-`. */
  readonly file?: string | undefined;
  /** Port of Envoy's admin interface. */
  readonly adminPort: number;
}

export interface ProxyComparison {
  readonly name: string;
  readonly namespace: string;
  /** Pod of the istiod that knows the proxy. */
  readonly istiod: string;
  readonly types: readonly TypeDifference[];
}

/** Throws `usage`, `config`, `unreachable` and `auth` MeshErrors: half a comparison is of no use. */
export async function compareProxy(
  input: CompareInput,
  context: AskContext,
  files: Files,
): Promise<ProxyComparison> {
  const saved = input.file === undefined ? undefined : await readDump(input.file, files);
  const proxy = await nameProxy(input, saved, context);
  const [envoy, { istiod, value }] = await Promise.all([
    saved ?? askEnvoy(proxy, input.adminPort, context),
    askOwner(proxy, input, context),
  ]);
  return { ...proxy, istiod: istiod.name, types: compareDumps(value, envoy) };
}

interface ProxyName {
  readonly name: string;
  readonly namespace: string;
}

async function readDump(file: string, files: Files): Promise<JsonValue> {
  const text = await files.read(file);
  const name = file === '-' ? 'standard input' : file;
  try {
    const dump = JSON.parse(text) as JsonValue;
    if (isConfigDump(dump)) return dump;
  } catch (error) {
    throw new MeshError('config', `${name} is not JSON: ${messageOf(error)}`, { cause: error });
  }
  throw new MeshError('config', `${name} is no config_dump of an Envoy: it has no list "configs"`, {
    hint: 'save one with kubectl exec POD -c istio-proxy -- pilot-agent request GET config_dump',
  });
}

async function nameProxy(
  { address, namespace }: CompareInput,
  saved: JsonValue | undefined,
  { cluster, signal }: AskContext,
): Promise<ProxyName> {
  if (address === undefined) {
    const id = saved === undefined ? undefined : proxyIdOf(saved);
    if (id !== undefined) return splitProxyId(id);
    throw new MeshError('usage', 'the file does not say whose configuration it holds', {
      hint: 'name the pod too: mesh proxy-status POD.NAMESPACE --file FILE',
    });
  }
  const { pod } = await findPod({ address, namespace }, cluster, signal);
  if (stringAt(pod, ['metadata', 'labels', 'app']) === 'ztunnel') {
    throw new MeshError('usage', `pod ${podName(pod)} is a ztunnel, which has no Envoy to compare with`, {
      hint: 'mesh proxy-status without a pod shows whether it is in sync',
    });
  }
  if (!findContainer(pod, 'istio-proxy')) {
    throw new MeshError('usage', `pod ${podName(pod)} has no proxy`, {
      hint: 'mesh proxy-status lists the pods that have one, and those that should',
    });
  }
  return { name: pod.metadata.name, namespace: stringAt(pod, ['metadata', 'namespace']) };
}

async function askEnvoy(proxy: ProxyName, adminPort: number, context: AskContext): Promise<JsonValue> {
  const { name: pod, namespace } = proxy;
  const about = `Envoy of pod ${namespace}/${pod}`;
  try {
    const request = { pod, namespace, port: adminPort, path: '/config_dump' };
    const response = await withDeadline(context, (signal) => context.cluster.podRequest(request, { signal }));
    const dump = parseJson(bodyOf(response));
    if (isConfigDump(dump)) return dump;
  } catch (error) {
    if (!(error instanceof MeshError) || error.code === 'cancelled') throw error;
    throw new MeshError(error.code, `${about}: ${error.message}`, { hint: error.hint, cause: error });
  }
  throw new MeshError('unreachable', `${about}: its answer is no config_dump`, {
    hint: `is port ${adminPort} its admin port? name another one with --proxy-admin-port`,
  });
}

/** The answer of the istiod that the proxy is connected to; the others know nothing of it. */
async function askOwner(
  proxy: ProxyName,
  { istioNamespace, revision }: CompareInput,
  context: AskContext,
): Promise<{ readonly istiod: { readonly name: string }; readonly value: JsonValue }> {
  const id = `${proxy.name}.${proxy.namespace}`;
  const found = await findIstiods(context.cluster, { namespace: istioNamespace }, context.signal);
  const istiods = selectRevision(found, revision);
  const path = `/debug/config_dump?proxyID=${encodeURIComponent(id)}`;
  const answers = await askIstiods(istiods, path, readOwnDump, context);
  for (const answer of answers)
    if ('value' in answer && answer.value !== undefined) return { ...answer, value: answer.value };
  throw nobodyKnows(id, answers);
}

/** undefined: not connected to this istiod, which is told with 404. */
function readOwnDump(response: PodResponse): JsonValue | undefined {
  if (response.status === 404) return undefined;
  const dump = parseJson(bodyOf(response));
  if (isConfigDump(dump)) return dump;
  throw new MeshError('unreachable', 'its answer is no config_dump');
}

function nobodyKnows(id: string, answers: readonly IstiodAnswer<unknown>[]): MeshError {
  const failures = answers.flatMap((answer) => ('error' in answer ? [answer.error] : []));
  if (answers.length === 0) {
    return new MeshError('unreachable', 'no istiod runs in this cluster', {
      hint: 'install one with mesh install, or choose another cluster with --context',
    });
  }
  if (failures.length > 0) {
    const denied = failures.every(({ code }) => code === 'auth');
    return new MeshError(denied ? 'auth' : 'unreachable', `no istiod that answers knows proxy ${id}`, {
      details: failures.map(({ message }) => message),
      hint: failures.find(({ hint }) => hint !== undefined)?.hint,
    });
  }
  const names = listNames(answers.map(({ istiod }) => istiod.name));
  const know = answers.length === 1 ? 'knows' : 'know';
  return new MeshError(
    'cluster',
    `proxy ${id} is not connected to any istiod: ${names} ${know} nothing of it`,
    {
      hint: 'mesh proxy-status lists the proxies that are connected; the logs of its istio-proxy say why it is not',
    },
  );
}
