/** Others at work in the same cluster: second runs, controllers, other installers, policies, webhooks, quotas. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { kubeGet, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { plantLookalikes } from '../support/lookalikes.ts';
import { mesh } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { listOwned } from '../support/owned-objects.ts';
import { findRecordProblems } from '../support/records.ts';
import { resetCluster } from '../support/reset-cluster.ts';

const cluster = useControlPlane();
// Many runs in one test, on machines that may be busy.
jest.setTimeout(240_000);

const run = (args: readonly string[], kubeconfig = cluster.kubeconfig): Promise<MeshResult> =>
  mesh(args, { env: { KUBECONFIG: kubeconfig } });
const install = (profile: string, ...more: string[]): string[] => [
  'install',
  '--set',
  `profile=${profile}`,
  '-y',
  ...more,
];
const PURGE = ['uninstall', '--purge', '--confirm', 'mesh-test'];
const HOME = '/api/v1/namespaces/istio-system';
const ISTIOD = '/apis/apps/v1/namespaces/istio-system/deployments/istiod';
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** Ends what a test has put up, last first. */
const undo: (() => Promise<unknown>)[] = [];

async function put(
  path: string,
  body: object & { readonly metadata: { readonly name: string } },
): Promise<string> {
  const made = `${path}/${body.metadata.name}`;
  await kubeRequest(path, { body });
  undo.push(() => kubeRequest(made, { method: 'DELETE', accept: [404] }));
  return made;
}

async function succeeds(...args: string[]): Promise<string> {
  const { code, stderr } = await run(args);
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  return stderr;
}

