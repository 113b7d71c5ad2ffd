/** What only the sidecar's istio-proxy has: probes, rights, tracers, telemetry, volumes of the user, holding the application. */
import {
  addArgs,
  addEnv,
  addMount,
  addVolume,
  init,
  proxy,
  setArg,
  setEnv,
  setVolume,
  type Pod,
} from '../objects.ts';
import type { PodCase } from './case.ts';
import { expectMetadata } from './injected-proxy.ts';
import { expectCni, expectNative } from './sidecar-traffic.ts';

const template = 'sidecar';

function expectRights(pod: Pod, rights: Record<string, unknown>, add: string[]): void {
  Object.assign(proxy(pod).securityContext!, rights, { capabilities: { add, drop: ['ALL'] } });
}

const asRoot = { runAsUser: 0, runAsGroup: 1337, runAsNonRoot: false };

const rights: PodCase[] = [
  {
    name: 'low ports by annotation',
    template,
    annotations: { 'sidecar.istio.io/capNetBindService': 'true' },
    expect: (pod) => expectRights(pod, asRoot, ['NET_BIND_SERVICE']),
  },
  ...[true, 'true'].map((value) => ({
    name: `low ports by values as ${typeof value}`,
    template: 'sidecar' as const,
    values: { global: { proxy: { capNetBindService: value } } },
    expect: (pod: Pod) => expectRights(pod, asRoot, ['NET_BIND_SERVICE']),
  })),
  {
    name: 'low ports by values, not by annotation',
    template,
    annotations: { 'sidecar.istio.io/capNetBindService': 'false' },
    values: { global: { proxy: { capNetBindService: true } } },
  },
  {
    name: 'low ports and TPROXY',
    template,
    annotations: {
      'sidecar.istio.io/capNetBindService': 'true',
      'sidecar.istio.io/interceptionMode': 'TPROXY',
    },
    expect: (pod) => {
      expectRights(pod, asRoot, ['NET_ADMIN', 'NET_BIND_SERVICE']);
      setArg(init(pod), '-m', 'TPROXY');
      setEnv(proxy(pod), 'ISTIO_META_INTERCEPTION_MODE', 'TPROXY');
    },
  },
  {
    name: 'low ports on OpenShift',
    template,
    istiod: {
      openShift: true,
      namespaceAnnotations: { 'openshift.io/sa.scc.uid-range': '1000620000/10000' },
    },
    annotations: { 'sidecar.istio.io/capNetBindService': 'true' },
    expect: (pod) => {
      expectRights(pod, asRoot, ['NET_BIND_SERVICE']);
      setArg(init(pod), '-u', '1000629999');
    },
  },
  {
    name: 'iptables trace logging',
    template,
    mesh: { defaultConfig: { proxyMetadata: { IPTABLES_TRACE_LOGGING: 'true' } } },
    expect: (pod) => {
      expectMetadata(pod, { IPTABLES_TRACE_LOGGING: 'true' });
      const all = { allowPrivilegeEscalation: true, privileged: true, runAsUser: 0, runAsNonRoot: false };
      expectRights(pod, all, ['NET_ADMIN']);
    },
  },
  {
    name: 'iptables trace logging before low ports, group of OpenShift',
    template,
    istiod: {
      openShift: true,
      namespaceAnnotations: { 'openshift.io/sa.scc.uid-range': '1000620000/10000' },
    },
    annotations: { 'sidecar.istio.io/capNetBindService': 'true' },
    mesh: { defaultConfig: { proxyMetadata: { IPTABLES_TRACE_LOGGING: 'true' } } },
    expect: (pod) => {
      expectMetadata(pod, { IPTABLES_TRACE_LOGGING: 'true' });
      setArg(init(pod), '-u', '1000629999');
      const all = { allowPrivilegeEscalation: true, privileged: true, runAsUser: 0, runAsNonRoot: false };
      expectRights(pod, { ...all, runAsGroup: 1000629999 }, ['NET_ADMIN']);
    },
  },
  {
    name: 'iptables trace logging off',
    template,
    mesh: { defaultConfig: { proxyMetadata: { IPTABLES_TRACE_LOGGING: 'false' } } },
    expect: (pod) => expectMetadata(pod, { IPTABLES_TRACE_LOGGING: 'false' }),
  },
  {
    name: 'privileged and seccomp',
    template,
    values: { global: { proxy: { privileged: true, seccompProfile: { type: 'RuntimeDefault' } } } },
    expect: (pod) => {
      for (const one of [init(pod), proxy(pod)]) {
        Object.assign(one.securityContext!, {
          allowPrivilegeEscalation: true,
          privileged: true,
          seccompProfile: { type: 'RuntimeDefault' },
        });
      }
    },
  },
  { name: 'privileged is not set', template, values: { global: { proxy: { privileged: undefined } } } },
];

