/**
 * Changes of a list, for as long as the caller wants: watches end (servers end them after some minutes, networks without
 * a word), and are begun again from the last known resourceVersion, or with a new list when that one is too old.
 */
import type { ListQuery, RequestOptions, WatchEvent } from '../../app/ports.ts';
import type { KubeObject } from '../../domain/manifest/types.ts';
import { isObject, stringAt } from '../../lib/json.ts';
import type { Api } from './api.ts';
import { cancelledError } from './deadline.ts';
import { readLines } from './lines.ts';
import { listAll, withType } from './lists.ts';
import { NetworkError } from './network-errors.ts';
import { resourcePath } from './paths.ts';
import { StatusError } from './status-errors.ts';
import type { OpenAnswer } from './transport.ts';

export interface WatchTiming {
  /** After this long without a line (bookmarks come each minute) the connection is taken for dead. */
  readonly inactivityMs: number;
  /** The server ends a watch after a random time between these, so that not all come back at once. */
  readonly shortestSeconds: number;
  readonly longestSeconds: number;
  readonly longestPauseMs: number;
}

export const WATCH_TIMING: WatchTiming = {
  inactivityMs: 90_000,
  shortestSeconds: 300,
  longestSeconds: 600,
  longestPauseMs: 10_000,
};

/** A watch that ended after less than this without a line counts as failed. */
const BRIEF_MS = 1000;

/**
 * Each iteration is a watch of its own; leaving the loop, or `return()` at any time, ends its request. Throws `cancelled`
 * when the signal aborts, and what no repetition can mend: `auth`, an invalid selector, a wrong certificate.
 */
export function watchList(
  api: Api,
  query: ListQuery,
  resourceVersion: string,
  options: RequestOptions,
  timing: WatchTiming,
): AsyncIterable<WatchEvent> {
  return {
    [Symbol.asyncIterator]: () => {
      const stopper = new AbortController();
      const stop = (): void => stopper.abort();
      let left = false;
      options.signal?.addEventListener('abort', stop);
      if (options.signal?.aborted) stop();
      const events = follow(api, query, resourceVersion, stopper.signal, timing);
      const clean = (): void => options.signal?.removeEventListener('abort', stop);
      return {
        next: async () => {
          try {
            const result = await events.next();
            if (result.done) clean();
            return result;
          } catch (error) {
            clean();
            if (left) return { done: true, value: undefined };
            throw error;
          }
        },
        return: async () => {
          left = true;
          clean();
          stop();
          // A generator that waits for the network would hear of `return` only afterwards; `stop` has ended that waiting.
          await events.return(undefined);
          return { done: true, value: undefined };
        },
      };
    },
  };
}

async function* follow(
  api: Api,
  query: ListQuery,
  resourceVersion: string,
  signal: AbortSignal,
  timing: WatchTiming,
): AsyncGenerator<WatchEvent, undefined> {
  let version = resourceVersion;
  let failures = 0;
  for (;;) {
    if (signal.aborted) throw cancelledError();
    let retryAfterMs = 0;
    const startMs = api.retry.now();
    let heard = false;
    try {
      if (version === '') {
        const list = await listAll(api, query, { signal });
        version = list.resourceVersion;
        // Without a resourceVersion the kind is not known, and nothing can be watched yet.
        if (version !== '') yield { type: 'RELIST', items: list.items };
      }
      if (version !== '') {
        for await (const event of watchOnce(api, query, version, signal, timing)) {
          heard = true;
          version = versionOf(event.object, version);
          if (event.type !== 'BOOKMARK') yield { type: event.type, object: event.object };
        }
      } else {
        api.discovery.forget();
      }
    } catch (error) {
      if (isGone(error)) {
        const unknown = error instanceof StatusError && error.status === 404;
        if (unknown && version !== '') yield { type: 'RELIST', items: [] };
        if (unknown) api.discovery.forget();
        version = '';
      } else if (!isPassing(error, api)) {
        throw error;
      }
      if (error instanceof StatusError) retryAfterMs = error.retryAfterMs;
    }
    failures = heard || api.retry.now() - startMs > BRIEF_MS ? 0 : failures + 1;
    const pauseMs =
      failures === 0
        ? 0
        : Math.min(timing.longestPauseMs, api.retry.firstPauseMs * 2 ** (failures - 1)) *
          (0.5 + api.retry.random() / 2);
    await api.pause(Math.max(pauseMs, retryAfterMs), signal);
  }
}

