import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer as createHttpServer, get } from 'node:http';
import { connect as connectTcp, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cluster, Forward, ForwardRequest, ForwardState } from '../../../../../src/app/ports.ts';
import { MeshError } from '../../../../../src/lib/errors.ts';
import { rejectedBy } from '../../../../support/thrown.ts';
import { connectTo } from '../api-server.ts';
import { listenOn, pipeToPort, startKubelet } from './kubelet.ts';
import type { Kubelet } from './kubelet.ts';

let kubelet: Kubelet;
let cluster: Cluster;
const servers: Server[] = [];
const podSockets = new Set<Socket>();
const forwards: Forward[] = [];
let states: ForwardState[] = [];

beforeEach(async () => {
  kubelet = await startKubelet();
  cluster = connectTo(kubelet.url);
  states = [];
});
afterEach(async () => {
  await Promise.all(forwards.splice(0).map((forward) => forward.close()));
  await cluster.close();
  for (const server of servers.splice(0)) server.close();
  for (const socket of podSockets) socket.destroy();
  await kubelet.close();
});

/** A server in the pod, on its port 80. */
async function serve(server: Server): Promise<void> {
  servers.push(server);
  server.on('connection', (socket: Socket) => {
    podSockets.add(socket);
    socket.on('error', () => undefined).on('close', () => podSockets.delete(socket));
  });
  kubelet.ports.set(80, await listenOn(server));
}

let pods = ['web'];

async function forward(options: Partial<ForwardRequest> = {}): Promise<Forward> {
  const made = await cluster.forward({
    port: 0,
    isPortFixed: false,
    address: '127.0.0.1',
    reconnectTimeoutMs: 5000,
    onState: (state) => states.push(state),
    source: {
      pick: () =>
        Promise.resolve({ namespace: 'ns', pod: (pods.length > 1 ? pods.shift() : pods[0])!, port: 80 }),
      gone: () => new Promise(() => undefined),
    },
    ...options,
  });
  forwards.push(made);
  return made;
}

/** Everything the other side sends until it ends; an error counts as its code. */
async function talk(
  port: number,
  text: string | Buffer,
  options: { end?: boolean; host?: string } = {},
): Promise<string> {
  const socket = connectTcp({ port, host: options.host ?? '127.0.0.1', allowHalfOpen: true });
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
  socket.on('error', (error: NodeJS.ErrnoException) => (received += `<${error.code}>`));
  socket.write(text);
  if (options.end) socket.end();
  socket.on('end', () => socket.end());
  await once(socket, 'close').catch(() => undefined);
  return received;
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const fetchText = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent: new Agent() }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve(body));
    }).on('error', reject);
  });

