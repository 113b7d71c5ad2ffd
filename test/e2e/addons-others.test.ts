/** Addons beside what else is in the cluster: the rules of the API server, objects of others, the control plane. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readAddonFolder } from '../../src/adapters/files/addon-folder.ts';
import { renderAddon } from '../../src/domain/addon/render.ts';
import { objectAt } from '../../src/lib/json.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { listLabelled, removeNamespace } from '../support/addon-objects.ts';
import { createNamespace, kubeRequest, useControlPlane } from '../support/controlplane.ts';
import { dryRunApply } from '../support/dry-run.ts';
import { mesh, projectRoot } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { listOwned } from '../support/owned-objects.ts';
import { resetCluster } from '../support/reset-cluster.ts';

const cluster = useControlPlane();
const addons = readAddonFolder(projectRoot);
const names = addons.map(({ name }) => name);
const run = (...args: string[]): Promise<MeshResult> =>
  mesh(args, { env: { KUBECONFIG: cluster.kubeconfig } });

cluster.describe('addons and others', () => {
  beforeAll(async () => {
    await run('addon', 'uninstall', '--all', '-y');
  });
  afterAll(async () => {
    await run('addon', 'uninstall', '--all', '-y');
  });

  test.each(names)(
    'the API server takes every field of %s, with all neighbours and with none',
    async (name) => {
      const namespace = await createNamespace(`addon-${name}`);
      const addon = addons.find((candidate) => candidate.name === name)!;
      for (const isPresent of [true, false]) {
        const present = Object.fromEntries(names.map((other) => [other, isPresent]));
        for (const object of renderAddon(addon, { namespace, istioNamespace: namespace, present }))
          await dryRunApply(object);
      }
      await kubeRequest(`/api/v1/namespaces/${namespace}`, { method: 'DELETE' });
    },
  );

  test('pods fit the strictest rules that Kubernetes has for pods', async () => {
    const namespace = await createNamespace('addon-pods', {
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
    const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
    const podOf = (name: string, spec: JsonObject): JsonObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec,
    });
    const present = Object.fromEntries(names.map((name) => [name, true]));
    for (const addon of addons) {
      const objects = renderAddon(addon, { namespace, istioNamespace: namespace, present });
      const deployment = objects.find(({ kind }) => kind === 'Deployment');
      // The account of the addon is not there in a dry run.
      const spec = { ...objectAt(deployment, ['spec', 'template', 'spec']), serviceAccountName: 'default' };
      const { status } = await kubeRequest(path, { body: podOf(addon.name, spec), accept: [403, 422] });
      expect([addon.name, status]).toEqual([addon.name, 201]);
    }
    const bad = podOf('bad', { containers: [{ name: 'a', image: 'b' }] });
    expect((await kubeRequest(path, { body: bad, accept: [403] })).status).toBe(403);
    await kubeRequest(`/api/v1/namespaces/${namespace}`, { method: 'DELETE' });
  });

  describe('what was there before', () => {
    let namespace = '';
    beforeAll(async () => {
      namespace = await createNamespace('addons-others');
    });
    afterAll(async () => {
      // First the addons: their cluster roles would outlive the namespace.
      await run('addon', 'uninstall', '--all', '-y');
      await removeNamespace(namespace);
    });
    const install = (...args: string[]): Promise<MeshResult> =>
      run('addon', 'install', 'zipkin', '-n', namespace, '-y', ...args);

    test('objects of others stop it before anything is written; --adopt takes them over', async () => {
      await kubeRequest(`/api/v1/namespaces/${namespace}/services`, {
        method: 'POST',
        body: {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'zipkin' },
          spec: { selector: { app: 'zipkin' }, ports: [{ name: 'http-query', port: 9411 }] },
        },
      });
      const refused = await install();
      expect(refused.stderr).toContain(`Service ${namespace}/zipkin belongs to nobody that mesh knows`);
      expect(refused.stderr).toContain('--adopt unowned');
      expect(refused.code).toBe(80);
      expect(await listLabelled()).toEqual([]);
      expect((await install('--adopt', 'unowned', '--force-conflicts')).code).toBe(0);
    });

    test('a field of another manager stops it, --force-conflicts takes it', async () => {
      await kubeRequest(`/apis/apps/v1/namespaces/${namespace}/deployments/zipkin?fieldManager=somebody`, {
        method: 'PATCH',
        contentType: 'application/strategic-merge-patch+json',
        body: {
          spec: { template: { spec: { containers: [{ name: 'zipkin', image: 'example.org/zipkin:1' }] } } },
        },
      });
      const refused = await install();
      expect(refused.stderr).toMatch(/zipkin .*image ← .*somebody/);
      expect(refused.code).toBe(80);
      expect((await install('--force-conflicts')).stderr).toContain('installed: 1 object written');
    });

    test('the same addon in two namespaces: each has its own, and goes alone', async () => {
      const other = await createNamespace('addons-second');
      for (const place of [namespace, other])
        expect((await run('addon', 'install', 'prometheus', '-n', place, '-y')).code).toBe(0);
      expect(
        (await listLabelled('prometheus')).filter((line) => line.startsWith('ClusterRole ')),
      ).toHaveLength(2);
      const { stderr } = await run('addon', 'uninstall', 'prometheus', '-n', other, '-y');
      expect(stderr).toContain('removed prometheus: 6 objects');
      const left = await listLabelled('prometheus');
      expect(left).toHaveLength(7);
      expect(left.join()).not.toContain(other);
      // A namespace that was there before stays.
      expect((await kubeRequest(`/api/v1/namespaces/${other}`)).status).toBe(200);
      await removeNamespace(other);
    });
  });

  describe('the control plane', () => {
    beforeAll(resetCluster);
    afterAll(resetCluster);

    const install = ['install', '--set', 'profile=minimal', '-y'];

    test('both are there, and the same again writes nothing', async () => {
      expect((await run(...install)).code).toBe(0);
      expect((await run('addon', 'install', '--all', '-y')).code).toBe(0);
      const before = await listOwned();
      expect((await run(...install)).stderr).toContain('nothing to do');
      expect((await run('addon', 'install', '--all', '-y')).stderr).toContain('nothing to do');
      expect(await listOwned()).toEqual(before);
    });

    test('a purge of the control plane leaves the addons and their namespace', async () => {
      const before = await listLabelled();
      expect((await run('uninstall', '--purge', '--confirm', 'mesh-test')).code).toBe(0);
      expect(await listLabelled()).toEqual(before);
      expect((await kubeRequest('/api/v1/namespaces/istio-system')).status).toBe(200);
    });

    test('uninstalling the addons leaves the control plane', async () => {
      expect((await run(...install)).code).toBe(0);
      const before = (await listOwned()).map(({ key }) => key);
      const addonObjects = await listLabelled();
      expect((await run('addon', 'uninstall', '--all', '-y')).code).toBe(0);
      const after = (await listOwned()).map(({ key }) => key);
      expect(before.filter((key) => !after.includes(key))).toHaveLength(addonObjects.length);
      expect((await run(...install)).stderr).toContain('nothing to do');
    });
  });
});
