/** describe and injector list on a real API server with Istio's definitions; the proxy that is asked is a real Envoy. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringAt } from '../../src/lib/json.ts';
import { parseYamlDocuments } from '../../src/lib/yaml.ts';
import { kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { startEnvoy, useEnvoy } from '../support/envoy.ts';
import type { RunningEnvoy } from '../support/envoy.ts';
import { mesh, useFolder } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { makePod, makeSidecarPod } from '../support/mesh-pods.ts';
import { forwardPodPorts, unforwardPodPorts } from '../support/pod-ports.ts';
import { resetCluster } from '../support/reset-cluster.ts';

const cluster = useControlPlane();
const binary = useEnvoy();
const folder = useFolder();
/** The Envoy of the tests was configured by objects of this namespace. */
const NAMESPACE = 'shop';

let envoy: RunningEnvoy;

const run = (...args: string[]): Promise<MeshResult> =>
  mesh(args, { env: { KUBECONFIG: cluster.kubeconfig } });

const CONFIG = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews}
spec:
  host: reviews
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews}
spec:
  hosts: [reviews]
  http: [{route: [{destination: {host: reviews, subset: v1}, weight: 100}]}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: late}
spec: {host: reviews.shop.svc.cluster.local}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default}
spec: {mtls: {mode: STRICT}}
`;

const PLURALS: Readonly<Record<string, string>> = {
  DestinationRule: 'destinationrules',
  VirtualService: 'virtualservices',
  PeerAuthentication: 'peerauthentications',
};

async function createPod(pod: ReturnType<typeof makePod>): Promise<void> {
  const path = `/api/v1/namespaces/${NAMESPACE}/pods`;
  await kubeRequest(path, { body: { metadata: pod.metadata, spec: pod.spec } });
  await waitFor(async () => {
    const { body } = await kubeRequest<{ status: { phase: string } }>(`${path}/${pod.metadata.name}`);
    return body.status.phase === 'Running';
  });
}

(binary.describe === describe ? cluster.describe : describe.skip)('describe', () => {
  beforeAll(async () => {
    await resetCluster();
    expect((await run('install', '--set', 'profile=minimal', '-y')).code).toBe(0);
    envoy = await startEnvoy(binary, folder.path);
    await kubeRequest('/api/v1/namespaces', { body: { metadata: { name: NAMESPACE } } });
    const account = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/default`;
    await waitFor(async () => (await kubeRequest(account, { accept: [404] })).status === 200);
    await forwardPodPorts(NAMESPACE, { 15000: envoy.adminPort });
    const labels = { app: 'reviews', version: 'v1' };
    const sidecar = makeSidecarPod('reviews-1', NAMESPACE);
    const annotations = { 'istio.io/rev': 'default', 'sidecar.istio.io/status': '{}' };
    await createPod({ ...sidecar, metadata: { ...sidecar.metadata, labels, annotations } });
    await createPod(
      makePod({ name: 'reviews-2', namespace: NAMESPACE, labels: { app: 'reviews', version: 'v2' } }),
    );
    await kubeRequest(`/api/v1/namespaces/${NAMESPACE}/services`, {
      body: {
        metadata: { name: 'reviews' },
        spec: { selector: { app: 'reviews' }, ports: [{ name: 'http', port: 9080 }] },
      },
    });
    for (const { value } of parseYamlDocuments(CONFIG, 'config')) {
      const plural = PLURALS[stringAt(value, ['kind'])] ?? '';
      const path = `/apis/${stringAt(value, ['apiVersion'])}/namespaces/${NAMESPACE}/${plural}`;
      await kubeRequest(path, { body: value });
    }
  });
  afterAll(async () => {
    await envoy.stop();
    await unforwardPodPorts(NAMESPACE);
    await kubeRequest(`/api/v1/namespaces/${NAMESPACE}`, { method: 'DELETE', accept: [404] });
    await resetCluster();
  });

  test('a pod: what is configured, and what its proxy has of it', async () => {
    const { stdout, stderr, code } = await run('describe', 'pod', 'reviews-1', '-n', NAMESPACE);
    expect(stdout).toContain('  Mesh: sidecar of revision default 1.31.4\n');
    expect(stdout).toMatch(/^ {2}Proxy: LIVE, up for \d+s$/m);
    expect(stdout).toContain('  mTLS: STRICT (PeerAuthentication shop/default)\n');
    expect(stdout).toContain('  Ports: 9080 http (http) → 9080\n');
    expect(stdout).toContain(
      '  DestinationRule: shop/reviews for reviews.shop.svc.cluster.local, in the proxy\n',
    );
    expect(stdout).toContain('  DestinationRule: shop/late for reviews.shop.svc.cluster.local\n');
    expect(stdout).toContain('    Subset v1 (version=v1): selects it\n');
    expect(stdout).toContain('    everything → subset v1, 100%\n');
    expect(stderr).toContain('warning: after a restart it has no sidecar');
    expect(code).toBe(0);
  });

  test('as data, by any word for it', async () => {
    const { stdout, code } = await run('x', 'describe', 'pod', `svc/reviews.${NAMESPACE}`, '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      selectedBy: 'Service shop/reviews',
      dataplane: 'sidecar',
      proxy: { answers: true, state: 'LIVE' },
      services: [{ name: 'shop/reviews', routes: [{ kind: 'VirtualService', name: 'shop/reviews' }] }],
    });
  });

  test('a proxy that does not answer does not hide the rest', async () => {
    const { stdout, stderr, code } = await run(
      'describe',
      'pod',
      'reviews-1',
      '-n',
      NAMESPACE,
      '--proxy-admin-port',
      '15999',
      '--request-timeout',
      '3s',
    );
    expect(stdout).toContain('  Proxy: does not answer\n');
    expect(stdout).toContain('Service shop/reviews');
    expect(stderr).toContain('warning: its proxy can not be asked: ');
    expect(code).toBe(0);
  });

  test('a Service: pods of subsets, and those outside of the mesh', async () => {
    const { stdout, stderr, code } = await run('describe', 'svc', `reviews.${NAMESPACE}`);
    expect(stdout).toContain('    Subset v1 (version=v1): 1 of 2 pods\n');
    expect(stdout).toContain('  Pods: 2, 2 ready, 1 in the mesh\n');
    expect(stderr).toContain('1 of 2 pods have no proxy: shop/reviews-2');
    expect(code).toBe(0);
  });

  test('injector list: who injects where, with the image of the installed revision', async () => {
    const { stdout, code } = await run('injector', 'list');
    expect(stdout).toMatch(/^shop +- +nobody +2 +default 1\.31\.4: 1, left out: 1 +1$/m);
    expect(stdout).toMatch(
      /^istio-revision-tag-default +default +default +istio-system\/istiod +\S+\/proxyv2:1\.31\.4\S* /m,
    );
    expect(stdout).toMatch(/^istio-sidecar-injector .*\(switched off\)$/m);
    expect(code).toBe(0);
    const json = await run('x', 'injector', 'list', '-n', NAMESPACE, '-o', 'json');
    expect(JSON.parse(json.stdout)).toMatchObject({ namespaces: [{ namespace: NAMESPACE, needRestart: 1 }] });
  });

  test.each<[string[], RegExp, number]>([
    [
      ['describe', 'pod', 'reviws-1', '-n', NAMESPACE],
      /there is no pod "reviws-1"[^]*did you mean reviews-1/,
      64,
    ],
    [['describe', 'pod', 'reviews', '-n', NAMESPACE], /2 pods of namespace shop begin with "reviews-"/, 64],
    [
      ['describe', 'service', 'reviws', '-n', NAMESPACE],
      /there is no Service shop\/reviws\nhint: did you mean reviews\?/,
      64,
    ],
    [['describe', 'service', 'reviews.nowhere'], /there is no namespace nowhere/, 64],
    [['describe', 'pod', 'reviews-1', '-n', NAMESPACE, '--as', 'jane'], /the user "jane"/, 77],
    [['injector', 'list', '-n', 'shp'], /there is no namespace shp\nhint: did you mean shop\?/, 64],
    [['injector', 'list', '--as', 'jane'], /the user "jane"/, 77],
  ])('%j', async (args, message, code) => {
    const result = await run(...args);
    expect(result.stderr).toMatch(message);
    expect(result).toMatchObject({ code, stdout: '' });
  });
});