const statusPort = 'status.sidecar.istio.io/port';

const probes: PodCase[] = [
  {
    name: 'another status port',
    template,
    annotations: {
      [statusPort]: '123',
      'readiness.status.sidecar.istio.io/initialDelaySeconds': '100',
      'readiness.status.sidecar.istio.io/periodSeconds': '200',
      'readiness.status.sidecar.istio.io/failureThreshold': '300',
    },
    expect: (pod) => {
      setArg(init(pod), '-d', '15090,15021,123');
      const probe = { initialDelaySeconds: 100, periodSeconds: 200, failureThreshold: 300 };
      Object.assign(proxy(pod)['readinessProbe']!, probe);
    },
  },
  {
    name: 'another status port, native',
    template,
    istiod: { nativeSidecars: true },
    annotations: { [statusPort]: '123' },
    expect: (pod) => {
      expectNative(pod);
      setArg(init(pod), '-d', '15090,15021,123');
      const command = ['pilot-agent', 'request', '--debug-port=123', 'POST', 'drain'];
      proxy(pod)['lifecycle'] = { preStop: { exec: { command } } };
    },
  },
  {
    name: 'another status port by values',
    template,
    values: { global: { proxy: { statusPort: 15099 } } },
    expect: (pod) => setArg(init(pod), '-d', '15090,15021,15099'),
  },
  {
    name: 'no status port',
    template,
    annotations: { [statusPort]: '0' },
    expect: expectNoProbes,
  },
  {
    name: 'no status port by values',
    template,
    values: { global: { proxy: { statusPort: 0 } } },
    expect: expectNoProbes,
  },
  {
    name: 'no status port, native',
    template,
    istiod: { nativeSidecars: true },
    annotations: { [statusPort]: '0' },
    expect: (pod) => {
      expectNative(pod);
      expectNoProbes(pod);
      const command = ['pilot-agent', 'request', '--debug-port=0', 'POST', 'drain'];
      proxy(pod)['lifecycle'] = { preStop: { exec: { command } } };
    },
  },
  {
    name: 'no startup probe',
    template,
    values: { global: { proxy: { startupProbe: { enabled: false } } } },
    expect: (pod) => delete proxy(pod)['startupProbe'],
  },
  {
    name: 'a startup probe that gives up earlier',
    template,
    values: { global: { proxy: { startupProbe: { failureThreshold: 30 } } } },
    expect: (pod) => Object.assign(proxy(pod)['startupProbe']!, { failureThreshold: 30 }),
  },
];

function expectNoProbes(pod: Pod): void {
  setArg(init(pod), '-d', '15090,15021');
  delete proxy(pod)['startupProbe'];
  delete proxy(pod)['readinessProbe'];
}

function expectHold(pod: Pod): void {
  pod.spec.containers.reverse();
  proxy(pod)['lifecycle'] = { postStart: { exec: { command: ['pilot-agent', 'wait'] } } };
}

