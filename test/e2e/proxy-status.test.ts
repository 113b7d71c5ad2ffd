/** proxy-status and version against answers of a real istiod and a real Envoy, through the API server's port-forward. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ProxyRow } from '../../src/domain/proxy/sync-rows.ts';
import { createNamespace, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { makeIstiod, makePod, makeSidecarPod, makeSyncz } from '../support/mesh-pods.ts';
import { mesh, meshScript, plainEnv, useFolder } from '../support/mesh.ts';
import type { MeshOptions, MeshResult } from '../support/mesh.ts';
import { forwardPodPorts, startPodServer, unforwardPodPorts } from '../support/pod-ports.ts';
import { resetCluster } from '../support/reset-cluster.ts';
import { stopServer } from '../support/servers.ts';

const cluster = useControlPlane();
const folder = useFolder();
const PROXY = 'httpd1-5d7b848d7c-pkt7z';
const PORTS = { 'istiod-a': 15014, 'istiod-b': 15024, 'istiod-c': 15034 } as const;
type IstiodName = keyof typeof PORTS;

const servers: Server[] = [];
/** Ended after each test, also when it fails. */
const watchers: ChildProcess[] = [];
let control = '';
let shop = '';
/** What each istiod and the Envoy answer; tests replace it. */
let replies: Record<IstiodName | 'envoy', RequestListener>;

const fixture = (name: string): string =>
  readFileSync(resolve(import.meta.dirname, `../fixtures/istiod/${name}.json`), 'utf8').replaceAll(
    `${PROXY}.default`,
    `${PROXY}.${shop}`,
  );

/** Bodies by path; all others are 404, as in istiod. */
const serve =
  (bodies: Readonly<Record<string, string>>): RequestListener =>
  (request, response) => {
    const body = bodies[(request.url ?? '').split('?')[0] ?? ''];
    response.statusCode = body === undefined ? 404 : 200;
    response.end(body ?? 'not here');
  };

const run = (args: readonly string[], options: MeshOptions = {}): Promise<MeshResult> =>
  mesh([...args, '-i', control], { ...options, env: { KUBECONFIG: cluster.kubeconfig, ...options.env } });
const status = (...args: string[]): Promise<MeshResult> => run(['proxy-status', '-n', shop, ...args]);
const rowsOf = ({ stdout }: MeshResult): (string | undefined)[][] =>
  (JSON.parse(stdout) as ProxyRow[]).map((row) => [row.name, row.status, row.istiod]);

async function createPod(pod: ReturnType<typeof makePod>): Promise<void> {
  const { metadata, spec } = pod;
  const path = `/api/v1/namespaces/${metadata['namespace'] as string}/pods`;
  await kubeRequest(path, { body: { metadata, spec } });
  await waitFor(async () => {
    const { body } = await kubeRequest<{ status: { phase: string } }>(`${path}/${metadata.name}`);
    return body.status.phase === 'Running';
  });
}

async function startIstiod(name: IstiodName, revision = 'default'): Promise<void> {
  const pod = makeIstiod(name, revision);
  pod.metadata['namespace'] = control;
  pod.metadata['annotations'] = {
    'prometheus.io/port': String(PORTS[name]),
    'sidecar.istio.io/inject': 'false',
  };
  await createPod(pod);
}

const stopIstiod = async (name: IstiodName): Promise<void> => {
  const path = `/api/v1/namespaces/${control}/pods/${name}`;
  await kubeRequest(`${path}?gracePeriodSeconds=0`, { method: 'DELETE', accept: [404] });
  await waitFor(async () => (await kubeRequest(path, { accept: [404] })).status === 404);
};

