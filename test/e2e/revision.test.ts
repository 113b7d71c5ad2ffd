/**
 * A canary from its beginning to both of its ends, on a real API server: two revisions that mesh installed, whose webhooks are
 * answered by fake istiods that really inject.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { getAt, stringAt } from '../../src/lib/json.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createNamespace, kubeGet, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { startInjectorServer } from '../support/injector-server.ts';
import type { InjectorServer } from '../support/injector-server.ts';
import { mesh, useFolder } from '../support/mesh.ts';
import type { MeshOptions, MeshResult } from '../support/mesh.ts';
import { resetCluster } from '../support/reset-cluster.ts';

const cluster = useControlPlane();
const folder = useFolder();
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

const run = (args: string[], options: MeshOptions = {}): Promise<MeshResult> =>
  mesh(args, { ...options, env: { KUBECONFIG: cluster.kubeconfig } });
const revision = (...args: string[]): Promise<MeshResult> => run(['revision', ...args]);

const servers: InjectorServer[] = [];
let shop: string;
let cart: string;
let blog: string;

interface Named {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
}

/** The webhook of a revision or tag asks this server instead of the istiod that no fake kubelet runs. */
async function answerFor(webhook: string, server: InjectorServer): Promise<void> {
  const live = await kubeGet<{ webhooks: JsonObject[] }>(`${WEBHOOKS}/${webhook}`);
  const clientConfig = { url: server.url, caBundle: server.caBundle, service: null };
  const webhooks = live.webhooks.map((entry) => ({ ...entry, clientConfig }));
  await kubeRequest(`${WEBHOOKS}/${webhook}`, { method: 'PATCH', body: { webhooks } });
}

async function deploy(
  namespace: string,
  kind: 'deployments' | 'statefulsets' | 'daemonsets',
  name: string,
  options: { readonly annotations?: Record<string, string>; readonly labels?: Record<string, string> } = {},
): Promise<void> {
  await kubeRequest(`/apis/apps/v1/namespaces/${namespace}/${kind}`, {
    body: {
      metadata: { name },
      spec: {
        ...(kind === 'daemonsets' ? {} : { replicas: 2 }),
        ...(kind === 'statefulsets' ? { serviceName: name } : {}),
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name, ...options.labels }, annotations: options.annotations ?? {} },
          spec: { containers: [{ name: 'app', image: 'app:1' }] },
        },
      },
    },
  });
}

async function livePods(namespace: string): Promise<JsonObject[]> {
  const { items } = await kubeGet<{ items: JsonObject[] }>(`/api/v1/namespaces/${namespace}/pods`);
  return items.filter((pod) => getAt(pod, ['metadata', 'deletionTimestamp']) === undefined);
}

