/** `mesh dashboard` on a real API server: pages of test servers, through the port-forward of kwok's kubelets. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { connect as connectTcp, createServer as createTcpServer } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { createNamespace, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { mesh, useFolder } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { startMesh, stopSessions } from '../support/mesh-session.ts';
import type { MeshSession } from '../support/mesh-session.ts';
import {
  createReadyPod,
  deletePod,
  forwardPodPorts,
  startPodServer,
  unforwardPodPorts,
} from '../support/pod-ports.ts';
import { listen, stopServer } from '../support/servers.ts';

const cluster = useControlPlane();
const folder = useFolder();

const chunk = createHash('sha512').update('seed').digest();
const MEGABYTE = Buffer.concat(Array.from({ length: (1024 * 1024) / chunk.length }, () => chunk));

/** Everything the pods of this file serve, on whatever port. */
let page: Server;
let namespace = '';

const ADDONS: readonly (readonly [
  name: string,
  labels: Record<string, string>,
  port: number,
  page: string,
])[] = [
  ['kiali', { app: 'kiali' }, 20001, '/kiali'],
  ['grafana', { 'app.kubernetes.io/name': 'grafana' }, 3000, '/'],
  ['prometheus', { 'app.kubernetes.io/name': 'prometheus' }, 9090, '/'],
  ['jaeger', { app: 'jaeger' }, 16686, '/jaeger/'],
  ['zipkin', { app: 'zipkin' }, 9411, '/zipkin/'],
  ['skywalking', { app: 'skywalking-ui' }, 8080, '/'],
];

/** Of the six ports only jaeger's and zipkin's have nothing at `/`. */
const ONLY_BELOW: Readonly<Record<string, string>> = { '16686': '/jaeger/', '9411': '/zipkin/' };

/** A page that needs more than one connection, and tells what it got. */
const SCRIPTED = `<!doctype html><script>
  const heard = new Promise((resolve) => {
    const socket = new WebSocket(location.href.replace('http', 'ws'));
    socket.onopen = () => socket.send('hello');
    socket.onmessage = (event) => resolve(event.data);
  });
  Promise.all([fetch('/api').then((answer) => answer.text()), heard]).then(([fetched, echo]) =>
    fetch('/report', { method: 'POST', body: 'fetched ' + fetched + ', heard ' + echo }),
  );
</script>`;
let reported: string | undefined;

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
if (chromium === undefined)
  process.stderr.write(
    'SKIPPED: the test of a real browser does not run. Install one: apt-get install chromium\n',
  );

const env = (): Record<string, string> => ({ KUBECONFIG: cluster.kubeconfig });
const start = (...args: string[]): MeshSession =>
  startMesh(['dashboard', '-i', namespace, '--browser=false', ...args], env());
const run = (...args: string[]): Promise<MeshResult> =>
  mesh(['dashboard', '-i', namespace, '--browser=false', ...args], { env: env() });

interface Fetched {
  readonly status: number;
  readonly body: string;
}

function fetchPage(url: string, agent?: Agent): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    get(url, agent ? { agent } : { agent: new Agent() }, (response) => {
      let body = '';
      response.on('data', (data: Buffer) => (body += data.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', reject);
    }).on('error', reject);
  });
}

async function open(...args: string[]): Promise<{ session: MeshSession; url: string }> {
  const session = start(...args);
  const [url] = await session.until(/http\S+/);
  return { session, url };
}

afterEach(stopSessions);