/** `proxy-status --watch` of one pod, a line a change. */
function watch(): {
  child: ChildProcess & { stdout: Readable };
  ended: Promise<number | null>;
  output: () => string;
} {
  const args = ['ps', 'lost*', '-n', shop, '-i', control, '--watch', '--interval', '100ms', '--quiet'];
  const child = spawn(process.execPath, [meshScript, ...args], {
    env: plainEnv({ KUBECONFIG: cluster.kubeconfig }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  watchers.push(child);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const ended = new Promise<number | null>((done) => child.on('close', done));
  return { child, ended, output: () => text };
}

cluster.describe('proxy-status', () => {
  beforeAll(async () => {
    await resetCluster();
    control = await createNamespace('control');
    shop = await createNamespace('shop', { 'istio-injection': 'enabled' });
    const ports: Record<string, Record<number, number>> = { [control]: {}, [shop]: {} };
    const start = async (name: keyof typeof replies, namespace: string, podPort: number): Promise<void> => {
      const { server, port } = await startPodServer((request, response) => replies[name](request, response));
      servers.push(server);
      (ports[namespace] ??= {})[podPort] = port;
    };
    for (const [name, port] of Object.entries(PORTS)) await start(name as IstiodName, control, port);
    await start('envoy', shop, 15000);
    for (const [namespace, of] of Object.entries(ports)) await forwardPodPorts(namespace, of);
    await startIstiod('istiod-a');
    await createPod(makeSidecarPod(PROXY, shop));
    await createPod(makeSidecarPod('lost', shop, '1.29.2'));
    await createPod(makePod({ name: 'plain', namespace: shop }));
  });
  beforeEach(() => {
    replies = {
      'istiod-a': serve({
        '/debug/syncz': fixture('syncz'),
        '/debug/config_dump': fixture('config_dump'),
        '/version': '1.31.4-f3c2a1b0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4-Clean',
      }),
      'istiod-b': () => undefined,
      'istiod-c': (_request, response) => {
        response.statusCode = 500;
        response.end('internal error');
      },
      envoy: serve({ '/config_dump': fixture('envoy-config_dump') }),
    };
  });
  afterEach(() => {
    for (const child of watchers.splice(0)) child.kill('SIGKILL');
  });
  afterAll(async () => {
    for (const namespace of [control, shop]) {
      await unforwardPodPorts(namespace);
      await kubeRequest(`/api/v1/namespaces/${namespace}`, { method: 'DELETE', accept: [404] });
    }
    await Promise.all(servers.map(stopServer));
  });

  test('one istiod: the table, with pods that are not connected or have no sidecar', async () => {
    const { stdout, stderr, code } = await status();
    expect(stdout.replace(/ +/g, ' ')).toBe(
      [
        'NAME STATUS CDS LDS EDS RDS ECDS ISTIOD VERSION',
        `${PROXY}.${shop} SYNCED SYNCED SYNCED SYNCED SYNCED - istiod-a 1.31.4`,
        `lost.${shop} NOT CONNECTED - - - - - - 1.29.2 (old)`,
        `plain.${shop} NO PROXY - - - - - - -`,
        '',
      ].join('\n'),
    );
    expect(stderr).toBe(
      `lost.${shop}: NOT CONNECTED: no istiod knows its proxy
plain.${shop}: NO PROXY: istio-injection=enabled on namespace ${shop} asks for a sidecar: create the pod anew
2 proxies: 1 synced, 1 not connected; 1 older than its control plane; 1 pod without a sidecar
`,
    );
    expect(code).toBe(0);
  });

  test('filters are the same in every format', async () => {
    const names = [[PROXY, 'SYNCED', 'istiod-a']];
    expect(rowsOf(await status('httpd1-*', '-o', 'json'))).toEqual(names);
    expect((await status('httpd1-*', '-o', 'yaml')).stdout).toMatch(
      /^- name: httpd1-[^]*version: 1\.31\.4\n/,
    );
    expect((await status('--stale', '-o', 'jsonl')).stdout.trim().split('\n')).toHaveLength(2);
    expect((await status('--stale', '-o', 'wide')).stdout).toContain('no istiod knows its proxy');
    expect((await status('--stale', '--fail-on', 'stale')).code).toBe(79);
  });

  test('nothing there is an empty list with a note', async () => {
    const empty = await createNamespace('empty');
    const { stdout, stderr, code } = await run(['ps', '-n', empty, '-o', 'json']);
    expect([stdout, stderr, code]).toEqual(['[]\n', 'no proxies\n', 0]);
    await kubeRequest(`/api/v1/namespaces/${empty}`, { method: 'DELETE' });
  });

  test('one proxy: istiod and Envoy match', async () => {
    const { stdout, code } = await status('httpd1');
    expect(stdout).toMatch(
      /^Clusters Match \(25, version 2026[^]*\nListeners Match \(16[^]*\nRoutes Match \(5[^]*\)\n$/,
    );
    expect(code).toBe(0);
  });

  test('one proxy: a difference is a diff, from the pod and from a saved file', async () => {
    const changed = fixture('envoy-config_dump').replace(
      '"connect_timeout": "10s"',
      '"connect_timeout": "9s"',
    );
    replies.envoy = serve({ '/config_dump': changed });
    const diff =
      /^Clusters Don't Match[^]*\n--- istiod-a: clusters\/BlackHoleCluster\n\+\+\+ Envoy: clusters\/BlackHoleCluster\n[^]*\n-connectTimeout: 10s\n\+connectTimeout: 9s\n[^]*Listeners Match/;
    const asked = await status(`pod/${PROXY}`, '--fail-on', 'stale');
    expect(asked.stdout).toMatch(diff);
    expect(asked.code).toBe(79);
    replies.envoy = () => undefined;
    const saved = await status('--file', folder.write('dump.json', changed));
    expect(saved.stdout).toMatch(diff);
    expect(saved.code).toBe(0);
  });

  test.each<[string[], RegExp, number]>([
    [['nope'], /there is no pod "nope" in namespace shop-/, 64],
    [['plain'], /pod shop-\w+\/plain has no proxy/, 64],
    [['lost'], /lost\.shop-\w+ is not connected to any istiod: istiod-a knows nothing of it/, 1],
    [['httpd1', '--proxy-admin-port', '15001'], /Envoy of pod shop-\w+\/httpd1-/, 69],
    [['--watch', 'lost'], /--watch is for the list of proxies/, 64],
    [['-r', 'defualt'], /no istiod of revision "defualt" runs[^]*did you mean default\?/, 64],
    [['--as', 'nobody'], /nobody/, 77],
  ])('%j', async (args, message, code) => {
    if (args[0] === 'lost') replies['istiod-a'] = serve({});
    const result = await status(...args);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
  });

  test('version: istiod and its proxies say it; without answers images do', async () => {
    const version = async (): Promise<Record<string, unknown>> => {
      const { stdout, code } = await run(['version', '-o', 'json']);
      expect(code).toBe(0);
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const told = await version();
    expect(told['meshVersion']).toEqual([
      {
        Component: 'pilot',
        Revision: 'default',
        Info: expect.objectContaining({ version: '1.31.4', status: 'Clean' }) as unknown,
        Pod: `istiod-a.${control}`,
        Source: 'istiod',
      },
    ]);
    expect(told['dataPlaneVersion']).toEqual(
      expect.arrayContaining([{ ID: `${PROXY}.${shop}`, IstioVersion: '1.31.4', Type: 'sidecar' }]),
    );
    replies['istiod-a'] = serve({});
    expect((await version())['meshVersion']).toMatchObject([
      { Source: 'image', Info: { version: '1.31.4' } },
    ]);
    const { stderr } = await run(['version', '-o', 'short']);
    expect(stderr).toMatch(
      /versions are told by images: istiod \S+\/istiod-a: it answered with status 404: not here/,
    );
  });

  test('--watch: a line for each proxy, then for each change, until Ctrl-C', async () => {
    replies['istiod-a'] = serve({ '/debug/syncz': JSON.stringify([makeSyncz(`lost.${shop}`)]) });
    const { child: watching, ended, output } = watch();
    await waitFor(() => output().includes(`lost.${shop} SYNCED\n`));
    const broken = makeSyncz(`lost.${shop}`, { LDS: 'error bad filter' });
    replies['istiod-a'] = serve({ '/debug/syncz': JSON.stringify([broken]) });
    await waitFor(() => output().includes('SYNCED -> ERROR (LDS: bad filter)\n'));
    watching.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(output().trim().split('\n')).toHaveLength(2);
  });

  test('--watch ends when nobody reads its lines any more', async () => {
    replies['istiod-a'] = serve({ '/debug/syncz': JSON.stringify([makeSyncz(`lost.${shop}`)]) });
    const { child: watching, ended, output } = watch();
    await waitFor(() => output().includes(`lost.${shop} SYNCED\n`));
    watching.stdout.destroy();
    replies['istiod-a'] = serve({ '/debug/syncz': '[]' });
    expect(await ended).toBe(0);
  });

  test('--watch on a terminal draws the same screen again, and leaves it in order', async () => {
    const command = `stty cols 80 rows 12; exec "${process.execPath}" "${meshScript}" ps -n ${shop} -i ${control} --watch --interval 100ms`;
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      env: plainEnv({ KUBECONFIG: cluster.kubeconfig, TERM: 'xterm' }),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    watchers.push(child);
    let screen = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (screen += text));
    const ended = new Promise<number | null>((done) => child.on('close', done));
    await waitFor(() => screen.split('\u001b[H').length > 3);
    child.stdin.write('\u0003');
    expect(await ended).toBe(0);
    const last = screen.split('\u001b[H').at(-1) ?? '';
    // 80 columns are not enough for all of them.
    expect(last).toMatch(/NAME +STATUS +VERSION/);
    expect(last).toMatch(/Ctrl-C ends/);
    expect(screen.trimEnd().endsWith('\u001b[?7h')).toBe(true);
  });
  describe('with three istiods, one hanging, one with status 500', () => {
    beforeAll(async () => {
      await startIstiod('istiod-b');
      await startIstiod('istiod-c', 'canary');
    });
    afterAll(async () => {
      await stopIstiod('istiod-b');
      await stopIstiod('istiod-c');
    });

    test('both are named, all others are shown, and the exit code is 69', async () => {
      const { stdout, stderr, code } = await status('--timeout', '6s', '-o', 'json');
      expect(rowsOf({ stdout, stderr, code })).toEqual([
        [PROXY, 'SYNCED', 'istiod-a'],
        ['lost', 'UNKNOWN', undefined],
        ['plain', 'NO PROXY', undefined],
      ]);
      expect(stderr).toContain(`warning: istiod ${control}/istiod-b: no answer within 6.0s`);
      expect(stderr).toContain(
        `warning: istiod ${control}/istiod-c: it answered with status 500: internal error`,
      );
      expect(stderr).toContain('2 of 3 istiods gave no answer');
      expect(code).toBe(69);
    });

    test('one revision: the others are not asked', async () => {
      const { stderr, code } = await status('-r', 'canary');
      expect(stderr).toContain('no istiod answered: the state of the proxies is not known');
      expect(code).toBe(69);
    });
  });
});
