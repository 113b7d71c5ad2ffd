/**
 * What an istiod says at `/debug/syncz`: for every proxy that is connected to it and every type of configuration, the
 * last answer that it sent and the last one that the proxy accepted.
 */
import { isObject, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';

/**
 * SYNCED: what was sent last was accepted. STALE: it was not, yet. NOT SENT: the proxy asked, istiod had nothing to send.
 * ERROR: the proxy refused it.
 */
export type SyncState = 'SYNCED' | 'STALE' | 'NOT SENT' | 'ERROR';

/** One type of configuration that a proxy asked for. */
export interface TypeSync {
  /** `CDS`, `LDS`, `EDS`, `RDS`, `ECDS`, `WDS`, ...: Istio's short names. */
  readonly type: string;
  readonly state: SyncState;
  /** Why the proxy refused it, in its own words. */
  readonly error?: string | undefined;
  /** When istiod sent it last, as in `2026-11-23T18:18:04.1Z`; older istiods do not say. */
  readonly sentAt?: string | undefined;
}

/** A proxy as one istiod knows it. */
export interface ProxySync {
  readonly name: string;
  readonly namespace: string;
  /** Cluster that it runs in, as istiod calls it. */
  readonly cluster: string;
  /** `sidecar`, `router`, `waypoint`, `ztunnel`; empty when an older istiod does not say. */
  readonly kind: string;
  /** Istio version of the proxy, `1.31.4`. */
  readonly version: string;
  readonly types: readonly TypeSync[];
}

/** In the order in which they are shown. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  'type.googleapis.com/envoy.config.cluster.v3.Cluster': 'CDS',
  'type.googleapis.com/envoy.config.listener.v3.Listener': 'LDS',
  'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment': 'EDS',
  'type.googleapis.com/envoy.config.route.v3.RouteConfiguration': 'RDS',
  'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig': 'ECDS',
  'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret': 'SDS',
  'type.googleapis.com/istio.networking.nds.v1.NameTable': 'NDS',
  'type.googleapis.com/istio.mesh.v1alpha1.ProxyConfig': 'PCDS',
  'type.googleapis.com/istio.workload.Address': 'WDS',
  'type.googleapis.com/istio.workload.Workload': 'WDS',
  'type.googleapis.com/istio.security.Authorization': 'WADS',
};

const ORDER = [...new Set(Object.values(SHORT_NAMES))];

/** Beginnings of the flat fields (`cluster_sent`, `cluster_acked`) by which istiods without `resources` answer. */
const FLAT_FIELDS: readonly (readonly [type: string, field: string])[] = [
  ['CDS', 'cluster'],
  ['LDS', 'listener'],
  ['EDS', 'endpoint'],
  ['RDS', 'route'],
  ['ECDS', 'extensionconfig'],
];

/** The proxies of one answer, in its order; undefined when it is no list of proxies. */
export function parseSyncz(answer: JsonValue): ProxySync[] | undefined {
  // An istiod without proxies may answer `null`: an empty list of Go.
  if (answer === null) return [];
  if (!Array.isArray(answer)) return undefined;
  const entries = answer.filter((entry) => isObject(entry) && stringAt(entry, ['proxy']) !== '');
  if (entries.length !== answer.length) return undefined;
  return entries.map((entry) => parseProxy(entry as JsonObject));
}

function parseProxy(entry: JsonObject): ProxySync {
  const { name, namespace } = splitProxyId(stringAt(entry, ['proxy']));
  return {
    name,
    namespace,
    cluster: stringAt(entry, ['cluster_id']),
    kind: stringAt(entry, ['proxy_type']),
    version: stringAt(entry, ['istio_version']),
    types: isObject(entry['resources']) ? typesOf(entry['resources']) : flatTypesOf(entry),
  };
}

/** `web-0.shop` → web-0 in shop: pods may have dots in their names, namespaces have none. */
export function splitProxyId(id: string): { readonly name: string; readonly namespace: string } {
  const dot = id.lastIndexOf('.');
  return dot === -1 ? { name: id, namespace: '' } : { name: id.slice(0, dot), namespace: id.slice(dot + 1) };
}

function typesOf(resources: JsonObject): TypeSync[] {
  const types = Object.keys(resources).map((url) => {
    const entry = objectAt(resources, [url]);
    return {
      type: SHORT_NAMES[url] ?? shortened(url),
      ...stateOf(stringAt(entry, ['sent']), stringAt(entry, ['acked']), stringAt(entry, ['lastError'])),
      ...sentAt(stringAt(entry, ['sentTime'])),
    };
  });
  return types.sort((a, b) => rank(a.type) - rank(b.type) || (a.type < b.type ? -1 : 1));
}

/** `type.googleapis.com/istio.some.New` → New: a type that this version of mesh does not know. */
function shortened(url: string): string {
  return url.slice(Math.max(url.lastIndexOf('/'), url.lastIndexOf('.')) + 1);
}

function rank(type: string): number {
  const index = ORDER.indexOf(type);
  return index === -1 ? ORDER.length : index;
}

function flatTypesOf(entry: JsonObject): TypeSync[] {
  return FLAT_FIELDS.map(([type, field]) => ({
    type,
    ...stateOf(stringAt(entry, [`${field}_sent`]), stringAt(entry, [`${field}_acked`]), ''),
  }));
}

function stateOf(sent: string, acked: string, error: string): Pick<TypeSync, 'state' | 'error'> {
  if (error !== '') return { state: 'ERROR', error };
  if (sent === '') return { state: 'NOT SENT' };
  return { state: sent === acked ? 'SYNCED' : 'STALE' };
}

/** Go writes the year 1 for "never". */
function sentAt(time: string): Pick<TypeSync, 'sentAt'> {
  return time === '' || time.startsWith('0001-') ? {} : { sentAt: time };
}

/** The worst of all types. A type that was not sent counts only where nothing works without it. */
export function overallState(types: readonly TypeSync[]): SyncState {
  const has = (state: SyncState): boolean => types.some((one) => one.state === state);
  if (has('ERROR')) return 'ERROR';
  if (has('STALE')) return 'STALE';
  const isWaiting = types.some(
    ({ type, state }) => state === 'NOT SENT' && (type === 'CDS' || type === 'LDS'),
  );
  return isWaiting || !has('SYNCED') ? 'NOT SENT' : 'SYNCED';
}
