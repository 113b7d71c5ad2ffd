/** Tunnels take the same way as requests: through the proxy, with TLS inside. */
import { createServer } from 'node:http';
import { connect as connectTcp, createServer as createTcpServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import type { PodRequest } from '../../../../../src/app/ports.ts';
import { connectTo, makeCertificate, temporaryFolder } from '../api-server.ts';
import { rejectedBy } from '../../../../support/thrown.ts';
import { listenOn, startKubelet } from './kubelet.ts';
import type { Kubelet } from './kubelet.ts';

const folder = temporaryFolder();
const tls = makeCertificate(folder.path, 'server', 'DNS:api.example.com');
const certificateAuthority = `${folder.path}/server.crt`;
const servers: Server[] = [];
const sockets = new Set<Socket>();
/** What the proxy was asked for. */
const asked: string[] = [];
let kubelet: Kubelet;

beforeEach(async () => {
  kubelet = await startKubelet({ tls });
  const page = createServer((_request, response) => response.end('page'));
  servers.push(page);
  kubelet.ports.set(80, await listenOn(page));
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  asked.length = 0;
  await kubelet.close();
});
afterAll(folder.remove);

function keep(socket: Socket): Socket {
  sockets.add(socket);
  return socket.on('error', () => undefined);
}

function join(client: Socket, greeting: Buffer | string): void {
  const target = keep(connectTcp(Number(new URL(kubelet.url).port), '127.0.0.1'));
  target.once('connect', () => {
    client.write(greeting);
    client.pipe(target).pipe(client);
  });
}

async function startProxy(status: number): Promise<number> {
  const proxy = createServer();
  proxy.on('connect', (request, client: Socket) => {
    asked.push(`CONNECT ${request.url ?? ''}`);
    keep(client);
    if (status === 200) join(client, 'HTTP/1.1 200 OK\r\n\r\n');
    else client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
  });
  servers.push(proxy);
  return listenOn(proxy);
}

async function startSocks(): Promise<number> {
  const proxy = createTcpServer((client) => {
    keep(client).once('data', () => {
      client.write(Buffer.from([5, 0]));
      client.once('data', (request) => {
        const length = request[4] ?? 0;
        asked.push(`SOCKS ${request.subarray(5, 5 + length).toString()}`);
        join(client, Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
      });
    });
  });
  servers.push(proxy);
  return listenOn(proxy);
}

const ask: PodRequest = { namespace: 'ns', pod: 'web', port: 80, path: '/' };
/** The name exists for the proxy only. */
const api = 'https://api.example.com:6443';

it.each(['http', 'socks5'])('through a proxy of %s', async (scheme) => {
  const port = scheme === 'http' ? await startProxy(200) : await startSocks();
  const cluster = connectTo(api, { proxyUrl: `${scheme}://127.0.0.1:${port}`, certificateAuthority });
  try {
    expect((await cluster.podRequest(ask)).body).toBe('page');
    expect(asked).toEqual([scheme === 'http' ? 'CONNECT api.example.com:6443' : 'SOCKS api.example.com']);
  } finally {
    await cluster.close();
  }
});

it('a proxy that refuses is named', async () => {
  const cluster = connectTo(api, {
    proxyUrl: `http://127.0.0.1:${await startProxy(403)}`,
    certificateAuthority,
  });
  try {
    const error = await rejectedBy(() => cluster.podRequest(ask));
    expect(error.message).toMatch(/through the proxy http:\/\/127.0.0.1:\d+: the proxy answered 403$/);
  } finally {
    await cluster.close();
  }
});
