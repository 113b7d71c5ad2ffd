import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { ConnectOptions } from '../../../../src/adapters/kube/index.ts';
import type { Cluster } from '../../../../src/app/ports.ts';
import type { MeshError } from '../../../../src/lib/errors.ts';
import {
  configMap,
  connectTo,
  makeCertificate,
  sendJson,
  sendStatus,
  startServer,
  temporaryFolder,
  thrownBy,
} from './api-server.ts';
import type { Handler, TestServer } from './api-server.ts';

let server: TestServer;
let cluster: Cluster;
const closers: (() => unknown)[] = [];

async function start(handler: Handler, options: Partial<ConnectOptions> = {}): Promise<void> {
  server = await startServer(handler);
  const started = server;
  closers.push(() => started.close());
  connectHere(server.url, options);
}

function connectHere(url: string, options: Partial<ConnectOptions> = {}): void {
  cluster = connectTo(url, options);
  const connected = cluster;
  closers.push(() => connected.close());
}

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'one', namespace: 'ns' };
const failed = async (work: Promise<unknown>): Promise<MeshError> => (await thrownBy(work)) as MeshError;
/** Requests other than discovery. */
const sent = (): string[] =>
  server.requests.filter((request) => request.path.length > 5).map((request) => request.method);
/** Cuts the connection after the head and half of the body. */
const cut: Handler = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"kind":');
  setTimeout(() => response.destroy(), 10);
};

describe('what is repeated', () => {
  it.each([429, 500, 502, 503, 504])('status %d, until it goes away', async (status) => {
    await start((request, response) =>
      request.number < 3 ? sendStatus(response, status) : sendJson(response, 200, configMap()),
    );
    expect((await cluster.get(ref))?.metadata.name).toBe('one');
    expect(sent()).toHaveLength(3);
  });

  it('five times at most, and the error says so', async () => {
    await start((_request, response) =>
      sendStatus(response, 503, { message: 'the server is shutting down' }),
    );
    expect(await failed(cluster.get(ref))).toMatchObject({
      code: 'cluster',
      message: 'cannot read ConfigMap ns/one: the server is shutting down',
      details: ['tried 6 times'],
    });
    expect(sent()).toHaveLength(6);
  });

  it('not what the schema refuses, though the server calls that an error of its own', async () => {
    await start((_request, response) =>
      sendStatus(response, 500, {
        message:
          'failed to create typed patch object (ns/one; v1, Kind=ConfigMap): .dat: field not declared in schema',
      }),
    );
    expect(await failed(cluster.apply(configMap()))).toMatchObject({
      code: 'cluster',
      message: 'cannot apply ConfigMap ns/one: the object is not valid',
      details: ['.dat: field not declared in schema'],
    });
    expect(sent()).toEqual(['PATCH']);
  });

  it('after the time that Retry-After asks for', async () => {
    await start((request, response) =>
      request.number === 1
        ? sendStatus(response, 429, { headers: { 'retry-after': '0.2' } })
        : sendJson(response, 200, configMap()),
    );
    const startMs = Date.now();
    await cluster.get(ref);
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(190);
  });

  it('not when Retry-After asks for more than there is time', async () => {
    await start((_request, response) =>
      sendStatus(response, 429, { message: 'busy', headers: { 'retry-after': '3600' } }),
    );
    expect(await failed(cluster.get(ref))).toMatchObject({
      code: 'cluster',
      message: 'cannot read ConfigMap ns/one: busy',
      details: [],
    });
  });

  it.each<[string, Handler]>([
    ['before the head', (_request, response) => response.destroy()],
    ['in the middle of the body', cut],
    [
      'in the middle of a chunked body',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"kind":');
        setTimeout(() => response.destroy(), 10);
      },
    ],
  ])('a connection that is cut %s', async (_name, handler) => {
    for (const work of [
      () => cluster.get(ref),
      () => cluster.apply(configMap()),
      () => cluster.list(ref),
      () => cluster.remove(ref),
    ]) {
      await start((request, response) =>
        request.number === 1 ? handler(request, response) : sendJson(response, 200, configMap()),
      );
      await work();
      expect(sent()).toHaveLength(2);
    }
  });

  it('a refused connection, when the server has answered before', async () => {
    const handler: Handler = (_request, response) => sendJson(response, 200, configMap());
    await start(handler, { retry: { firstPauseMs: 100 } });
    await cluster.get(ref);
    await server.close();
    const work = cluster.get(ref);
    setTimeout(() => {
      void startServer(handler, { port: server.port }).then((again) => closers.push(() => again.close()));
    }, 150);
    expect((await work)?.metadata.name).toBe('one');
  });

  it('a deletion, which then tells that something was there', async () => {
    await start((request, response) =>
      request.number === 1 ? response.destroy() : sendStatus(response, 404, { reason: 'NotFound' }),
    );
    expect(await cluster.remove(ref)).toBe(true);
    expect(await cluster.remove(ref)).toBe(false);
  });

  it('nothing after the user wants to stop', async () => {
    const controller = new AbortController();
    await start(
      (request, response) => {
        sendStatus(response, 503);
        if (request.number === 1) setTimeout(() => controller.abort(), 10);
      },
      { retry: { firstPauseMs: 60_000 }, requestTimeoutMs: 100_000 },
    );
    expect(await failed(cluster.get(ref, { signal: controller.signal }))).toMatchObject({
      code: 'cancelled',
    });
    expect(sent()).toHaveLength(1);
  });
});

