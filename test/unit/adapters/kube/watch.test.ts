import { afterEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type { ConnectOptions } from '../../../../src/adapters/kube/index.ts';
import type { Cluster, WatchEvent } from '../../../../src/app/ports.ts';
import { connectTo, sendJson, sendStatus, startServer, thrownBy } from './api-server.ts';
import type { Received, TestServer } from './api-server.ts';

let server: TestServer;
let cluster: Cluster;
const query = { apiVersion: 'v1', kind: 'Pod', namespace: 'ns', labelSelector: 'app=x' };

interface Script {
  /** What each watch request does, in order; the last one is repeated. */
  readonly watches: readonly ((response: ServerResponse, request: Received) => void)[];
  readonly list?: (response: ServerResponse, request: Received) => void;
}

async function start(script: Script, options: Partial<ConnectOptions> = {}): Promise<void> {
  let count = 0;
  server = await startServer((request, response) => {
    if (!request.query.has('watch')) {
      if (script.list) {
        script.list(response, request);
        return;
      }
      sendJson(response, 200, {
        metadata: { resourceVersion: '100' },
        items: [{ metadata: { name: 'listed' } }],
      });
      return;
    }
    const step = script.watches[Math.min(count, script.watches.length - 1)]!;
    count += 1;
    step(response, request);
  });
  cluster = connectTo(server.url, options);
}

afterEach(async () => {
  await cluster.close();
  await server.close();
});

const event = (type: string, name: string, resourceVersion: string): string =>
  `${JSON.stringify({ type, object: { metadata: { name, resourceVersion } } })}\n`;
const send =
  (...lines: string[]) =>
  (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' });
    for (const line of lines) response.write(line);
  };
const sendAndEnd =
  (...lines: string[]) =>
  (response: ServerResponse): void => {
    send(...lines)(response);
    response.end();
  };
const watches = (): Received[] => server.requests.filter((request) => request.query.has('watch'));
const versions = (): (string | null)[] => watches().map((request) => request.query.get('resourceVersion'));

/** `ADDED a`, `RELIST listed`: the first `count` events. */
async function firstEvents(count: number, resourceVersion = '5'): Promise<string[]> {
  const seen: string[] = [];
  for await (const item of cluster.watch(query, resourceVersion)) {
    seen.push(describeEvent(item));
    if (seen.length === count) break;
  }
  return seen;
}

function describeEvent(item: WatchEvent): string {
  return item.type === 'RELIST'
    ? `RELIST ${item.items.map((object) => object.metadata.name).join(',')}`
    : `${item.type} ${item.object.metadata.name}`;
}

describe('watch', () => {
  it('asks from the given version on, with bookmarks, selectors and a random end', async () => {
    await start({
      watches: [send(event('ADDED', 'a', '6'), event('MODIFIED', 'a', '7'), event('DELETED', 'a', '8'))],
    });
    expect(await firstEvents(3)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
    const { path, query: parameters, headers } = watches()[0]!;
    expect(headers['accept-encoding']).toBeUndefined();
    expect(path).toBe('/api/v1/namespaces/ns/pods');
    expect(Object.fromEntries(parameters)).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '5',
      timeoutSeconds: '300',
      labelSelector: 'app=x',
    });
  });

  it('goes on after the server ends it, from the last version, bookmarks included', async () => {
    await start({
      watches: [
        sendAndEnd(event('ADDED', 'a', '6'), event('BOOKMARK', '', '9')),
        sendAndEnd(),
        send(event('ADDED', 'b', '10')),
      ],
    });
    expect(await firstEvents(2)).toEqual(['ADDED a', 'ADDED b']);
    expect(versions()).toEqual(['5', '9', '9']);
  });

  it('goes on after a cut, also in the middle of a line', async () => {
    const cutLine = event('ADDED', 'b', '7').slice(0, 20);
    await start({
      watches: [
        (response) => {
          send(event('ADDED', 'a', '6'), cutLine)(response);
          setTimeout(() => response.destroy(), 20);
        },
        (response) => response.destroy(),
        send(event('ADDED', 'b', '7')),
      ],
    });
    expect(await firstEvents(2)).toEqual(['ADDED a', 'ADDED b']);
    expect(versions()).toEqual(['5', '6', '6']);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    [
      'as an answer',
      (response) => sendStatus(response, 410, { reason: 'Expired', message: 'too old resource version' }),
    ],
    [
      'as an event',
      sendAndEnd(
        `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } })}\n`,
      ),
    ],
  ])('lists anew when its version is too old (%s)', async (_name, gone) => {
    await start({ watches: [gone, send(event('ADDED', 'b', '101'))] });
    expect(await firstEvents(2)).toEqual(['RELIST listed', 'ADDED b']);
    expect(versions()).toEqual(['5', '100']);
  });

  it('begins with a list when there is no version', async () => {
    await start({ watches: [send(event('ADDED', 'b', '101'))] });
    expect(await firstEvents(2, '')).toEqual(['RELIST listed', 'ADDED b']);
    expect(versions()).toEqual(['100']);
  });

  it('takes a silent connection for dead', async () => {
    await start(
      { watches: [send(event('ADDED', 'a', '6')), send(event('ADDED', 'b', '7'))] },
      { watchTiming: { inactivityMs: 60 } },
    );
    expect(await firstEvents(2)).toEqual(['ADDED a', 'ADDED b']);
    expect(versions()).toEqual(['5', '6']);
  });

  it('does not count the time that its reader takes', async () => {
    await start(
      { watches: [send(event('ADDED', 'a', '6'), event('ADDED', 'b', '7'))] },
      { watchTiming: { inactivityMs: 60 } },
    );
    const seen: string[] = [];
    for await (const item of cluster.watch(query, '5')) {
      seen.push(describeEvent(item));
      if (seen.length === 2) break;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(seen).toEqual(['ADDED a', 'ADDED b']);
    expect(watches()).toHaveLength(1);
  });

  it('waits a little longer each time the server fails, as long as that asks for', async () => {
    const busy = (response: ServerResponse): void =>
      sendStatus(response, 429, { headers: { 'retry-after': '0.3' } });
    await start({
      watches: [
        (response) => sendStatus(response, 500),
        busy,
        sendAndEnd('not json\n'),
        sendAndEnd('{"type":"NEW"}\n'),
        send(event('ADDED', 'a', '6')),
      ],
    });
    const startMs = Date.now();
    expect(await firstEvents(1)).toEqual(['ADDED a']);
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(290);
    expect(watches()).toHaveLength(5);
  });

  it('survives a restart of the server', async () => {
    await start({ watches: [send(event('ADDED', 'a', '6'))] });
    const iterator = cluster.watch(query, '5')[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toMatchObject({ type: 'ADDED' });
    const next = iterator.next();
    await server.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const again = await startServer((_request, response) => send(event('ADDED', 'b', '7'))(response), {
      port: server.port,
    });
    try {
      expect((await next).value).toMatchObject({ object: { kind: 'Pod', metadata: { name: 'b' } } });
      expect(again.requests[0]?.query.get('resourceVersion')).toBe('6');
      await iterator.return?.();
    } finally {
      await again.close();
    }
  });

  it.each([
    [
      403,
      'auth',
      {
        message:
          'pods is forbidden: User "u" cannot watch resource "pods" in API group "" in the namespace "ns"',
      },
    ],
    [401, 'auth', {}],
    [400, 'cluster', { message: 'unable to parse selector' }],
  ] as const)('ends with an error that repeating cannot mend (%d)', async (status, code, parts) => {
    await start({ watches: [(response) => sendStatus(response, status, parts)] });
    expect(await thrownBy(firstEvents(1))).toMatchObject({ code });
    expect(watches()).toHaveLength(1);
  });

  it('ends at once where no server has ever answered', async () => {
    await start({ watches: [] });
    await server.close();
    expect(await thrownBy(firstEvents(1))).toMatchObject({ code: 'unreachable' });
  });

  it('waits for a kind that is not there, and tells when it goes', async () => {
    let asked = 0;
    let there = false;
    server = await startServer(
      (request, response) => {
        const resources = [{ name: 'pods', kind: 'Pod', namespaced: true, verbs: [] }];
        switch (request.path) {
          case '/api':
            there = (asked += 1) > 2;
            {
              sendJson(response, 200, { kind: 'APIVersions', versions: there ? ['v1'] : [] });
              return;
            }
          case '/apis': {
            sendJson(response, 200, { kind: 'APIGroupList', groups: [] });
            return;
          }
          case '/api/v1': {
            sendJson(response, 200, { groupVersion: 'v1', resources });
            return;
          }
          default:
            if (request.query.get('resourceVersion') === '100')
              return response.writeHead(404).end('404 page not found');
            {
              sendJson(response, 200, {
                metadata: { resourceVersion: '100' },
                items: [{ metadata: { name: 'listed' } }],
              });
              return;
            }
        }
      },
      { discovery: false },
    );
    cluster = connectTo(server.url);
    expect(await firstEvents(3, '')).toEqual(['RELIST listed', 'RELIST ', 'RELIST listed']);
  });
});

describe('the end of a watch', () => {
  const closed = (response: ServerResponse): Promise<void> =>
    new Promise((resolve) => response.on('close', () => resolve()));

  it('comes when its reader leaves, and closes the connection', async () => {
    let gone: Promise<void> | undefined;
    await start({
      watches: [
        (response) => {
          gone = closed(response);
          send(event('ADDED', 'a', '6'))(response);
        },
      ],
    });
    await firstEvents(1);
    await gone;
  });

  it('comes while it waits for an event', async () => {
    let gone: Promise<void> | undefined;
    await start({
      watches: [
        (response) => {
          gone = closed(response);
          send()(response);
          response.flushHeaders();
        },
      ],
    });
    const iterator = cluster.watch(query, '5')[Symbol.asyncIterator]();
    const next = iterator.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await next).toEqual({ done: true, value: undefined });
    await gone;
  });

  it('comes with the signal, as an error', async () => {
    await start({ watches: [send(event('ADDED', 'a', '6'))] });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const seen: WatchEvent[] = [];
    const watching = async (): Promise<void> => {
      for await (const item of cluster.watch(query, '5', { signal: controller.signal })) seen.push(item);
    };
    expect(await thrownBy(watching())).toMatchObject({ code: 'cancelled' });
    expect(seen).toHaveLength(1);
    expect(await thrownBy(watching())).toMatchObject({ code: 'cancelled' });
  });

  it('comes with close', async () => {
    await start({ watches: [send(event('ADDED', 'a', '6'))] });
    const watching = thrownBy(firstEvents(2));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await cluster.close();
    expect(await watching).toMatchObject({ code: 'cancelled' });
  });

  it('does not take connections from requests', async () => {
    await start({
      watches: [send(event('ADDED', 'a', '6'))],
      list: (response) => sendJson(response, 200, { metadata: { resourceVersion: '1' }, items: [] }),
    });
    const iterators = Array.from({ length: 12 }, () => cluster.watch(query, '5')[Symbol.asyncIterator]());
    await Promise.all(iterators.map((iterator) => iterator.next()));
    expect(await cluster.list(query)).toEqual({ items: [], resourceVersion: '1' });
    for (const iterator of iterators) await iterator.return?.();
  });
});
