/**
 * One message to the API server and its answer: identity, deadline, one renewal of the identity after a 401, errors of
 * the network in words. Nothing is repeated here.
 */
import type { Duplex, Readable } from 'node:stream';
import { MeshError } from '../../lib/errors.ts';
import type { Credentials, Identity } from './credentials.ts';
import { cancelledError, isAborted, startDeadline, withSignals } from './deadline.ts';
import type { Deadline, Signals } from './deadline.ts';
import { REQUEST_CONNECTIONS } from './dispatcher.ts';
import type { Dispatchers, HttpMessage, Lane } from './dispatcher.ts';
import { deadlineError, networkError } from './network-errors.ts';
import type { Peer } from './network-errors.ts';
import { createSlots } from './slots.ts';

export interface Message {
  readonly method: HttpMessage['method'];
  /** Path and query, without the path of the server's URL. */
  readonly path: string;
  /** Default `application/json`. */
  readonly accept?: string | undefined;
  readonly contentType?: string | undefined;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** An answer whose body is still to come, without a deadline. `close` ends it and must be called. */
export interface OpenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly chunks: AsyncIterable<Buffer>;
  close(): void;
}

/** `socket`: the server has switched protocols, and the connection is the caller's, who must destroy it. */
export interface UpgradeOutcome extends Answer {
  readonly socket?: Duplex | undefined;
}

export interface UpgradeRequest {
  readonly path: string;
  readonly protocol: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface Transport {
  /** The whole answer, within the request's deadline. Throws NetworkError, `cancelled`, and what credentials throw. */
  exchange(message: Message): Promise<Answer>;
  /** Only the answer's head has to come within the deadline. A status other than 200 comes as a whole answer. */
  open(message: Message): Promise<OpenAnswer | Answer>;
  /** Asks for another protocol. Only the answer has to come within the deadline. */
  upgrade(request: UpgradeRequest): Promise<UpgradeOutcome>;
  /** The server has answered at least once: a refused connection now means a restart, not a wrong address. */
  hasAnswered(): boolean;
  readonly requestCounts: Readonly<Record<string, number>>;
  /** Aborts when the user wants to stop, and on `close`. */
  readonly lifetime: AbortSignal;
  close(): Promise<void>;
}

export interface TransportOptions {
  readonly peer: Peer;
  readonly credentials: Credentials;
  readonly dispatchers: Dispatchers;
  readonly userAgent: string;
  /** 0: no deadline. */
  readonly requestTimeoutMs: number;
  readonly acceptGzip: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Texts of the server's `Warning` headers, each once. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

interface Head {
  readonly status: number;
  readonly headers: Headers;
  readonly stream: Readable;
  readonly deadline: Deadline;
  readonly signals: Signals;
}

export function createTransport(options: TransportOptions): Transport {
  const { credentials, dispatchers, peer, requestTimeoutMs } = options;
  const counts: Record<string, number> = {};
  const ending = new AbortController();
  const end = (): void => ending.abort();
  if (options.signal?.aborted) end();
  options.signal?.addEventListener('abort', end, { once: true });
  const warned = new Set<string>();
  const slots = createSlots(REQUEST_CONNECTIONS);
  let answered = false;
  const basePath = peer.server.pathname.replace(/\/+$/, '');

  const signalsOf = (message: Pick<Message, 'signal'>): Signals => [ending.signal, message.signal];

  const headersOf = (message: Message, lane: Lane): Record<string, string> => ({
    accept: message.accept ?? 'application/json',
    'user-agent': options.userAgent,
    ...(message.contentType === undefined ? {} : { 'content-type': message.contentType }),
    // Not for watches: what compresses them would hold events back.
    ...(options.acceptGzip && message.method === 'GET' && lane === 'request'
      ? { 'accept-encoding': 'gzip' }
      : {}),
  });

  /** The head of the answer; who gets it reads the body and ends the deadline. */
  const send = async (message: Message, identity: Identity, lane: Lane): Promise<Head> => {
    const signals = signalsOf(message);
    const deadline = startDeadline(requestTimeoutMs, signals);
    try {
      counts[message.method] = (counts[message.method] ?? 0) + 1;
      const { method, body } = message;
      const http = {
        method,
        path: `${basePath}${message.path}`,
        headers: headersOf(message, lane),
        body,
        signal: deadline.signal,
      };
      const { statusCode, headers, body: stream } = await dispatchers.send(http, identity, lane);
      answered = true;
      report(headers['warning']);
      // Readers see the error themselves; without a listener it would end the process.
      stream.on('error', () => undefined);
      return { status: statusCode, headers, stream, deadline, signals };
    } catch (error) {
      deadline.end();
      throw translate(error, deadline, signals);
    }
  };

  const readWhole = async ({ status, headers, stream, deadline, signals }: Head): Promise<Answer> => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      // undici frees the connection in the next turn; without this the next request would open another one.
      await new Promise((resolve) => setImmediate(resolve));
      return { status, headers, text: await decode(Buffer.concat(chunks), headers['content-encoding']) };
    } catch (error) {
      throw translate(error, deadline, signals);
    } finally {
      deadline.end();
    }
  };