cluster.describe('adversities', () => {
  let proxy: FaultProxy;

  beforeAll(async () => {
    await resetCluster();
    // Made by hand, so that purge keeps it: deleting a namespace takes Kubernetes 5 s each time.
    await kubeRequest('/api/v1/namespaces', { body: { metadata: { name: 'istio-system' } } });
    proxy = await startFaultProxy({ plane: cluster.plane });
  });
  beforeEach(() => proxy.beginCount());
  afterEach(async () => {
    for (const end of undo.splice(0).reverse()) await end();
    await run(PURGE);
    expect(await listOwned()).toEqual([]);
  });
  afterAll(async () => {
    await proxy.close();
    await resetCluster();
  });

  test('while one install is at work another one is refused, and told whose turn it is', async () => {
    const second: MeshResult[] = [];
    proxy.beginCount(async ({ number, phase }) => {
      if (number === 12 && phase === 'arrived')
        second.push(await run(install('minimal', '--lock-timeout', '0s')));
      return true;
    });
    const first = await run(install('demo', '--wait', 'none'), proxy.kubeconfig);
    expect(`${first.code} ${first.stderr}`).toMatch(/^0 /);
    expect(second[0]?.stderr).toMatch(/mesh is at work here already: install .* by \S+@\S+ pid \d+/);
    expect(second[0]?.code).toBe(75);
    expect(await findRecordProblems()).toEqual([]);
    expect(await succeeds(...install('demo', '--wait', 'none'))).toContain('nothing to do');
  });

  test('two installs at once: what stands afterwards is the whole of one of them', async () => {
    const profiles = ['demo', 'minimal'];
    const results = await Promise.all(profiles.map((profile) => run(install(profile, '--wait', 'none'))));
    const told = results.map(({ code, stderr }) => `${code} ${stderr}`);
    for (const text of told)
      expect(text).toMatch(/^(?:0 |75 (?:.*\n)*.*mesh is at work here|80 (?:.*\n)*.*another run)/);
    expect(told.some((text) => text.startsWith('0 '))).toBe(true);
    expect(await findRecordProblems()).toEqual([]);
    const plans = await Promise.all(profiles.map((profile) => run(['plan', '--set', `profile=${profile}`])));
    expect(plans.map(({ code }) => code).sort()).toEqual([0, 1]);
  });

  test('a controller that sets a field again and again is named, and nothing is written', async () => {
    await succeeds(...install('minimal'));
    const body = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'istiod' },
      spec: { template: { spec: { priorityClassName: 'system-cluster-critical' } } },
    };
    const claim = (): Promise<unknown> =>
      kubeRequest(`${ISTIOD}?fieldManager=priority-controller&force=true`, {
        method: 'PATCH',
        contentType: 'application/apply-patch+yaml',
        body,
      });
    await claim();
    const before = await listOwned();
    const wanted = install(
      'minimal',
      '--set',
      'values.global.priorityClassName=system-node-critical',
      '--wait',
      'none',
    );
    const refused = await run(wanted);
    expect(refused.stderr).toMatch(/istiod .*priorityClassName ← .*priority-controller/);
    expect(refused.code).toBe(80);
    expect(await listOwned()).toEqual(before);

    // Forced, it is written once and not fought for, though the controller takes it back at once.
    proxy.beginCount(async ({ path, phase }) => {
      if (phase === 'answered' && path.startsWith(ISTIOD)) await claim();
      return true;
    });
    const forced = await run([...wanted, '--force-conflicts'], proxy.kubeconfig);
    expect(`${forced.code} ${forced.stderr}`).toMatch(/^0 /);
    expect(proxy.writes.filter(({ path }) => path.startsWith(ISTIOD))).toHaveLength(1);
  });

  test('an object that belongs to Helm is refused and left alone', async () => {
    const path = await put(`${HOME}/configmaps`, {
      metadata: {
        name: 'istio',
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: {
          'meta.helm.sh/release-name': 'istiod',
          'meta.helm.sh/release-namespace': 'istio-system',
        },
      },
      data: { mesh: 'theirs' },
    } as { metadata: { name: string } });
    const before = await kubeGet(path);
    for (const args of [
      install('minimal'),
      install('minimal', '--adopt', 'unowned'),
      install('minimal', '--force-conflicts'),
    ]) {
      const { code, stderr } = await run(args);
      expect(stderr).toMatch(/ConfigMap istio-system\/istio belongs to Helm/);
      expect(stderr).toContain('--adopt all');
      expect(code).toBe(80);
    }
    expect(await kubeGet(path)).toEqual(before);
    expect(await listOwned()).toEqual([]);
  });

  test('a webhook that fails closed and has no server is named before anything is written', async () => {
    await put(`${ADMISSION}/validatingwebhookconfigurations`, {
      metadata: { name: 'guard' },
      webhooks: [
        {
          name: 'guard.example.test',
          clientConfig: { service: { name: 'nobody', namespace: 'default', path: '/' } },
          rules: [
            { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources: ['deployments'] },
          ],
          failurePolicy: 'Fail',
          sideEffects: 'None',
          timeoutSeconds: 2,
          admissionReviewVersions: ['v1'],
        },
      ],
    } as { metadata: { name: string } });
    const refused = await waitFor(async () => {
      const result = await run(install('minimal', '--request-timeout', '5s'));
      // The API server needs a moment to hear of a new webhook.
      return result.code !== 0 && result;
    });
    expect(refused.stderr).toContain('guard.example.test');
    expect(refused.stderr).toMatch(/Deployment istio-system\/istiod/);
    expect(refused.stderr).toContain('hint: ');
    expect(refused.code).toBe(1);
  });

  test('a policy that denies is quoted, and nothing is written', async () => {
    const rule = { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources: ['deployments'] };
    await put(`${ADMISSION}/validatingadmissionpolicies`, {
      metadata: { name: 'signed-images' },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules: [rule] },
        validations: [{ expression: 'false', message: 'images must be signed by ACME' }],
      },
    } as { metadata: { name: string } });
    await put(`${ADMISSION}/validatingadmissionpolicybindings`, {
      metadata: { name: 'signed-images' },
      spec: { policyName: 'signed-images', validationActions: ['Deny'] },
    } as { metadata: { name: string } });
    await waitFor(async () => {
      const probe = `/apis/apps/v1/namespaces/default/deployments?dryRun=All`;
      const selector = { matchLabels: { app: 'x' } };
      const template = {
        metadata: { labels: { app: 'x' } },
        spec: { containers: [{ name: 'c', image: 'c' }] },
      };
      const body = { metadata: { name: 'probe' }, spec: { selector, template } };
      return (await kubeRequest(probe, { body, accept: [403, 422] })).status >= 400;
    });
    const { code, stderr } = await run(install('minimal'));
    expect(stderr).toMatch(/signed-images/);
    expect(stderr).toContain('images must be signed by ACME');
    expect(stderr).toMatch(/Deployment istio-system\/istiod/);
    expect(code).toBe(1);
    expect(await listOwned()).toEqual([]);
  });

  test('a quota without room for pods: the reason comes at once', async () => {
    await put(`${HOME}/resourcequotas`, {
      metadata: { name: 'tight' },
      spec: { hard: { pods: '0' } },
    } as { metadata: { name: string } });
    await waitFor(async () => {
      const { status } = await kubeGet<{ status: { hard?: object } }>(`${HOME}/resourcequotas/tight`);
      return status.hard !== undefined;
    });
    const { code, stderr } = await run(install('minimal', '--timeout', '5m'));
    expect(stderr).toMatch(/Deployment istio-system\/istiod/);
    expect(stderr).toMatch(/exceeded quota: tight/);
    expect(code).toBe(75);
  });

  test('a user who may only read is told what is missing, and nothing is written', async () => {
    await put('/apis/rbac.authorization.k8s.io/v1/clusterroles', {
      metadata: { name: 'reader' },
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }],
    } as { metadata: { name: string } });
    await put('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'rita' }],
    } as { metadata: { name: string } });
    const asRita = ['--as', 'rita', '--as-group', 'system:authenticated'];
    await waitFor(async () => (await run(['plan', '--set', 'profile=minimal', ...asRita])).code !== 69);
    const { code, stderr } = await run([...install('minimal'), ...asRita], proxy.kubeconfig);
    // Not only the first thing that is refused: everything that an administrator has to grant.
    expect(stderr).toContain('nothing was changed');
    for (const missing of ['clusterroles', 'customresourcedefinitions', 'deployments', 'secrets', 'leases'])
      expect(stderr).toMatch(new RegExp(`may not create.* ${missing}\\b`));
    expect(code).toBe(77);
    expect(proxy.writes).toEqual([]);

    await succeeds(...install('minimal', '--wait', 'none'));
    const before = await listOwned();
    const removing = await run([...PURGE, ...asRita]);
    expect(removing.stderr).toMatch(/rita.* is not allowed to/);
    expect(removing.code).toBe(77);
    expect((await listOwned()).filter(({ key }) => !key.includes('mesh-inventory'))).toEqual(
      before.filter(({ key }) => !key.includes('mesh-inventory')),
    );
  });

  test('a namespace deleted while mesh installs into it: the error names it, and the next run goes on', async () => {
    const namespace = '/api/v1/namespaces/vanishing';
    await put('/api/v1/namespaces', { metadata: { name: 'vanishing' } });
    await kubeRequest(`${namespace}/configmaps`, {
      body: { metadata: { name: 'holder', finalizers: ['example.com/hold'] } },
    });
    proxy.beginCount(async ({ path, phase }) => {
      if (phase === 'arrived' && path.includes('/namespaces/vanishing/services'))
        await kubeRequest(namespace, { method: 'DELETE', accept: [409] });
      return true;
    });
    const args = install('minimal', '--set', 'values.global.istioNamespace=vanishing', '--wait', 'none');
    const { code, stderr } = await run(args, proxy.kubeconfig);
    expect(stderr).toContain('the namespace vanishing is being deleted');
    expect(code).toBe(1);
    const again = await run(args);
    expect(again.stderr).toContain('the namespace vanishing is being deleted');
    expect(again.code).toBe(80);
    await kubeRequest(`${namespace}/configmaps/holder`, {
      method: 'PATCH',
      body: { metadata: { finalizers: null } },
    });
    await waitFor(async () => (await kubeRequest(namespace, { accept: [404] })).status === 404, 30_000);
    await succeeds(...args);
    await succeeds(...PURGE);
  });

  test('an object that a finalizer holds: uninstall says by whom, and the next run ends it', async () => {
    await succeeds(...install('minimal', '--wait', 'none'));
    const service = `${HOME}/services/istiod`;
    await kubeRequest(service, { method: 'PATCH', body: { metadata: { finalizers: ['example.com/hold'] } } });
    undo.push(() =>
      kubeRequest(service, { method: 'PATCH', body: { metadata: { finalizers: null } }, accept: [404] }),
    );
    const { code, stderr } = await run([...PURGE, '--timeout', '2s']);
    expect(stderr).toMatch(/Service istio-system\/istiod: held by example\.com\/hold/);
    expect(code).toBe(75);
    const again = await run([...PURGE, '--timeout', '2s']);
    expect(again.stderr).toMatch(/Service istio-system\/istiod: held by example\.com\/hold/);
    expect(again.code).toBe(75);
    await kubeRequest(service, { method: 'PATCH', body: { metadata: { finalizers: null } } });
    await succeeds(...PURGE);
  });

  test('60 objects that look like ours: install, change, prune and purge leave them alone', async () => {
    const lookalikes = await plantLookalikes();
    undo.push(() => lookalikes.remove());
    expect(lookalikes.count).toBe(60);
    const before = await lookalikes.snapshot();
    await succeeds(...install('demo', '--wait', 'none'));
    expect(await lookalikes.snapshot()).toEqual(before);
    await succeeds(...install('minimal', '--wait', 'none'));
    expect(await lookalikes.snapshot()).toEqual(before);
    await succeeds(...install('minimal', '--revision', 'canary', '--wait', 'none'));
    await succeeds('uninstall', '--revision', 'canary', '-y');
    expect(await lookalikes.snapshot()).toEqual(before);
    await succeeds(...PURGE);
    expect(await lookalikes.snapshot()).toEqual(before);
  });
});