describe('create', () => {
  const dropsFirst =
    (live: object | undefined): Handler =>
    (request, response) => {
      if (request.method === 'GET') {
        if (live) sendJson(response, 200, live);
        else sendStatus(response, 404, { reason: 'NotFound' });
      } else if (sent().filter((method) => method === 'POST').length === 1) response.destroy();
      else sendJson(response, 201, configMap());
    };

  it('looks after a cut answer, and takes what it finds when it is the same', async () => {
    const live = configMap('one', { a: '1' }, { uid: 'u', resourceVersion: '1' });
    await start(dropsFirst(live));
    expect(await cluster.create(configMap())).toEqual(live);
    expect(sent()).toEqual(['POST', 'GET']);
  });

  it('is sent again when nothing is there', async () => {
    await start(dropsFirst(undefined));
    await cluster.create(configMap());
    expect(sent()).toEqual(['POST', 'GET', 'POST']);
  });

  it('is a conflict when something else is there', async () => {
    await start(dropsFirst(configMap('one', { a: '2' })));
    expect(await failed(cluster.create(configMap()))).toMatchObject({
      code: 'conflict',
      message: 'cannot create ConfigMap ns/one: it exists already, with other content',
    });
    expect(sent()).toEqual(['POST', 'GET']);
  });

  it('takes the echo of its own first try', async () => {
    let gets = 0;
    await start((request, response) => {
      if (request.method === 'GET') {
        gets += 1;
        if (gets === 1) sendStatus(response, 404);
        else sendJson(response, 200, configMap());
      } else if (sent().length === 1) response.destroy();
      else sendStatus(response, 409, { reason: 'AlreadyExists' });
    });
    expect(await cluster.create(configMap())).toEqual(configMap());
    expect(sent()).toEqual(['POST', 'GET', 'POST', 'GET']);
  });

  it('waits when the server is busy', async () => {
    await start((request, response) =>
      request.number === 1 ? sendStatus(response, 429) : sendJson(response, 201, configMap()),
    );
    await cluster.create(configMap());
    expect(sent()).toEqual(['POST', 'POST']);
  });
});

describe('replace', () => {
  it('looks after a cut answer', async () => {
    let live = configMap('one', { a: '1' }, { resourceVersion: '5' });
    const changed = configMap('one', { a: '2' }, { resourceVersion: '5' });
    await start((request, response) => {
      if (request.method === 'GET') {
        sendJson(response, 200, live);
        return;
      }
      if (sent().length === 1) return response.destroy();
      sendJson(response, 200, configMap('one', { a: '2' }, { resourceVersion: '6' }));
    });
    expect((await cluster.replace(changed)).metadata).toMatchObject({ resourceVersion: '6' });
    expect(sent()).toEqual(['PUT', 'GET', 'PUT']);

    live = configMap('one', { a: '2' }, { resourceVersion: '6' });
    server.requests.length = 0;
    expect(await cluster.replace(changed)).toEqual(live);
    expect(sent()).toEqual(['PUT', 'GET']);

    live = configMap('one', { a: '3' }, { resourceVersion: '7' });
    server.requests.length = 0;
    expect(await failed(cluster.replace(changed))).toMatchObject({
      code: 'conflict',
      message: 'cannot replace ConfigMap ns/one: it was changed meanwhile',
    });
  });

  it('tells a conflict', async () => {
    await start((_request, response) =>
      sendStatus(response, 409, { reason: 'Conflict', message: 'the object has been modified' }),
    );
    expect(await failed(cluster.replace(configMap()))).toMatchObject({
      code: 'conflict',
      message: 'cannot replace ConfigMap ns/one: it was changed meanwhile',
    });
  });
});

