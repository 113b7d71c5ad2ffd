import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createTcpServer, connect as connectTcp } from 'node:net';
import type { AddressInfo, Server as TcpServer, Socket } from 'node:net';
import {
  connectTo,
  makeCertificate,
  sendJson,
  startServer,
  temporaryFolder,
  thrownBy,
} from './api-server.ts';
import type { TestServer } from './api-server.ts';

const folder = temporaryFolder();
let tls: { key: string; cert: string };
let server: TestServer;
let proxy: Server | TcpServer;
const sockets = new Set<Socket>();
/** What the proxy was asked for. */
const asked: string[] = [];

beforeAll(() => {
  tls = makeCertificate(folder.path, 'server', 'DNS:api.example.com');
});
afterAll(folder.remove);

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  proxy.close();
  await server.close();
  asked.length = 0;
});

const portOf = (listening: Server | TcpServer): number => (listening.address() as AddressInfo).port;
const listen = (listening: Server | TcpServer): Promise<void> =>
  new Promise((resolve) => listening.listen(0, '127.0.0.1', () => resolve()));

function keep(socket: Socket): Socket {
  sockets.add(socket);
  socket.on('error', () => undefined);
  return socket;
}

async function startServers(isTls: boolean, status = 200): Promise<void> {
  server = await startServer(
    (_request, response) => sendJson(response, 200, { gitVersion: 'v1.36.1' }),
    isTls ? { tls } : {},
  );
  const made = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    sendJson(response, 200, { gitVersion: 'through the proxy' });
  });
  made.on('connect', (request, client: Socket) => {
    asked.push(`CONNECT ${request.url ?? ''} ${request.headers['proxy-authorization'] ?? 'no password'}`);
    keep(client);
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    const target = keep(
      connectTcp(server.port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        client.pipe(target).pipe(client);
      }),
    );
  });
  proxy = made;
  await listen(proxy);
}

/** The name exists for the proxy only. */
const api = 'https://api.example.com:6443';

describe('proxies', () => {
  it('of the kubeconfig: a tunnel, with the password of its URL, kept for further requests', async () => {
    await startServers(true);
    const cluster = connectTo(api, {
      proxyUrl: `http://user:p%20w@127.0.0.1:${portOf(proxy)}`,
      certificateAuthority: `${folder.path}/server.crt`,
    });
    try {
      expect(await cluster.version()).toBe('v1.36.1');
      expect(await cluster.version()).toBe('v1.36.1');
      expect(asked).toEqual([
        `CONNECT api.example.com:6443 Basic ${Buffer.from('user:p w').toString('base64')}`,
      ]);
      expect(server.requests[0]?.headers.host).toBe('api.example.com:6443');
      await cluster.resources();
      const watch = cluster.watch({ apiVersion: 'v1', kind: 'Pod' }, '5')[Symbol.asyncIterator]();
      const waiting = watch.next();
      await new Promise((resolve) => setTimeout(resolve, 50));
      await watch.return?.();
      await waiting;
    } finally {
      await cluster.close();
    }
  });

  it('of the environment, unless NO_PROXY exempts the server', async () => {
    await startServers(true);
    const env = { KUBECONFIG: '/nonexistent', HTTPS_PROXY: `127.0.0.1:${portOf(proxy)}` };
    const through = connectTo(api, { env, certificateAuthority: `${folder.path}/server.crt` });
    const direct = connectTo(server.url, {
      env,
      certificateAuthority: `${folder.path}/server.crt`,
      tlsServerName: 'api.example.com',
    });
    try {
      expect(await through.version()).toBe('v1.36.1');
      expect(await direct.version()).toBe('v1.36.1');
      expect(asked).toEqual(['CONNECT api.example.com:6443 no password']);
    } finally {
      await through.close();
      await direct.close();
    }
  });

  it('get whole URLs for http servers', async () => {
    await startServers(false);
    const cluster = connectTo('http://api.example.com:8080', {
      proxyUrl: `http://127.0.0.1:${portOf(proxy)}`,
    });
    try {
      expect(await cluster.version()).toBe('through the proxy');
      expect(asked).toEqual(['GET http://api.example.com:8080/version']);
    } finally {
      await cluster.close();
    }
  });

  it.each([
    [407, 'the proxy wants a user and a password (407)'],
    [403, 'the proxy answered 403'],
  ])('that answer %d are named', async (status, reason) => {
    await startServers(true, status);
    const cluster = connectTo(api, { proxyUrl: `http://127.0.0.1:${portOf(proxy)}` });
    try {
      expect(await thrownBy(cluster.version())).toMatchObject({
        code: 'unreachable',
        message: `the API server ${api} cannot be reached through the proxy http://127.0.0.1:${portOf(proxy)}: ${reason}`,
      });
    } finally {
      await cluster.close();
    }
  });

  it('that are not there are named', async () => {
    await startServers(true);
    const port = portOf(proxy);
    proxy.close();
    const cluster = connectTo(api, { proxyUrl: `http://127.0.0.1:${port}` });
    try {
      expect(await thrownBy(cluster.version())).toMatchObject({
        code: 'unreachable',
        message: expect.stringMatching(/through the proxy .*: connection refused$/),
      });
    } finally {
      await cluster.close();
    }
  });

  it('that say nothing do not hang', async () => {
    server = await startServer(() => undefined);
    proxy = createTcpServer((socket) => keep(socket));
    await listen(proxy);
    const cluster = connectTo(api, { proxyUrl: `http://127.0.0.1:${portOf(proxy)}`, requestTimeoutMs: 200 });
    try {
      expect(await thrownBy(cluster.version())).toMatchObject({ code: 'unreachable' });
    } finally {
      await cluster.close();
    }
  });

  it('may speak SOCKS5, and look the name up themselves', async () => {
    server = await startServer((_request, response) => sendJson(response, 200, { gitVersion: 'v1.36.1' }), {
      tls,
    });
    proxy = createTcpServer((socket) => {
      keep(socket);
      socket.once('data', () => {
        socket.write(Buffer.from([5, 0]));
        socket.once('data', (request) => {
          const length = request[4] ?? 0;
          asked.push(`${request.subarray(5, 5 + length).toString()}:${request.readUInt16BE(5 + length)}`);
          const target = keep(
            connectTcp(server.port, '127.0.0.1', () => {
              socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
              socket.pipe(target).pipe(socket);
            }),
          );
        });
      });
    });
    await listen(proxy);
    const cluster = connectTo(api, {
      proxyUrl: `socks5://127.0.0.1:${portOf(proxy)}`,
      certificateAuthority: `${folder.path}/server.crt`,
    });
    try {
      expect(await cluster.version()).toBe('v1.36.1');
      expect(asked).toEqual(['api.example.com:6443']);
    } finally {
      await cluster.close();
    }
  });
});