cluster.describe('dashboard', () => {
  beforeAll(async () => {
    ({ server: page } = await startPodServer((request, response) => {
      const port = request.headers.host?.split(':')[1] ?? '';
      const below = ONLY_BELOW[port];
      if (request.url === '/download') {
        let sent = 0;
        const more = (): void => {
          while (sent < 100) {
            sent += 1;
            if (!response.write(MEGABYTE)) {
              response.once('drain', more);
              return;
            }
          }
          response.end();
        };
        more();
      } else if (request.url === '/report') {
        let text = '';
        request.on('data', (data: Buffer) => (text += data.toString()));
        request.on('end', () => {
          reported = text;
          response.end();
        });
      } else if (request.headers.accept?.startsWith('text/html'))
        response.setHeader('content-type', 'text/html').end(SCRIPTED);
      else if (below !== undefined && !request.url?.startsWith(below)) response.writeHead(404).end();
      else response.end(`page ${request.url ?? ''}`);
    }));
    // kwok's kubelets do not tell that the pod closed a connection.
    page.keepAliveTimeout = 0;
    const webSockets = new WebSocketServer({ server: page });
    webSockets.on('connection', (socket) =>
      socket.on('message', (text: Buffer) => socket.send(`echo ${text.toString()}`)),
    );
    namespace = await createNamespace('windows');
    const { port } = page.address() as { port: number };
    const ports = [15000, 9876, 15014, 15099, ...ADDONS.map(([, , podPort]) => podPort)];
    await forwardPodPorts(namespace, {
      ...Object.fromEntries(ports.map((podPort) => [podPort, port])),
      1234: 1,
    });
    await Promise.all([
      ...ADDONS.map(([name, labels]) => createReadyPod(namespace, name, labels)),
      createReadyPod(namespace, 'istiod-old', { app: 'istiod', 'istio.io/rev': 'old' }),
      createReadyPod(namespace, 'istiod-new', { app: 'istiod', 'istio.io/rev': 'new' }),
      createReadyPod(namespace, 'web', { app: 'web' }),
    ]);
  });
  afterAll(async () => {
    await stopServer(page);
    await unforwardPodPorts(namespace);
  });

  test.each(ADDONS)('%s: its page, and nothing is left when it ends', async (name, _labels, port, path) => {
    const { session, url } = await open(name);
    expect(new URL(url).pathname).toBe(path);
    expect(new URL(url).hostname).toBe('localhost');
    expect((await fetchPage(url)).body).toBe(`page ${path}`);
    const result = await session.stop();
    expect(result.stdout).toBe(`${url}\n`);
    expect(result.stderr).toContain(`${name}: ${namespace}/${name}, port ${port}`);
    expect(result.code).toBe(0);
    await expect(fetchPage(url)).rejects.toThrow('ECONNREFUSED');
  });

  test.each([
    [['envoy', 'web'], '/', 'web'],
    [['proxy', '-l', 'app=web'], '/', 'web'],
    [['controlz', 'istiod-old'], '/', 'istiod-old'],
    [['istiod-debug', '-r', 'new'], '/debug', 'istiod-new'],
    [['istiod-debug', '-l', 'istio.io/rev=old'], '/debug', 'istiod-old'],
    [['envoy', 'web', '--ui-port', '15099'], '/', 'web'],
  ])('%j', async (args, path, pod) => {
    const { session, url } = await open('-n', namespace, ...args);
    expect((await fetchPage(url)).body).toBe(`page ${path}`);
    expect((await session.stop()).stderr).toContain(`${namespace}/${pod}, port`);
  });

  test('all at once: one line each, and one JSON line for scripts', async () => {
    const session = start('--all');
    await session.until(/Ctrl-C/, 'stderr');
    const { stdout, code } = await session.stop();
    expect(code).toBe(0);
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => line.split(/ +/)[0]).sort()).toEqual(ADDONS.map(([name]) => name).sort());

    const scripted = start('kiali', 'grafana', '-o', 'json', '--port', 'grafana=0');
    const [line] = await scripted.until(/.*\n/);
    const items = JSON.parse(line) as { name: string; url: string; pod: string; podPort: number }[];
    expect(items).toMatchObject([
      { name: 'kiali', namespace, pod: 'kiali', podPort: 20001 },
      { name: 'grafana', namespace, pod: 'grafana', podPort: 3000 },
    ]);
    for (const { url } of items) expect((await fetchPage(url)).status).toBe(200);
    expect((await scripted.stop()).stdout).toBe(line);
  });

  test('200 requests at once', async () => {
    const { session, url } = await open('kiali');
    const agent = new Agent({ maxSockets: 200, keepAlive: true });
    const pages = await Promise.all(
      Array.from({ length: 200 }, (_, index) => fetchPage(new URL(`/n/${index}`, url).href, agent)),
    );
    expect(pages.map(({ body }) => body)).toEqual(pages.map((_, index) => `page /n/${index}`));
    agent.destroy();
    const { code, stderr } = await session.stop();
    expect(stderr).not.toMatch(/warning|error/i);
    expect(code).toBe(0);
  });

  test('a download of 100 MB arrives as it was, to a client that reads slowly too', async () => {
    const expected = createHash('sha256');
    for (let count = 0; count < 100; count += 1) expected.update(MEGABYTE);
    const digest = expected.digest('hex');
    const { url } = await open('grafana');
    const download = async (pause: boolean): Promise<string> => {
      const [response] = (await once(get(new URL('/download', url), { agent: new Agent() }), 'response')) as [
        IncomingMessage,
      ];
      const hash = createHash('sha256');
      let count = 0;
      for await (const data of response) {
        hash.update(data as Buffer);
        count += 1;
        if (pause && count % 200 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return hash.digest('hex');
    };
    expect(await Promise.all([download(false), download(true)])).toEqual([digest, digest]);
  });

  test('a WebSocket of the page', async () => {
    const { url } = await open('grafana');
    const socket = new WebSocket(url.replace('http', 'ws'));
    await once(socket, 'open');
    const answered = once(socket, 'message');
    socket.send('hello');
    expect(String((await answered)[0])).toBe('echo hello');
    socket.terminate();
  });

  test('its pod goes and another one comes: the page waits for it', async () => {
    await createReadyPod(namespace, 'kiali-one', { app: 'kiali', of: 'restart' });
    const { session, url } = await open('kiali', '-l', 'of=restart');
    await deletePod(namespace, 'kiali-one');
    await session.until(/lost, .*deleted/, 'stderr');
    const waiting = fetchPage(url);
    await createReadyPod(namespace, 'kiali-two', { app: 'kiali', of: 'restart' });
    expect((await waiting).status).toBe(200);
    await session.until(/now \S+\/kiali-two/, 'stderr');
    expect((await session.stop()).code).toBe(0);
    await deletePod(namespace, 'kiali-two');
  });

  test('its pod goes and none comes: exit code 69 in the end', async () => {
    await createReadyPod(namespace, 'kiali-three', { app: 'kiali', of: 'end' });
    const { session, url } = await open('kiali', '-l', 'of=end', '--reconnect-timeout', '2s');
    await deletePod(namespace, 'kiali-three');
    const { code, stderr } = await session.ended;
    expect(stderr).toMatch(/error: no pod could be reached for 2 s: there is no pod with of=end/);
    expect(code).toBe(69);
    await expect(fetchPage(url)).rejects.toThrow('ECONNREFUSED');
  });

  test('a pod that does not start: says why, and ends with 69', async () => {
    const containers = [{ name: 'app', image: 'example.test/app:1' }];
    await kubeRequest(`/api/v1/namespaces/${namespace}/pods`, {
      body: {
        metadata: { name: 'kiali-four', labels: { of: 'pending' } },
        spec: { containers, nodeSelector: { no: 'such-node' } },
      },
    });
    const result = await run('kiali', '-l', 'of=pending', '--reconnect-timeout', '2s');
    expect(result.stderr).toMatch(/waiting, Pod \S+\/kiali-four is Pending \(Unschedulable: /);
    expect(result.stderr).toMatch(/error: no pod could be reached for 2 s: Pod \S+\/kiali-four is Pending/);
    expect(result.code).toBe(69);
    await deletePod(namespace, 'kiali-four');
  });

  test('the API server restarts: a download breaks off, and the page comes back', async () => {
    const { session, url } = await open('kiali');
    const request = get(new URL('/download', url), { agent: new Agent() });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response, 'data');
    response.pause();
    const broken = new Promise((resolve) => {
      request.once('error', resolve);
      response.once('error', resolve);
    });
    await cluster.plane.stopApiServer({ kill: true });
    response.resume();
    expect(((await broken) as NodeJS.ErrnoException).code).toBe('ECONNRESET');
    const waiting = fetchPage(url);
    await cluster.plane.startApiServer();
    expect((await waiting).status).toBe(200);
    expect((await session.stop()).code).toBe(0);
  });

  test('opens the browser that BROWSER names, once the page answers', async () => {
    const opened = `${folder.path}/opened`;
    const script = folder.write('browser.sh', `#!/bin/sh\nprintf '%s' "$1" > ${opened}\n`);
    chmodSync(script, 0o755);
    const session = startMesh(['dashboard', 'kiali', '-i', namespace], { ...env(), BROWSER: script });
    const [url] = await session.until(/http\S+/);
    expect(await waitFor(() => readFileSync(opened, 'utf8'))).toBe(url);
    await session.stop();

    const remote = startMesh(['dashboard', 'kiali', '-i', namespace], { ...env(), SSH_CONNECTION: 'x' });
    await remote.until(
      /no browser was opened: this is a remote shell; from your machine: ssh -L \d+:localhost:\d+/,
      'stderr',
    );
    await remote.stop();
    const headless = startMesh(['dashboard', 'kiali', '-i', namespace], env());
    await headless.until(/no browser was opened: there is no graphical session/, 'stderr');
    await headless.stop();
  });

  const browserTest = chromium === undefined ? test.skip : test;
  browserTest('Chromium runs the page: what it fetches and what its WebSocket says arrives', async () => {
    const pid = `${folder.path}/chromium.pid`;
    // Chromium runs as root here, which its sandbox does not allow.
    const options = `--headless --no-sandbox --disable-gpu --user-data-dir=${folder.path}/profile --remote-debugging-port=0`;
    const text = `#!/bin/sh\necho $$ > ${pid}\nexec ${chromium} ${options} "$1" > ${folder.path}/chromium.log 2>&1\n`;
    const script = folder.write('chromium.sh', text);
    chmodSync(script, 0o755);
    const browserEnv = { ...env(), HOME: folder.path, BROWSER: script };
    const session = startMesh(['dashboard', 'grafana', '-i', namespace], browserEnv);
    try {
      expect(await waitFor(() => reported, 50_000)).toBe('fetched page /api, heard echo hello');
    } finally {
      // It is the leader of its own process group.
      process.kill(-Number(readFileSync(pid, 'utf8')), 'SIGKILL');
    }
    expect((await session.stop()).code).toBe(0);
  });

  test('a port that is in use: the next one, or an error when it was asked for', async () => {
    const taken = createTcpServer();
    const port = await listen(taken);
    const refused = await run('kiali', '-p', String(port));
    expect(refused.stderr).toMatch(
      /error: port \d+ cannot be used on 127.0.0.1: it is in use\nhint: .*--port/,
    );
    expect(refused.code).toBe(64);
    await stopServer(taken);
    const { url } = await open('kiali', '-p', String(port), '--address', '127.0.0.1');
    expect(new URL(url).port).toBe(String(port));
    const socket = connectTcp(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
  });

  test.each([
    [['envoy', 'wbe'], /there is no pod "wbe" .*\nhint: did you mean web\?/, 64],
    [['envoy'], /which proxy\?/, 64],
    [['envoy', 'web', '-l', 'app=web'], /the pod web and --selector exclude each other/, 64],
    [['kialy'], /there is no dashboard "kialy"\nhint: did you mean kiali\?/, 64],
    [['kiali', '-r', 'old'], /--revision is for controlz and istiod-debug/, 64],
    [['kiali', '-p', 'x'], /--port "x" is not a port/, 64],
    [['kiali', '--all'], /exclude each other/, 64],
    [['kiali', '--address', '192.0.2.1'], /192.0.2.1 cannot be listened on/, 64],
    [
      ['envoy', 'web', '--ui-port', '1234', '--reconnect-timeout', '1s'],
      /no pod could be reached for 1 s: port 1234 of Pod \S+\/web does not answer: .*refused/,
      69,
    ],
    [['istiod-debug', '-r', 'none'], /no istiod is there: no pod with app=istiod,istio.io\/rev=none/, 1],
  ])('%j', async (args, message, code) => {
    const result = await run('-n', namespace, ...args);
    expect(result.stderr).toMatch(message);
    expect(result.stdout).toBe('');
    expect(result.code).toBe(code);
  });

  test('an addon that is not there, or somewhere else', async () => {
    const empty = await createNamespace('empty');
    const missing = await mesh(['dashboard', 'kiali', '-i', empty, '-n', empty], { env: env() });
    expect(missing.stderr).toContain(`kiali is not there: no pod has app=kiali in namespace ${empty}`);
    expect(missing.stderr).toContain(
      `hint: there is one in namespace ${namespace}: mesh dashboard kiali -n ${namespace}`,
    );
    expect(missing.code).toBe(1);
    const none = await mesh(['dashboard', 'zipkin', '-i', empty, '-n', empty, '-l', 'app=nobody'], {
      env: env(),
    });
    expect(none.stderr).toContain('hint: mesh addon install zipkin installs it');
    const all = await mesh(['dashboard', '--all', '-i', empty, '-n', empty], { env: env() });
    expect(all.code).toBe(1);
  });

  test('a Service of another installation leads to the pod, by the name of its port', async () => {
    const other = await createNamespace('chart');
    await forwardPodPorts(other, { 3333: (page.address() as { port: number }).port });
    await createReadyPod(other, 'monitoring-grafana-0', { chart: 'g' }, [
      { name: 'ui', containerPort: 3333 },
    ]);
    await kubeRequest(`/api/v1/namespaces/${other}/services`, {
      body: {
        metadata: { name: 'grafana' },
        spec: { selector: { chart: 'g' }, ports: [{ port: 80, targetPort: 'ui' }] },
      },
    });
    const session = startMesh(['dashboard', 'grafana', '-i', other, '--browser=false'], env());
    const [url] = await session.until(/http\S+/);
    expect((await fetchPage(url)).status).toBe(200);
    expect((await session.stop()).stderr).toContain(`${other}/monitoring-grafana-0, port 3333`);
    await unforwardPodPorts(other);
  });

  test('without permission for pods/portforward', async () => {
    await kubeRequest(`/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`, {
      body: {
        metadata: { name: 'reader' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
        subjects: [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }],
      },
    });
    const result = await run('kiali', '--as', 'jane', '-n', namespace);
    expect(result.stderr).toMatch(/the user "jane" .* is not allowed to \w+ pods\/portforward/);
    expect(result.stderr).toMatch(/hint: .*need the verbs get and create on pods\/portforward/);
    expect(result.code).toBe(77);
  });
});