/** `web default 2`: revisions of the proxies, by app. */
async function proxies(namespace: string): Promise<string[]> {
  const counts = new Map<string, number>();
  for (const pod of await livePods(namespace)) {
    const app = stringAt(pod, ['metadata', 'labels', 'app']);
    const key = `${app} ${stringAt(pod, ['metadata', 'annotations', 'istio.io/rev']) || 'none'}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => `${key} ${count}`).sort();
}

async function restartedAt(namespace: string, kind: string, name: string): Promise<string> {
  const object = await kubeGet<JsonObject>(`/apis/apps/v1/namespaces/${namespace}/${kind}/${name}`);
  return stringAt(object, [
    'spec',
    'template',
    'metadata',
    'annotations',
    'kubectl.kubernetes.io/restartedAt',
  ]);
}

async function labelsOf(namespace: string): Promise<unknown> {
  const { metadata } = await kubeGet<Named>(`/api/v1/namespaces/${namespace}`);
  const { 'kubernetes.io/metadata.name': _name, ...labels } = metadata.labels ?? {};
  return labels;
}

const history = async (name: string): Promise<JsonObject[]> =>
  (JSON.parse((await run(['history', '-o', 'json'])).stdout) as JsonObject[]).filter(
    (entry) => entry['revision'] === name,
  );

/** The ingress gateway of the install: whose it is, and that it is still the same one. */
async function gateway(): Promise<{ readonly revision: unknown; readonly uid: unknown }> {
  const { metadata } = await kubeGet<{ metadata: JsonObject }>(
    '/apis/apps/v1/namespaces/istio-system/deployments/istio-ingressgateway',
  );
  return { revision: getAt(metadata, ['labels', 'istio.io/rev']), uid: metadata['uid'] };
}

const tagDefault = async (): Promise<string> =>
  (await kubeGet<Named>(`${WEBHOOKS}/istio-revision-tag-default`)).metadata.labels?.['istio.io/rev'] ?? '';

async function installCanary(): Promise<void> {
  expect((await run(['install', '--set', 'profile=default', '-r', 'canary', '-y'])).code).toBe(0);
  await answerFor('istio-sidecar-injector-canary', servers[1]!);
}

cluster.describe('revisions', () => {
  beforeAll(async () => {
    await resetCluster();
    servers.push(await startInjectorServer(folder.path, 'default'));
    servers.push(await startInjectorServer(folder.path, 'canary'));
    await run(['install', '--set', 'profile=default', '-y']);
    await installCanary();
    await answerFor('istio-sidecar-injector', servers[0]!);
    await answerFor('istio-revision-tag-default', servers[0]!);
    shop = await createNamespace('shop', { 'istio-injection': 'enabled', team: 'a' });
    cart = await createNamespace('cart', { 'istio.io/rev': 'default', team: 'b' });
    blog = await createNamespace('blog');
    await deploy(shop, 'deployments', 'web');
    await deploy(shop, 'statefulsets', 'db');
    await deploy(shop, 'daemonsets', 'agent');
    await deploy(cart, 'deployments', 'api');
    await deploy(blog, 'deployments', 'page');
    await waitFor(async () => (await livePods(shop)).length >= 5);
    await waitFor(async () => (await livePods(cart)).length === 2);
  }, 120_000);
  afterAll(async () => {
    await resetCluster();
    for (const namespace of [shop, cart, blog])
      await kubeRequest(`/api/v1/namespaces/${namespace}`, { method: 'DELETE', accept: [404] });
    for (const server of servers) await server.close();
  });

  let ingress: unknown;

  test('list: who uses what', async () => {
    const { stdout, code } = await revision('list', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject([
      {
        revision: 'default',
        namespace: 'istio-system',
        istioVersion: '1.31.4',
        profile: 'default',
        installedBy: 'mesh',
        lastRun: { action: 'install', status: 'deployed' },
        istiod: 'ready',
        tags: ['default'],
        namespaces: [cart, shop],
        strays: [],
      },
      { revision: 'canary', tags: [], namespaces: [], proxies: [] },
    ]);
    expect(code).toBe(0);
    const { revision: owner, uid } = await gateway();
    expect(owner).toBe('default');
    ingress = uid;
    expect((await revision('list')).stdout).toMatch(
      new RegExp(
        `^default +istio-system +1\\.31\\.4 +default +mesh +install deployed +ready +default +1\\.31\\.4: \\d+ +${cart} and ${shop}$`,
        'm',
      ),
    );
  });

  test('a dry run shows before and after, and writes nothing', async () => {
    const { stdout, stderr, code } = await revision('promote', 'canary', '-n', shop, '--dry-run');
    expect(stdout).toMatch(
      new RegExp(`^${shop} +default +canary +3 +istio-injection=enabled → istio.io/rev=canary$`, 'm'),
    );
    expect(stderr).toContain('dry run, nothing was changed: context mesh-test');
    expect(code).toBe(0);
    expect(await labelsOf(shop)).toEqual({ 'istio-injection': 'enabled', team: 'a' });
    expect(await history('canary')).toHaveLength(1);
  });

  test('what can not be is said before anything is written', async () => {
    const other = await revision('promote', 'canary', '-n', cart, '-y');
    expect(other.stderr).toContain(`moving the tag default would move ${shop} too, nothing was changed`);
    expect(other.code).toBe(80);
    expect((await revision('promote', 'canry')).stderr).toContain('did you mean canary?');
    expect((await revision('promote', 'canary', '-n', blog)).stderr).toContain('is not injected');
    const asked = await revision('promote', 'canary', '-n', shop);
    expect(asked.stderr).toMatch(/THEN +TO RESTART[\s\S]*context mesh-test[\s\S]*add --yes/);
    expect(asked.code).toBe(64);
    expect(await history('canary')).toHaveLength(1);
  });

  test('refuses while istiod of the revision is not ready', async () => {
    const deployment = '/apis/apps/v1/namespaces/istio-system/deployments/istiod-canary';
    const stage = (value: string | null): object => ({
      spec: { template: { metadata: { annotations: { 'mesh.test/stage': value } } } },
    });
    await kubeRequest(deployment, { method: 'PATCH', body: stage('never-ready') });
    const { stderr, code } = await revision('promote', 'canary', '-n', shop, '-y');
    expect(stderr).toMatch(/istiod of revision canary is not ready: .*; nothing was changed/);
    expect(code).toBe(80);
    expect((await revision('list')).stderr).toContain('istiod of revision canary is not ready');
    await kubeRequest(deployment, { method: 'PATCH', body: stage(null) });
    await waitFor(
      async () => (await revision('list', '-o', 'json')).stdout.match(/"istiod": "ready"/g)?.length === 2,
    );
    expect(await labelsOf(shop)).toEqual({ 'istio-injection': 'enabled', team: 'a' });
  });

  test('a batch that never gets ready stops it; mended, the same command goes on', async () => {
    // In the order of restarting: agent, web, db.
    await kubeRequest(`/apis/apps/v1/namespaces/${shop}/deployments/web`, {
      method: 'PATCH',
      body: { spec: { template: { metadata: { annotations: { 'mesh.test/stage': 'never-ready' } } } } },
    });
    const args = ['promote', 'canary', '-n', shop, '--batch', '1', '-y'];
    const stopped = await revision(...args, '--timeout', '8s');
    expect(stopped.stderr).toMatch(
      new RegExp(
        `promoting canary stopped at batch 2 of 3, 1 of 3 workloads are restarted: 1 object is not ready after 8.0s\n.*Deployment ${shop}/web: `,
      ),
    );
    expect(stopped.stderr).toContain('run the same command again: it goes on where it stopped');
    expect(stopped.stderr).toContain('mesh revision abandon canary goes back');
    expect(stopped.code).toBe(75);
    expect(await restartedAt(shop, 'statefulsets', 'db')).toBe('');
    expect(await history('canary')).toMatchObject([
      { status: 'deployed' },
      { action: 'promote', status: 'failed', description: '1 namespace' },
    ]);
    const agent = await restartedAt(shop, 'daemonsets', 'agent');
    expect(agent).not.toBe('');

    await kubeRequest(`/apis/apps/v1/namespaces/${shop}/deployments/web`, {
      method: 'PATCH',
      body: { spec: { template: { metadata: { annotations: { 'mesh.test/stage': null } } } } },
    });
    const resumed = await revision(...args);
    expect(resumed.stderr).toContain('✔ promoted canary');
    expect(resumed.code).toBe(0);
    expect((await proxies(shop)).every((line) => line.includes(' canary '))).toBe(true);
    expect(await restartedAt(shop, 'daemonsets', 'agent')).toBe(agent);
    expect(await labelsOf(shop)).toEqual({ 'istio.io/rev': 'canary', team: 'a' });
    const again = await revision(...args);
    expect(again.stderr).toContain('nothing to do: all that was chosen uses revision canary');
    expect(again.code).toBe(0);
  });

  test('what was deployed stays what counts for drift, show and rollback', async () => {
    expect((await history('canary')).map(({ action, status }) => [action, status])).toEqual([
      ['install', 'deployed'],
      ['promote', 'failed'],
      ['promote', 'done'],
    ]);
    expect((await run(['show', '-r', 'canary', '--values'])).code).toBe(0);
    const rollback = await run(['rollback', '-r', 'canary', '--dry-run']);
    expect(rollback.stderr).toContain('there is no earlier release to go back to');
    const again = await run(['install', '--set', 'profile=default', '-r', 'canary', '--dry-run']);
    expect(again.stdout).not.toMatch(/^- /m);
  });

  test('kill -9 in the middle of the rest, and resume: tag and namespaces follow', async () => {
    const args = ['revision', 'promote', 'canary', '--tag', 'default', '--batch', '1', '-y'];
    const dry = await run([...args, '--dry-run']);
    expect(dry.stderr).toContain('istio-ingressgateway will belong to revision canary');
    expect(await gateway()).toEqual({ revision: 'default', uid: ingress });
    const killed = await run(args, {
      onStart: (kill, onStderr) => {
        onStderr((text) => {
          if (text.includes('batch 1 of')) kill('SIGKILL');
        });
      },
    });
    expect(killed.code).toBeNull();
    const resumed = await run(args);
    expect(resumed.stderr).toContain('✔ promoted canary');
    expect(resumed.code).toBe(0);
    expect(await proxies(cart)).toEqual(['api canary 2']);
    expect(await labelsOf(cart)).toEqual({ 'istio.io/rev': 'default', team: 'b' });
    expect(await tagDefault()).toBe('canary');
    expect(await gateway()).toEqual({ revision: 'canary', uid: ingress });
    expect((await history('canary')).at(-1)).toMatchObject({
      action: 'upgrade',
      status: 'deployed',
      description: 'gateways taken over',
    });
    const listed = JSON.parse((await revision('list', '-o', 'json')).stdout) as JsonObject[];
    expect(listed[0]).toMatchObject({ revision: 'default', tags: [], namespaces: [], strays: [] });
    expect(listed[1]).toMatchObject({ revision: 'canary', tags: ['default'], namespaces: [cart, shop] });
    expect(await proxies(blog)).toEqual(['page none 2']);
  });

  test('abandon: everybody goes back as they were, and the revision is gone', async () => {
    const dry = await revision('abandon', 'canary', '--dry-run');
    expect(dry.stdout).toMatch(
      new RegExp(`^${shop} +canary +default +3 +istio.io/rev=canary → istio-injection=enabled$`, 'm'),
    );
    expect(dry.stdout).toMatch(new RegExp(`^${cart} +canary +default +1 +tag default$`, 'm'));
    expect(dry.stdout).toMatch(/tag default: canary → default/);
    expect(dry.stdout).toMatch(/revision canary in istio-system/);
    expect(dry.stderr).toContain(
      'last: Deployment istio-system/istio-ingressgateway will belong to revision default',
    );
    // Ctrl-C in the middle: said, recorded, and gone on with.
    const args = ['revision', 'abandon', 'canary', '--batch', '2', '--pause', '3s', '-y'];
    const stopped = await run(args, {
      onStart: (kill, onStderr) => {
        onStderr((text) => {
          if (text.includes('✔ batch 1 of')) kill('SIGINT');
        });
      },
    });
    expect(stopped.stderr).toMatch(/leaving canary stopped at batch 1 of 2, 2 of 4 workloads are restarted/);
    expect(stopped.code).toBe(130);
    expect((await history('canary')).at(-1)).toMatchObject({ action: 'abandon', status: 'interrupted' });

    const { stderr, code } = await run(args);
    expect(stderr).toMatch(/✔ left canary: /);
    expect(stderr).toMatch(/removed \d+ objects/);
    expect(code).toBe(0);
    expect(await labelsOf(shop)).toEqual({ 'istio-injection': 'enabled', team: 'a' });
    expect((await kubeGet<Named>(`/api/v1/namespaces/${shop}`)).metadata.annotations).toBeUndefined();
    expect(
      [...(await proxies(shop)), ...(await proxies(cart))].every((line) => line.includes(' default ')),
    ).toBe(true);
    expect(await tagDefault()).toBe('default');
    expect(await gateway()).toEqual({ revision: 'default', uid: ingress });
    expect(await history('canary')).toEqual([]);
    const listed = JSON.parse((await revision('list', '-o', 'json')).stdout) as JsonObject[];
    expect(listed).toMatchObject([{ revision: 'default', tags: ['default'], namespaces: [cart, shop] }]);
    const alone = await revision('abandon', 'default', '-y');
    expect(alone.stderr).toContain('default is the only revision, there is nothing to go back to');
    expect(alone.code).toBe(80);
  });
});
