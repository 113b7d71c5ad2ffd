/** What another installer has put into a cluster becomes mesh's: no spec changes, nothing restarts. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { KubeObject } from '../../src/domain/manifest/types.ts';
import { kubeGet, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { mesh } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { resetCluster } from '../support/reset-cluster.ts';

const cluster = useControlPlane();
const run = (...args: string[]): Promise<MeshResult> =>
  mesh(args, { env: { KUBECONFIG: cluster.kubeconfig } });

/** API path of the collection that an object belongs to. */
function pathOf({ apiVersion, kind, metadata }: KubeObject): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const namespace = metadata['namespace'] as string | undefined;
  const plural = kind === 'NetworkPolicy' ? 'networkpolicies' : `${kind.toLowerCase()}s`;
  return `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}`;
}

/** Applies what mesh renders the way another tool does: its field manager, its labels. */
async function installAs(
  manager: string,
  mark: (metadata: Record<string, unknown>, object: KubeObject) => Record<string, unknown>,
): Promise<KubeObject[]> {
  const { stdout } = await run('manifest', 'generate', '--set', 'profile=minimal', '-o', 'json');
  const objects = (JSON.parse(stdout) as { items: KubeObject[] }).items.filter(
    ({ kind }) => kind !== 'Namespace',
  );
  await kubeRequest('/api/v1/namespaces', {
    body: { metadata: { name: 'istio-system' } },
    accept: [409],
  });
  const rank = ({ kind }: KubeObject): number => (kind === 'CustomResourceDefinition' ? 0 : 1);
  for (const object of objects.toSorted((a, b) => rank(a) - rank(b))) {
    const marked = { ...object, metadata: mark(object.metadata, object) };
    await kubeRequest(`${pathOf(object)}/${object.metadata.name}?fieldManager=${manager}&force=true`, {
      method: 'PATCH',
      contentType: 'application/apply-patch+yaml',
      body: marked,
    });
  }
  const deployment = '/apis/apps/v1/namespaces/istio-system/deployments/istiod';
  await waitFor(
    async () =>
      (await kubeGet<{ status?: { availableReplicas?: number } }>(deployment)).status?.availableReplicas ===
      1,
    40_000,
    'istiod is available',
  );
  return objects;
}

function componentOf({ kind, metadata }: KubeObject): string {
  return kind === 'CustomResourceDefinition' || metadata.name.startsWith('istio-reader') ? 'Base' : 'Pilot';
}

interface Live {
  readonly metadata: {
    readonly generation?: number;
    readonly uid: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields: readonly { readonly manager: string; readonly operation: string }[];
  };
  readonly spec?: unknown;
  readonly data?: unknown;
}

const DEPLOYMENT = '/apis/apps/v1/namespaces/istio-system/deployments/istiod';
const CONFIG = '/api/v1/namespaces/istio-system/configmaps/istio';

cluster.describe('adopt', () => {
  beforeAll(resetCluster);
  beforeEach(resetCluster);
  afterAll(resetCluster);

  test.each([
    [
      'istioctl',
      'istio-operator',
      (metadata: Record<string, unknown>, object: KubeObject) => ({
        ...metadata,
        labels: {
          ...(metadata['labels'] as object),
          'app.kubernetes.io/managed-by': 'Helm',
          'operator.istio.io/managed': 'Reconcile',
          'operator.istio.io/component': componentOf(object),
          'operator.istio.io/version': '1.31.2',
        },
      }),
    ],
    [
      'helm',
      'helm',
      (metadata: Record<string, unknown>, object: KubeObject) => ({
        ...metadata,
        labels: {
          ...(metadata['labels'] as object),
          'app.kubernetes.io/managed-by': 'Helm',
          'helm.sh/chart': `${componentOf(object) === 'Base' ? 'base' : 'istiod'}-1.31.2`,
        },
        annotations: {
          'meta.helm.sh/release-name': 'istiod',
          'meta.helm.sh/release-namespace': 'istio-system',
        },
      }),
    ],
  ] as const)(
    'from %s',
    async (from, manager, mark) => {
      await installAs(manager, mark);
      const refused = await run('install', '--set', 'profile=minimal', '-y');
      expect(refused.code).toBe(80);
      const [before, config] = [await kubeGet<Live>(DEPLOYMENT), await kubeGet<Live>(CONFIG)];

      const planned = await run('adopt', '--from', from, '--set', 'profile=minimal', '--dry-run');
      expect(planned.stderr).not.toContain('error');
      expect(planned.stdout).toMatch(/^0 to create, \d+ to update, 0 to delete, 0 unchanged$/m);
      const { code, stderr } = await run('adopt', '--from', from, '--set', 'profile=minimal', '-y');
      expect(stderr).toMatch(new RegExp(`taken over from ${from}: \\d+ objects written`));
      expect(code).toBe(0);

      const after = await kubeGet<Live>(DEPLOYMENT);
      expect(after.spec).toEqual(before.spec);
      // An annotation that goes counts as a generation of a Deployment, although no pod changes.
      const generation = (before.metadata.generation ?? 0) + (from === 'helm' ? 1 : 0);
      expect(after.metadata).toMatchObject({ uid: before.metadata.uid, generation });
      expect(after.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'mesh' });
      expect((await kubeGet<Live>(CONFIG)).data).toEqual(config.data);
      const managers = after.metadata.managedFields.map((entry) => `${entry.manager} ${entry.operation}`);
      expect(managers).toContain('mesh Apply');
      expect(managers.join()).not.toContain(manager);
      expect(after.metadata.annotations ?? {}).not.toHaveProperty(['meta.helm.sh/release-name']);

      expect((await run('drift')).code).toBe(0);
      const history = JSON.parse((await run('history', '-o', 'json')).stdout) as object[];
      expect(history).toMatchObject([
        { action: 'adopt', status: 'deployed', description: `from ${from}`, istioVersion: '1.31.2' },
      ]);
      // From here on it is an installation like any other.
      const upgraded = await run('upgrade', '-y');
      expect(upgraded.stderr).toMatch(/upgraded 1\.31\.2 → 1\.31\.4: \d+ objects written/);
      expect((await run('uninstall', '--purge', '--confirm', 'mesh-test')).code).toBe(0);
      const left = await kubeRequest(DEPLOYMENT, { accept: [404] });
      expect(left.status).toBe(404);
    },
    180_000,
  );

  test('without values an upgrade asks for them; nothing to adopt is told', async () => {
    const none = await run('adopt', '--from', 'helm', '-y');
    expect(none.code).toBe(64);
    expect(none.stderr).toMatch(/helm has not installed revision default here/);
  });
});
