/** What can go wrong between mesh and a cluster: each has its sentence, its hint and its exit code, and nothing hangs. */
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { mesh, useFolder } from '../support/mesh.ts';
import type { MeshOptions, MeshResult } from '../support/mesh.ts';
import { resetCluster } from '../support/reset-cluster.ts';
import { listOwned } from '../support/owned-objects.ts';
import { listen, stopServer } from '../support/servers.ts';

const cluster = useControlPlane();
const folder = useFolder();

const install = (kubeconfig: string, args: string[] = [], options: MeshOptions = {}): Promise<MeshResult> =>
  mesh(['install', '--set', 'profile=minimal', '-y', ...args], {
    ...options,
    env: { KUBECONFIG: kubeconfig },
  });

function kubeconfig(name: string, change: (text: string) => string): string {
  return folder.write(name, change(readFileSync(cluster.kubeconfig, 'utf8')));
}

cluster.describe('failures', () => {
  beforeAll(resetCluster);
  afterAll(resetCluster);

  test('nobody listens: said at once', async () => {
    const started = Date.now();
    const file = kubeconfig('closed.yaml', (text) =>
      text.replace(/server: .*/, 'server: https://127.0.0.1:1'),
    );
    const { code, stderr } = await install(file);
    expect(stderr).toMatch(/https:\/\/127\.0\.0\.1:1.*(refused|not reachable)/);
    expect(stderr).toContain('hint: ');
    expect(code).toBe(69);
    expect(Date.now() - started).toBeLessThan(20_000);
  });

  test('a server that never answers: given up within the request timeout', async () => {
    const silent = createServer(() => undefined);
    const port = await listen(silent);
    const file = kubeconfig('silent.yaml', (text) =>
      text.replace(/server: .*/, `server: https://127.0.0.1:${port}`),
    );
    const started = Date.now();
    const { code, stderr } = await install(file, ['--request-timeout', '1s']);
    await stopServer(silent);
    expect(stderr).toMatch(/cannot be reached: no answer within 1 s/);
    expect(code).toBe(69);
    expect(Date.now() - started).toBeLessThan(25_000);
  });

  test('a wrong context names those that exist', async () => {
    const { code, stderr } = await install(cluster.kubeconfig, ['--context', 'mesh-tets']);
    expect(stderr).toMatch(/context "mesh-tets"/);
    expect(stderr).toMatch(/mesh-test/);
    expect(code).toBe(64);
  });

  test('a missing kubeconfig', async () => {
    const { code, stderr } = await mesh(['install', '-y', '--kubeconfig', '/nowhere/config']);
    expect(stderr).toMatch(/\/nowhere\/config does not exist/);
    expect(code).toBe(65);
  });

  test('no kubeconfig at all', async () => {
    const { code, stderr } = await mesh(['install', '-y']);
    expect(stderr).toMatch(/no Kubernetes cluster is configured/);
    expect(stderr).toContain('hint: ');
    expect(code).toBe(65);
  });

  test('expired credentials', async () => {
    const file = kubeconfig('expired.yaml', (text) => text.replace(/token: .*/, 'token: expired'));
    const { code, stderr } = await install(file);
    expect(stderr).toMatch(/not (authenticated|accept)|credentials/i);
    expect(code).toBe(77);
  });

  test('no permission: who may not do what, before anything is written', async () => {
    const { code, stderr } = await install(cluster.kubeconfig, [
      '--as',
      'jane',
      '--as-group',
      'system:authenticated',
    ]);
    expect(stderr).toMatch(/jane/);
    expect(code).toBe(77);
    expect(await listOwned()).toEqual([]);
  });

  test('a kubeconfig in a read-only folder is good enough', async () => {
    const locked = join(folder.path, 'locked');
    mkdirSync(locked, { recursive: true });
    folder.write('locked/config', readFileSync(cluster.kubeconfig, 'utf8'));
    chmodSync(locked, 0o555);
    const { code } = await mesh(['install', '--set', 'profile=minimal', '--dry-run'], {
      env: { KUBECONFIG: join(locked, 'config') },
    });
    chmodSync(locked, 0o755);
    expect(code).toBe(0);
  });

  test('a namespace that is being deleted', async () => {
    const namespace = '/api/v1/namespaces/leaving';
    await kubeRequest('/api/v1/namespaces', { body: { metadata: { name: 'leaving' } } });
    await kubeRequest('/api/v1/namespaces/leaving/configmaps', {
      body: { metadata: { name: 'holder', finalizers: ['example.com/hold'] } },
    });
    await kubeRequest(namespace, { method: 'DELETE' });
    const { code, stderr } = await install(cluster.kubeconfig, [
      '--set',
      'values.global.istioNamespace=leaving',
    ]);
    expect(stderr).toContain('the namespace leaving is being deleted');
    expect(code).toBe(80);
    await kubeRequest('/api/v1/namespaces/leaving/configmaps/holder', {
      method: 'PATCH',
      body: { metadata: { finalizers: null } },
    });
    await waitFor(async () => (await kubeRequest(namespace, { accept: [404] })).status === 404, 30_000);
  });

  test.each([
    ['image-pull-error', /ImagePullBackOff/],
    ['crash-loop', /crashed \d+ times/],
  ])('a pod in state %s ends the wait early, with the reason', async (stage, reason) => {
    const { code, stderr } = await install(cluster.kubeconfig, [
      '--set',
      `values.pilot.podAnnotations.mesh\\.test/stage=${stage}`,
      '--timeout',
      '2m',
    ]);
    expect(stderr).toMatch(/✘ Istiod: /);
    expect(stderr).toMatch(reason);
    expect(code).toBe(75);
  });

  test('a pod that never gets ready: the timeout names it', async () => {
    const { code, stderr } = await install(cluster.kubeconfig, [
      '--set',
      'values.pilot.podAnnotations.mesh\\.test/stage=never-ready',
      '--timeout',
      '3s',
    ]);
    expect(stderr).toMatch(/not ready after 3\.0s\n {2}Deployment istio-system\/istiod: /);
    expect(code).toBe(75);
  });

  test('Ctrl-C during apply: it stops, says how far it came, and the next run goes on', async () => {
    await mesh(['uninstall', '--purge', '--confirm', 'mesh-test'], {
      env: { KUBECONFIG: cluster.kubeconfig },
    });
    const { code, stderr } = await install(
      cluster.kubeconfig,
      ['--set', 'values.pilot.podAnnotations.mesh\\.test/stage=never-ready', '--verbose'],
      {
        onStart: (kill, onStderr) => {
          let sent = false;
          onStderr((text) => {
            if (sent || !text.includes('created')) return;
            sent = true;
            kill('SIGINT');
          });
        },
      },
    );
    expect(stderr).toMatch(/stopped after \d+ of \d+ objects, what was written stays/);
    expect(stderr).toContain('run the same command again');
    expect(code).toBe(130);
    expect((await install(cluster.kubeconfig)).code).toBe(0);
  });
});
