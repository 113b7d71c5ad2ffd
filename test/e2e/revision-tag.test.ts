/** The tag `default` through a promotion: whose it is, with whom it goes, and that the way back leaves no trace. */
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { kubeGet, kubeRequest, useControlPlane } from '../support/controlplane.ts';
import { mesh } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { resetCluster } from '../support/reset-cluster.ts';

const cluster = useControlPlane();
const run = (...args: string[]): Promise<MeshResult> =>
  mesh(args, { env: { KUBECONFIG: cluster.kubeconfig } });

const TAG = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/istio-revision-tag-default';
const SERVICE = '/api/v1/namespaces/istio-system/services/istiod-revision-tag-default';

interface Tag {
  readonly metadata: {
    readonly labels: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly webhooks: readonly { readonly clientConfig: { readonly service: { readonly name: string } } }[];
}

const target = async (): Promise<string | undefined> =>
  (await kubeGet<Tag>(TAG)).webhooks[0]?.clientConfig.service.name;

cluster.describe('the tag default', () => {
  beforeEach(async () => {
    await resetCluster();
    expect((await run('install', '--set', 'profile=default', '-y')).code).toBe(0);
    expect((await run('install', '--set', 'profile=default', '-r', 'canary', '-y')).code).toBe(0);
  }, 120_000);
  afterAll(resetCluster);

  test('there and back again: nothing drifts, and the install still owns it', async () => {
    const before = await kubeGet<Tag>(TAG);
    expect((await run('revision', 'promote', 'canary', '--tag', 'default', '-y')).code).toBe(0);
    expect(await target()).toBe('istiod-canary');
    expect((await kubeGet<Tag>(TAG)).metadata.annotations).toEqual({
      'mesh.io/previous-revision': 'default',
    });
    expect((await run('drift', '-r', 'canary')).stdout).toBe('');
    const abandoned = await run('revision', 'abandon', 'canary', '-y');
    expect(abandoned.stderr).toMatch(/removed \d+ objects/);
    expect(abandoned.code).toBe(0);
    const after = await kubeGet<Tag>(TAG);
    expect(after.metadata.labels).toEqual(before.metadata.labels);
    expect(after.metadata.annotations).toEqual(before.metadata.annotations);
    expect(after.webhooks).toEqual(before.webhooks);
    const drift = await run('drift');
    expect(drift.stdout).toBe('');
    expect(drift.code).toBe(0);
    expect((await run('uninstall', '-r', 'default', '-y')).code).toBe(0);
    expect((await kubeRequest(TAG, { accept: [404] })).status).toBe(404);
  });

  test('the old revision goes, and leaves the tag and the gateways with the new one', async () => {
    expect((await run('revision', 'promote', 'canary', '--tag', 'default', '-y')).code).toBe(0);
    const { stderr, code } = await run('uninstall', '-r', 'default', '-y');
    expect(stderr).toContain('MutatingWebhookConfiguration istio-revision-tag-default is kept');
    expect(code).toBe(0);
    expect(await target()).toBe('istiod-canary');
    expect((await kubeRequest(SERVICE, { accept: [404] })).status).toBe(200);
    const gateway = await kubeGet<Tag>(
      '/apis/apps/v1/namespaces/istio-system/deployments/istio-ingressgateway',
    );
    expect(gateway.metadata.labels['istio.io/rev']).toBe('canary');
    const list = JSON.parse((await run('revision', 'list', '-o', 'json')).stdout) as unknown;
    expect(list).toMatchObject([{ revision: 'canary', tags: ['default'], istiod: 'ready' }]);
  });

  test('a tag that was moved by hand goes with its revision', async () => {
    await run('tag', 'set', 'default', '-r', 'canary', '--overwrite', '-y');
    await run('tag', 'set', 'default', '-r', 'default', '--overwrite', '-y');
    expect((await run('uninstall', '-r', 'default', '-y')).code).toBe(0);
    expect((await kubeRequest(TAG, { accept: [404] })).status).toBe(404);
  });
});
