/** One installation through its life: history, rollback, saved plans, --atomic, the lock, drift, uninstall by file. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { kubeGet, kubeRequest, useControlPlane } from '../support/controlplane.ts';
import { mesh, useFolder } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { listOwned } from '../support/owned-objects.ts';
import { resetCluster } from '../support/reset-cluster.ts';

const cluster = useControlPlane();
const folder = useFolder();
const run = (...args: string[]): Promise<MeshResult> =>
  mesh(args, { env: { KUBECONFIG: cluster.kubeconfig } });

interface HistoryLine {
  readonly number: number;
  readonly status: string;
  readonly action: string;
  readonly description: string;
}

async function history(): Promise<HistoryLine[]> {
  return JSON.parse((await run('history', '-o', 'json')).stdout) as HistoryLine[];
}

const DEPLOYMENT = '/apis/apps/v1/namespaces/istio-system/deployments/istiod';
const LEASE = '/apis/coordination.k8s.io/v1/namespaces/istio-system/leases';
/** What a release is about: everything but the records of mesh itself. */
const objects = async (): Promise<string[]> =>
  (await listOwned()).map(({ key }) => key).filter((key) => !key.includes('mesh-'));

cluster.describe('the life of an installation', () => {
  beforeAll(resetCluster);
  afterAll(resetCluster);

  test('a failed first install with --atomic takes back what it made', async () => {
    const { code, stderr } = await run(
      ...['install', '--set', 'profile=minimal', '-y', '--atomic'],
      ...['--timeout', '3s', '--set', 'values.pilot.podAnnotations.mesh\\.test/stage=image-pull-error'],
    );
    expect(stderr).toMatch(/error: the install failed and was rolled back to the state before it/);
    expect(code).toBe(81);
    expect(await listOwned()).toEqual([]);
    expect((await kubeRequest('/api/v1/namespaces/istio-system', { accept: [404] })).status).toBe(404);
  });

  test('install, install again, change: two releases, the second run writes nothing', async () => {
    expect((await run('install', '--set', 'profile=minimal', '-y')).code).toBe(0);
    expect((await run('install', '--set', 'profile=minimal', '-y')).stderr).toContain('nothing to do');
    expect(await history()).toMatchObject([{ number: 1, status: 'deployed', action: 'install' }]);
    const { code } = await run('upgrade', '--set', 'values.global.logAsJson=true', '-y');
    expect(code).toBe(0);
    expect(await history()).toMatchObject([
      { number: 1, status: 'superseded' },
      { number: 2, status: 'deployed', action: 'upgrade' },
    ]);
  });

  test('an upgrade keeps the values that were given before', async () => {
    const { stdout } = await run('show', '--values', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      spec: { profile: 'minimal', values: { global: { logAsJson: true } } },
    });
    expect((await run('upgrade', '--dry-run')).stdout).toMatch(/^0 to create, 0 to update, 0 to delete/);
    const reset = await run('upgrade', '--values', 'reset', '--set', 'profile=minimal', '--dry-run');
    expect(reset.stdout).toMatch(/~ Deployment istio-system\/istiod/);
  });

  test('rollback: the difference first, then the objects of that release as a new one', async () => {
    const { stdout } = await run('rollback', '--dry-run');
    expect(stdout).toMatch(/~ Deployment istio-system\/istiod/);
    const { code, stderr } = await run('rollback', '1', '-y');
    expect(stderr).toMatch(/back at release 1: \d+ objects written/);
    expect(code).toBe(0);
    expect((await history()).at(-1)).toMatchObject({
      number: 3,
      status: 'deployed',
      action: 'rollback',
      description: 'rollback to 1',
    });
    expect((await run('show', '3', '--manifest')).stdout).toBe((await run('show', '1', '--manifest')).stdout);
    expect((await run('rollback', '9', '-y')).stderr).toMatch(
      /there is no release 9\nhint: there are 1, 2, 3/,
    );
  });

  test('a failed upgrade with --atomic leaves the objects as they were', async () => {
    const before = await objects();
    const spec = (await kubeGet<{ spec: unknown }>(DEPLOYMENT)).spec;
    const { code, stderr } = await run(
      ...[
        'upgrade',
        '--set',
        'profile=demo',
        '--set',
        'values.pilot.podAnnotations.mesh\\.test/stage=image-pull-error',
      ],
      ...['-y', '--atomic', '--timeout', '5s'],
    );
    expect(stderr).toMatch(/the upgrade failed and was rolled back to release 3/);
    expect(code).toBe(81);
    expect(await objects()).toEqual(before);
    expect((await kubeGet<{ spec: unknown }>(DEPLOYMENT)).spec).toEqual(spec);
    expect((await history()).slice(-2)).toMatchObject([{ status: 'deployed' }, { status: 'rolled-back' }]);
    expect((await run('drift')).code).toBe(0);
  });

  test('a saved plan is carried out exactly, or refused when something moved', async () => {
    const file = join(folder.path, 'mesh.plan');
    const planned = await run('plan', '--set', 'profile=demo', '--out', file);
    expect(planned.code).toBe(1);
    const applied = await run('apply', file);
    expect(applied.stderr).toMatch(/applied: \d+ objects written/);
    expect(applied.code).toBe(0);
    const again = await run('apply', file);
    expect(again.code).toBe(80);
    expect(again.stderr).toMatch(/the cluster is not as it was when the plan was made, nothing was changed/);
    expect(again.stderr).toMatch(/run 5 has been made since, the plan was made after 4/);
    expect((await run('apply', file, '--set', 'profile=demo')).code).toBe(64);
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(/"uid":"[^"]+","context"/, '"uid":"another","context"'),
    );
    const elsewhere = await run('apply', file);
    expect(elsewhere.stderr).toMatch(/the plan was made for another cluster \(context mesh-test/);
    expect(elsewhere.code).toBe(80);
    expect((await run('apply', folder.write('x.plan', 'spec: {}'))).code).toBe(65);
  });

  test('what moved after the plan is named', async () => {
    const file = join(folder.path, 'second.plan');
    await run('plan', '--set', 'profile=minimal', '--out', file);
    await kubeRequest('/api/v1/namespaces/istio-system/configmaps/istio', {
      method: 'PATCH',
      body: { data: { mine: 'x' } },
    });
    const { code, stderr } = await run('apply', file);
    expect(code).toBe(80);
    expect(stderr).toMatch(/ConfigMap istio-system\/istio: changed since the plan was made/);
  });

  test('a field that can not be changed is planned as replace, and asked for', async () => {
    const role = '/apis/rbac.authorization.k8s.io/v1/namespaces/istio-system/rolebindings/istiod';
    const binding = await kubeGet<{ metadata: object; roleRef: { name: string }; subjects: object[] }>(role);
    const labels = (binding.metadata as { labels: object }).labels;
    await kubeRequest(role, { method: 'DELETE' });
    await kubeRequest('/apis/rbac.authorization.k8s.io/v1/namespaces/istio-system/rolebindings', {
      body: {
        metadata: { name: 'istiod', labels },
        roleRef: { ...binding.roleRef, name: 'other' },
        subjects: binding.subjects,
      },
    });
    const planned = await run('plan', '--set', 'profile=demo', '--force-conflicts');
    expect(planned.stdout).toMatch(
      /± RoleBinding istio-system\/istiod {2}deleted and created anew\n.*roleRef/,
    );
    const refused = await run('install', '--set', 'profile=demo', '-y', '--force-conflicts');
    expect(refused.code).toBe(80);
    expect(refused.stderr).toMatch(/1 object has to be deleted and created anew, nothing was changed/);
    const done = await run('install', '--set', 'profile=demo', '-y', '--force-conflicts', '--allow-replace');
    expect(done.stderr).toMatch(/installed: \d+ objects? written/);
    expect(await kubeGet(role)).toMatchObject({ roleRef: { name: 'istiod' } });
  });

  test('a run of somebody else is named, a dead one is taken over', async () => {
    const lease = (holder: string, renewed: number): object => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: 'mesh-lock',
        namespace: 'istio-system',
        annotations: { 'mesh.io/purpose': 'upgrade' },
      },
      spec: {
        holderIdentity: holder,
        leaseDurationSeconds: 60,
        acquireTime: new Date(renewed).toISOString().replace('Z', '000Z'),
        renewTime: new Date(renewed).toISOString().replace('Z', '000Z'),
      },
    });
    await kubeRequest(LEASE, { body: lease('bob@elsewhere pid 1 (x)', Date.now()) });
    const refused = await run('install', '--set', 'profile=minimal', '-y');
    expect(refused.code).toBe(75);
    expect(refused.stderr).toMatch(
      /mesh is at work here already: upgrade by bob@elsewhere pid 1 \(x\), for \d+ s/,
    );
    await kubeRequest(`${LEASE}/mesh-lock`, { method: 'DELETE' });
    await kubeRequest(LEASE, { body: lease('bob@elsewhere pid 1 (x)', Date.now() - 120_000) });
    expect((await run('install', '--set', 'profile=minimal', '-y')).code).toBe(0);
    expect((await kubeRequest(`${LEASE}/mesh-lock`, { accept: [404] })).status).toBe(404);
  });

  test('drift: who changed what and when, what is gone, and --fix puts it back', async () => {
    expect((await run('drift')).code).toBe(0);
    await kubeRequest(`${DEPLOYMENT}?fieldManager=somebody`, {
      method: 'PATCH',
      body: { spec: { progressDeadlineSeconds: 123 } },
    });
    await kubeRequest(`${DEPLOYMENT}?fieldManager=somebody`, {
      method: 'PATCH',
      body: { spec: { strategy: { rollingUpdate: { maxSurge: 7 } } } },
    });
    await kubeRequest('/api/v1/namespaces/istio-system/configmaps/istio', { method: 'DELETE' });
    const { stdout, code } = await run('drift');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^- ConfigMap istio-system\/istio {2}is gone$/m);
    expect(stdout).toMatch(/\.spec\.strategy\.rollingUpdate\.maxSurge: .* → 7 {2}somebody 20\d\d-/);
    const fixed = await run('drift', '--fix', '-y');
    expect(fixed.stderr).toMatch(/repaired: 2 objects written/);
    expect((await run('drift')).code).toBe(0);
    expect((await history()).at(-1)).toMatchObject({ action: 'repair', status: 'deployed' });
  });

  test('uninstall by file takes exactly that revision', async () => {
    expect((await run('install', '--set', 'profile=minimal', '-r', 'canary', '-y')).code).toBe(0);
    const before = await listOwned();
    const file = folder.write(
      'canary.yaml',
      'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec:\n  profile: minimal\n  revision: canary\n',
    );
    const { code, stderr } = await run('uninstall', '-f', file, '-y');
    expect(stderr).toMatch(/removed \d+ objects/);
    expect(code).toBe(0);
    const after = await listOwned();
    const keys = after.map(({ key }) => key);
    expect(after).toEqual(before.filter(({ key }) => keys.includes(key)));
    expect(before.filter(({ key }) => !keys.includes(key)).every(({ key }) => key.includes('canary'))).toBe(
      true,
    );
    expect((await run('drift')).code).toBe(0);
  });

  test('purge with configuration of users needs the name of the context', async () => {
    await kubeRequest('/apis/networking.istio.io/v1/namespaces/default/sidecars', {
      body: { apiVersion: 'networking.istio.io/v1', kind: 'Sidecar', metadata: { name: 'mine' }, spec: {} },
    });
    const refused = await run('uninstall', '--purge', '-y');
    expect(refused.code).toBe(80);
    expect(refused.stderr).toMatch(/1 custom resource goes with the definitions: Sidecar 1/);
    expect(refused.stderr).toMatch(/hint: if that is what you want, add --confirm mesh-test/);
    expect((await run('uninstall', '--purge', '--confirm', 'prod')).code).toBe(64);
    expect((await run('uninstall', '--purge', '--confirm', 'mesh-test')).code).toBe(0);
    expect(await listOwned()).toEqual([]);
  });
});