const holding: PodCase[] = [
  {
    name: 'hold the application by mesh config',
    template,
    mesh: { defaultConfig: { holdApplicationUntilProxyStarts: true } },
    expect: (pod) => {
      expectHold(pod);
      setEnv(proxy(pod), 'PROXY_CONFIG', '{"holdApplicationUntilProxyStarts":true}');
    },
  },
  {
    name: 'hold the application by annotation',
    template,
    annotations: { 'proxy.istio.io/config': '{holdApplicationUntilProxyStarts: true}' },
    expect: (pod) => {
      expectHold(pod);
      setEnv(proxy(pod), 'PROXY_CONFIG', '{"holdApplicationUntilProxyStarts":true}');
    },
  },
  {
    name: 'not holding is not holding',
    template,
    mesh: { defaultConfig: { holdApplicationUntilProxyStarts: false } },
    values: { global: { proxy: { holdApplicationUntilProxyStarts: false } } },
    expect: (pod) => setEnv(proxy(pod), 'PROXY_CONFIG', '{"holdApplicationUntilProxyStarts":false}'),
  },
  {
    name: 'the lifecycle of the values comes before holding',
    template,
    values: {
      global: {
        proxy: { holdApplicationUntilProxyStarts: true, lifecycle: { preStop: { sleep: { seconds: 5 } } } },
      },
    },
    expect: (pod) => {
      expectHold(pod);
      proxy(pod)['lifecycle'] = { preStop: { sleep: { seconds: 5 } } };
    },
  },
];

const labels: PodCase[] = [
  { name: 'TLS mode of the user', template, labels: { 'security.istio.io/tlsMode': 'disabled' } },
  {
    name: 'empty TLS mode of the user',
    template,
    labels: { 'security.istio.io/tlsMode': '' },
    expect: (pod) => (pod.metadata.labels['security.istio.io/tlsMode'] = 'istio'),
  },
  {
    name: 'HBONE',
    template,
    mesh: { defaultConfig: { proxyMetadata: { ISTIO_META_ENABLE_HBONE: 'true' } } },
    expect: (pod) => {
      expectMetadata(pod, { ISTIO_META_ENABLE_HBONE: 'true' });
      pod.metadata.labels['networking.istio.io/tunnel'] = 'http';
    },
  },
  {
    name: 'HBONE with a tunnel of the user',
    template,
    labels: { 'networking.istio.io/tunnel': 'own' },
    mesh: { defaultConfig: { proxyMetadata: { ISTIO_META_ENABLE_HBONE: 'true' } } },
    expect: (pod) => expectMetadata(pod, { ISTIO_META_ENABLE_HBONE: 'true' }),
  },
  {
    name: 'HBONE off',
    template,
    mesh: { defaultConfig: { proxyMetadata: { ISTIO_META_ENABLE_HBONE: 'false' } } },
    expect: (pod) => expectMetadata(pod, { ISTIO_META_ENABLE_HBONE: 'false' }),
  },
  {
    name: 'workload name of the user',
    template,
    labels: { 'service.istio.io/workload-name': 'mine' },
    expect: (pod) => setEnv(proxy(pod), 'ISTIO_META_WORKLOAD_NAME', 'mine'),
  },
];

const crl: PodCase[] = [
  {
    name: 'revocation list by name',
    template,
    values: { pilot: { crlConfigMapName: 'own-crl' } },
    expect: (pod) => setVolume(pod.spec, 'istio-ca-crl', { configMap: { name: 'own-crl', optional: true } }),
  },
];

const datadog = 'apm.datadoghq.com/env';

const tracers: PodCase[] = [
  {
    name: 'Datadog',
    template,
    values: { global: { proxy: { tracer: 'datadog' } } },
    annotations: { [datadog]: '{"DD_SERVICE": "hello", "DD_AGENT_HOST": "$(HOST_IP)", "DD_PORT": 8126}' },
    expect: (pod) => {
      addEnv(proxy(pod), 'DD_AGENT_HOST', '$(HOST_IP)');
      addEnv(proxy(pod), 'DD_PORT', '8126');
      addEnv(proxy(pod), 'DD_SERVICE', 'hello');
    },
  },
  ...['{', '[1]', '"text"', 'null'].map((text) => ({
    name: `Datadog with ${text}`,
    template: 'sidecar' as const,
    values: { global: { proxy: { tracer: 'datadog' } } },
    annotations: { [datadog]: text },
  })),
  { name: 'Datadog without the annotation', template, values: { global: { proxy: { tracer: 'datadog' } } } },
  { name: 'the annotation without Datadog', template, annotations: { [datadog]: '{"DD_SERVICE": "hello"}' } },
  {
    name: 'Lightstep with TLS',
    template,
    values: { global: { proxy: { tracer: 'lightstep' } } },
    mesh: { defaultConfig: { tracing: { tlsSettings: { caCertificates: '/etc/lightstep/cacert.pem' } } } },
    expect: (pod) => {
      const config = { tracing: { tlsSettings: { caCertificates: '/etc/lightstep/cacert.pem' } } };
      setEnv(proxy(pod), 'PROXY_CONFIG', JSON.stringify(config));
      addMount(proxy(pod), { name: 'lightstep-certs', mountPath: '/etc/lightstep/', readOnly: true });
      addVolume(pod, { name: 'lightstep-certs', secret: { optional: true, secretName: 'lightstep.cacert' } });
    },
  },
  { name: 'Lightstep without TLS', template, values: { global: { proxy: { tracer: 'lightstep' } } } },
  {
    name: 'TLS without Lightstep',
    template,
    mesh: { defaultConfig: { tracing: { tlsSettings: { caCertificates: '/etc/lightstep/cacert.pem' } } } },
    expect: (pod) => {
      const config = { tracing: { tlsSettings: { caCertificates: '/etc/lightstep/cacert.pem' } } };
      setEnv(proxy(pod), 'PROXY_CONFIG', JSON.stringify(config));
    },
  },
];