  async function* readChunks({ stream, deadline, signals }: Head): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of stream) yield chunk as Buffer;
    } catch (error) {
      throw translate(error, deadline, signals);
    } finally {
      deadline.end();
    }
  }

  const translate = (error: unknown, deadline: Deadline, signals: Signals): unknown => {
    if (error instanceof MeshError) return error;
    if (isAborted(signals)) return cancelledError();
    if (deadline.isOver()) return deadlineError(peer, requestTimeoutMs);
    return networkError(error, peer);
  };

  const report = (warning: string | string[] | undefined): void => {
    for (const text of warningTexts(warning)) {
      if (warned.has(text)) continue;
      warned.add(text);
      options.onWarning?.(text);
    }
  };

  /** With the current identity, and once more with a renewed one after a 401. */
  const authenticated = async <T extends { readonly status: number }>(
    message: Pick<Message, 'signal'>,
    send: (identity: Identity) => Promise<T>,
  ): Promise<T> => {
    const signals = signalsOf(message);
    const identity = await withSignals(credentials.current(), signals);
    const answer = await send(identity);
    if (answer.status !== 401 || !(await withSignals(credentials.renew(identity), signals))) return answer;
    return send(await withSignals(credentials.current(), signals));
  };

  /** The deadline begins with a free connection: waiting for one's own other requests is no fault of the server. */
  const exchange = async (message: Message, identity: Identity): Promise<Answer> => {
    const release = await slots.take(signalsOf(message));
    try {
      return await readWhole(await send(message, identity, 'request'));
    } finally {
      release();
    }
  };

  const upgrade = async (request: UpgradeRequest, identity: Identity): Promise<UpgradeOutcome> => {
    const signals: Signals = [ending.signal, request.signal];
    const deadline = startDeadline(requestTimeoutMs, signals);
    try {
      counts['GET'] = (counts['GET'] ?? 0) + 1;
      const { body, ...outcome } = await dispatchers.upgrade(
        {
          path: `${basePath}${request.path}`,
          protocol: request.protocol,
          headers: { 'user-agent': options.userAgent, ...request.headers },
          signal: deadline.signal,
        },
        identity,
      );
      answered = true;
      report(outcome.headers['warning']);
      return { ...outcome, text: body.toString('utf8') };
    } catch (error) {
      throw translate(error, deadline, signals);
    } finally {
      deadline.end();
    }
  };

  return {
    upgrade: (request) => authenticated(request, (identity) => upgrade(request, identity)),
    exchange: (message) => authenticated(message, (identity) => exchange(message, identity)),
    open: (message) =>
      authenticated(message, async (identity) => {
        const head = await send(message, identity, 'watch');
        if (head.status !== 200) return readWhole(head);
        head.deadline.stopClock();
        const close = (): void => {
          head.deadline.end();
          head.stream.destroy();
        };
        return { status: head.status, headers: head.headers, chunks: readChunks(head), close };
      }),
    hasAnswered: () => answered,
    requestCounts: counts,
    lifetime: ending.signal,
    close: async () => {
      options.signal?.removeEventListener('abort', end);
      end();
      await dispatchers.destroy();
    },
  };
}

async function decode(body: Buffer, encoding: string | string[] | undefined): Promise<string> {
  if (encoding !== 'gzip') return body.toString('utf8');
  const { gunzipSync } = await import('node:zlib');
  return gunzipSync(body).toString('utf8');
}

/** The texts in headers of the form `299 - "text"`, RFC 7234. */
export function warningTexts(header: string | string[] | undefined): string[] {
  const lines = header === undefined ? [] : [header].flat();
  return lines.flatMap((line) =>
    [...line.matchAll(/\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) =>
      (match[1] ?? '').replace(/\\(.)/g, '$1'),
    ),
  );
}
