/** Revision tags on a real API server. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/lib/json.ts';
import { parseYamlDocuments } from '../../src/lib/yaml.ts';
import { createNamespace, kubeGet, kubeRequest, useControlPlane } from '../support/controlplane.ts';
import { mesh } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { resetCluster } from '../support/reset-cluster.ts';

const cluster = useControlPlane();
const run = (...args: string[]): Promise<MeshResult> =>
  mesh(args, { env: { KUBECONFIG: cluster.kubeconfig } });

const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

interface Webhooks {
  readonly metadata: { readonly labels: Record<string, string> };
  readonly webhooks: readonly JsonObject[];
}

cluster.describe('tags', () => {
  beforeAll(async () => {
    await resetCluster();
    await run('install', '--set', 'profile=minimal', '-y');
    await run('install', '--set', 'profile=minimal', '-r', 'canary', '-y');
  });
  afterAll(resetCluster);

  test('list: the default tag of the install, and the revision without one', async () => {
    const { stdout, code } = await run('tag', 'list', '-o', 'json');
    expect(JSON.parse(stdout)).toEqual([
      { tag: 'default', revision: 'default', namespaces: [] },
      { tag: '', revision: 'canary', namespaces: [] },
    ]);
    expect(code).toBe(0);
  });

  test('generate makes the same webhooks as the install', async () => {
    const { stdout } = await run('tag', 'generate', 'default', '-r', 'default');
    const made = parseYamlDocuments(stdout, 'generated').map(({ value }) => value as JsonObject);
    expect(made.map(({ kind }) => kind)).toEqual([
      'MutatingWebhookConfiguration',
      'Service',
      'ValidatingWebhookConfiguration',
    ]);
    const live = await kubeGet<Webhooks>(`${WEBHOOKS}/istio-revision-tag-default`);
    const defaults = { matchPolicy: 'Equivalent', timeoutSeconds: 10 };
    const rules = (made[0]!['webhooks'] as JsonObject[]).map((webhook) => ({
      ...webhook,
      ...defaults,
      rules: [{ ...(webhook['rules'] as JsonObject[])[0], scope: '*' }],
    }));
    expect(rules).toEqual(live.webhooks);
  });

  test('set, move only with --overwrite, remove only after asking when it is in use', async () => {
    expect((await run('tag', 'set', 'prod', '-r', 'default')).code).toBe(0);
    const live = await kubeGet<Webhooks>(`${WEBHOOKS}/istio-revision-tag-prod`);
    expect(live.metadata.labels).toMatchObject({ 'istio.io/tag': 'prod', 'istio.io/rev': 'default' });
    expect(Object.keys(live.metadata.labels).filter((key) => key.includes('operator.istio.io'))).toEqual([]);
    expect(live.webhooks.map(({ name }) => name)).toEqual([
      'rev.namespace.sidecar-injector.istio.io',
      'rev.object.sidecar-injector.istio.io',
    ]);

    const refused = await run('tag', 'set', 'prod', '-r', 'canary');
    expect(refused.stderr).toMatch(/points to revision default\nhint: move it with --overwrite/);
    expect(refused.code).toBe(80);
    expect((await run('tag', 'set', 'prod', '-r', 'canary', '--overwrite', '-y')).code).toBe(0);

    const namespace = await createNamespace('tagged', { 'istio.io/rev': 'prod' });
    const { stdout } = await run('tag', 'list');
    expect(stdout).toMatch(new RegExp(`^prod +canary +${namespace}$`, 'm'));
    const asked = await run('tag', 'remove', 'prod');
    expect(asked.stderr).toContain('--yes');
    expect(asked.code).toBe(64);
    expect((await run('tag', 'remove', 'prod', '-y')).stderr).toContain('removed tag prod (2 objects)');
    expect((await kubeRequest(`${WEBHOOKS}/istio-revision-tag-prod`, { accept: [404] })).status).toBe(404);
    await kubeRequest(`/api/v1/namespaces/${namespace}`, { method: 'DELETE' });
  });

  test.each([
    [
      ['tag', 'set', 'prod', '-r', 'canry'],
      /revision "canry" is not installed\nhint: did you mean canary\?/,
      64,
    ],
    [['tag', 'set', 'canary', '-r', 'default'], /is the name of a revision/, 80],
    [['tag', 'set', 'Bad_Name', '-r', 'default'], /can not be the name of a tag/, 64],
    [['tag', 'remove', 'nope'], /there is no tag "nope"/, 64],
  ])('%j', async (args, message, code) => {
    const result = await run(...args);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
  });
});
