/** Checks before an installation, on a real API server. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/lib/json.ts';
import { parseYamlDocuments } from '../../src/lib/yaml.ts';
import { createNamespace, kubeGet, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { mesh } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { resetCluster } from '../support/reset-cluster.ts';

const cluster = useControlPlane();
const run = (...args: string[]): Promise<MeshResult> =>
  mesh(args, { env: { KUBECONFIG: cluster.kubeconfig } });

interface Found {
  readonly code: string;
  readonly level: string;
  readonly message: string;
  readonly origin?: string;
  readonly suggestion?: string;
}

interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly template: { readonly spec: JsonObject } };
}

/** The findings, and the exit code. */
async function precheck(
  ...args: string[]
): Promise<{ readonly found: Found[]; readonly code: number | null; readonly stderr: string }> {
  const { stdout, stderr, code } = await run('precheck', '--set', 'profile=demo', '-o', 'json', ...args);
  if (stdout === '') throw new Error(stderr);
  return { found: JSON.parse(stdout) as Found[], code, stderr };
}

const withCode = (found: readonly Found[], code: string): Found[] => found.filter((one) => one.code === code);
const remove = (path: string): Promise<unknown> => kubeRequest(path, { method: 'DELETE', accept: [404] });

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const HOME = '/api/v1/namespaces/istio-system';

/** The workloads of a profile whose pods the API server does not let into istio-system, sorted. */
async function refusedWorkloads(profile: string): Promise<string[]> {
  const { stdout } = await run('manifest', 'generate', '--set', `profile=${profile}`);
  const refused: string[] = [];
  for (const { value } of parseYamlDocuments(stdout, 'manifest')) {
    const { kind, metadata, spec } = value as unknown as Workload;
    if (kind !== 'Deployment' && kind !== 'DaemonSet') continue;
    const { priorityClassName: _class, ...pod } = spec.template.spec;
    const { status, body } = await kubeRequest<{ message?: string }>(`${HOME}/pods?dryRun=All`, {
      body: { metadata: { name: 'a' }, spec: { ...pod, serviceAccountName: 'default' } },
      accept: [403],
    });
    if (status !== 403) continue;
    expect(body.message).toContain('violates PodSecurity');
    refused.push(`${kind} istio-system/${metadata.name}`);
  }
  return refused.sort();
}

/** A user with these rules everywhere, while `work` runs. */
async function asUser(rules: readonly JsonObject[], work: (user: string) => Promise<void>): Promise<void> {
  const name = 'precheck-user';
  await kubeRequest(`${RBAC}/clusterroles`, { body: { metadata: { name }, rules } });
  await kubeRequest(`${RBAC}/clusterrolebindings`, {
    body: {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' }],
    },
  });
  try {
    await work(name);
  } finally {
    await remove(`${RBAC}/clusterrolebindings/${name}`);
    await remove(`${RBAC}/clusterroles/${name}`);
  }
}

