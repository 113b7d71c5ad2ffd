/** Namespaces in and out of the mesh on a real API server, whose pods a fake istiod really injects. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { getAt, stringAt } from '../../src/lib/json.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createNamespace, kubeGet, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { injectorConfiguration } from '../support/injector-objects.ts';
import { startInjectorServer } from '../support/injector-server.ts';
import type { InjectorServer } from '../support/injector-server.ts';
import { mesh, useFolder } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { resetCluster } from '../support/reset-cluster.ts';

const cluster = useControlPlane();
const folder = useFolder();
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const CONFIGURATIONS = ['istio-sidecar-injector-blue', 'istio-revision-tag-default'];

let istiod: InjectorServer;
let namespace: string;

const run = (...args: string[]): Promise<MeshResult> =>
  mesh(args, { env: { KUBECONFIG: cluster.kubeconfig } });

async function create(kind: 'deployments' | 'statefulsets', name: string): Promise<void> {
  await kubeRequest(`/apis/apps/v1/namespaces/${namespace}/${kind}`, {
    body: {
      metadata: { name },
      spec: {
        replicas: 2,
        serviceName: name,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: 'app', image: 'app:1' }] },
        },
      },
    },
  });
}

const pods = async (): Promise<JsonObject[]> =>
  (await kubeGet<{ items: JsonObject[] }>(`/api/v1/namespaces/${namespace}/pods`)).items.filter(
    (pod) => getAt(pod, ['metadata', 'deletionTimestamp']) === undefined,
  );
const sidecars = async (): Promise<string[]> =>
  (await pods()).map((pod) => stringAt(pod, ['metadata', 'annotations', 'istio.io/rev']) || 'none').sort();
const labels = async (): Promise<unknown> => {
  const found = await kubeGet<{ metadata: { labels: Record<string, string> } }>(
    `/api/v1/namespaces/${namespace}`,
  );
  const { 'kubernetes.io/metadata.name': _name, ...own } = found.metadata.labels;
  return own;
};

cluster.describe('namespace label', () => {
  beforeAll(async () => {
    await resetCluster();
    istiod = await startInjectorServer(folder.path, 'blue');
    const target = { url: istiod.url, caBundle: istiod.caBundle };
    await kubeRequest(WEBHOOKS, {
      body: injectorConfiguration(CONFIGURATIONS[0]!, { revision: 'blue', ...target }),
    });
    await kubeRequest(WEBHOOKS, {
      body: injectorConfiguration(CONFIGURATIONS[1]!, { revision: 'blue', tag: 'default', ...target }),
    });
    namespace = await createNamespace('label', { team: 'a' });
    await create('deployments', 'web');
    await create('statefulsets', 'db');
    await waitFor(async () => (await pods()).length === 4);
  });
  afterAll(async () => {
    for (const name of CONFIGURATIONS)
      await kubeRequest(`${WEBHOOKS}/${name}`, { method: 'DELETE', accept: [404] });
    await kubeRequest(`/api/v1/namespaces/${namespace}`, { method: 'DELETE', accept: [404] });
    await istiod.close();
  });

  test('a dry run tells everything and changes nothing', async () => {
    const { stdout, stderr, code } = await run('namespace', 'label', namespace, '--dry-run');
    expect(stdout).toMatch(/label istio-injection: \(none\) → enabled/);
    expect(stdout).toMatch(/^Deployment web +2 +none +blue$/m);
    expect(stdout).toMatch(/^StatefulSet db +2 +none +blue$/m);
    expect(stderr).toMatch(/context \S+ · https:\/\/\S+ · namespace label-/);
    expect(stderr).toContain('2 workloads have to restart');
    expect(code).toBe(0);
    expect(await labels()).toEqual({ team: 'a' });
  });

  test('without a terminal it asks for --yes', async () => {
    const { stderr, code } = await run('namespace', 'label', namespace);
    expect(stderr).toContain('add --yes (-y)');
    expect(code).toBe(64);
    expect(await labels()).toEqual({ team: 'a' });
  });

  test('label by revision, without a restart: pods stay as they are', async () => {
    const { stderr, code } = await run('namespace', 'label', namespace, '-r', 'blue', '-y');
    expect(stderr).toContain(`mesh namespace label ${namespace} -r blue --restart does it`);
    expect(code).toBe(0);
    expect(await labels()).toEqual({ team: 'a', 'istio.io/rev': 'blue' });
    expect(await sidecars()).toEqual(['none', 'none', 'none', 'none']);
    const check = await run('check-inject', 'deployment/web', '-n', namespace);
    expect(check.stderr).toContain(`✔ Deployment ${namespace}/web: revision blue injects a sidecar.`);
    expect(check.code).toBe(0);
  });

  test('--restart brings sidecars, and the same again has nothing to do', async () => {
    const { stdout, stderr, code } = await run(
      'namespace',
      'label',
      namespace,
      '--restart',
      '-y',
      '-o',
      'json',
    );
    expect(stderr).toContain(`✔ restarted Deployment ${namespace}/web, StatefulSet ${namespace}/db`);
    expect(code).toBe(0);
    expect(await labels()).toEqual({ team: 'a', 'istio-injection': 'enabled' });
    expect(await sidecars()).toEqual(['blue', 'blue', 'blue', 'blue']);
    expect(JSON.parse(stdout)).toMatchObject({
      changes: [
        { label: 'istio-injection', to: 'enabled' },
        { label: 'istio.io/rev', from: 'blue' },
      ],
      restarted: [{ kind: 'Deployment' }, { kind: 'StatefulSet' }],
      remaining: [],
    });
    const again = await run('namespace', 'label', namespace, '--restart');
    expect(again.stdout).toContain(`the labels of namespace ${namespace} are as they should be`);
    expect(again.stderr).toContain('4 pods are already as the labels say');
    expect(again.code).toBe(0);
  });

  test('a second injector for the same pods is a conflict', async () => {
    const second = 'istio-revision-tag-default-second';
    await kubeRequest(WEBHOOKS, {
      body: injectorConfiguration(second, {
        revision: 'green',
        tag: 'default',
        url: istiod.url,
        caBundle: istiod.caBundle,
      }),
    });
    try {
      const check = await run('x', 'check-inject', '-l', 'app=web', '-n', namespace, '-o', 'json');
      expect(JSON.parse(check.stdout)).toMatchObject({ verdict: 'conflict' });
      expect(check.stderr).toContain('2 webhooks select the same pods');
      expect(check.code).toBe(79);
      const label = await run('namespace', 'label', namespace, '-y');
      expect(label.stderr).toContain('2 injectors answer for istio-injection=enabled');
      expect(label.code).toBe(80);
    } finally {
      await kubeRequest(`${WEBHOOKS}/${second}`, { method: 'DELETE' });
    }
  });

  test('an istiod that can not be reached: said, and nothing is restarted', async () => {
    const dark = 'istio-sidecar-injector-dark';
    await kubeRequest(WEBHOOKS, {
      body: injectorConfiguration(dark, {
        revision: 'dark',
        service: { namespace: 'default', name: 'istiod-dark' },
      }),
    });
    try {
      const result = await run('namespace', 'label', namespace, '-r', 'dark', '--restart', '-y');
      expect(result.stderr).toContain('the istiod of revision dark has no ready pod');
      expect(result.code).toBe(69);
      expect(await labels()).toEqual({ team: 'a', 'istio-injection': 'enabled' });
      expect(await sidecars()).toEqual(['blue', 'blue', 'blue', 'blue']);
    } finally {
      await kubeRequest(`${WEBHOOKS}/${dark}`, { method: 'DELETE' });
    }
  });

  test('unlabel --restart takes them away again', async () => {
    const { stderr, code } = await run('namespace', 'unlabel', namespace, '--restart', '-y');
    expect(stderr).toContain(`changed the labels of namespace ${namespace}`);
    expect(code).toBe(0);
    expect(await labels()).toEqual({ team: 'a' });
    expect(await sidecars()).toEqual(['none', 'none', 'none', 'none']);
    const check = await run('check-inject', 'deployment/web', '-n', namespace);
    expect(check.stderr).toContain(`mesh namespace label ${namespace} switches injection on`);
    expect(check.code).toBe(1);
  });

  test.each<[string[], RegExp, number]>([
    [['label', 'nowhere-at-all'], /there is no namespace nowhere-at-all/, 64],
    [['label', 'kube-system'], /kube-system belongs to Kubernetes/, 64],
    [['label', 'default', '-r', 'blu'], /no revision and no tag "blu"\nhint: did you mean blue\?/, 64],
    [['label', 'default', '--timeout', 'soon'], /timeout/, 64],
    [['label', 'default', '--as', 'jane'], /the user "jane"/, 77],
  ])('namespace %j', async (args, message, code) => {
    const result = await run('namespace', ...args);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
    expect(result.stdout).toBe('');
  });
});
