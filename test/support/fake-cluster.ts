/**
 * A cluster in memory that implements the `Cluster` port: enough of an API server to test use cases. Deployments and
 * definitions become ready by themselves unless `onApply` says otherwise; `log` holds every write.
 */
import type {
  ApiResource,
  ApplyOptions,
  Cluster,
  DeleteOptions,
  Forward,
  ForwardRequest,
  ListQuery,
  PodRequest,
  PodResponse,
  RequestOptions,
  ServiceRequest,
  WatchEvent,
} from '../../src/app/ports.ts';
import { refKey, refOf } from '../../src/domain/manifest/ref.ts';
import type { KubeObject, ObjectRef } from '../../src/domain/manifest/types.ts';
import { MeshError } from '../../src/lib/errors.ts';
import { getAt, isObject, objectAt, stringAt } from '../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../src/lib/json.ts';

export interface FakeCluster extends Cluster {
  readonly objects: Map<string, KubeObject>;
  /** `apply Kind ns/name`, `remove Kind ns/name`, in order. */
  readonly log: string[];
  /** Puts an object there as somebody else would. */
  plant(object: KubeObject): void;
  /** May change what is stored (its status), or throw. */
  onApply: (object: KubeObject) => KubeObject;
  /** Kinds that the server does not know. */
  readonly unknownKinds: Set<string>;
  /** What servers inside pods answer; throws for those that do not. */
  onPodRequest: (request: PodRequest) => PodResponse | Promise<PodResponse>;
  /** What Services answer through the API server; throws for those that do not. */
  onServiceRequest: (request: ServiceRequest) => PodResponse | Promise<PodResponse>;
  /** Throws unless a test says otherwise. */
  onForward: (request: ForwardRequest) => Promise<Forward>;
  /** Field conflicts by object key, for applies without force. */
  readonly conflicts: Map<string, readonly string[]>;
}

interface Watcher {
  readonly query: ListQuery;
  readonly push: (event: WatchEvent) => void;
}

const CLUSTER_KINDS = [
  'Namespace',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
];

/** The status that controllers would write. */
export function readyStatus(object: KubeObject): KubeObject {
  const generation = object.metadata['generation'] ?? 1;
  switch (object.kind) {
    case 'Deployment':
      return {
        ...object,
        status: { observedGeneration: generation, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
      };
    case 'CustomResourceDefinition':
      return { ...object, status: { conditions: [{ type: 'Established', status: 'True' }] } };
    case 'Namespace':
      return { ...object, status: { phase: 'Active' } };
    default:
      return object;
  }
}

export function createFakeCluster(): FakeCluster {
  const objects = new Map<string, KubeObject>();
  const watchers = new Set<Watcher>();
  const log: string[] = [];
  const counts: Record<string, number> = {};
  let version = 100;

  const count = (verb: string, options?: RequestOptions): void => {
    if (options?.signal?.aborted) throw new MeshError('cancelled', 'stopped');
    counts[verb] = (counts[verb] ?? 0) + 1;
  };
  const store = (object: KubeObject, type: 'ADDED' | 'MODIFIED'): KubeObject => {
    objects.set(refKey(refOf(object)), object);
    for (const watcher of watchers) if (matches(watcher.query, object)) watcher.push({ type, object });
    return object;
  };
  const stamped = (object: KubeObject, live: KubeObject | undefined): KubeObject => {
    version += 1;
    const generation = live ? (live.metadata['generation'] as number) + 1 : 1;
    const metadata = {
      ...object.metadata,
      uid: live?.metadata['uid'] ?? `uid-${version}`,
      generation,
      resourceVersion: String(version),
    };
    return { ...object, metadata };
  };

  const cluster: FakeCluster = {
    objects,
    log,
    unknownKinds: new Set(),
    conflicts: new Map(),
    onApply: readyStatus,
    onPodRequest: ({ namespace, pod, port }) => {
      throw new MeshError('unreachable', `Pod ${namespace}/${pod} does not answer on port ${port}`);
    },
    onServiceRequest: ({ namespace, service }) => {
      throw new MeshError('unreachable', `Service ${namespace}/${service} does not answer`);
    },
    onForward: () => Promise.reject(new MeshError('unreachable', 'no port-forward in this test')),
    context: 'fake',
    server: 'https://fake.invalid',
    defaultNamespace: 'default',
    requestCounts: counts,
    plant: (object) => {
      store(readyStatus(stamped(object, undefined)), 'ADDED');
    },
    version: () => Promise.resolve('v1.36.1'),
    resource: (apiVersion, kind) =>
      Promise.resolve(
        cluster.unknownKinds.has(kind)
          ? undefined
          : {
              apiVersion,
              kind,
              resource: `${kind.toLowerCase()}s`,
              namespaced: !CLUSTER_KINDS.includes(kind),
              verbs: ['list'],
            },
      ),
    resources: () => {
      const kinds = new Map<string, ApiResource>();
      for (const { apiVersion, kind } of objects.values()) {
        kinds.set(kind, {
          apiVersion,
          kind,
          resource: kind.toLowerCase(),
          namespaced: !CLUSTER_KINDS.includes(kind),
          verbs: ['list'],
        });
      }
      return Promise.resolve([...kinds.values()]);
    },
    forgetResources: () => undefined,
    get: async (ref, options) => {
      count('GET', options);
      await Promise.resolve();
      return objects.get(refKey(ref));
    },
    list: async (query, options) => {
      count('GET', options);
      await Promise.resolve();
      return {
        items: [...objects.values()].filter((object) => matches(query, object)),
        resourceVersion: String(version),
      };
    },
    watch: (query, _resourceVersion, options) => watchEvents(query, watchers, options?.signal),
    apply: async (object, options: ApplyOptions = {}) => {
      count(options.dryRun ? 'PATCH?dryRun' : 'PATCH', options);
      await Promise.resolve();
      const key = refKey(refOf(object));
      const live = objects.get(key);
      const conflicts = cluster.conflicts.get(key);
      if (conflicts && !options.force)
        throw new MeshError('conflict', `conflict on ${key}`, { details: conflicts });
      const merged = live ? mergeApplied(live, object) : object;
      if (options.dryRun)
        return live ? merged : { ...merged, metadata: { ...merged.metadata, uid: 'made-up' } };
      log.push(`apply ${nameOf(object)}`);
      return store(cluster.onApply(stamped(merged, live)), live ? 'MODIFIED' : 'ADDED');
    },
    create: async (object, options) => {
      if (objects.has(refKey(refOf(object))))
        throw new MeshError('conflict', `${nameOf(object)} exists already`);
      return cluster.apply(object, options);
    },
    replace: async (object, options) => {
      const live = objects.get(refKey(refOf(object)));
      const version = object.metadata['resourceVersion'];
      if (!live || (version !== undefined && version !== live.metadata['resourceVersion']))
        throw new MeshError('conflict', `${nameOf(object)} was changed meanwhile`);
      return cluster.apply(object, options);
    },
    patch: async (ref, patch: JsonObject, options) => {
      count('PATCH', options);
      await Promise.resolve();
      const live = objects.get(refKey(ref));
      if (!live) throw new MeshError('cluster', `${nameOf(ref)} does not exist`);
      log.push(`patch ${nameOf(ref)}`);
      return store(cluster.onApply(stamped(mergePatch(live, patch) as KubeObject, live)), 'MODIFIED');
    },
    remove: async (ref, options: DeleteOptions = {}) => {
      count('DELETE', options);
      await Promise.resolve();
      const live = objects.get(refKey(ref));
      if (!live) return false;
      if (options.uid !== undefined && options.uid !== live.metadata['uid'])
        throw new MeshError('conflict', `there is another ${nameOf(live)} now`);
      log.push(`remove ${nameOf(live)}`);
      objects.delete(refKey(ref));
      for (const watcher of watchers)
        if (matches(watcher.query, live)) watcher.push({ type: 'DELETED', object: live });
      return true;
    },
    isAllowed: () => Promise.resolve(true),
    logs: () => Promise.resolve('line one\nline two\n'),
    podRequest: async (request, options) => {
      count('PORTFORWARD', options);
      return cluster.onPodRequest(request);
    },
    serviceRequest: async (request, options) => {
      count('PROXY', options);
      return cluster.onServiceRequest(request);
    },
    forward: (request) => cluster.onForward(request),
    close: () => Promise.resolve(),
  };
  return cluster;
}

/** RFC 7386. */
function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = { ...target };
  for (const [key, value] of Object.entries(patch))
    merged[key] = isObject(value) ? mergePatch(objectAt(target, [key]), value) : value;
  return Object.fromEntries<JsonValue>(Object.entries(merged).filter(([, value]) => value !== null));
}

