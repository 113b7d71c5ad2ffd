/** Install, again, switch, uninstall: the built mesh against a real API server. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseYamlDocuments } from '../../src/lib/yaml.ts';
import { isObject } from '../../src/lib/json.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { kubeGet, kubeRequest, useControlPlane } from '../support/controlplane.ts';
import { mesh } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { resetCluster } from '../support/reset-cluster.ts';
import { listOwned } from '../support/owned-objects.ts';

const cluster = useControlPlane();

const run = (...args: string[]): Promise<MeshResult> =>
  mesh(args, { env: { KUBECONFIG: cluster.kubeconfig } });
const planted = '/api/v1/namespaces/istio-system/configmaps/planted';

cluster.describe('the life of an installation', () => {
  beforeAll(resetCluster);

  afterAll(async () => {
    await kubeRequest(planted, { method: 'DELETE', accept: [404] });
    await resetCluster();
  });

  test('a dry run on an empty cluster shows everything and writes nothing', async () => {
    const { code, stdout, stderr } = await run('install', '--set', 'profile=demo', '--dry-run');
    expect(stderr).toContain('nothing was changed');
    expect(stdout).toMatch(/\+ Deployment istio-system\/istiod/);
    expect(stdout).toMatch(/\d+ to create, 0 to update, 0 to delete, 0 unchanged/);
    expect(code).toBe(0);
    expect(await listOwned()).toEqual([]);
    expect((await kubeRequest('/api/v1/namespaces/istio-system', { accept: [404] })).status).toBe(404);
  });

  test('demo: every Deployment becomes available', async () => {
    const { code, stderr, stdout } = await run('install', '--set', 'profile=demo', '-y');
    expect(stderr).toMatch(
      /context mesh-test · https:\/\/127\.0\.0\.1:\d+ · namespace istio-system · revision default/,
    );
    expect(stderr).toMatch(/✔ Istiod: \d+ objects/);
    expect(stderr).toMatch(/installed: \d+ objects written in /);
    expect(stdout).toBe('');
    expect(code).toBe(0);
    const { items } = await kubeGet<{
      items: { metadata: { name: string }; status: { availableReplicas?: number } }[];
    }>('/apis/apps/v1/namespaces/istio-system/deployments');
    expect(items.map(({ metadata, status }) => [metadata.name, status.availableReplicas])).toEqual([
      ['istio-egressgateway', 1],
      ['istio-ingressgateway', 1],
      ['istiod', 1],
    ]);
  });

  test('every definition is established and equal to its source', async () => {
    const generated = await run('manifest', 'generate', '--set', 'profile=minimal');
    const sources = parseYamlDocuments(generated.stdout, 'generated')
      .map(({ value }) => value as JsonObject)
      .filter((object) => object['kind'] === 'CustomResourceDefinition');
    expect(sources).toHaveLength(15);
    for (const source of sources) {
      const { name } = source['metadata'] as { name: string };
      const live = await kubeGet<JsonObject>(
        `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`,
      );
      expect((live['status'] as { conditions: unknown }).conditions).toContainEqual(
        expect.objectContaining({ type: 'Established', status: 'True' }),
      );
      expect(withoutDefaults(live['spec'])).toEqual(withoutDefaults(source['spec']));
    }
  });

  test('the labels say who installed it', async () => {
    const { metadata } = await kubeGet<{ metadata: { labels: Record<string, string> } }>(
      '/apis/apps/v1/namespaces/istio-system/deployments/istiod',
    );
    expect(metadata.labels).toMatchObject({
      'app.kubernetes.io/managed-by': 'mesh',
      'operator.istio.io/component': 'Pilot',
      'operator.istio.io/managed': 'Reconcile',
      'operator.istio.io/version': '1.31.4',
      'install.operator.istio.io/owning-resource-namespace': 'istio-system',
      'istio.io/rev': 'default',
    });
  });

  test('the same again writes nothing: no resourceVersion moves', async () => {
    const before = await listOwned();
    const { code, stderr } = await run('install', '--set', 'profile=demo', '-y');
    expect(stderr).toContain('nothing to do, everything is as wanted');
    expect(code).toBe(0);
    expect(await listOwned()).toEqual(before);
  });

  test('fields that istiod sets stay: caBundle and failurePolicy', async () => {
    const path =
      '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/istio-validator-istio-system';
    const live = await kubeGet<{
      webhooks: { failurePolicy: string; clientConfig: { caBundle?: string } }[];
    }>(path);
    const webhooks = live.webhooks.map((webhook) => ({
      ...webhook,
      failurePolicy: 'Fail',
      clientConfig: { ...webhook.clientConfig, caBundle: 'Y2E=' },
    }));
    await kubeRequest(`${path}?fieldManager=pilot-discovery`, { method: 'PATCH', body: { webhooks } });
    const { code, stderr } = await run('install', '--set', 'profile=demo', '-y');
    expect(stderr).toContain('nothing to do');
    expect(code).toBe(0);
    const after = await kubeGet<typeof live>(path);
    expect(after.webhooks[0]).toMatchObject({ failurePolicy: 'Fail', clientConfig: { caBundle: 'Y2E=' } });
    await kubeRequest(path, {
      method: 'PATCH',
      body: { webhooks: webhooks.map((webhook) => ({ ...webhook, failurePolicy: 'Ignore' })) },
    });
  });

  test('a field of another manager stops the install before anything is written', async () => {
    await kubeRequest('/apis/apps/v1/namespaces/istio-system/deployments/istiod?fieldManager=somebody', {
      method: 'PATCH',
      body: { spec: { template: { spec: { priorityClassName: 'system-cluster-critical' } } } },
    });
    const before = await listOwned();
    const args = [
      'install',
      '--set',
      'profile=demo',
      '--set',
      'values.global.priorityClassName=system-node-critical',
      '--set',
      'values.pilot.podLabels.changed=yes',
      '-y',
    ];
    const refused = await run(...args);
    expect(refused.stderr).toMatch(
      /Deployment istio-system\/istiod \.spec\.template\.spec\.priorityClassName ← .*somebody/,
    );
    expect(refused.stderr).toContain('--force-conflicts');
    expect(refused.code).toBe(80);
    expect(await listOwned()).toEqual(before);
    expect((await run(...args, '--force-conflicts')).code).toBe(0);
  });

  test('plan: 1 and the change with --full, 0 when there is nothing to do, Secrets masked', async () => {
    const args = [
      '--set',
      'profile=demo',
      '--set',
      'values.global.priorityClassName=system-node-critical',
      '--set',
      'values.pilot.podLabels.changed=yes',
    ];
    expect(await run('plan', ...args)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('0 to create, 0 to update, 0 to delete'),
    });
    const before = await listOwned();
    const changed = await run('plan', ...args, '--set', 'values.pilot.podLabels.changed=no', '--full');
    expect(changed.stdout).toMatch(/^-\s+changed: "yes"\n\+\s+changed: "no"$/m);
    expect(changed.stdout).toMatch(/~ Deployment istio-system\/istiod/);
    expect(changed.code).toBe(1);
    expect((await run('plan', '--set', 'profile=empty')).code).toBe(64);
    expect(await listOwned()).toEqual(before);
  });

  test('empty refuses to pretend', async () => {
    const { code, stderr } = await run('install', '--set', 'profile=empty', '-y');
    expect(stderr).toMatch(/profile empty switches every component off.*\n.*mesh uninstall --purge/);
    expect(code).toBe(64);
  });

  test('from demo to minimal the gateways go, and nothing else', async () => {
    await run('install', '--set', 'profile=demo', '-y', '--force-conflicts');
    await kubeRequest('/api/v1/namespaces/istio-system/configmaps', {
      body: { metadata: { name: 'planted' } },
    });
    const before = (await listOwned()).map(({ key }) => key);
    const { code, stderr } = await run('install', '--set', 'profile=minimal', '-y', '--force-conflicts');
    expect(code).toBe(0);
    expect(stderr).toMatch(/installed: \d+ objects written/);
    const after = (await listOwned()).map(({ key }) => key);
    expect(before.filter((key) => !after.includes(key))).toEqual(
      before.filter((key) => key.includes('gressgateway')),
    );
    // minimal scales istiod by itself, demo does not.
    expect(after.filter((key) => !before.includes(key) && !key.includes('mesh-release'))).toEqual([
      '/apis/autoscaling/v2/horizontalpodautoscalers istio-system/istiod',
    ]);
    expect((await kubeRequest(planted)).status).toBe(200);
  });

  test('without a terminal and without -y nothing happens', async () => {
    const { code, stderr } = await run('install', '--set', 'profile=demo');
    expect(stderr).toMatch(/nothing was changed\nhint: add --yes \(-y\)/);
    expect(code).toBe(64);
  });

  test('uninstall --purge leaves nothing of ours and touches nothing else', async () => {
    const { code, stderr } = await run('uninstall', '--purge', '--confirm', 'mesh-test');
    expect(stderr).toMatch(/removed \d+ objects\n.*kept the namespace istio-system/);
    expect(code).toBe(0);
    expect(await listOwned()).toEqual([]);
    expect((await kubeRequest(planted)).status).toBe(200);
    const { items } = await kubeGet<{ items: { metadata: { name: string } }[] }>(
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    );
    expect(items.filter(({ metadata }) => metadata.name.endsWith('.istio.io'))).toEqual([]);
    expect((await run('uninstall', '--purge', '-y')).stderr).toContain('nothing to do');
  });

  test('an object that was there before stops an install, and is taken over only when told', async () => {
    await resetCluster();
    await kubeRequest('/api/v1/namespaces', { body: { metadata: { name: 'istio-system' } } });
    await kubeRequest('/api/v1/namespaces/istio-system/configmaps', {
      body: { metadata: { name: 'istio' }, data: { mesh: 'mine' } },
    });
    const refused = await run('install', '--set', 'profile=minimal', '-y');
    expect(refused.stderr).toMatch(
      /ConfigMap istio-system\/istio belongs to nobody that mesh knows\nhint: take them over with --adopt unowned/,
    );
    expect(refused.code).toBe(80);
    expect(await listOwned()).toEqual([]);
    expect(
      (await run('install', '--set', 'profile=minimal', '-y', '--adopt', 'unowned', '--force-conflicts'))
        .code,
    ).toBe(0);
  });
});

/** Without what the API server fills in. */
function withoutDefaults(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { conversion: _conversion, ...rest } = value;
  return rest;
}