/** Too old, or the kind is no longer there: only a new list can tell what exists. */
function isGone(error: unknown): boolean {
  return error instanceof StatusError && (error.status === 410 || error.status === 404);
}

/** Worth trying again. A server that has never answered is a wrong address, not a restart. */
function isPassing(error: unknown, api: Api): boolean {
  if (error instanceof NetworkError) return error.failure !== 'final' && api.transport.hasAnswered();
  return error instanceof StatusError && (error.status === 429 || error.status >= 500);
}

interface RawEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: KubeObject;
}

/** The events of one request; ends with it. Throws NetworkError and StatusError. */
async function* watchOnce(
  api: Api,
  query: ListQuery,
  version: string,
  signal: AbortSignal,
  timing: WatchTiming,
): AsyncGenerator<RawEvent> {
  const operation = `watch ${query.kind} objects`;
  const resource = await api.findResource(query.apiVersion, query.kind, signal);
  if (!resource) throw api.refusal({ status: 404, headers: {}, text: '' }, operation);
  const { namespace, labelSelector, fieldSelector } = query;
  const span = timing.longestSeconds - timing.shortestSeconds + 1;
  const timeoutSeconds = timing.shortestSeconds + Math.floor(api.retry.random() * span);
  const parameters = {
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: version,
    timeoutSeconds,
    labelSelector,
    fieldSelector,
  };
  const answer = await api.transport.open({
    method: 'GET',
    path: resourcePath(resource, { namespace, query: parameters }),
    signal,
  });
  if ('text' in answer) throw api.refusal(answer, operation);
  try {
    for await (const line of readLines(untilSilent(answer, timing.inactivityMs)))
      yield readEvent(line, query, api, operation);
  } finally {
    answer.close();
  }
}

/** The chunks of an answer; ends when none comes for `inactivityMs`. */
async function* untilSilent(answer: OpenAnswer, inactivityMs: number): AsyncGenerator<Uint8Array> {
  const chunks = answer.chunks[Symbol.asyncIterator]();
  for (;;) {
    const state = { silent: false };
    // Only the waiting counts, not the time that the consumer takes.
    const timer = setTimeout(() => {
      state.silent = true;
      answer.close();
    }, inactivityMs);
    let next: IteratorResult<Uint8Array>;
    try {
      next = await chunks.next();
    } catch (error) {
      if (state.silent) return;
      throw error;
    } finally {
      clearTimeout(timer);
    }
    if (next.done) return;
    yield next.value;
  }
}

function readEvent(line: string, query: ListQuery, api: Api, operation: string): RawEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw new NetworkError(
      'unreachable',
      'cut',
      `cannot ${operation}: the server sent a line that is not JSON`,
      { cause },
    );
  }
  const type = isObject(event) ? event['type'] : undefined;
  const object = isObject(event) ? event['object'] : undefined;
  if (type === 'ERROR') {
    const code = isObject(object) && typeof object['code'] === 'number' ? object['code'] : 500;
    throw api.refusal({ status: code, headers: {}, text: JSON.stringify(object) }, operation);
  }
  if (
    isObject(object) &&
    (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK')
  ) {
    return { type, object: withType(object as KubeObject, query) };
  }
  throw new NetworkError(
    'unreachable',
    'cut',
    `cannot ${operation}: the server sent something that is no event`,
    {},
  );
}

function versionOf(object: KubeObject, before: string): string {
  return stringAt(object, ['metadata', 'resourceVersion']) || before;
}
