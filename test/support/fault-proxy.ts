/**
 * A proxy between mesh and the API server of a test cluster that does to requests what networks, load balancers and busy
 * API servers do: it refuses, cuts, hangs, drips. It also counts what would change the cluster, and tells of it, so that
 * a test can end mesh at the k-th write.
 *
 * Which request meets which fault follows from the seed, the request and how often it came before, not from the order in
 * which parallel requests happen to arrive: the same seed gives the same faults.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlPlane } from '../controlplane/launcher.ts';
import { answerInstead, EXPIRED, FAULTS, reset, send, sendWith } from './fault-answers.ts';
import type { Answer, Fault } from './fault-answers.ts';

/** Probability of each fault, from 0 to 1; together at most 1. Those of watches are for watches alone. */
export type FaultRates = Partial<Readonly<Record<Fault, number>>>;

/** A request that would change the cluster. */
export interface Write {
  readonly method: string;
  readonly path: string;
  /** From 1, since the last `beginCount`. */
  readonly number: number;
  /** `arrived`: the server does not know of it yet; `answered`: it is done, and mesh does not know of it yet. */
  readonly phase: 'arrived' | 'answered';
}

export interface FaultProxyOptions {
  readonly plane: ControlPlane;
  readonly seed?: string;
  readonly rates?: FaultRates;
}