describe('forward', () => {
  beforeEach(() => {
    pods = ['web'];
  });

  it('carries bytes both ways until the pod ends, and leaves nothing open', async () => {
    await serve(
      createServer((socket) => socket.once('data', (data) => socket.end(`you said ${data.toString()}`))),
    );
    const { port } = await forward();
    expect(await talk(port, 'hello')).toBe('you said hello');
    await until(() => kubelet.open.size === 0 && podSockets.size === 0);
    expect(states).toEqual([{ type: 'connected', pod: { namespace: 'ns', pod: 'web', port: 80 } }]);
  });

  it('listens on both loopback addresses for localhost', async () => {
    await serve(createServer((socket) => socket.end('hi')));
    const { port, addresses } = await forward({ address: 'localhost' });
    expect(addresses).toContain('127.0.0.1');
    for (const host of addresses) expect(await talk(port, '', { host })).toBe('hi');
  });

  it('takes the next free port, or says that the wanted one is in use', async () => {
    const taken = createServer();
    servers.push(taken);
    const port = await listenOn(taken);
    expect((await forward({ port })).port).not.toBe(port);
    const error = await rejectedBy(() => forward({ port, isPortFixed: true }));
    expect([error.code, error.message]).toEqual([
      'usage',
      `port ${port} cannot be used on 127.0.0.1: it is in use`,
    ]);
    expect((await rejectedBy(() => forward({ address: '192.0.2.1' }))).message).toContain(
      '192.0.2.1 cannot be listened on',
    );
  });

  it('is half-closed by the client: the answer still comes', async () => {
    await serve(
      createServer((socket) => socket.once('data', () => setTimeout(() => socket.end('late answer'), 50))),
    );
    const { port } = await forward();
    expect(await talk(port, 'question', { end: true })).toBe('late answer');
  });

  it('is closed by a client that has its answer: the pod is let go, though nobody can tell it', async () => {
    await serve(createServer((socket) => socket.on('data', (data) => socket.write(data))));
    const { port } = await forward();
    const socket = connectTcp({ port, host: '127.0.0.1' });
    socket.write('question');
    await once(socket, 'data');
    socket.end();
    await until(() => kubelet.open.size === 0 && podSockets.size === 0);
  });

  it('large data both ways arrives whole', async () => {
    const data = Buffer.alloc(4_000_000, 'abcdefghijklmnopqrstuvwxyz');
    await serve(createServer((socket) => void socket.pipe(socket)));
    const { port } = await forward();
    const socket = connectTcp({ port, host: '127.0.0.1' });
    const hash = createHash('sha256');
    let count = 0;
    socket.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      count += chunk.length;
      if (count === data.length) socket.destroy();
    });
    socket.write(data);
    await once(socket, 'close');
    expect(hash.digest('hex')).toBe(createHash('sha256').update(data).digest('hex'));
  });

  it('a slow client holds the pod back', async () => {
    let sent = 0;
    const size = 200_000_000;
    await serve(
      createServer((socket) => {
        const chunk = Buffer.alloc(64 * 1024);
        const more = (): void => {
          while (sent < size && socket.write(chunk)) sent += chunk.length;
          if (sent < size) sent += chunk.length;
        };
        socket.on('drain', more);
        more();
      }),
    );
    const { port } = await forward();
    const socket = connectTcp({ port, host: '127.0.0.1' });
    socket.pause();
    let before = -1;
    while (before !== sent || sent === 0) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(sent).toBeLessThan(size / 2);
    expect(sent).toBeGreaterThan(0);
    socket.resume();
    await until(() => sent > before);
    socket.destroy();
    await until(() => kubelet.open.size === 0);
  });

  it('a slow pod holds the client back', async () => {
    await serve(createServer((socket) => void socket.pause()));
    const { port } = await forward();
    const socket = connectTcp({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    let sent = 0;
    const chunk = Buffer.alloc(64 * 1024);
    const push = (): void => {
      while (sent < 200_000_000 && socket.write(chunk)) sent += chunk.length;
    };
    socket.on('drain', push);
    socket.on('connect', push);
    let before = -1;
    while (before !== sent || sent === 0) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(sent).toBeLessThan(100_000_000);
    socket.destroy();
  });

  it('resets of the client and of the pod end one connection, and no more', async () => {
    await serve(
      createServer((socket) =>
        socket.once('data', (data) =>
          data.toString() === 'reset' ? socket.resetAndDestroy() : socket.end('fine'),
        ),
      ),
    );
    const { port } = await forward();
    const client = connectTcp({ port, host: '127.0.0.1' });
    client.on('error', () => undefined);
    await once(client, 'connect');
    client.write('x');
    client.resetAndDestroy();
    expect(await talk(port, 'reset')).toBe('<ECONNRESET>');
    expect(await talk(port, 'hello')).toBe('fine');
    await until(() => kubelet.open.size === 0);
  });

  it('the API server goes in the middle: the connection is reset, the next one waits until it is back', async () => {
    await serve(createServer((socket) => socket.on('data', (data) => socket.write(data))));
    const { port } = await forward();
    const client = connectTcp({ port, host: '127.0.0.1' });
    client.write('x');
    await once(client, 'data');
    const broken = once(client, 'error');
    for (const tunnel of kubelet.open) tunnel.socket.terminate();
    expect(((await broken)[0] as NodeJS.ErrnoException).code).toBe('ECONNRESET');
    let refusals = 2;
    kubelet.refuse = () => (refusals-- > 0 ? [503, { kind: 'Status', message: 'starting' }] : undefined);
    const next = connectTcp({ port, host: '127.0.0.1' });
    next.write('again');
    expect(((await once(next, 'data'))[0] as Buffer).toString()).toBe('again');
    expect(states.map(({ type }) => type)).toEqual(['connected', 'lost', 'lost', 'connected']);
    next.destroy();
  });

  it('a pod whose port does not answer yet gets the same bytes once it does', async () => {
    await serve(
      createServer((socket) => socket.once('data', (data) => socket.end(`got ${data.toString()}`))),
    );
    let refusals = 2;
    kubelet.onTunnel = (tunnel) => pipeToPort(tunnel, refusals-- > 0 ? undefined : kubelet.ports.get(80));
    const { port } = await forward();
    expect(await talk(port, 'question')).toBe('got question');
    expect(refusals).toBe(-1);
  });

  it('what the pod may have read is not sent twice', async () => {
    let tunnels = 0;
    kubelet.onTunnel = (tunnel) => {
      tunnels += 1;
      tunnel.socket.on('message', () => tunnel.fail('read: connection reset by peer'));
    };
    const { port } = await forward();
    expect(await talk(port, 'pay')).toBe('<ECONNRESET>');
    expect(tunnels).toBe(1);
  });

  it('another pod is taken when the first one is gone', async () => {
    await serve(createServer((socket) => socket.end('hi')));
    pods = ['old', 'new'];
    kubelet.refuse = (pod) =>
      pod === 'old'
        ? [404, { kind: 'Status', reason: 'NotFound', message: '', details: { kind: 'pods' } }]
        : undefined;
    const { port } = await forward();
    expect(await talk(port, '')).toBe('hi');
    expect(states.map((state) => (state.type === 'lost' ? state.reason : state.pod.pod))).toEqual([
      'old',
      'there is no Pod ns/old',
      'new',
    ]);
  });

  it('gives up in the end: the port is closed, those who wait are let go', async () => {
    const made = await forward({
      reconnectTimeoutMs: 300,
      source: {
        pick: () => Promise.reject(new MeshError('cluster', 'no pod is ready')),
        gone: () => new Promise(() => undefined),
      },
    });
    const waiting = talk(made.port, 'hello');
    const error = await rejectedBy(() => made.ended);
    expect([error.code, error.message]).toEqual([
      'unreachable',
      'no pod could be reached for 0.3 s: no pod is ready',
    ]);
    expect(await waiting).toMatch(/^(<ECONNRESET>)?$/);
    expect(await talk(made.port, 'hello')).toBe('<ECONNREFUSED>');
  });

  it('ends at once without permission', async () => {
    kubelet.refuse = () => [
      403,
      {
        kind: 'Status',
        reason: 'Forbidden',
        message:
          'User "jane" cannot create resource "pods/portforward" in API group "" in the namespace "ns"',
      },
    ];
    const made = await forward();
    await talk(made.port, 'x');
    expect((await rejectedBy(() => made.ended)).code).toBe('auth');
  });

  it('request asks through the same link, and waits for a pod that starts', async () => {
    await serve(createHttpServer((request, response) => response.end(`page ${request.url ?? ''}`)));
    let refusals = 2;
    kubelet.onTunnel = (tunnel) => pipeToPort(tunnel, refusals-- > 0 ? undefined : kubelet.ports.get(80));
    const made = await forward();
    expect(await made.request('/healthz')).toEqual({ status: 200, body: 'page /healthz' });
  });

  it('close ends everything, and so does the cluster', async () => {
    await serve(createServer((socket) => void socket.resume()));
    const made = await forward();
    const other = await forward();
    const hanging = [talk(made.port, 'x'), talk(other.port, 'x')];
    await until(() => kubelet.open.size === 2);
    await made.close();
    await made.ended;
    await hanging[0];
    await cluster.close();
    await other.ended;
    await hanging[1];
    await until(() => kubelet.open.size === 0);
  });

  it('many connections at once', async () => {
    await serve(createHttpServer((_request, response) => response.end('page')));
    const { port } = await forward();
    const pages = await Promise.all(Array.from({ length: 40 }, () => fetchText(port)));
    expect(new Set(pages)).toEqual(new Set(['page']));
    await until(() => kubelet.open.size === 0);
  });
});