cluster.describe('precheck', () => {
  beforeAll(resetCluster);
  afterAll(resetCluster);

  test('an empty cluster is ready, and stays as it is', async () => {
    const { found, code, stderr } = await precheck();
    expect(found.map(({ code: name, level }) => `${level} ${name}`)).toEqual(['Info MESH0161']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/✔ ready for Istio 1\.31\.4: \d+ checks, 1 note/);
    expect((await kubeRequest(HOME, { accept: [404] })).status).toBe(404);
  });

  describe('permissions', () => {
    test('a user who may only read: all that is missing is named, with the rules to add', async () => {
      await asUser(
        [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }],
        async (user) => {
          const { found, code } = await precheck('--as', user);
          expect(code).toBe(79);
          expect(withCode(found, 'IST0141').map(({ message }) => message)).toEqual([
            'you may not create and patch clusterrolebindings.rbac.authorization.k8s.io and clusterroles.rbac.authorization.k8s.io',
            'you may not create and patch configmaps, serviceaccounts and services in the namespace istio-system',
            'you may not create and patch customresourcedefinitions.apiextensions.k8s.io',
            'you may not create and patch deployments.apps in the namespace istio-system',
            'you may not create and patch mutatingwebhookconfigurations.admissionregistration.k8s.io and validatingwebhookconfigurations.admissionregistration.k8s.io',
            'you may not create and patch namespaces',
            'you may not create and patch rolebindings.rbac.authorization.k8s.io and roles.rbac.authorization.k8s.io in the namespace istio-system',
            'you may not create and update leases.coordination.k8s.io in the namespace istio-system',
            'you may not create, patch and update secrets in the namespace istio-system',
          ]);
          expect(withCode(found, 'IST0141')[3]?.suggestion).toBe(
            'let an administrator add to a Role of yours in istio-system the rule {apiGroups: ["apps"], resources: ["deployments"], verbs: ["create", "patch"]}',
          );
          expect(withCode(found, 'MESH0101')).toHaveLength(6);
        },
      );
    });

    test('a user who may write roles, but not grant what they hold', async () => {
      const rules = [
        { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['rbac.authorization.k8s.io'], resources: ['*'], verbs: ['create', 'patch'] },
      ];
      await asUser(rules, async (user) => {
        const { found } = await precheck('--as', user);
        const [first] = withCode(found, 'MESH0102');
        expect(first?.origin).toMatch(/^ClusterRole istio/);
        expect(first?.message).toMatch(/grants more than you have yourself: \{APIGroups:/);
      });
    });

    test('a user who may read nothing: what could not be checked is told', async () => {
      const { found, code } = await precheck('--as', 'nobody-at-all');
      expect(withCode(found, 'MESH0100').map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/^the check nodes was left out: the user "nobody-at-all" .* list nodes/),
      );
      expect(withCode(found, 'IST0141').length).toBeGreaterThan(8);
      expect(code).toBe(79);
    });
  });

  test('webhooks whose Service is gone: one that would block, and a validator that was left over', async () => {
    const clientConfig = { service: { namespace: 'gone', name: 'guard', path: '/' } };
    const base = { clientConfig, sideEffects: 'None', admissionReviewVersions: ['v1'] };
    await kubeRequest(`${ADMISSION}/validatingwebhookconfigurations`, {
      body: {
        metadata: { name: 'precheck-guard' },
        webhooks: [
          {
            ...base,
            name: 'guard.example.com',
            failurePolicy: 'Fail',
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'istio-system' } },
            rules: [
              { apiGroups: [''], apiVersions: ['v1'], resources: ['services'], operations: ['CREATE'] },
            ],
          },
        ],
      },
    });
    await kubeRequest(`${ADMISSION}/mutatingwebhookconfigurations`, {
      body: {
        metadata: {
          name: 'precheck-injector',
          labels: { 'istio.io/rev': 'default', app: 'sidecar-injector' },
        },
        webhooks: [
          {
            ...base,
            name: 'namespace.sidecar-injector.istio.io',
            failurePolicy: 'Ignore',
            namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
            rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
          },
        ],
      },
    });
    try {
      const { found, code } = await precheck();
      expect(code).toBe(79);
      expect(withCode(found, 'MESH0121').map(({ message }) => message)).toEqual([
        expect.stringMatching(
          /precheck-guard calls Service gone\/guard, which does not exist, and would refuse Service istio-system\//,
        ),
      ]);
      const injectors = withCode(found, 'IST0139').filter(({ origin }) =>
        origin?.includes('precheck-injector'),
      );
      expect(injectors.map(({ message }) => message)).toEqual([
        expect.stringContaining('calls Service gone/guard, which does not exist'),
        expect.stringContaining('istio-revision-tag-default'),
      ]);
    } finally {
      await remove(`${ADMISSION}/validatingwebhookconfigurations/precheck-guard`);
      await remove(`${ADMISSION}/mutatingwebhookconfigurations/precheck-injector`);
    }
  });

  test('a namespace that can not go because of a finalizer', async () => {
    await kubeRequest('/api/v1/namespaces', { body: { metadata: { name: 'istio-system' } } });
    await kubeRequest(`${HOME}/configmaps`, {
      body: { metadata: { name: 'held', finalizers: ['example.com/hold'] } },
    });
    await kubeRequest(HOME, { method: 'DELETE' });
    try {
      await waitFor(async () => {
        const { status } = await kubeGet<{
          status: { conditions?: readonly { type: string; status: string }[] };
        }>(HOME);
        return status.conditions?.some(
          ({ type, status: is }) => type === 'NamespaceFinalizersRemaining' && is === 'True',
        );
      });
      const { found, code } = await precheck();
      expect(code).toBe(79);
      expect(withCode(found, 'MESH0131')).toEqual([
        expect.objectContaining({
          origin: 'Namespace istio-system',
          message: expect.stringMatching(/is being deleted since .*example\.com\/hold/),
        }),
      ]);
    } finally {
      await kubeRequest(`${HOME}/configmaps/held`, {
        method: 'PATCH',
        body: { metadata: { finalizers: null } },
      });
      await waitFor(async () => (await kubeRequest(HOME, { accept: [404] })).status === 404);
    }
  });

  test('a definition whose stored version will be gone', async () => {
    const name = 'wasmplugins.extensions.istio.io';
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    await kubeRequest(DEFINITIONS, {
      body: {
        metadata: { name },
        spec: {
          group: 'extensions.istio.io',
          scope: 'Namespaced',
          names: {
            kind: 'WasmPlugin',
            listKind: 'WasmPluginList',
            plural: 'wasmplugins',
            singular: 'wasmplugin',
          },
          versions: [{ name: 'v1old', served: true, storage: true, schema }],
        },
      },
    });
    try {
      await waitFor(async () => {
        const live = await kubeGet<{ status?: { storedVersions?: string[] } }>(`${DEFINITIONS}/${name}`);
        return live.status?.storedVersions?.includes('v1old');
      });
      const { found, code } = await precheck();
      expect(code).toBe(79);
      expect(withCode(found, 'MESH0112').map(({ message }) => message)).toEqual([
        expect.stringContaining(`objects of ${name} may be stored as v1old`),
      ]);
      expect(withCode(found, 'MESH0142').map(({ message }) => message)).toEqual([
        expect.stringContaining(`CustomResourceDefinition ${name}`),
      ]);
    } finally {
      await remove(`${DEFINITIONS}/${name}`);
      await waitFor(
        async () => (await kubeRequest(`${DEFINITIONS}/${name}`, { accept: [404] })).status === 404,
      );
    }
  });

  test('pod security: the workloads that the API server would refuse', async () => {
    await kubeRequest('/api/v1/namespaces', { body: { metadata: { name: 'istio-system' } } });
    const account = `${HOME}/serviceaccounts/default`;
    await waitFor(async () => (await kubeRequest(account, { accept: [404] })).status === 200);
    const seen: string[][] = [];
    for (const [level, profile] of [
      ['baseline', 'demo'],
      ['restricted', 'demo'],
      ['baseline', 'ambient'],
    ] as const) {
      const labels = { 'pod-security.kubernetes.io/enforce': level };
      await kubeRequest(HOME, { method: 'PATCH', body: { metadata: { labels } } });
      const { found } = await precheck('--set', `profile=${profile}`);
      const flagged = withCode(found, 'MESH0132').map(
        ({ message }) => /pods of (\S+ \S+)/.exec(message)?.[1] ?? message,
      );
      expect(flagged.sort()).toEqual(await refusedWorkloads(profile));
      seen.push(flagged);
    }
    expect(seen[0]).toEqual([]);
    expect(seen[2]).toEqual(['DaemonSet istio-system/istio-cni-node', 'DaemonSet istio-system/ztunnel']);
    await remove(HOME);
    await waitFor(async () => (await kubeRequest(HOME, { accept: [404] })).status === 404);
  });

  describe('after an install', () => {
    beforeAll(async () => {
      expect((await run('install', '--set', 'profile=demo', '-y')).code).toBe(0);
    });

    test('there is nothing new, for the same and for another revision', async () => {
      for (const more of [[], ['--revision', 'canary']]) {
        const { found, code } = await precheck(...more);
        expect(found.map(({ code: name }) => name)).toEqual(['MESH0161']);
        expect(code).toBe(0);
      }
    });

    test('a user who may change what is there, but create nothing, is enough for the same version', async () => {
      const rules = [
        {
          apiGroups: ['*'],
          resources: ['*'],
          verbs: ['get', 'list', 'watch', 'patch', 'delete', 'escalate', 'bind'],
        },
        { apiGroups: [''], resources: ['secrets'], verbs: ['create', 'update'] },
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'update'] },
      ];
      await asUser(rules, async (user) => {
        const { found, code } = await precheck('--as', user);
        expect(found.map(({ code: name }) => name)).toEqual(['MESH0161']);
        expect(code).toBe(0);
      });
    });

    test('live configuration that this version refuses, and fields that will go', async () => {
      const validator = `${ADMISSION}/validatingwebhookconfigurations`;
      for (const name of ['istio-validator-istio-system', 'istiod-default-validator'])
        await remove(`${validator}/${name}`);
      const namespace = await createNamespace('precheck');
      const base = `/apis/networking.istio.io/v1/namespaces/${namespace}`;
      const delay = { percent: 10, fixedDelay: '1s' };
      await kubeRequest(`${base}/virtualservices`, {
        body: {
          apiVersion: 'networking.istio.io/v1',
          kind: 'VirtualService',
          metadata: { name: 'old' },
          spec: { hosts: ['a'], http: [{ fault: { delay }, route: [{ destination: { host: 'a' } }] }] },
        },
      });
      await kubeRequest(`${base}/gateways`, {
        body: {
          apiVersion: 'networking.istio.io/v1',
          kind: 'Gateway',
          metadata: { name: 'bad' },
          spec: { servers: [] },
        },
      });
      const { found, code } = await precheck();
      expect(found.map(({ code: name, origin }) => `${name} ${origin ?? ''}`.trim())).toEqual([
        `IST0106 Gateway ${namespace}/bad`,
        `IST0002 VirtualService ${namespace}/old`,
        // The validators that this test had to take away.
        'MESH0153 Secret istio-system/mesh-inventory-default',
        'MESH0161',
      ]);
      expect(code).toBe(79);
      const skipped = await precheck(
        '--skip',
        'configuration',
        '--skip',
        'records',
        '--output-threshold',
        'Warning',
      );
      expect(skipped.found).toEqual([]);
      expect(skipped.code).toBe(0);
      expect(skipped.stderr).toMatch(/✔ ready for Istio .*1 note, 1 of them not shown/);
      await remove(`${base}/gateways/bad`);
      await remove(`/api/v1/namespaces/${namespace}`);
      await run('install', '--set', 'profile=demo', '-y');
    });

    test('a deleted object is missed', async () => {
      await remove(`${HOME}/services/istio-egressgateway`);
      const { found, code } = await precheck();
      expect(withCode(found, 'MESH0153').map(({ message }) => message)).toEqual([
        '1 object that mesh installed is gone: Service istio-system/istio-egressgateway',
      ]);
      expect(code).toBe(0);
    });

    test('objects that istioctl installed are in the way of another mesh', async () => {
      const path = '/apis/apps/v1/namespaces/istio-system/deployments/istio-ingressgateway';
      const labels = {
        'app.kubernetes.io/managed-by': null,
        'operator.istio.io/managed': 'Reconcile',
        'operator.istio.io/version': '1.30.0',
      };
      await kubeRequest(path, { method: 'PATCH', body: { metadata: { labels } } });
      const { found, code } = await precheck();
      expect(withCode(found, 'MESH0142').map(({ message }) => message)).toEqual([
        '1 object of this installation belongs to istioctl (1.30.0): Deployment istio-system/istio-ingressgateway',
      ]);
      expect(code).toBe(79);
      await remove(path);
    });
  });
});
