/**
 * Ways into pods, through a real API server and the port-forward of kwok's kubelets. Those do not tell when the pod closes
 * a connection; test/unit/adapters/kube/port-forward has what hangs on that.
 */
import { gzipSync } from 'node:zlib';
import { createServer as createTcpServer } from 'node:net';
import type { Server } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { connect } from '../../src/adapters/kube/index.ts';
import type { ConnectOptions } from '../../src/adapters/kube/index.ts';
import type { Cluster } from '../../src/app/ports.ts';
import { createNamespace, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { createReadyPod, forwardPodPorts, startPodServer, unforwardPodPorts } from '../support/pod-ports.ts';
import { listen, stopServer } from '../support/servers.ts';
import { rejectedBy } from '../support/thrown.ts';

const testCluster = useControlPlane();
const clusters: Cluster[] = [];
const servers: Server[] = [];

function open(options: Partial<ConnectOptions> = {}): Cluster {
  const cluster = connect({ kubeconfig: testCluster.kubeconfig, env: {}, ...options });
  clusters.push(cluster);
  return cluster;
}

afterEach(async () => {
  await Promise.all(clusters.splice(0).map((cluster) => cluster.close()));
});

const big = 'abcdefghij'.repeat(300_000);

testCluster.describe('requests to pods', () => {
  let namespace = '';
  const ask = (port: number, path = '/'): { namespace: string; pod: string; port: number; path: string } => ({
    namespace,
    pod: 'web',
    port,
    path,
  });

  beforeAll(async () => {
    const web = await startPodServer((request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://pod');
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        if (pathname === '/echo')
          response.end(
            JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }),
          );
        else if (pathname === '/big') response.end(big);
        else if (pathname === '/chunked') {
          response.write('one ');
          setTimeout(() => response.end('two'), 20);
        } else if (pathname === '/gzip')
          response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed'));
        else if (pathname === '/silent') return;
        else response.writeHead(404).end('not here');
      });
    });
    const other = createTcpServer((socket) => socket.end('SSH-2.0-no-http\r\n'));
    const otherPort = await listen(other);
    servers.push(web.server, other);
    namespace = await createNamespace('ports');
    await forwardPodPorts(namespace, { 15000: web.port, 15001: otherPort, 15002: 1 });
    await createReadyPod(namespace, 'web');
    const cluster = open();
    await waitFor(() => cluster.podRequest(ask(15000)));
  });

  afterAll(async () => {
    await Promise.all(servers.map(stopServer));
    await unforwardPodPorts(namespace);
  });

  test('methods, bodies, headers, statuses', async () => {
    const cluster = open();
    const { status, body } = await cluster.podRequest({
      ...ask(15000, '/echo?a=1'),
      method: 'POST',
      body: 'ü',
    });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      method: 'POST',
      url: '/echo?a=1',
      headers: {
        host: 'localhost:15000',
        'accept-encoding': 'gzip',
        connection: 'close',
        'content-length': '2',
      },
      body: 'ü',
    });
    expect(await cluster.podRequest(ask(15000, '/none'))).toEqual({ status: 404, body: 'not here' });
    const large = await cluster.podRequest({ ...ask(15000, '/echo'), method: 'POST', body: big });
    expect((JSON.parse(large.body) as { body: string }).body === big).toBe(true);
  });

  test('answers with a length, in chunks, packed', async () => {
    const cluster = open();
    const answers = await Promise.all(
      ['/big', '/chunked', '/gzip'].map((path) => cluster.podRequest(ask(15000, path))),
    );
    expect(answers.map(({ body }) => body)).toEqual([big, 'one two', 'packed']);
  });

  test('many at once', async () => {
    const cluster = open();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => cluster.podRequest(ask(15000, `/echo?${index}`))),
    );
    expect(answers.map(({ body }) => (JSON.parse(body) as { url: string }).url)).toEqual(
      answers.map((_, index) => `/echo?${index}`),
    );
  });

  test('a port that nobody listens on: what the kubelet says', async () => {
    const error = await rejectedBy(() => open().podRequest(ask(15002)));
    expect(error.code).toBe('unreachable');
    expect(error.message).toMatch(
      new RegExp(`^port 15002 of Pod ${namespace}/web does not answer: .*connection refused`),
    );
  });

  test('a server of another protocol, no answer in time', async () => {
    const other = await rejectedBy(() => open().podRequest(ask(15001)));
    expect([other.code, other.message]).toEqual([
      'unreachable',
      `Pod ${namespace}/web, port 15001, does not speak HTTP`,
    ]);
    const late = await rejectedBy(() => open({ requestTimeoutMs: 700 }).podRequest(ask(15000, '/silent')));
    expect([late.code, late.message]).toEqual([
      'unreachable',
      `Pod ${namespace}/web did not answer /silent on port 15000 within 0.7 s`,
    ]);
  });

  test('no such pod, no permission', async () => {
    const missing = await rejectedBy(() => open().podRequest({ ...ask(15000), pod: 'wbe' }));
    expect([missing.code, missing.message]).toEqual(['cluster', `there is no Pod ${namespace}/wbe`]);
    await kubeRequest('/apis/rbac.authorization.k8s.io/v1/namespaces/' + namespace + '/rolebindings', {
      body: {
        metadata: { name: 'reader' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
        subjects: [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }],
      },
    });
    const denied = await rejectedBy(() => open({ as: 'jane' }).podRequest(ask(15000)));
    expect(denied.code).toBe('auth');
    expect(denied.message).toMatch(
      /the user "jane" .* is not allowed to \w+ pods\/portforward in the namespace/,
    );
  });

  test('the caller may stop it', async () => {
    const stop = new AbortController();
    const cluster = open();
    const asked = rejectedBy(() => cluster.podRequest(ask(15000, '/silent'), { signal: stop.signal }));
    setTimeout(() => stop.abort(), 100);
    expect((await asked).code).toBe('cancelled');
    const closed = rejectedBy(() => cluster.podRequest(ask(15000, '/silent')));
    setTimeout(() => void cluster.close(), 100);
    expect((await closed).code).toBe('cancelled');
  });
});