function mergeApplied(live: KubeObject, object: KubeObject): KubeObject {
  const labels = {
    ...(live.metadata['labels'] as JsonObject | undefined),
    ...(object.metadata['labels'] as JsonObject | undefined),
  };
  return { ...live, ...object, metadata: { ...live.metadata, ...object.metadata, labels } };
}

function matches(query: ListQuery, object: KubeObject): boolean {
  const name = /metadata\.name=(.*)/.exec(query.fieldSelector ?? '')?.[1];
  const labels = (query.labelSelector ?? '').split(',').filter((part) => part !== '');
  return (
    object.kind === query.kind &&
    (query.namespace === undefined || object.metadata['namespace'] === query.namespace) &&
    (name === undefined || object.metadata.name === name) &&
    labels.every((label) => {
      if (label.startsWith('!')) return getAt(object, ['metadata', 'labels', label.slice(1)]) === undefined;
      const [key = '', value] = label.split('=');
      const live = getAt(object, ['metadata', 'labels', key]);
      return value === undefined ? live !== undefined : live === value;
    })
  );
}

async function* watchEvents(
  query: ListQuery,
  watchers: Set<Watcher>,
  signal?: AbortSignal,
): AsyncGenerator<WatchEvent> {
  const queue: WatchEvent[] = [];
  let wake: () => void = () => undefined;
  const watcher: Watcher = {
    query,
    push: (event) => {
      queue.push(event);
      wake();
    },
  };
  watchers.add(watcher);
  signal?.addEventListener('abort', () => wake());
  try {
    while (!signal?.aborted) {
      const event = queue.shift();
      if (event) yield event;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (queue.length > 0 || signal?.aborted) resolve();
        });
    }
  } finally {
    watchers.delete(watcher);
  }
}

function nameOf(ref: KubeObject | ObjectRef): string {
  const metadata: unknown = 'metadata' in ref ? ref.metadata : ref;
  const namespace = isObject(metadata) ? stringAt(metadata, ['namespace']) : '';
  return `${ref.kind} ${namespace ? `${namespace}/` : ''}${isObject(metadata) ? stringAt(metadata, ['name']) : ''}`;
}
