/** Injection by asking, and by the cluster itself, on a real API server: a fake istiod answers both. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { getAt, objectAt } from '../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../src/lib/json.ts';
import { parseYamlDocuments } from '../../src/lib/yaml.ts';
import { createNamespace, kubeGet, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { injectorConfiguration } from '../support/injector-objects.ts';
import { hostAddress, startInjectorServer } from '../support/injector-server.ts';
import type { InjectorServer } from '../support/injector-server.ts';
import { mesh, useFolder } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { resetCluster } from '../support/reset-cluster.ts';

const cluster = useControlPlane();
const folder = useFolder();
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const CONFIGURATION = 'istio-sidecar-injector-asked';

let istiod: InjectorServer;
let namespace: string;

const run = (args: readonly string[], input = '', env = {}): Promise<MeshResult> =>
  mesh(args, { env: { KUBECONFIG: cluster.kubeconfig, ...env }, input });

const describeReachable = hostAddress() === undefined ? describe.skip : cluster.describe;
if (hostAddress() === undefined)
  process.stderr.write('SKIPPED: kube-inject is not tried, this machine has only a loopback address.\n');

const deployment = (name: string): string => `# keep me
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: 1
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      containers:
      - name: app
        image: app:1
`;

describeReachable('kube-inject', () => {
  beforeAll(async () => {
    await resetCluster();
    istiod = await startInjectorServer(folder.path, 'asked');
    namespace = await createNamespace('inject', { 'istio.io/rev': 'asked' });
    await istiod.serve(namespace, 'istiod-asked');
    await kubeRequest(WEBHOOKS, {
      body: injectorConfiguration(CONFIGURATION, {
        revision: 'asked',
        service: { namespace, name: 'istiod-asked' },
        caBundle: istiod.caBundle,
      }),
    });
  });
  afterEach(() => (istiod.respond = undefined));
  afterAll(async () => {
    await kubeRequest(`${WEBHOOKS}/${CONFIGURATION}`, { method: 'DELETE', accept: [404] });
    await kubeRequest(`/api/v1/namespaces/${namespace}`, { method: 'DELETE', accept: [404] });
    await istiod.close();
  });

  test('the template becomes what the cluster itself makes of the pod', async () => {
    const { stdout, stderr, code } = await run(
      ['kube-inject', '-f', '-', '-r', 'asked', '-n', namespace],
      deployment('web'),
    );
    expect(stderr).toContain(`injected by revision asked: Deployment ${namespace}/web`);
    expect(code).toBe(0);
    expect(stdout.startsWith('# keep me\n')).toBe(true);
    const asked = getAt(parseYamlDocuments(stdout, 'out')[0]!.value, ['spec', 'template']);

    // From here on the API server calls the same istiod for every pod of the namespace.
    await kubeRequest(`${WEBHOOKS}/${CONFIGURATION}`, {
      method: 'PUT',
      body: {
        ...injectorConfiguration(CONFIGURATION, {
          revision: 'asked',
          url: istiod.url,
          caBundle: istiod.caBundle,
        }),
        metadata: (await kubeGet<{ metadata: JsonObject }>(`${WEBHOOKS}/${CONFIGURATION}`)).metadata,
      },
    });
    const made = parseYamlDocuments(deployment('web'), 'in')[0]!.value;
    await kubeRequest(`/apis/apps/v1/namespaces/${namespace}/deployments`, { body: made });
    const pod = await waitFor(async () => {
      const { items } = await kubeGet<{ items: JsonObject[] }>(
        `/api/v1/namespaces/${namespace}/pods?labelSelector=app=web`,
      );
      return items[0];
    });
    await kubeRequest(`${WEBHOOKS}/${CONFIGURATION}`, {
      method: 'PUT',
      body: {
        ...injectorConfiguration(CONFIGURATION, {
          revision: 'asked',
          service: { namespace, name: 'istiod-asked' },
          caBundle: istiod.caBundle,
        }),
        metadata: (await kubeGet<{ metadata: JsonObject }>(`${WEBHOOKS}/${CONFIGURATION}`)).metadata,
      },
    });

    expect(objectAt(asked, ['metadata', 'annotations'])).toEqual(objectAt(pod, ['metadata', 'annotations']));
    // Kubernetes adds the hash, and the place of the node.
    const ofKubernetes = /^(pod-template-hash|topology\.kubernetes\.io\/.*)$/;
    const labels = Object.entries(objectAt(pod, ['metadata', 'labels']));
    expect(objectAt(asked, ['metadata', 'labels'])).toEqual(
      Object.fromEntries(labels.filter(([key]) => !ofKubernetes.test(key))),
    );
    for (const list of ['initContainers', 'containers'])
      expect(namesOf(asked, list)).toEqual(namesOf(pod, list));
    // Both saw the ReplicaSet of the Deployment; only the made-up part of its name differs.
    expect(ownerSeen(asked)).toMatch(/^ReplicaSet web-[a-z0-9]+$/);
    expect(ownerSeen(pod)).toMatch(/^ReplicaSet web-[a-z0-9]+$/);
  });

  test('what comes out can be applied, also a whole folder of it', async () => {
    folder.write('many-a.yaml', `${deployment('one')}---\n${deployment('two')}`);
    const out = `${folder.path}/out/all.yaml`;
    const result = await run([
      'kube-inject',
      '-f',
      `${folder.path}/many-a.yaml`,
      '-r',
      'asked',
      '-n',
      namespace,
      '-o',
      out,
    ]);
    expect(result).toMatchObject({ code: 0, stdout: '' });
    const again = await run(['kube-inject', '-f', `${folder.path}/out`, '-r', 'asked', '-n', namespace]);
    for (const { value } of parseYamlDocuments(again.stdout, 'out')) {
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments?dryRun=All&fieldValidation=Strict`;
      const made = await kubeRequest<JsonValue>(path, { body: value, accept: [422] });
      // Twice injected by this istiod means two proxies, which the API server does not take.
      expect(made.status).toBe(422);
    }
    const { stdout } = await run([
      'kube-inject',
      '-f',
      `${folder.path}/many-a.yaml`,
      '-r',
      'asked',
      '-n',
      namespace,
    ]);
    for (const { value } of parseYamlDocuments(stdout, 'out')) {
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments?dryRun=All&fieldValidation=Strict`;
      expect((await kubeRequest(path, { body: value })).status).toBe(201);
    }
  });

  test('many objects are many questions, none twice', async () => {
    const before = istiod.asked;
    const input = Array.from({ length: 30 }, (_, index) => deployment(`d${index}`)).join('---\n');
    const { stdout, code } = await run(['kube-inject', '-f', '-', '-r', 'asked', '-n', namespace], input);
    expect(code).toBe(0);
    expect(istiod.asked - before).toBe(30);
    const names = parseYamlDocuments(stdout, 'out').map(({ value }) => getAt(value, ['metadata', 'name']));
    expect(names).toEqual(Array.from({ length: 30 }, (_, index) => `d${index}`));
  });

  test('istiod refuses, or answers nonsense: nothing on stdout', async () => {
    const bad = deployment('web').replace(
      '      labels:',
      '      annotations:\n        sidecar.istio.io/interceptionMode: MAGIC\n      labels:',
    );
    const refused = await run(['kube-inject', '-f', '-', '-r', 'asked', '-n', namespace], bad);
    expect(refused.stderr).toContain(`istiod does not inject Deployment ${namespace}/web: injection failed`);
    expect(refused).toMatchObject({ code: 1, stdout: '' });

    istiod.respond = () => ({ status: 500, body: 'template: sidecar:1: bad character' });
    const broken = await run(['kube-inject', '-f', '-', '-r', 'asked', '-n', namespace], deployment('web'));
    expect(broken.stderr).toContain('with 500 and no AdmissionReview: template: sidecar:1: bad character');
    expect(broken).toMatchObject({ code: 1, stdout: '' });
  });

  test('no istiod behind the Service, no permission, no such revision', async () => {
    await kubeRequest(WEBHOOKS, {
      body: injectorConfiguration('istio-sidecar-injector-gone', {
        revision: 'gone',
        service: { namespace, name: 'istiod-gone' },
      }),
    });
    try {
      const missing = await run(['kube-inject', '-f', '-', '-r', 'gone'], deployment('web'));
      expect(missing.stderr).toContain(`there is no Service ${namespace}/istiod-gone`);
      expect(missing.code).toBe(64);
      await kubeRequest(`/api/v1/namespaces/${namespace}/services`, {
        body: {
          metadata: { name: 'istiod-gone' },
          spec: { ports: [{ port: 443 }], selector: { app: 'nobody' } },
        },
      });
      const down = await run(['kube-inject', '-f', '-', '-r', 'gone'], deployment('web'));
      expect(down.stderr).toContain(`no pod of Service ${namespace}/istiod-gone answers on port 443`);
      expect(down.code).toBe(69);
    } finally {
      await kubeRequest(`${WEBHOOKS}/istio-sidecar-injector-gone`, { method: 'DELETE' });
    }
    const nobody = await run(['kube-inject', '-f', '-', '-r', 'asked', '--as', 'jane'], deployment('web'));
    expect(nobody.stderr).toContain('the user "jane"');
    expect(nobody.code).toBe(77);
    await kubeRequest(`${RBAC}/clusterroles`, {
      body: {
        metadata: { name: 'mesh-test-webhook-reader' },
        rules: [
          {
            apiGroups: ['admissionregistration.k8s.io'],
            resources: ['mutatingwebhookconfigurations'],
            verbs: ['get', 'list'],
          },
        ],
      },
    });
    await kubeRequest(`${RBAC}/clusterrolebindings`, {
      body: {
        metadata: { name: 'mesh-test-webhook-reader' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: 'mesh-test-webhook-reader',
        },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'joe' }],
      },
    });
    const reader = await run(['kube-inject', '-f', '-', '-r', 'asked', '--as', 'joe'], deployment('web'));
    for (const kind of ['clusterrolebindings', 'clusterroles'])
      await kubeRequest(`${RBAC}/${kind}/mesh-test-webhook-reader`, { method: 'DELETE' });
    expect(reader.stderr).toMatch(
      /the user "joe" .* is not allowed to create services\/proxy in the namespace inject-/,
    );
    expect(reader).toMatchObject({ code: 77, stdout: '' });
    const unknown = await run(['kube-inject', '-f', '-', '-r', 'askd'], deployment('web'));
    expect(unknown.stderr).toMatch(/there is no revision and no tag "askd"\nhint: did you mean asked\?/);
    expect(unknown.code).toBe(64);
  });
});

function namesOf(pod: JsonValue | undefined, list: string): unknown[] {
  const containers = getAt(pod, ['spec', list]);
  return Array.isArray(containers) ? containers.map((container) => getAt(container, ['name'])) : [];
}

function ownerSeen(pod: JsonValue | undefined): unknown {
  return getAt(pod, ['spec', 'containers', 1, 'env', 0, 'value']);
}