const otelMesh = {
  extensionProviders: [
    { name: 'a', opentelemetry: {} },
    { name: 'b', opentelemetry: { serviceAttributeEnrichment: 'OTEL_SEMANTIC_CONVENTIONS' } },
  ],
};
const otel = 'OTEL_RESOURCE_ATTRIBUTES';
const inDefault = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'hello', namespace: 'default' };

const telemetry: PodCase[] = [
  {
    name: 'OpenTelemetry with the version of the image',
    template,
    mesh: otelMesh,
    owner: inDefault,
    pod: (pod) => (pod.spec.containers[0]!.image = 'registry:5000/hello:v1.2.3'),
    expect: (pod) => {
      pod.spec.containers[0]!.image = 'registry:5000/hello:v1.2.3';
      const instance = 'service.instance.id=default.$(POD_NAME).hello';
      addEnv(proxy(pod), otel, `service.namespace=default,service.version=v1.2.3,${instance}`);
    },
  },
  {
    name: 'OpenTelemetry by annotations, before the proxy metadata',
    template,
    mesh: { ...otelMesh, defaultConfig: { proxyMetadata: { A: '1' } } },
    annotations: {
      'resource.opentelemetry.io/service.namespace': 'own',
      'resource.opentelemetry.io/service.version': '7',
      'resource.opentelemetry.io/service.instance.id': 'one',
    },
    expect: (pod) => {
      expectMetadata(pod, { A: '1' });
      const value = 'service.namespace=own,service.version=7,service.instance.id=one';
      addEnv(proxy(pod), otel, value, 'TRUST_DOMAIN');
    },
  },
  {
    name: 'OpenTelemetry with the version of the label',
    template,
    mesh: otelMesh,
    owner: inDefault,
    labels: { 'app.kubernetes.io/version': '9' },
    expect: (pod) => {
      pod.metadata.labels['service.istio.io/canonical-revision'] = '9';
      const instance = 'service.instance.id=default.$(POD_NAME).hello';
      addEnv(proxy(pod), otel, `service.namespace=default,service.version=9,${instance}`);
    },
  },
  {
    name: 'OpenTelemetry without enrichment',
    template,
    mesh: { extensionProviders: [{ name: 'a', opentelemetry: {} }, { name: 'b' }] },
  },
];

const secret = { secretName: 'own' };

/** `sidecar` and `grpc-agent` take volumes and mounts of the user from annotations. */
const userVolumes: PodCase[] = (['sidecar', 'grpc-agent'] as const).flatMap((template): PodCase[] => [
  {
    name: 'volumes and mounts of the user',
    template,
    annotations: {
      'sidecar.istio.io/userVolume': '{"own": {"secret": {"secretName": "own"}}, "b": {"emptyDir": {}}}',
      'sidecar.istio.io/userVolumeMount':
        '{"own": {"mountPath": "/own", "readOnly": true}, "b": {"mountPath": "/b"}}',
    },
    expect: (pod) => {
      addMount(proxy(pod), { name: 'b', mountPath: '/b' });
      addMount(proxy(pod), { name: 'own', mountPath: '/own', readOnly: true });
      addVolume(pod, { name: 'b', emptyDir: {} });
      addVolume(pod, { name: 'own', secret });
    },
  },
  ...['{', '[]', 'null', '{"own": 1}', ''].map((text) => ({
    name: `volumes and mounts of the user as ${text === '' ? 'nothing' : text}`,
    template,
    annotations: { 'sidecar.istio.io/userVolume': text, 'sidecar.istio.io/userVolumeMount': text },
  })),
]);

