/** What istiod makes of the templates' result: the user's own containers, probes, metrics, injection a second time. */
import {
  addEnv,
  addMount,
  container,
  init,
  insert,
  proxy,
  setArg,
  setEnv,
  type Container,
  type Pod,
} from '../objects.ts';
import type { PodCase } from './case.ts';
import { expectCni, expectNative } from './sidecar-traffic.ts';

const template = 'sidecar';
const overrides = 'proxy.istio.io/overrides';

const ownProxy = (): Container => ({
  name: 'istio-proxy',
  image: 'auto',
  resources: { limits: { cpu: '1' } },
  lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } },
  volumeMounts: [{ name: 'extra', mountPath: '/extra' }],
  securityContext: { readOnlyRootFilesystem: false },
});

function expectOwnProxy(pod: Pod): void {
  const target = proxy(pod);
  target.resources!['limits'] = { cpu: '1', memory: '1Gi' };
  target['lifecycle'] = {
    ...(target['lifecycle'] as object),
    preStop: { exec: { command: ['sleep', '5'] } },
  };
  addMount(target, { name: 'extra', mountPath: '/extra' });
  target.securityContext!['readOnlyRootFilesystem'] = false;
}

const runAs = (securityContext: Container['securityContext'] & object) => (pod: Pod) =>
  pod.spec.containers.push({ name: 'istio-proxy', image: 'auto', securityContext });
const overridden = (securityContext: object): string =>
  JSON.stringify({ containers: [{ name: 'istio-proxy', image: 'auto', securityContext }] });
const ids = { runAsUser: 1234, runAsGroup: 4321 };

const users: PodCase[] = [
  {
    name: 'istio-proxy and istio-init of the user',
    template,
    pod: (pod) => {
      pod.spec.containers.push(ownProxy());
      pod.spec.initContainers = [{ name: 'istio-init', image: 'own-init', args: ['own'] }];
    },
    annotations: {
      [overrides]: JSON.stringify({
        containers: [ownProxy()],
        initContainers: [{ name: 'istio-init', image: 'own-init', args: ['own'] }],
      }),
    },
    expect: (pod) => {
      expectOwnProxy(pod);
      init(pod).image = 'own-init';
      init(pod).args = ['own'];
    },
  },
  {
    name: 'istio-proxy of the user, native',
    template,
    istiod: { nativeSidecars: true },
    pod: (pod) => pod.spec.containers.push(ownProxy()),
    annotations: { [overrides]: JSON.stringify({ initContainers: [ownProxy()] }) },
    expect: (pod) => {
      expectNative(pod);
      expectOwnProxy(pod);
    },
  },
  {
    name: 'user and group of the user',
    template,
    pod: runAs(ids),
    annotations: { [overrides]: overridden(ids) },
    expect: (pod) => {
      Object.assign(proxy(pod).securityContext!, ids);
      setArg(init(pod), '-u', '1234');
    },
  },
  {
    name: 'user and group of the user, TPROXY',
    template,
    mesh: { defaultConfig: { interceptionMode: 'TPROXY' } },
    pod: runAs(ids),
    annotations: { [overrides]: overridden(ids) },
    expect: (pod) => {
      Object.assign(proxy(pod).securityContext!, {
        capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
        runAsUser: 0,
        runAsGroup: 4321,
        runAsNonRoot: false,
      });
      setArg(init(pod), '-u', '1234');
      setArg(init(pod), '-m', 'TPROXY');
      setEnv(proxy(pod), 'ISTIO_META_INTERCEPTION_MODE', 'TPROXY');
      setEnv(proxy(pod), 'PROXY_CONFIG', '{"interceptionMode":"TPROXY"}');
    },
  },
  {
    name: 'user and group of the user, CNI',
    template,
    values: { pilot: { cni: { enabled: true } } },
    pod: runAs(ids),
    annotations: { [overrides]: overridden(ids) },
    expect: (pod) => {
      setArg(init(pod), '-u', '1234');
      expectCni(pod);
      Object.assign(proxy(pod).securityContext!, ids);
      Object.assign(pod.spec.initContainers![0]!.securityContext!, ids);
    },
  },
  {
    name: 'ports of an istio-proxy of the user count, its init containers do not',
    template,
    pod: (pod) => {
      pod.spec.containers.push({ name: 'istio-proxy', image: 'auto', ports: [{ containerPort: 8080 }] });
      pod.spec.initContainers = [{ name: 'own', image: 'own', ports: [{ containerPort: 1 }] }];
    },
    annotations: {
      [overrides]: '{"containers":[{"name":"istio-proxy","image":"auto","ports":[{"containerPort":8080}]}]}',
    },
    expect: (pod) => {
      pod.spec.initContainers!.unshift({ name: 'own', image: 'own', ports: [{ containerPort: 1 }] });
      proxy(pod).ports!.push({ containerPort: 8080 });
      setEnv(
        proxy(pod),
        'ISTIO_META_POD_PORTS',
        '[{"name":"http","containerPort":80},{"containerPort":8080}]',
      );
    },
  },
  {
    name: 'fields of the pod that no template mentions',
    template,
    pod: (pod) =>
      Object.assign(pod.spec, {
        securityContext: { fsGroup: 7 },
        tolerations: [{ key: 'a', operator: 'Exists' }],
        volumes: [{ name: 'mine', emptyDir: {} }],
        dnsPolicy: 'ClusterFirst',
        imagePullSecrets: [{ name: 'fooSecret' }],
      }),
    expect: (pod) => {
      Object.assign(pod.spec, {
        securityContext: { fsGroup: 7 },
        tolerations: [{ key: 'a', operator: 'Exists' }],
        dnsPolicy: 'ClusterFirst',
        imagePullSecrets: [{ name: 'fooSecret' }],
      });
      insert(pod.spec.volumes!, { name: 'mine', emptyDir: {} });
    },
  },
  {
    name: 'a volume of the user for SPIRE',
    template,
    pod: (pod) => (pod.spec.volumes = [{ name: 'workload-socket', csi: { driver: 'csi.spiffe.io' } }]),
    expect: (pod) => {
      pod.spec.volumes = pod.spec.volumes!.map((one) =>
        one.name === 'workload-socket' ? { ...one, csi: { driver: 'csi.spiffe.io' } } : one,
      );
    },
  },
  {
    name: "a user's istio-proxy, injected again",
    template,
    times: 2,
    pod: (pod) => pod.spec.containers.push(ownProxy()),
    annotations: { [overrides]: JSON.stringify({ containers: [ownProxy()] }) },
    expect: expectOwnProxy,
  },
  {
    name: 'native, injected again',
    template,
    times: 2,
    istiod: { nativeSidecars: true },
    expect: expectNative,
  },
  {
    name: 'unknown template',
    template,
    annotations: { 'inject.istio.io/templates': 'none' },
    fails: /unknown template "none"/,
  },
];

