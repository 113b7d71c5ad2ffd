/** The index that rules ask: by kind, namespace, name and label, each built when it is first needed. */
import type { AnalysisContext, KindKey, MeshSettings, Resource } from './types.ts';

export interface ContextOptions {
  /** Kinds that were looked for in a cluster: known, even when there is none. */
  readonly knownKinds?: Iterable<KindKey>;
}

const NONE: readonly Resource[] = [];

/** Everything known about one kind; each table is made when it is first needed. */
interface KindIndex {
  readonly all: Resource[];
  byNamespace?: Map<string, Resource[]>;
  byName?: Map<string, Resource>;
  byLabel?: Map<string, Resource[]>;
}

function inNamespace(index: KindIndex, namespace: string): readonly Resource[] {
  index.byNamespace ??= Map.groupBy(index.all, (resource) => resource.namespace);
  return index.byNamespace.get(namespace) ?? NONE;
}

function named(index: KindIndex, namespace: string, name: string): Resource | undefined {
  // The first one wins: the primary cluster comes first.
  index.byName ??= new Map(
    index.all.toReversed().map((resource) => [`${resource.namespace}/${resource.name}`, resource]),
  );
  return index.byName.get(`${namespace}/${name}`);
}

function labelled(index: KindIndex, key: string, value: string): readonly Resource[] {
  if (!index.byLabel) {
    index.byLabel = new Map();
    for (const resource of index.all) {
      for (const label in resource.labels) {
        const pair = `${label}=${resource.labels[label] ?? ''}`;
        const list = index.byLabel.get(pair);
        if (list) list.push(resource);
        else index.byLabel.set(pair, [resource]);
      }
    }
  }
  return index.byLabel.get(`${key}=${value}`) ?? NONE;
}

/** Whether `labels` contain every pair of `selector`; an empty selector matches everything. */
export function matchesLabels(
  labels: Readonly<Record<string, string>>,
  selector: Readonly<Record<string, string>>,
): boolean {
  for (const key in selector) if (labels[key] !== selector[key]) return false;
  return true;
}

/** The context over `resources`, which are in load order and hold each object once. */
export function createContext(
  resources: Iterable<Resource>,
  settings: MeshSettings,
  options: ContextOptions = {},
): AnalysisContext {
  const kinds = new Map<KindKey, KindIndex>();
  const indexOf = (kind: KindKey): KindIndex => {
    let index = kinds.get(kind);
    if (!index) kinds.set(kind, (index = { all: [] }));
    return index;
  };
  const known = new Set(options.knownKinds);
  for (const resource of resources) {
    const kind = `${resource.group}/${resource.kind}`;
    indexOf(kind).all.push(resource);
    if (!resource.isStandIn) known.add(kind);
  }
  const memo = new Map<string, unknown>();

  return {
    meshConfig: settings.meshConfig,
    meshNetworks: settings.meshNetworks,
    istioNamespace: settings.istioNamespace,
    nowMs: settings.nowMs,
    list: (kind) => kinds.get(kind)?.all ?? NONE,
    listIn: (kind, namespace) => {
      const index = kinds.get(kind);
      return index ? inNamespace(index, namespace) : NONE;
    },
    get: (kind, namespace, name) => {
      const index = kinds.get(kind);
      return index && named(index, namespace, name);
    },
    isKnown: (kind) => known.has(kind),
    select: (kind, selector, namespace) => select(kinds.get(kind), selector, namespace),
    memo: <T>(key: string, make: () => T): T => {
      if (!memo.has(key)) memo.set(key, make());
      return memo.get(key) as T;
    },
  };
}

function select(
  index: KindIndex | undefined,
  selector: Readonly<Record<string, string>>,
  namespace: string | undefined,
): readonly Resource[] {
  if (!index) return NONE;
  const pairs = Object.entries(selector);
  let candidates = namespace === undefined ? index.all : inNamespace(index, namespace);
  if (pairs.length === 0) return candidates;
  for (const [key, value] of pairs) {
    const some = labelled(index, key, value);
    if (some.length < candidates.length) candidates = some;
  }
  return candidates.filter(
    (resource) =>
      (namespace === undefined || resource.namespace === namespace) &&
      matchesLabels(resource.labels, selector),
  );
}