export interface FaultProxy {
  /** A kubeconfig file whose server is the proxy. */
  readonly kubeconfig: string;
  /** How often each fault has happened. */
  readonly counts: Readonly<Record<Fault, number>>;
  /** Writes since the last `beginCount`, each once. */
  readonly writes: readonly Pick<Write, 'method' | 'path'>[];
  /** Counts from 1 again. `listener` hears of each write and may hold it; where it says `false` the write goes no further. */
  beginCount(listener?: (write: Write) => boolean | Promise<boolean>): void;
  /** Resolves when no request is under way to the server any more. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

interface Incoming {
  readonly method: string;
  /** With query. */
  readonly url: string;
  readonly body: Buffer;
  readonly isWatch: boolean;
}

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { plane, seed = '1', rates = {} } = options;
  const upstream = new URL(plane.server);
  const agent = new Agent({ ca: readFileSync(plane.caFile), keepAlive: true });
  const counts = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  const seen = new Map<string, number>();
  const underWay = new Set<Promise<unknown>>();
  let writes: Pick<Write, 'method' | 'path'>[] = [];
  let listener: ((write: Write) => boolean | Promise<boolean>) | undefined;

  /** The fault for this request, with a number from 0 to 1 for its variant. */
  const chooseFault = (
    incoming: Incoming,
  ): { readonly fault: Fault | undefined; readonly variant: number } => {
    const key = `${incoming.isWatch ? 'WATCH' : incoming.method} ${withoutChance(incoming.url)}`;
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    const digest = createHash('sha256').update(`${seed} ${key} ${nth}`).digest();
    let left = digest.readUInt32BE(0) / 2 ** 32;
    const variant = digest.readUInt32BE(4) / 2 ** 32;
    for (const fault of FAULTS) {
      left -= rates[fault] ?? 0;
      if (left < 0) return { fault: fits(fault, incoming) ? fault : undefined, variant };
    }
    return { fault: undefined, variant };
  };

  const forward = (incoming: Incoming, original: IncomingMessage): Promise<Answer> => {
    const answer = new Promise<Answer>((resolve, reject) => {
      const call = request(toServer(incoming, original, upstream, agent), (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 502,
            headers: endToEnd(response.headers),
            body: Buffer.concat(chunks),
          }),
        );
      });
      call.once('error', reject);
      call.end(incoming.body);
    });
    underWay.add(answer);
    const forget = (): void => {
      underWay.delete(answer);
    };
    answer.then(forget, forget);
    return answer;
  };

  const streamWatch = (
    incoming: Incoming,
    original: IncomingMessage,
    response: ServerResponse,
    fault: Fault | undefined,
    variant: number,
  ): void => {
    const call = request(toServer(incoming, original, upstream, agent), (answer) => {
      response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
      answer.on('data', (chunk: Buffer) => fault !== 'silentWatch' && response.write(chunk));
      answer.once('end', () => response.end());
      answer.once('error', () => response.destroy());
      response.flushHeaders();
      if (fault !== 'droppedWatch') return;
      setTimeout(() => {
        answer.pause();
        if (variant < 0.3) response.end(`${JSON.stringify({ type: 'ERROR', object: EXPIRED })}\n`);
        else reset(response);
      }, variant * 300);
    });
    call.once('error', () => response.destroy());
    response.once('close', () => call.destroy());
    call.end();
  };

  const handle = async (original: IncomingMessage, response: ServerResponse): Promise<void> => {
    const incoming = await readIncoming(original);
    const write = isWrite(incoming) ? countWrite(incoming) : undefined;
    if (write && (await listener?.({ ...write, phase: 'arrived' })) === false) return;
    const { fault, variant } = chooseFault(incoming);
    if (fault) counts[fault] += 1;
    if (incoming.isWatch && (fault === undefined || ofWatches(fault))) {
      streamWatch(incoming, original, response, fault, variant);
      return;
    }
    const instead = fault && answerInstead(fault, variant);
    if (instead) send(response, instead);
    else if (fault === 'resetBefore') reset(response);
    // Nobody ends a silence here: the client gives up and closes.
    if (instead || fault === 'resetBefore' || (fault === 'hang' && variant < 0.34)) return;
    const answer = await forward(incoming, original);
    if (write && (await listener?.({ ...write, phase: 'answered' })) === false) return;
    await sendWith(fault, variant, answer, response);
  };

  const countWrite = ({ method, url }: Incoming): Omit<Write, 'phase'> => {
    writes.push({ method, path: url });
    return { method, path: url, number: writes.length };
  };

  const server = createServer((original, response) => {
    // Whatever a fault does to a connection, and a client that was killed, end here.
    original.on('error', () => undefined);
    response.on('error', () => undefined);
    handle(original, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'mesh-proxy-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(
    kubeconfig,
    readFileSync(plane.kubeconfig, 'utf8')
      .replace(/server: .*/, `server: ${url}`)
      .replace(/ *certificate-authority-data: .*\n/, ''),
  );

  return {
    kubeconfig,
    counts,
    get writes() {
      return writes;
    },
    beginCount: (next) => {
      writes = [];
      listener = next;
    },
    settle: async () => {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function fits(fault: Fault, { isWatch }: Incoming): boolean {
  return isWatch
    ? ofWatches(fault) || ['throttled', 'internalError', 'unavailable', 'resetBefore'].includes(fault)
    : !ofWatches(fault);
}

function ofWatches(fault: Fault): boolean {
  return fault === 'droppedWatch' || fault === 'silentWatch';
}

/** Without what a client chooses by chance. */
function withoutChance(url: string): string {
  return url.replace(/[?&](?:resourceVersion|timeoutSeconds)=[^&]*/g, '');
}

async function readIncoming(original: IncomingMessage): Promise<Incoming> {
  const chunks: Buffer[] = [];
  for await (const chunk of original) chunks.push(chunk as Buffer);
  const { method = 'GET', url = '/' } = original;
  return { method, url, body: Buffer.concat(chunks), isWatch: /[?&]watch=(?:true|1)/.test(url) };
}

/** Reviews are answered, not stored; so is a dry run, in the query or in the options of a DELETE. */
function isWrite({ method, url, body }: Incoming): boolean {
  if (!['POST', 'PUT', 'PATCH', 'DELETE'].includes(method) || /[?&]dryRun=/.test(url)) return false;
  if (/\/(?:selfsubject\w+|subjectaccess\w+|tokenreview\w*)/.test(url)) return false;
  return method !== 'DELETE' || !body.toString().includes('"dryRun":["All"]');
}

function toServer(incoming: Incoming, original: IncomingMessage, upstream: URL, agent: Agent): object {
  return {
    agent,
    host: upstream.hostname,
    port: upstream.port,
    method: incoming.method,
    path: incoming.url,
    headers: {
      ...endToEnd(original.headers),
      host: upstream.host,
      // Node gives the body of a DELETE no length by itself, and the server would take it for the next request.
      ...(incoming.body.length > 0 ? { 'content-length': incoming.body.length } : {}),
    },
  };
}

/** Without the headers that are about one connection, and without the length. */
function endToEnd(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const single = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'content-length'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !single.includes(name)));
}
