import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { Server } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ConnectOptions } from '../../../../../src/adapters/kube/index.ts';
import type { Cluster, PodRequest } from '../../../../../src/app/ports.ts';
import { connectTo, makeCertificate, temporaryFolder } from '../api-server.ts';
import { rejectedBy } from '../../../../support/thrown.ts';
import { listenOn, startKubelet } from './kubelet.ts';
import type { Kubelet } from './kubelet.ts';

const folder = temporaryFolder();
const clusters: Cluster[] = [];
const servers: Server[] = [];
let kubelet: Kubelet;

const open = (options: Partial<ConnectOptions> = {}): Cluster => {
  const cluster = connectTo(kubelet.url, options);
  clusters.push(cluster);
  return cluster;
};
const ask: PodRequest = { namespace: 'ns', pod: 'web', port: 80, path: '/' };

beforeEach(async () => {
  kubelet = await startKubelet();
});
afterEach(async () => {
  await Promise.all(clusters.splice(0).map((cluster) => cluster.close()));
  for (const server of servers.splice(0)) server.close();
  await kubelet.close();
});
afterAll(folder.remove);

async function serve(server: Server): Promise<void> {
  servers.push(server);
  kubelet.ports.set(80, await listenOn(server));
}

describe('podRequest', () => {
  it('asks with the identity, the path and the query that the API server wants', async () => {
    await serve(createServer((_request, response) => response.end('hello')));
    const cluster = open({ token: 'secret', as: 'jane', asGroups: ['a', 'b'] });
    expect(await cluster.podRequest(ask)).toEqual({ status: 200, body: 'hello' });
    const [request] = kubelet.requests;
    expect(request!.url).toBe('/api/v1/namespaces/ns/pods/web/portforward?ports=80');
    expect(request!.headers).toMatchObject({
      authorization: 'Bearer secret',
      'impersonate-user': 'jane',
      'sec-websocket-protocol': 'v4.channel.k8s.io',
      'user-agent': 'mesh/test',
    });
    const groups = request!.rawHeaders.filter(
      (_value, index, all) => index % 2 === 1 && all[index - 1] === 'impersonate-group',
    );
    expect(groups).toEqual(['a', 'b']);
    expect(cluster.requestCounts).toEqual({ GET: 1 });
  });

  it('leaves no tunnel behind', async () => {
    await serve(createServer((_request, response) => response.end('hello')));
    await open().podRequest(ask);
    while (kubelet.open.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('over TLS with the certificate authority of the cluster', async () => {
    const tls = makeCertificate(folder.path, 'api', 'IP:127.0.0.1');
    const plain = kubelet;
    kubelet = await startKubelet({ tls });
    await plain.close();
    await serve(createServer((_request, response) => response.end('safe')));
    const certificateAuthority = folder.write('ca.crt', tls.cert);
    expect((await open({ certificateAuthority }).podRequest(ask)).body).toBe('safe');
    const untrusted = await rejectedBy(() => open().podRequest(ask));
    expect(untrusted.message).toContain('certificate is self-signed and not trusted');
  });

  it('reads an answer without a length to the end of the connection', async () => {
    await serve(createTcpServer((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nold style')));
    expect(await open().podRequest(ask)).toEqual({ status: 200, body: 'old style' });
  });

  it.each([
    ['before the answer', '', 'closed the connection before its answer was complete'],
    [
      'in the middle',
      'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf',
      'closed the connection before its answer was complete',
    ],
    [
      'in a chunk',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf',
      'closed the connection before its answer was complete',
    ],
    ['with nonsense', 'what?\r\n\r\n', 'does not speak HTTP'],
  ])('a pod that ends %s', async (_when, text, message) => {
    await serve(
      createTcpServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end(text));
      }),
    );
    const error = await rejectedBy(() => open().podRequest(ask));
    expect([error.code, error.message]).toEqual(['unreachable', `Pod ns/web, port 80, ${message}`]);
  });

  it('says what the kubelet says, on one line', async () => {
    kubelet.onTunnel = (tunnel) =>
      tunnel.fail(
        'an error occurred forwarding 80 -> 80: failed to connect to localhost:80\n  inside namespace "x"',
      );
    const error = await rejectedBy(() => open().podRequest(ask));
    expect([error.code, error.message]).toEqual([
      'unreachable',
      'port 80 of Pod ns/web does not answer: failed to connect to localhost:80 inside namespace "x"',
    ]);
  });

  it('knows a connection that was cut from one that has ended', async () => {
    kubelet.onTunnel = (tunnel) => setTimeout(() => tunnel.socket.terminate(), 20);
    const error = await rejectedBy(() => open().podRequest(ask));
    expect(error.code).toBe('unreachable');
    expect(error.message).toMatch(/^the connection to port 80 of Pod ns\/web was cut/);
  });

  it.each([
    [
      403,
      {
        kind: 'Status',
        reason: 'Forbidden',
        message:
          'pods "web" is forbidden: User "jane" cannot create resource "pods/portforward" in API group "" in the namespace "ns"',
      },
      'auth',
      /^the user "jane" .* is not allowed to create pods\/portforward in the namespace ns$/,
    ],
    [
      404,
      {
        kind: 'Status',
        reason: 'NotFound',
        message: 'pods "web" not found',
        details: { name: 'web', kind: 'pods' },
      },
      'cluster',
      /^there is no Pod ns\/web$/,
    ],
    [
      400,
      { kind: 'Status', reason: 'BadRequest', message: 'pod web does not have a host assigned' },
      'cluster',
      /does not have a host assigned$/,
    ],
    [
      502,
      { kind: 'Status', message: 'error dialing backend: dial tcp 10.0.0.1:10250: i/o timeout' },
      'unreachable',
      /^Pod ns\/web cannot be reached through its node: error dialing backend/,
    ],
  ])('an answer of %d', async (status, body, code, message) => {
    kubelet.refuse = () => [status, body];
    const error = await rejectedBy(() => open().podRequest(ask));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('has one deadline for all of it, and ends when it is stopped', async () => {
    kubelet.onTunnel = () => undefined;
    const late = await rejectedBy(() => open({ requestTimeoutMs: 100 }).podRequest(ask));
    expect(late.message).toBe('Pod ns/web did not answer / on port 80 within 0.1 s');
    const stop = new AbortController();
    const cluster = open();
    const stopped = rejectedBy(() => cluster.podRequest(ask, { signal: stop.signal }));
    setTimeout(() => stop.abort(), 20);
    expect((await stopped).code).toBe('cancelled');
    while (kubelet.open.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('needs a server that agrees to the protocol', async () => {
    await kubelet.close();
    const server = createServer();
    server.on('upgrade', (_request, socket) =>
      socket.write('HTTP/1.1 101 Yes\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
    );
    const url = `http://127.0.0.1:${await listenOn(server)}`;
    const cluster = connectTo(url);
    clusters.push(cluster);
    const error = await rejectedBy(() => cluster.podRequest(ask));
    expect(error.message).toContain("does not speak Kubernetes' port-forward");
    server.close();
    server.closeAllConnections();
    kubelet = await startKubelet();
  });
});
