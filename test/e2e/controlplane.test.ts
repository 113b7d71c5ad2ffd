/** What the tests of mesh rely on: the fake kubelets behave like kubelets, well and badly. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { createNamespace, kubeGet, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { listen, stopServer } from '../support/servers.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly started: boolean;
  readonly restartCount: number;
  readonly state: {
    readonly waiting?: { readonly reason: string; readonly message: string };
    readonly running?: object;
    readonly terminated?: { readonly reason: string; readonly exitCode: number };
  };
  readonly lastState: { readonly terminated?: { readonly exitCode: number } };
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly hostIP?: string;
    readonly conditions: readonly Condition[];
    readonly containerStatuses: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

interface Workload {
  readonly status: { readonly conditions?: readonly Condition[]; readonly [count: string]: unknown };
}

interface List<Item> {
  readonly items: readonly Item[];
}

const container = { name: 'app', image: 'example.test/app:1' };

function podTemplate(annotations: Record<string, string> = {}, spec: object = {}): object {
  return {
    metadata: { labels: { app: 'app' }, annotations },
    spec: { terminationGracePeriodSeconds: 1, containers: [container], ...spec },
  };
}

async function createWorkload(
  namespace: string,
  kind: string,
  template: object,
  extra: object = {},
): Promise<void> {
  const selector = { matchLabels: { app: 'app' } };
  await kubeRequest(`/apis/apps/v1/namespaces/${namespace}/${kind}`, {
    body: { metadata: { name: 'app' }, spec: { selector, template, ...extra } },
  });
}

async function createPod(namespace: string, stage: string, spec: object = {}): Promise<void> {
  const metadata = { name: 'app', annotations: { 'mesh.test/stage': stage } };
  await kubeRequest(`/api/v1/namespaces/${namespace}/pods`, {
    body: { metadata, spec: { containers: [container], ...spec } },
  });
}

const getPod = (namespace: string): Promise<Pod> => kubeGet<Pod>(`/api/v1/namespaces/${namespace}/pods/app`);

async function podWhen(namespace: string, check: (pod: Pod) => boolean): Promise<Pod> {
  return waitFor(async () => {
    const pod = await getPod(namespace);
    return check(pod) && pod;
  });
}

const waitingReason = (pod: Pod): string | undefined =>
  pod.status.containerStatuses[0]?.state.waiting?.reason;

function statusOf(conditions: readonly Condition[] | undefined, type: string): string | undefined {
  return conditions?.find((condition) => condition.type === type)?.status;
}

async function eventReasons(namespace: string): Promise<readonly string[]> {
  const { items } = await kubeGet<List<{ reason: string }>>(`/api/v1/namespaces/${namespace}/events`);
  return items.map(({ reason }) => reason);
}

const cluster = useControlPlane();

cluster.describe('workloads that run well', () => {
  test('a Deployment becomes Available and its Service gets endpoints', async () => {
    const namespace = await createNamespace();
    await createWorkload(namespace, 'deployments', podTemplate(), { replicas: 2 });
    await kubeRequest(`/api/v1/namespaces/${namespace}/services`, {
      body: { metadata: { name: 'app' }, spec: { selector: { app: 'app' }, ports: [{ port: 80 }] } },
    });

    await waitFor(async () => {
      const { status } = await kubeGet<Workload>(`/apis/apps/v1/namespaces/${namespace}/deployments/app`);
      return statusOf(status.conditions, 'Available') === 'True' && status['readyReplicas'] === 2;
    });
    const { items: pods } = await kubeGet<List<Pod>>(`/api/v1/namespaces/${namespace}/pods`);
    // kwok may give an address that a deleted pod had to two pods at once, so they need not differ.
    expect(pods).toHaveLength(2);
    for (const { status } of pods) {
      expect(status.phase).toBe('Running');
      expect(status.podIP).toMatch(/^10\.244\./);
      expect(status.hostIP).toBe('127.0.0.1');
      for (const type of ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready']) {
        expect({ type, status: statusOf(status.conditions, type) }).toEqual({ type, status: 'True' });
      }
      expect(status.containerStatuses).toMatchObject([
        { name: 'app', ready: true, started: true, restartCount: 0 },
      ]);
    }
    await waitFor(async () => {
      const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
      const { items } = await kubeGet<List<{ endpoints: readonly object[] | null }>>(slices);
      return items.flatMap(({ endpoints }) => endpoints ?? []).length === 2;
    });
  });

  test('init containers are done and native sidecars run', async () => {
    const namespace = await createNamespace();
    const initContainers = [
      { name: 'init', image: 'example.test/init:1' },
      { name: 'sidecar', image: 'example.test/sidecar:1', restartPolicy: 'Always' },
    ];
    await createWorkload(namespace, 'deployments', podTemplate({}, { initContainers }));
    const pod = await waitFor(async () => {
      const { items } = await kubeGet<List<Pod>>(`/api/v1/namespaces/${namespace}/pods`);
      return items.find(({ status }) => statusOf(status.conditions, 'Ready') === 'True');
    });
    expect(pod.status.initContainerStatuses).toMatchObject([
      { name: 'init', ready: true, state: { terminated: { reason: 'Completed', exitCode: 0 } } },
      { name: 'sidecar', ready: true, started: true, state: { running: {} } },
    ]);
  });

  test('a DaemonSet has a ready pod on each of the two nodes', async () => {
    const namespace = await createNamespace();
    await createWorkload(namespace, 'daemonsets', podTemplate({}, { hostNetwork: true }));
    await waitFor(async () => {
      const { status } = await kubeGet<Workload>(`/apis/apps/v1/namespaces/${namespace}/daemonsets/app`);
      return status['desiredNumberScheduled'] === 2 && status['numberReady'] === 2;
    });
    const { items } = await kubeGet<List<Pod>>(`/api/v1/namespaces/${namespace}/pods`);
    expect(items.map(({ spec }) => spec.nodeName).sort()).toEqual(['mesh-test-1', 'mesh-test-2']);
    expect(items.map(({ status }) => status.podIP)).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  test.each([
    ['completes', {}, 'Complete'],
    ['fails when its pod is told to', { 'mesh.test/stage': 'fail' }, 'Failed'],
  ])('a Job %s', async (_, annotations, condition) => {
    const namespace = await createNamespace();
    await kubeRequest(`/apis/batch/v1/namespaces/${namespace}/jobs`, {
      body: {
        metadata: { name: 'app' },
        spec: { backoffLimit: 0, template: podTemplate(annotations, { restartPolicy: 'Never' }) },
      },
    });
    await waitFor(async () => {
      const { status } = await kubeGet<Workload>(`/apis/batch/v1/namespaces/${namespace}/jobs/app`);
      return statusOf(status.conditions, condition) === 'True';
    });
  });

  test('a rolling update replaces the pods', async () => {
    const namespace = await createNamespace();
    const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/app`;
    await createWorkload(namespace, 'deployments', podTemplate());
    await waitFor(async () => (await kubeGet<Workload>(deployment)).status['readyReplicas'] === 1);
    const annotations = { 'mesh.test/delay': '300ms' };
    await kubeRequest(deployment, {
      method: 'PATCH',
      body: { spec: { template: { metadata: { annotations } } } },
    });
    await waitFor(async () => {
      const { status } = await kubeGet<Workload>(deployment);
      return (
        status['observedGeneration'] === 2 && status['updatedReplicas'] === 1 && status['replicas'] === 1
      );
    });
    await waitFor(
      async () => (await kubeGet<List<Pod>>(`/api/v1/namespaces/${namespace}/pods`)).items.length === 1,
    );
  });
});

cluster.describe('workloads that go wrong, by annotation', () => {
  test('never-ready: Running, not Ready', async () => {
    const namespace = await createNamespace();
    await createPod(namespace, 'never-ready');
    const { status } = await podWhen(namespace, (pod) => pod.status.phase === 'Running');
    expect(status.conditions).toContainEqual(
      expect.objectContaining({
        type: 'Ready',
        status: 'False',
        reason: 'ContainersNotReady',
        message: 'containers with unready status: [app]',
      }),
    );
    expect(statusOf(status.conditions, 'ContainersReady')).toBe('False');
    expect(status.containerStatuses).toMatchObject([{ ready: false, started: true, state: { running: {} } }]);
    await waitFor(async () => (await eventReasons(namespace)).includes('Unhealthy'));
  });

  test('image-pull-error: ErrImagePull, then ImagePullBackOff', async () => {
    const namespace = await createNamespace();
    await createPod(namespace, 'image-pull-error');
    const first = await podWhen(namespace, (pod) => waitingReason(pod) === 'ErrImagePull');
    expect(first.status.containerStatuses[0]?.state.waiting?.message).toContain(
      '"example.test/app:1": not found',
    );
    const { status } = await podWhen(namespace, (pod) => waitingReason(pod) === 'ImagePullBackOff');
    expect(status.phase).toBe('Pending');
    expect(status.containerStatuses[0]?.state.waiting?.message).toMatch(
      /^Back-off pulling image "example.test\/app:1"/,
    );
    expect(statusOf(status.conditions, 'Ready')).toBe('False');
    await waitFor(async () => (await eventReasons(namespace)).includes('Failed'));
  });

  test('crash-loop: CrashLoopBackOff after restarts, and the last end is known', async () => {
    const namespace = await createNamespace();
    await createPod(namespace, 'crash-loop');
    const { status } = await podWhen(namespace, (pod) => waitingReason(pod) === 'CrashLoopBackOff');
    expect(status.phase).toBe('Running');
    const [app] = status.containerStatuses;
    expect(app).toMatchObject({ ready: false, lastState: { terminated: { exitCode: 1 } } });
    expect(app!.restartCount).toBeGreaterThanOrEqual(3);
    expect(app!.state.waiting!.message).toContain('restarting failed container=app');
    await waitFor(async () => (await eventReasons(namespace)).includes('BackOff'));
  });

  test('slow: ContainerCreating at first, ready after three seconds', async () => {
    const namespace = await createNamespace();
    const startedAt = Date.now();
    await createPod(namespace, 'slow');
    const first = await podWhen(namespace, (pod) => waitingReason(pod) === 'ContainerCreating');
    expect(first.status.phase).toBe('Pending');
    await podWhen(namespace, (pod) => statusOf(pod.status.conditions, 'Ready') === 'True');
    expect(Date.now() - startedAt).toBeGreaterThan(2_500);
  });

  test('a nodeSelector that no node has: Unschedulable', async () => {
    const namespace = await createNamespace();
    await createPod(namespace, 'none', { nodeSelector: { 'no.such/label': 'x' } });
    const { status } = await podWhen(
      namespace,
      (pod) => statusOf(pod.status.conditions, 'PodScheduled') === 'False',
    );
    expect(status.conditions).toContainEqual(expect.objectContaining({ reason: 'Unschedulable' }));
  });

  test.each(['never-ready', 'crash-loop', 'image-pull-error'])(
    '%s heals without its annotation',
    async (stage) => {
      const namespace = await createNamespace();
      await createPod(namespace, stage);
      await podWhen(namespace, (pod) => statusOf(pod.status.conditions, 'Ready') === 'False');
      await kubeRequest(`/api/v1/namespaces/${namespace}/pods/app`, {
        method: 'PATCH',
        body: { metadata: { annotations: { 'mesh.test/stage': null } } },
      });
      const { status } = await podWhen(
        namespace,
        (pod) => statusOf(pod.status.conditions, 'Ready') === 'True',
      );
      expect(status.phase).toBe('Running');
      expect(status.containerStatuses[0]?.state.waiting).toBeUndefined();
      expect(status.conditions.find(({ type }) => type === 'Ready')?.reason).toBeUndefined();
    },
  );
});

cluster.describe('the API server', () => {
  test('establishes a CustomResourceDefinition and applies its CEL rules', async () => {
    const group = `${await createNamespace()}.mesh.test`;
    const definition = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.${group}`;
    const spec = {
      type: 'object',
      properties: { size: { type: 'integer' } },
      'x-kubernetes-validations': [{ rule: 'self.size > 0', message: 'size must be positive' }],
    };
    const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } };
    await kubeRequest('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      body: {
        metadata: { name: `things.${group}` },
        spec: {
          group,
          scope: 'Cluster',
          names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
          versions: [{ name: 'v1', served: true, storage: true, schema }],
        },
      },
    });
    try {
      await waitFor(
        async () =>
          statusOf((await kubeGet<Workload>(definition)).status.conditions, 'Established') === 'True',
      );
      const create = (size: number): Promise<{ status: number; body: { message?: string } }> =>
        kubeRequest(`/apis/${group}/v1/things`, {
          body: { apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: `s${size}` }, spec: { size } },
          accept: [404, 422],
        });
      await waitFor(async () => (await create(1)).status === 201);
      expect(await create(0)).toMatchObject({
        status: 422,
        body: { message: expect.stringContaining('size must be positive') },
      });
    } finally {
      await kubeRequest(definition, { method: 'DELETE' });
    }
  });

  test('deletes a namespace with all that is in it', async () => {
    const namespace = await createNamespace();
    await createWorkload(namespace, 'deployments', podTemplate(), { replicas: 2 });
    await waitFor(
      async () => (await kubeGet<List<Pod>>(`/api/v1/namespaces/${namespace}/pods`)).items.length === 2,
    );
    await kubeRequest(`/api/v1/namespaces/${namespace}`, { method: 'DELETE' });
    await waitFor(async () => {
      return (await kubeRequest(`/api/v1/namespaces/${namespace}`, { accept: [404] })).status === 404;
    });
  });

  test('knows the administrator by token and by client certificate, and nobody else', async () => {
    const kubeconfig = await readFile(cluster.kubeconfig, 'utf8');
    expect(kubeconfig).toContain('current-context: mesh-test');
    const { server, caFile, certDir } = cluster.plane;
    const [ca, cert, key] = await Promise.all(
      [caFile, path.join(certDir, 'admin.crt'), path.join(certDir, 'admin.key')].map((file) =>
        readFile(file),
      ),
    );
    const [response] = (await once(
      get(`${server}/api/v1/nodes`, { ca, cert, key, agent: false }),
      'response',
    )) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(200);
    const stranger = { ...cluster.plane, token: 'wrong' };
    await expect(kubeGet('/api/v1/nodes', stranger)).rejects.toThrow('401');
  });
});

// How later tests give the fake kubelets something to say: they create these kinds through the API.
cluster.describe('logs and port-forward of a fake kubelet', () => {
  const kwok = '/apis/kwok.x-k8s.io/v1alpha1';

  test('ClusterLogs serves a file of this machine as the log of a container', async () => {
    const namespace = await createNamespace();
    const folder = await mkdtemp(path.join(tmpdir(), 'mesh-logs-'));
    const logsFile = path.join(folder, 'app.log');
    await writeFile(logsFile, `${new Date().toISOString()} stderr F no space left\n`);
    try {
      await kubeRequest(`${kwok}/clusterlogs`, {
        body: {
          apiVersion: 'kwok.x-k8s.io/v1alpha1',
          kind: 'ClusterLogs',
          metadata: { name: namespace },
          spec: { selector: { matchNamespaces: [namespace] }, logs: [{ containers: ['app'], logsFile }] },
        },
      });
      await createPod(namespace, 'crash-loop');
      await podWhen(namespace, (pod) => waitingReason(pod) === 'CrashLoopBackOff');
      const log = await waitFor(() => kubeGet(`/api/v1/namespaces/${namespace}/pods/app/log?container=app`));
      expect(log).toBe('no space left\n');
    } finally {
      await kubeRequest(`${kwok}/clusterlogs/${namespace}`, { method: 'DELETE' });
      await rm(folder, { recursive: true });
    }
  });

  test('ClusterPortForward connects a pod port to a port of this machine', async () => {
    const namespace = await createNamespace();
    const server = createServer((socket) => socket.end('hello from the pod'));
    const target = { address: '127.0.0.1', port: await listen(server) };
    try {
      await kubeRequest(`${kwok}/clusterportforwards`, {
        body: {
          apiVersion: 'kwok.x-k8s.io/v1alpha1',
          kind: 'ClusterPortForward',
          metadata: { name: namespace },
          spec: { selector: { matchNamespaces: [namespace] }, forwards: [{ ports: [8080], target }] },
        },
      });
      await kubeRequest(`/api/v1/namespaces/${namespace}/pods`, {
        body: { metadata: { name: 'app' }, spec: { containers: [container] } },
      });
      await podWhen(namespace, (pod) => statusOf(pod.status.conditions, 'Ready') === 'True');
      expect(await waitFor(() => readForwarded(namespace, 8080))).toBe('hello from the pod');
    } finally {
      await kubeRequest(`${kwok}/clusterportforwards/${namespace}`, { method: 'DELETE' });
      await stopServer(server);
    }
  });
});

/** What the pod's port says before it closes; undefined when it says nothing. */
async function readForwarded(namespace: string, port: number): Promise<string | undefined> {
  const { server, token, caFile } = cluster.plane;
  const url = `${server}/api/v1/namespaces/${namespace}/pods/app/portforward?ports=${port}`;
  const headers = { authorization: `Bearer ${token}` };
  const socket = new WebSocket(url.replace(/^http/, 'ws'), 'v4.channel.k8s.io', {
    ca: await readFile(caFile),
    headers,
  });
  let data = '';
  // Each frame begins with its channel: 0 data, 1 errors. The first of each channel holds the port number.
  const seen = new Set<number>();
  socket.on('message', (frame: Buffer) => {
    const channel = frame[0]!;
    if (seen.has(channel) && channel === 0) data += frame.subarray(1).toString();
    seen.add(channel);
    if (data !== '') socket.close();
  });
  const timer = setTimeout(() => socket.terminate(), 2_000);
  await once(socket, 'close');
  clearTimeout(timer);
  return data === '' ? undefined : data;
}
