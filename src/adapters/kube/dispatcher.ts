/**
 * The connections to one API server, kept alive and shared by all requests of one identity. Requests and watches have
 * pools of their own: a watch holds its connection, and must not take one from the requests.
 *
 * Parts of undici are loaded one by one, because the whole costs twice the time (fetch, mocks, caches, WebSockets).
 * Its `fetch` is not used: it refuses ports and merges headers. HTTP/1.1 only: a cut connection then ends one request.
 */
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import request from 'undici/lib/api/api-request.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import type { Identity } from './credentials.ts';
import type { Target } from './target.ts';
import { tlsOptions } from './tls.ts';

/** Connections for requests; more would only lengthen the server's queue. */
export const REQUEST_CONNECTIONS = 8;
/** Load balancers drop idle connections after 60 s and more, Go's server after 90 s. */
const IDLE_MS = 30_000;
/** After this long without traffic the peer is asked, ten times a second apart, whether it still lives. */
const TCP_KEEP_ALIVE_MS = 30_000;
/** Where a name has several addresses, the next one is tried after this long; Node's own 250 ms is too short for distant clusters. */
const NEXT_ADDRESS_MS = 1000;

export interface DispatchOptions {
  readonly proxy: URL | undefined;
  /** For TCP and TLS together. */
  readonly connectTimeoutMs: number;
}

export interface HttpMessage {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
}

export type UpgradeMessage = Pick<HttpMessage, 'path' | 'headers' | 'signal'> & { readonly protocol: string };

export type Lane = 'request' | 'watch';

/** An answer to an upgrade. With `socket` the server has switched protocols (101) and the connection is the caller's. */
export interface UpgradeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly socket?: Duplex | undefined;
}

export interface Dispatchers {
  /** Sends one message as `identity`; the answer's body must be read or destroyed. */
  send(message: HttpMessage, identity: Identity, lane: Lane): Promise<Dispatcher.ResponseData>;
  /** Asks for another protocol on a connection of its own, through the same proxy and with the same TLS. */
  upgrade(message: UpgradeMessage, identity: Identity): Promise<UpgradeAnswer>;
  /** Ends all requests and connections at once, but not those that were upgraded. */
  destroy(): Promise<void>;
}

type Pools = Readonly<Record<Lane, Dispatcher>>;

/** Nothing is opened before the first message, which may throw a `config` MeshError for unusable certificates. */
export function createDispatchers(target: Target, options: DispatchOptions): Dispatchers {
  const opened: Promise<Pools>[] = [];
  let current: { readonly certificate: string; readonly pools: Promise<Pools> } | undefined;

  /** A rotated client certificate needs new connections; those of the old one end when their requests have ended. */
  const poolsFor = (identity: Identity): Promise<Pools> => {
    const certificate = `${identity.certificate?.cert ?? ''}${identity.certificate?.key ?? ''}`;
    if (current?.certificate === certificate) return current.pools;
    current?.pools
      .then((pools) => Promise.all([pools.request.close(), pools.watch.close()]))
      .catch(() => undefined);
    const pools = openPools(target, identity, options);
    opened.push(pools);
    current = { certificate, pools };
    // What failed to open may be mended by the time of the next request.
    pools.catch(() => {
      if (current?.pools === pools) current = undefined;
    });
    return pools;
  };

  return {
    send: async ({ body, ...message }, identity, lane) => {
      const pools = await poolsFor(identity);
      const headers = { ...message.headers, ...identity.headers };
      return request.call(pools[lane], {
        ...message,
        headers,
        origin: target.server.origin,
        ...(body === undefined ? {} : { body }),
      });
    },
    upgrade: async (message, identity) => {
      const { watch } = await poolsFor(identity);
      const headers = { ...message.headers, ...identity.headers };
      return upgrade(watch, { ...message, headers }, target.server.origin);
    },
    destroy: async () => {
      const settled = await Promise.allSettled(opened);
      const open = settled.flatMap((pools) =>
        pools.status === 'fulfilled' ? [pools.value.request, pools.value.watch] : [],
      );
      await Promise.all(open.map((pool) => pool.destroy()));
    },
  };
}

/** undici's own `upgrade` throws every answer but 101 away, and with it what the API server says. */
function upgrade(pool: Dispatcher, message: UpgradeMessage, origin: string): Promise<UpgradeAnswer> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    const { signal, protocol, path } = message;
    const abort = (): void => {
      controller?.abort(new Error('aborted'));
      fail(new Error('aborted'));
    };
    const settle = (answer: UpgradeAnswer): void => {
      signal.removeEventListener('abort', abort);
      resolve(answer);
    };
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', abort);
      reject(error);
    };
    signal.addEventListener('abort', abort);
    let head: Pick<UpgradeAnswer, 'status' | 'headers'> = { status: 0, headers: {} };
    const chunks: Buffer[] = [];
    const headers = { ...message.headers };
    pool.dispatch(
      { origin, path, method: 'GET', headers, upgrade: protocol },
      {
        onRequestStart: (started) => {
          controller = started;
          if (signal.aborted) started.abort(new Error('aborted'));
        },
        onRequestUpgrade: (_controller, status, answered, socket) => {
          // Without a listener an error would end the process.
          socket.on('error', () => undefined);
          if (signal.aborted) socket.destroy();
          settle({ status, headers: answered, body: Buffer.alloc(0), socket });
        },
        onResponseStart: (_controller, status, answered) => {
          head = { status, headers: answered };
        },
        onResponseData: (_controller, chunk) => {
          chunks.push(chunk);
        },
        onResponseEnd: () => settle({ ...head, body: Buffer.concat(chunks) }),
        onResponseError: (_controller, error) => fail(error),
      },
    );
  });
}

async function openPools(target: Target, identity: Identity, options: DispatchOptions): Promise<Pools> {
  const common = {
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
    // Each request has a deadline of its own, which also covers these two.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const tls = {
    ...(target.server.protocol === 'https:' ? tlsOptions(target, identity.certificate) : {}),
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    timeout: options.connectTimeoutMs,
  };
  const { proxy } = options;
  if (!proxy) {
    const connect = { ...tls, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS };
    const pool = (connections: number | null): Dispatcher =>
      new Pool(target.server.origin, { ...common, connect, connections });
    return { request: pool(REQUEST_CONNECTIONS), watch: pool(null) };
  }
  // Its parts do not work without the whole.
  const { ProxyAgent } = await import('undici');
  const uri = proxy.href.replace(/^socks5h:/, 'socks5:');
  const agent = (connections: number | null): Dispatcher =>
    new ProxyAgent({
      ...common,
      uri,
      requestTls: tls,
      connectTimeout: options.connectTimeoutMs,
      connections,
    });
  return { request: agent(REQUEST_CONNECTIONS), watch: agent(null) };
}