describe('deadlines', () => {
  const short = { requestTimeoutMs: 200 };
  const timeout = {
    code: 'unreachable',
    message: expect.stringMatching(/cannot be reached: no answer within 0\.2 s$/),
  };

  it('end a request that is not answered, and say which one', async () => {
    await start((_request, response) => setTimeout(() => response.end(), 5000).unref(), short);
    expect(await failed(cluster.get(ref))).toMatchObject({
      ...timeout,
      details: ['cannot read ConfigMap ns/one', 'tried 2 times'],
    });
    expect(sent()).toEqual(['GET', 'GET']);
  });

  it('let a request be sent once more, because one connection may hang while others live', async () => {
    await start((request, response) => {
      if (request.number > 1) sendJson(response, 200, configMap());
    }, short);
    expect((await cluster.apply(configMap())).metadata.name).toBe('one');
    expect(sent()).toEqual(['PATCH', 'PATCH']);
  });

  it('let a create look whether it was done', async () => {
    await start((request, response) => {
      if (request.method === 'GET') sendJson(response, 200, configMap());
    }, short);
    expect(await cluster.create(configMap())).toEqual(configMap());
    expect(sent()).toEqual(['POST', 'GET']);
  });

  it('end a create that is never answered after the second time', async () => {
    await start((request, response) => {
      if (request.method === 'GET') sendStatus(response, 404, { reason: 'NotFound' });
    }, short);
    expect(await failed(cluster.create(configMap()))).toMatchObject({
      ...timeout,
      details: ['cannot create ConfigMap ns/one'],
    });
    expect(sent()).toEqual(['POST', 'GET', 'POST']);
  });

  it('take a deletion for done that was done in silence', async () => {
    await start((request, response) => {
      if (request.number > 1) sendStatus(response, 404, { reason: 'NotFound' });
    }, short);
    expect(await cluster.remove(ref)).toBe(true);
  });

  it('end a body that does not end', async () => {
    await start((_request, response) => {
      response.writeHead(200);
      response.write('{');
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    }, short);
    expect(await failed(cluster.get(ref))).toMatchObject(timeout);
  });

  it.each(['http', 'https'])('end a connection on which nothing is said (%s)', async (scheme) => {
    const sockets: Socket[] = [];
    const silent: Server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    connectHere(`${scheme}://127.0.0.1:${(silent.address() as AddressInfo).port}`, {
      ...short,
      insecureSkipTlsVerify: true,
    });
    expect(await failed(cluster.version())).toMatchObject({ code: 'unreachable' });
  });

  it('leave a slow answer alone that comes in time', async () => {
    await start(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const parts = JSON.stringify(configMap()).match(/.{1,20}/g)!;
        const timer = setInterval(() => {
          const part = parts.shift();
          if (part !== undefined) response.write(part);
          else response.end(() => clearInterval(timer));
        }, 5);
      },
      { requestTimeoutMs: 3000 },
    );
    expect((await cluster.get(ref))?.metadata.name).toBe('one');
  });

  it('begin when there is a connection for the request', async () => {
    await start((_request, response) => setTimeout(() => sendJson(response, 200, configMap()), 60), short);
    await cluster.resources();
    const found = await Promise.all(Array.from({ length: 48 }, () => cluster.get(ref)));
    expect(found).toHaveLength(48);
    const controller = new AbortController();
    const waiting = Array.from({ length: 12 }, () => failed(cluster.get(ref, { signal: controller.signal })));
    const other = cluster.get(ref);
    controller.abort();
    expect(new Set((await Promise.all(waiting)).map((error) => error.code))).toEqual(new Set(['cancelled']));
    expect((await other)?.metadata.name).toBe('one');
  });

  it('give way to the user', async () => {
    const controller = new AbortController();
    await start(() => undefined, { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    expect(await failed(cluster.get(ref))).toMatchObject({ code: 'cancelled' });
    expect(await failed(cluster.get(ref))).toMatchObject({ code: 'cancelled' });
  });

  it('end with close', async () => {
    await start(() => undefined);
    await cluster.resources();
    const waiting = failed(cluster.get(ref));
    await cluster.close();
    expect(await waiting).toMatchObject({ code: 'cancelled' });
  });
});

describe('401', () => {
  const folder = temporaryFolder();
  afterAll(folder.remove);

  it('renews the identity once', async () => {
    const tokenFile = folder.write('token', 'old');
    const kubeconfig = folder.write(
      'config',
      `current-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {}}]\nusers: [{name: u, user: {tokenFile: ${tokenFile}}}]\n`,
    );
    await start(
      (request, response) =>
        request.headers.authorization === 'Bearer new'
          ? sendJson(response, 200, configMap())
          : sendStatus(response, 401),
      { kubeconfig: undefined },
    );
    connectHere(server.url, { kubeconfig });
    await cluster.resources();
    folder.write('token', 'new');
    expect((await cluster.get(ref))?.metadata.name).toBe('one');
    expect(sent()).toHaveLength(2);
  });

  it('runs the exec plugin once more, for all requests that were refused together', async () => {
    folder.write('exec-token', 'old');
    folder.write('runs', '');
    const command = folder.write(
      'plugin.sh',
      `#!/bin/sh\necho run >> '${folder.path}/runs'\nprintf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$(cat '${folder.path}/exec-token')"\n`,
      0o700,
    );
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never' };
    const kubeconfig = folder.write(
      'exec-config',
      JSON.stringify({
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: {} }],
        users: [{ name: 'u', user: { exec } }],
      }),
    );
    await start((request, response) =>
      request.headers.authorization === 'Bearer new'
        ? sendJson(response, 200, configMap())
        : sendStatus(response, 401),
    );
    connectHere(server.url, { kubeconfig, env: process.env });
    await cluster.resources();
    folder.write('exec-token', 'new');
    const found = await Promise.all([cluster.get(ref), cluster.get(ref), cluster.get(ref)]);
    expect(found.map((object) => object?.metadata.name)).toEqual(['one', 'one', 'one']);
    expect(readFileSync(`${folder.path}/runs`, 'utf8')).toBe('run\nrun\n');
    expect(sent()).toHaveLength(6);

    folder.write('exec-token', 'wrong');
    server.requests.length = 0;
    connectHere(server.url, { kubeconfig, env: process.env });
    expect(await failed(cluster.get(ref))).toMatchObject({
      code: 'auth',
      hint: 'log in again with the tool behind the credential plugin',
    });
    expect(sent()).toHaveLength(2);
  });

  it('is told with who was not accepted', async () => {
    await start((_request, response) => sendStatus(response, 401, { message: 'Unauthorized' }), {
      token: 'x',
    });
    expect(await failed(cluster.get(ref))).toMatchObject({
      code: 'auth',
      message: `the API server ${server.url} does not accept the credentials of the user "nobody" (context "none")`,
      hint: 'the token may have expired; get a new one for this cluster',
    });
    expect(sent()).toHaveLength(1);
  });
});

