/** What the proxy of a pod says about itself: whether it is alive, and which Istio objects are in its configuration. */
import type { KubeObject } from '../domain/manifest/types.ts';
import { MeshError, messageOf } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import type { JsonValue } from '../lib/json.ts';
import type { Cluster } from './ports.ts';
import { askEnvoy } from './proxy-config-source.ts';

export type ProxyReport =
  | {
      readonly answers: true;
      /** `LIVE`, `DRAINING`, `INITIALIZING`. */
      readonly state: string;
      /** Seconds as Envoy writes them: `61s`. */
      readonly uptime: string;
      /** `destination-rule shop/web`, sorted: the objects that its clusters, routes and listeners come from. */
      readonly configuredBy: readonly string[];
      /** `shop/allow-web`, sorted: AuthorizationPolicies that its filters enforce. */
      readonly authorizationPolicies: readonly string[];
    }
  | { readonly answers: false; readonly reason: string };

const DUMP = '/config_dump?mask=';
const MASKS = ['dynamic_active_clusters,static_clusters', 'dynamic_listeners', 'dynamic_route_configs'];
/** Istio notes in the metadata of what it makes from which object it comes. */
const ORIGIN = /"\/apis\/[\w.-]+\/[\w-]+\/namespaces\/([\w.-]+)\/([\w-]+)\/([\w.-]+)"/g;
const POLICY = /"(?:istio-ext-authz-)?ns\[([^\]]+)\]-policy\[([^\]]+)\]-rule\[\d+\]"/g;

/** Never fails because of the proxy: a reason why it can not be asked is an answer too. */
export async function askProxy(
  pod: KubeObject,
  adminPort: number,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ProxyReport> {
  const ask = async (path: string): Promise<string> =>
    (await askEnvoy(pod, adminPort, 'GET', path, cluster, signal)).body;
  try {
    const info = JSON.parse(await ask('/server_info')) as JsonValue;
    const dumps = await Promise.all(MASKS.map((mask) => ask(DUMP + mask)));
    return {
      answers: true,
      state: stringAt(info, ['state']),
      uptime: stringAt(info, ['uptime_current_epoch']),
      configuredBy: collect(
        dumps,
        ORIGIN,
        ([, namespace, kind, name]) => `${kind ?? ''} ${namespace ?? ''}/${name ?? ''}`,
      ),
      authorizationPolicies: collect(
        dumps,
        POLICY,
        ([, namespace, name]) => `${namespace ?? ''}/${name ?? ''}`,
      ),
    };
  } catch (error) {
    if (error instanceof MeshError && error.code === 'cancelled') throw error;
    return { answers: false, reason: messageOf(error) };
  }
}

function collect(
  texts: readonly string[],
  pattern: RegExp,
  nameOf: (match: RegExpExecArray) => string,
): string[] {
  const names = texts.flatMap((text) => [...text.matchAll(pattern)].map(nameOf));
  return [...new Set(names)].sort();
}