const app = (): Container => ({
  name: 'hello',
  image: 'example.com/hello:v1',
  ports: [{ name: 'http', containerPort: 80 }],
  readinessProbe: { httpGet: { path: '/ready', port: 'http', scheme: 'HTTPS' }, periodSeconds: 3 },
  livenessProbe: { tcpSocket: { port: 'http' } },
  startupProbe: { grpc: { port: 90, service: 'health' } },
  lifecycle: {
    postStart: { httpGet: { path: '/start', port: 80 } },
    preStop: { exec: { command: ['true'] } },
  },
});

const rewritten = (port: number): Container => ({
  ...app(),
  readinessProbe: {
    httpGet: { path: '/app-health/hello/readyz', port, scheme: 'HTTP' },
    periodSeconds: 3,
  },
  livenessProbe: { httpGet: { path: '/app-health/hello/livez', port } },
  startupProbe: { httpGet: { path: '/app-health/hello/startupz', port } },
  lifecycle: {
    postStart: { httpGet: { path: '/app-lifecycle/hello/poststartz', port } },
    preStop: { exec: { command: ['true'] } },
  },
});

const originals = JSON.stringify({
  '/app-health/hello/readyz': { httpGet: { path: '/ready', port: 80, scheme: 'HTTPS' } },
  '/app-health/hello/livez': { tcpSocket: { port: 80 } },
  '/app-health/hello/startupz': { grpc: { port: 90, service: 'health' } },
  '/app-lifecycle/hello/poststartz': { httpGet: { path: '/start', port: 80 } },
});

const setApp = (one: Container) => (pod: Pod) => Object.assign(container(pod.spec, 'hello'), one);

const rewriting: PodCase[] = [
  {
    name: 'probes of the application',
    template,
    pod: setApp(app()),
    expect: (pod) => {
      setApp(rewritten(15020))(pod);
      addEnv(proxy(pod), 'ISTIO_KUBE_APP_PROBERS', originals);
    },
  },
  {
    name: 'probes of the application to another status port',
    template,
    pod: setApp(app()),
    annotations: { 'status.sidecar.istio.io/port': '123' },
    expect: (pod) => {
      setApp(rewritten(123))(pod);
      setArg(init(pod), '-d', '15090,15021,123');
      addEnv(proxy(pod), 'ISTIO_KUBE_APP_PROBERS', originals);
    },
  },
  {
    name: 'probes of the application stay by annotation',
    template,
    pod: setApp(app()),
    annotations: { 'sidecar.istio.io/rewriteAppHTTPProbers': 'false' },
    expect: setApp(app()),
  },
  {
    name: 'probes of the application stay by values',
    template,
    pod: setApp(app()),
    values: { sidecarInjectorWebhook: { rewriteAppHTTPProbe: false } },
    expect: setApp(app()),
  },
  ...(['grpc-agent', 'grpc-simple'] as const).map((template) => ({
    name: 'probes of the application stay',
    template,
    pod: setApp(app()),
    expect: (pod: Pod) => {
      setApp(app())(pod);
      pod.metadata.annotations[overrides] = JSON.stringify({ containers: [app()] });
    },
  })),
];

const metrics: PodCase[] = [
  {
    name: 'metrics of the application',
    template,
    pod: (pod) =>
      Object.assign(pod.metadata.annotations, {
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': '8080',
      }),
    expect: (pod) => addEnv(proxy(pod), 'ISTIO_PROMETHEUS_ANNOTATIONS', '{"scrape":"true","port":"8080"}'),
  },
  {
    name: 'no scraping',
    template,
    annotations: { 'prometheus.io/scrape': 'false' },
    expect: (pod) => {
      delete (pod.metadata.annotations as Partial<Record<string, string>>)['prometheus.io/path'];
      delete (pod.metadata.annotations as Partial<Record<string, string>>)['prometheus.io/port'];
    },
  },
];

export const merging: readonly PodCase[] = [...users, ...rewriting, ...metrics];
