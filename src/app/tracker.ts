/**
 * Live objects by watching: one list and one watch for each kind and namespace, shared by all that wait for something
 * there. Nothing is polled.
 */
import { refKey, refOf } from '../domain/manifest/ref.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import type { Cluster, ListQuery } from './ports.ts';

export interface Tracker {
  /** Begins to follow a kind; resolves when its objects are known. Following twice is following once. */
  follow(query: ListQuery): Promise<void>;
  /** What is known now of a kind in a namespace (absent: all that is followed of that kind). */
  objects(kind: string, namespace?: string): KubeObject[];
  /** Calls back after each change until the returned function is called. */
  onChange(listener: () => void): () => void;
  /** Asks once more for everything that is followed: a watch may have died without a word. */
  refresh(signal: AbortSignal): Promise<void>;
  /** Rejects when a watch has failed for good. */
  readonly failure: Promise<never>;
  stop(): void;
}

interface Followed {
  readonly query: ListQuery;
  readonly objects: Map<string, KubeObject>;
  readonly started: Promise<void>;
}

export function createTracker(cluster: Cluster, signal: AbortSignal): Tracker {
  const stopper = new AbortController();
  const watchSignal = AbortSignal.any([signal, stopper.signal]);
  const followed = new Map<string, Followed>();
  const listeners = new Set<() => void>();
  let fail: (error: unknown) => void = () => undefined;
  const failure = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  failure.catch(() => undefined);

  const notify = (): void => {
    for (const listener of listeners) listener();
  };

  const begin = (query: ListQuery): Followed => {
    const objects = new Map<string, KubeObject>();
    const started = cluster.list(query, { signal: watchSignal }).then((list) => {
      replaceAll(objects, list.items);
      void run(query, objects, list.resourceVersion);
    });
    return { query, objects, started };
  };

  const run = async (
    query: ListQuery,
    objects: Map<string, KubeObject>,
    resourceVersion: string,
  ): Promise<void> => {
    try {
      for await (const event of cluster.watch(query, resourceVersion, { signal: watchSignal })) {
        if (event.type === 'RELIST') replaceAll(objects, event.items);
        else if (event.type === 'DELETED') objects.delete(refKey(refOf(event.object)));
        else objects.set(refKey(refOf(event.object)), event.object);
        notify();
      }
    } catch (error) {
      if (!watchSignal.aborted) fail(error);
    }
  };

  return {
    failure,
    follow: (query) => {
      const key = JSON.stringify([
        query.apiVersion,
        query.kind,
        query.namespace,
        query.labelSelector,
        query.fieldSelector,
      ]);
      const entry = followed.get(key) ?? begin(query);
      followed.set(key, entry);
      return entry.started;
    },
    objects: (kind, namespace) =>
      [...followed.values()]
        .filter(
          ({ query }) =>
            query.kind === kind &&
            (namespace === undefined || query.namespace === undefined || query.namespace === namespace),
        )
        .flatMap(({ objects }) => [...objects.values()]),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    refresh: async (signal) => {
      await Promise.all(
        [...followed.values()].map(async ({ query, objects }) => {
          replaceAll(objects, (await cluster.list(query, { signal })).items);
        }),
      );
    },
    stop: () => {
      stopper.abort();
    },
  };
}

function replaceAll(objects: Map<string, KubeObject>, items: readonly KubeObject[]): void {
  objects.clear();
  for (const item of items) objects.set(refKey(refOf(item)), item);
}