describe('answers of something else', () => {
  it.each<[string, Handler, Partial<MeshError>]>([
    [
      'a login page',
      (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      {
        code: 'unreachable',
        message: expect.stringMatching(
          /answered with something other than JSON \(text\/html\)$/,
        ) as unknown as string,
      },
    ],
    [
      'a redirect',
      (_request, response) => response.writeHead(302, { location: 'https://login' }).end(),
      {
        code: 'unreachable',
        message: expect.stringMatching(
          /is no API server: it redirects to https:\/\/login$/,
        ) as unknown as string,
      },
    ],
    [
      'broken JSON',
      (_request, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"kind": '),
      { code: 'unreachable' },
    ],
    ['a list instead of a map', (_request, response) => sendJson(response, 200, []), { code: 'unreachable' }],
    [
      'a 400 of a load balancer',
      (_request, response) =>
        response.writeHead(400, { 'content-type': 'text/html' }).end('<h1>Bad\n Request</h1>'),
      {
        code: 'cluster',
        message: expect.stringMatching(
          /^cannot read ConfigMap ns\/one: http.* answered 400: Bad Request$/,
        ) as unknown as string,
      },
    ],
  ])('%s', async (_name, handler, expected) => {
    await start(handler);
    expect(await failed(cluster.get(ref))).toMatchObject(expected);
  });
});

describe('no connection', () => {
  const folder = temporaryFolder();
  const certificates: Record<string, { key: string; cert: string }> = {};
  beforeAll(() => {
    certificates['server'] = makeCertificate(folder.path, 'server', 'IP:127.0.0.1');
    certificates['other'] = makeCertificate(folder.path, 'other', 'DNS:api.example.com');
    certificates['expired'] = makeCertificate(folder.path, 'expired', 'IP:127.0.0.1', 'expired');
    certificates['client'] = makeCertificate(folder.path, 'client', 'DNS:client');
  });
  afterAll(folder.remove);

  async function startTls(
    name: string,
    options: Partial<ConnectOptions> = {},
    tls: object = {},
  ): Promise<void> {
    server = await startServer((_request, response) => sendJson(response, 200, { gitVersion: 'v1.36.1' }), {
      tls: { ...certificates[name]!, ...tls },
    });
    const started = server;
    closers.push(() => started.close());
    connectHere(server.url, options);
  }
  const ca = (name: string): string => `${folder.path}/${name}.crt`;

  it('refused: says so at once, with the context to check', async () => {
    await start(() => undefined);
    await server.close();
    expect(await failed(cluster.version())).toMatchObject({
      code: 'unreachable',
      message: `the API server ${server.url} cannot be reached: connection refused`,
      hint: 'is the cluster running, and is the context "none" the right one?',
    });
    expect(cluster.requestCounts).toEqual({ GET: 1 });
  });

  it('an unknown host', async () => {
    connectHere('https://no-such-host.invalid:6443');
    const error = await failed(cluster.version());
    expect(error.code).toBe('unreachable');
    expect(error.message).toMatch(
      /cannot be reached: the name no-such-host\.invalid (does not exist|cannot be looked up now)$/,
    );
  });

  it('checks certificates with the CA of the kubeconfig', async () => {
    await startTls('server', { certificateAuthority: ca('server') });
    expect(await cluster.version()).toBe('v1.36.1');
    connectHere(server.url);
    expect(await failed(cluster.version())).toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/its certificate is self-signed and not trusted$/),
    });
    connectHere(server.url, { certificateAuthority: ca('other') });
    expect(await failed(cluster.version())).toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/its certificate .*$/),
    });
    connectHere(server.url, { insecureSkipTlsVerify: true });
    expect(await cluster.version()).toBe('v1.36.1');
  });

  it('checks names, also by tls-server-name', async () => {
    await startTls('other', { certificateAuthority: ca('other') });
    expect(await failed(cluster.version())).toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/its certificate is for another name/),
      hint: expect.stringContaining('tls-server-name'),
    });
    connectHere(server.url, { certificateAuthority: ca('other'), tlsServerName: 'api.example.com' });
    expect(await cluster.version()).toBe('v1.36.1');
    connectHere(server.url, { certificateAuthority: ca('other'), tlsServerName: '10.0.0.1' });
    expect(await failed(cluster.version())).toMatchObject({
      message: expect.stringMatching(/its certificate is for another name/),
    });
  });

  it('an expired certificate', async () => {
    await startTls('expired', { certificateAuthority: ca('expired') });
    expect(await failed(cluster.version())).toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/its certificate has expired$/),
    });
  });

  it('shows a client certificate', async () => {
    const config = (name: string): string =>
      folder.write(
        name,
        `current-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {certificate-authority: server.crt}}]\nusers: [{name: u, user: {client-certificate: ${name}.crt, client-key: ${name}.key}}]\n`,
      );
    await startTls(
      'server',
      {},
      { requestCert: true, rejectUnauthorized: true, ca: certificates['client']!.cert },
    );
    connectHere(server.url, { kubeconfig: config('client') });
    expect(await cluster.version()).toBe('v1.36.1');
    connectHere(server.url, { kubeconfig: config('other') });
    expect((await failed(cluster.version())).code).toBe('unreachable');
  });

  it('a certificate and a key that do not fit', async () => {
    const kubeconfig = folder.write(
      'mixed',
      `current-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {certificate-authority: server.crt}}]\nusers: [{name: u, user: {client-certificate: client.crt, client-key: other.key}}]\n`,
    );
    await startTls('server', { kubeconfig });
    expect(await failed(cluster.version())).toMatchObject({
      code: 'config',
      message: expect.stringMatching(/^the client certificate of the user "u" .* cannot be used/),
    });
  });

  it('TLS to a server without TLS, and the other way round', async () => {
    await start(() => undefined);
    connectHere(server.url.replace('http:', 'https:'), { insecureSkipTlsVerify: true });
    expect(await failed(cluster.version())).toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/it does not speak TLS$/),
      hint: `is it ${server.url}?`,
    });
    await startTls('server');
    connectHere(server.url.replace('https:', 'http:'));
    expect((await failed(cluster.version())).code).toBe('unreachable');
  });
});

jest.setTimeout(20_000);
