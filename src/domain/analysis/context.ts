/** The index that rules ask: by kind, namespace, name and label, each built when it is first needed. */
import type { AnalysisContext, KindKey, MeshSettings, Resource } from './types.ts';

export interface ContextOptions {
  /** Kinds that were looked for in a cluster: known, even when there is none. */
  readonly knownKinds?: Iterable<KindKey>;
}

const NONE: readonly Resource[] = [];

/** Everything known about one kind. */
class KindIndex {
  readonly all: Resource[] = [];
  #byNamespace: Map<string, Resource[]> | undefined;
  #byName: Map<string, Resource> | undefined;
  #byLabel: Map<string, Resource[]> | undefined;

  inNamespace(namespace: string): readonly Resource[] {
    this.#byNamespace ??= Map.groupBy(this.all, (resource) => resource.namespace);
    return this.#byNamespace.get(namespace) ?? NONE;
  }

  named(namespace: string, name: string): Resource | undefined {
    if (!this.#byName) {
      this.#byName = new Map();
      for (const resource of this.all) {
        const id = `${resource.namespace}/${resource.name}`;
        if (!this.#byName.has(id)) this.#byName.set(id, resource);
      }
    }
    return this.#byName.get(`${namespace}/${name}`);
  }

  labelled(key: string, value: string): readonly Resource[] {
    if (!this.#byLabel) {
      this.#byLabel = new Map();
      for (const resource of this.all) {
        for (const label in resource.labels) {
          const id = `${label}=${resource.labels[label] ?? ''}`;
          const list = this.#byLabel.get(id);
          if (list) list.push(resource);
          else this.#byLabel.set(id, [resource]);
        }
      }
    }
    return this.#byLabel.get(`${key}=${value}`) ?? NONE;
  }
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
    if (!index) kinds.set(kind, (index = new KindIndex()));
    return index;
  };
  for (const resource of resources) indexOf(`${resource.group}/${resource.kind}`).all.push(resource);
  const known = new Set(options.knownKinds);
  const memo = new Map<string, unknown>();

  return {
    meshConfig: settings.meshConfig,
    meshNetworks: settings.meshNetworks,
    istioNamespace: settings.istioNamespace,
    list: (kind) => kinds.get(kind)?.all ?? NONE,
    listIn: (kind, namespace) => kinds.get(kind)?.inNamespace(namespace) ?? NONE,
    get: (kind, namespace, name) => kinds.get(kind)?.named(namespace, name),
    isKnown: (kind) => known.has(kind) || kinds.has(kind),
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
  let candidates = namespace === undefined ? index.all : index.inNamespace(namespace);
  if (pairs.length === 0) return candidates;
  for (const [key, value] of pairs) {
    const labelled = index.labelled(key, value);
    if (labelled.length < candidates.length) candidates = labelled;
  }
  return candidates.filter(
    (resource) =>
      (namespace === undefined || resource.namespace === namespace) &&
      matchesLabels(resource.labels, selector),
  );
}
