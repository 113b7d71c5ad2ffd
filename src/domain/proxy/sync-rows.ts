/** One row a proxy: what all istiods say about it, and the pods of which none of them says anything. */
import { isOlderVersion } from './image-version.ts';
import type { MeshPod } from './sync-pods.ts';
import { overallState } from './sync-status.ts';
import type { ProxySync, SyncState, TypeSync } from './sync-status.ts';

/**
 * Beside the states of connected proxies: UNKNOWN, no istiod that answered knows it but not all answered;
 * NOT CONNECTED, no istiod knows it; NO PROXY, labels ask for a sidecar and the pod has none.
 */
export type ProxyState = SyncState | 'UNKNOWN' | 'NOT CONNECTED' | 'NO PROXY';

export interface ProxyRow {
  readonly name: string;
  readonly namespace: string;
  readonly status: ProxyState;
  /** What is behind a status that is not SYNCED. */
  readonly reason?: string | undefined;
  readonly cluster?: string | undefined;
  /** `sidecar`, `router`, `waypoint`, `ztunnel`. */
  readonly kind?: string | undefined;
  readonly version?: string | undefined;
  /** The newer version of the control plane that this proxy is behind. */
  readonly olderThan?: string | undefined;
  readonly revision?: string | undefined;
  /** Pod of the istiod that it is connected to. */
  readonly istiod?: string | undefined;
  readonly sync: readonly TypeSync[];
}

/** A control plane pod, as far as rows need it. */
export interface SyncIstiod {
  readonly name: string;
  readonly revision: string;
  /** undefined or no version number: proxies are not compared with it. */
  readonly version?: string | undefined;
}

export interface SyncInput {
  readonly answers: readonly { readonly istiod: SyncIstiod; readonly proxies: readonly ProxySync[] }[];
  /** Istiods that did not answer. */
  readonly missing: readonly SyncIstiod[];
  /** Pods of the mesh in this cluster; none when they could not be read. */
  readonly pods: readonly MeshPod[];
}

/** Rows by namespace and name. */
export function makeSyncRows({ answers, missing, pods }: SyncInput): ProxyRow[] {
  const connected = new Map<string, ProxyRow>();
  const isKnown = new Set<string>();
  for (const { istiod, proxies } of answers) {
    for (const proxy of proxies) {
      const row = connectedRow(proxy, istiod);
      const key = `${proxy.cluster}/${proxy.namespace}/${proxy.name}`;
      const other = connected.get(key);
      // A proxy that moves to another istiod may show at both for a while: the newer connection counts.
      if (!other || lastSent(other) < lastSent(row)) connected.set(key, row);
      isKnown.add(`${proxy.namespace}/${proxy.name}`);
    }
  }
  const versions = newestVersions([...answers.map(({ istiod }) => istiod), ...missing]);
  const others = pods
    .filter(({ name, namespace }) => !isKnown.has(`${namespace}/${name}`))
    .map((pod) => podRow(pod, missing, versions.get(pod.revision)));
  return [...connected.values(), ...others].sort(compareRows);
}

function connectedRow(proxy: ProxySync, istiod: SyncIstiod): ProxyRow {
  const status = overallState(proxy.types);
  const { version, cluster, kind } = proxy;
  return {
    name: proxy.name,
    namespace: proxy.namespace,
    status,
    ...(status === 'ERROR' ? { reason: errorsOf(proxy.types) } : {}),
    ...(cluster === '' ? {} : { cluster }),
    ...(kind === '' ? {} : { kind }),
    ...(version === '' ? {} : { version }),
    ...olderThan(version, istiod.version),
    revision: istiod.revision,
    istiod: istiod.name,
    sync: proxy.types,
  };
}

function errorsOf(types: readonly TypeSync[]): string {
  return types.flatMap(({ type, error }) => (error === undefined ? [] : [`${type}: ${error}`])).join('; ');
}

function podRow(pod: MeshPod, missing: readonly SyncIstiod[], newest: string | undefined): ProxyRow {
  const { name, namespace, revision, proxy } = pod;
  if (!proxy) {
    const reason = `${pod.wanted ?? 'a label'} asks for a sidecar: create the pod anew`;
    return { name, namespace, status: 'NO PROXY', reason, revision, sync: [] };
  }
  const version = proxy.version === 'unknown' ? {} : { version: proxy.version };
  const row = { name, namespace, ...version, ...olderThan(proxy.version, newest), revision, sync: [] };
  if (proxy.problem !== undefined) return { ...row, status: 'NOT CONNECTED', reason: proxy.problem };
  // Not only those of its own revision: a proxy is connected where its own configuration says.
  return missing.length > 0
    ? { ...row, status: 'UNKNOWN', reason: 'an istiod that did not answer may know it' }
    : { ...row, status: 'NOT CONNECTED', reason: 'no istiod knows its proxy' };
}

function olderThan(version: string, istiod: string | undefined): Pick<ProxyRow, 'olderThan'> {
  return istiod !== undefined && isOlderVersion(version, istiod) ? { olderThan: istiod } : {};
}

/** By revision, the newest version that runs. */
function newestVersions(istiods: readonly SyncIstiod[]): Map<string, string> {
  const newest = new Map<string, string>();
  for (const { revision, version } of istiods) {
    const known = newest.get(revision);
    if (version !== undefined && (known === undefined || isOlderVersion(known, version)))
      newest.set(revision, version);
  }
  return newest;
}

function lastSent(row: ProxyRow): string {
  return row.sync.reduce((last, { sentAt = '' }) => (sentAt > last ? sentAt : last), '');
}

function compareRows(a: ProxyRow, b: ProxyRow): number {
  return (
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name) ||
    compareText(a.cluster ?? '', b.cluster ?? '')
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export interface RowFilter {
  readonly namespace?: string | undefined;
  /** A name, or a pattern with `*`. */
  readonly name?: string | undefined;
  readonly revision?: string | undefined;
  /** Only what is not SYNCED. */
  readonly onlyStale?: boolean | undefined;
}

/** The same for every output format. */
export function filterRows(rows: readonly ProxyRow[], filter: RowFilter): ProxyRow[] {
  const pattern = filter.name === undefined ? undefined : wildcard(filter.name);
  return rows.filter(
    (row) =>
      (filter.namespace === undefined || row.namespace === filter.namespace) &&
      (filter.revision === undefined || row.revision === filter.revision) &&
      (filter.onlyStale !== true || row.status !== 'SYNCED') &&
      (pattern === undefined || pattern.test(row.name) || pattern.test(`${row.name}.${row.namespace}`)),
  );
}

function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