const everything: PodCase[] = [
  {
    name: 'texts of the pod that YAML would take for something else',
    template,
    labels: { 'security.istio.io/tlsMode': '1', 'networking.istio.io/tunnel': '2' },
    annotations: {
      'traffic.sidecar.istio.io/excludeOutboundIPRanges': '3',
      'traffic.sidecar.istio.io/excludeInterfaces': '4',
      'traffic.sidecar.istio.io/kubevirtInterfaces': '5',
    },
    mesh: { defaultConfig: { proxyMetadata: { ISTIO_META_ENABLE_HBONE: 'true', '6': '7' } } },
    values: { pilot: { cni: { enabled: true }, crlConfigMapName: '8' } },
    pod: (pod) => (pod.spec.containers[0]!.name = '9'),
    expect: (pod) => {
      expectMetadata(pod, { '6': '7', ISTIO_META_ENABLE_HBONE: 'true' });
      setArg(init(pod), '-x', '3');
      addArgs(init(pod), ['-k', '5', '-c', '4'], '--log_output_level=default:info');
      expectCni(pod);
      pod.spec.containers[0]!.name = '9';
      pod.metadata.annotations['kubectl.kubernetes.io/default-container'] = '9';
      pod.metadata.annotations['kubectl.kubernetes.io/default-logs-container'] = '9';
      setEnv(proxy(pod), 'ISTIO_META_APP_CONTAINERS', '9');
      setVolume(pod.spec, 'istio-ca-crl', { configMap: { name: '8', optional: true } });
    },
  },
  {
    name: 'a pod without labels and annotations',
    template,
    pod: (pod) => (pod.metadata = {} as Pod['metadata']),
    expect: (pod) => delete (pod.metadata.labels as Partial<Record<string, string>>)['app'],
  },
  {
    name: 'all optional volumes in their order',
    template,
    annotations: {
      'sidecar.istio.io/bootstrapOverride': 'boot',
      'sidecar.istio.io/userVolume': '{"own": {"emptyDir": {}}}',
    },
    values: { global: { mountMtlsCerts: true, proxy: { tracer: 'lightstep' } } },
    mesh: { defaultConfig: { tracing: { tlsSettings: { caCertificates: 'cacert.pem' } } } },
    expect: (pod) => {
      setEnv(proxy(pod), 'PROXY_CONFIG', '{"tracing":{"tlsSettings":{"caCertificates":"cacert.pem"}}}');
      const path = '/etc/istio/custom-bootstrap';
      addEnv(proxy(pod), 'ISTIO_BOOTSTRAP_OVERRIDE', `${path}/custom_bootstrap.json`, 'ISTIO_META_OWNER');
      addMount(proxy(pod), { name: 'custom-bootstrap-volume', mountPath: path }, 'istio-data');
      addMount(proxy(pod), { name: 'istio-certs', mountPath: '/etc/certs/', readOnly: true }, 'istio-token');
      addMount(proxy(pod), { name: 'lightstep-certs', mountPath: '', readOnly: true });
      addVolume(pod, { name: 'custom-bootstrap-volume', configMap: { name: 'boot' } }, 'workload-certs');
      addVolume(pod, { name: 'istio-certs', secret: { optional: true, secretName: 'istio.default' } });
      addVolume(pod, { name: 'own', emptyDir: {} });
      addVolume(pod, { name: 'lightstep-certs', secret: { optional: true, secretName: 'lightstep.cacert' } });
    },
  },
];

export const sidecarProxy: readonly PodCase[] = [
  ...rights,
  ...probes,
  ...holding,
  ...labels,
  ...crl,
  ...tracers,
  ...telemetry,
  ...userVolumes,
  ...everything,
];
