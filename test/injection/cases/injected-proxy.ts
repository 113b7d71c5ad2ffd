/** What `sidecar`, `gateway` and `grpc-agent` have in common: image, arguments, environment and volumes of istio-proxy. */
import {
  addArgs,
  addEnv,
  addMount,
  addVolume,
  changeStatus,
  container,
  proxy,
  removeEnv,
  removeMount,
  removeVolume,
  setEnv,
  setFlag,
  setVolume,
  type Container,
  type Pod,
} from '../objects.ts';
import type { Overlay } from '../values.ts';
import type { PodCase, PodTemplate } from './case.ts';

const templates = ['sidecar', 'gateway', 'grpc-agent'] as const;

/** istio-proxy, and istio-init where there is one. */
const injected = (pod: Pod): Container[] => [
  proxy(pod),
  ...(pod.spec.initContainers ?? []).filter((one) => one.name === 'istio-init'),
];

/** What every entry of proxyMetadata adds; grpc-agent has two entries of its own after them. */
export function expectMetadata(pod: Pod, metadata: Record<string, string>): void {
  setEnv(proxy(pod), 'PROXY_CONFIG', JSON.stringify({ proxyMetadata: metadata }));
  const last = (container: Container): string =>
    container.env!.findLast((one) => one.name === 'TRUST_DOMAIN')!.name;
  for (const [name, value] of Object.entries(metadata).sort().reverse()) {
    addEnv(proxy(pod), name, value, last(proxy(pod)));
  }
  for (const one of pod.spec.initContainers ?? []) {
    for (const [name, value] of Object.entries(metadata).sort()) addEnv(one, name, value);
  }
}

/** The same certificate mount in istio-proxy and, for gRPC, in the application. */
function expectGkeCertificates(pod: Pod): void {
  for (const one of pod.spec.containers) {
    one.volumeMounts = one.volumeMounts?.map((mount) =>
      mount.name === 'workload-certs'
        ? { ...mount, name: 'gke-workload-certificate', readOnly: true }
        : mount,
    ) as typeof one.volumeMounts & object;
  }
  pod.spec.volumes = pod.spec.volumes!.map((volume) =>
    volume.name === 'workload-certs'
      ? {
          name: 'gke-workload-certificate',
          csi: { driver: 'workloadcertificates.security.cloud.google.com' },
        }
      : volume,
  );
  changeStatus(pod, (status) => {
    status.volumes = status.volumes!.map((name) =>
      name === 'workload-certs' ? 'gke-workload-certificate' : name,
    );
  });
}

const clusterTrustBundle = (name: string) => ({
  projected: { sources: [{ clusterTrustBundle: { name, path: 'root-cert.pem' } }] },
});

function ofEach(template: (typeof templates)[number]): PodCase[] {
  return [
    {
      name: 'image with a path by annotation',
      template,
      annotations: { 'sidecar.istio.io/proxyImage': 'example.com/own/proxy:1' },
      expect: (pod) => injected(pod).forEach((one) => (one.image = 'example.com/own/proxy:1')),
    },
    {
      name: 'image without a path by annotation has no effect',
      template,
      annotations: { 'sidecar.istio.io/proxyImage': 'proxyv3' },
    },
    {
      name: 'image name by values',
      template,
      values: { global: { proxy: { image: 'own' }, proxy_init: { image: 'own-init' } } },
      expect: (pod) => {
        injected(pod).forEach((one) => (one.image = 'docker.io/istio/own-init:1.31.4'));
        proxy(pod).image = 'docker.io/istio/own:1.31.4';
      },
    },
    {
      name: 'image with a path by values',
      template,
      values: { global: { proxy: { image: 'a.b/own:2' }, proxy_init: { image: 'a.b/own-init:2' } } },
      expect: (pod) => {
        injected(pod).forEach((one) => (one.image = 'a.b/own-init:2'));
        proxy(pod).image = 'a.b/own:2';
      },
    },
    {
      name: 'image variant by values, hub and tag as number',
      template,
      values: { global: { variant: 'distroless', hub: 'a.b', tag: 1.31 } },
      expect: (pod) => injected(pod).forEach((one) => (one.image = 'a.b/proxyv2:1.31-distroless')),
    },
    {
      name: 'image variant by proxy config, not for the init container',
      template,
      mesh: { defaultConfig: { image: { imageType: 'debug' } } },
      values: { global: { tag: '1.31.4-distroless' } },
      expect: (pod) => {
        injected(pod).forEach((one) => (one.image = 'docker.io/istio/proxyv2:1.31.4-distroless'));
        proxy(pod).image = 'docker.io/istio/proxyv2:1.31.4-debug';
        setEnv(proxy(pod), 'PROXY_CONFIG', '{"image":{"imageType":"debug"}}');
      },
    },
    {
      name: 'image variant by annotation wins',
      template,
      annotations: { 'sidecar.istio.io/proxyImageType': 'default' },
      values: { global: { tag: '1.31.4-distroless', variant: 'debug' } },
      expect: (pod) => injected(pod).forEach((one) => (one.image = 'docker.io/istio/proxyv2:1.31.4')),
    },
    {
      name: 'pull policy and pull secrets',
      template,
      values: { global: { imagePullPolicy: 'Always', imagePullSecrets: ['barSecret', '123'] } },
      pod: (pod) => (pod.spec['imagePullSecrets'] = [{ name: 'fooSecret' }]),
      expect: (pod) => {
        injected(pod).forEach((one) => (one['imagePullPolicy'] = 'Always'));
        pod.spec['imagePullSecrets'] = [{ name: 'barSecret' }, { name: '123' }, { name: 'fooSecret' }];
        changeStatus(pod, (status) => (status.imagePullSecrets = ['barSecret', '123']));
      },
    },
    {
      name: 'log levels by annotation',
      template,
      annotations: {
        'sidecar.istio.io/logLevel': 'debug',
        'sidecar.istio.io/componentLogLevel': 'http:trace,misc:error',
        'sidecar.istio.io/agentLogLevel': 'xds:debug',
      },
      expect: (pod) => {
        setFlag(proxy(pod), '--proxyLogLevel', 'debug');
        setFlag(proxy(pod), '--proxyComponentLogLevel', 'http:trace,misc:error');
        injected(pod).forEach((one) => setFlag(one, '--log_output_level', 'xds:debug'));
      },
    },
    {
      name: 'log levels, JSON logs, domain and STS port by values',
      template,
      values: {
        global: {
          logging: { level: 'all:debug' },
          logAsJson: true,
          sts: { servicePort: 15463 },
          proxy: { logLevel: 'info', componentLogLevel: 'wasm:info', clusterDomain: 'my.domain' },
        },
      },
      expect: (pod) => {
        proxy(pod).args![3] = '$(POD_NAMESPACE).svc.my.domain';
        setFlag(proxy(pod), '--proxyLogLevel', 'info');
        setFlag(proxy(pod), '--proxyComponentLogLevel', 'wasm:info');
        injected(pod).forEach((one) => setFlag(one, '--log_output_level', 'all:debug'));
        addArgs(proxy(pod), ['--stsPort=15463', '--log_as_json']);
        injected(pod)
          .slice(1)
          .forEach((one) => addArgs(one, ['--log_as_json']));
      },
    },
    {
      name: 'outlier log',
      template,
      values: { global: { proxy: { outlierLogPath: '/dev/stdout' } } },
      expect: (pod) => template === 'sidecar' && addArgs(proxy(pod), ['--outlierLogPath=/dev/stdout']),
    },
    {
      name: 'lifecycle by values',
      template,
      values: { global: { proxy: { lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } } } } },
      expect: (pod) => {
        if (template !== 'grpc-agent')
          proxy(pod)['lifecycle'] = { preStop: { exec: { command: ['sleep', '5'] } } };
      },
    },
    {
      name: 'hold the application by values',
      template,
      values: { global: { proxy: { holdApplicationUntilProxyStarts: true } } },
      expect: (pod) => {
        pod.spec.containers.sort(
          (a, b) => Number(b.name === 'istio-proxy') - Number(a.name === 'istio-proxy'),
        );
        if (template === 'sidecar') {
          proxy(pod)['lifecycle'] = { postStart: { exec: { command: ['pilot-agent', 'wait'] } } };
        }
      },
    },
    {
      name: 'CA address',
      template,
      values: { global: { caAddress: 'ca.example.com:443' }, revision: 'canary' },
      expect: (pod) => setEnv(proxy(pod), 'CA_ADDR', 'ca.example.com:443'),
    },
    {
      name: 'revision',
      template,
      istiod: { revision: 'canary' },
      values: { revision: 'canary', global: { istioNamespace: 'mesh' } },
      expect: (pod) => {
        setEnv(proxy(pod), 'CA_ADDR', 'istiod-canary.mesh.svc:15012');
        pod.metadata.annotations['istio.io/rev'] = 'canary';
        changeStatus(pod, (status) => (status.revision = 'canary'));
      },
    },
    {
      name: 'no revision',
      template,
      istiod: { revision: '' },
      expect: (pod) => changeStatus(pod, (status) => (status.revision = '')),
    },
    {
      name: 'revision default is a name as any other',
      template,
      values: { revision: 'default' },
      expect: (pod) => setEnv(proxy(pod), 'CA_ADDR', 'istiod-default.istio-system.svc:15012'),
    },
    {
      name: 'another issuer of certificates',
      template,
      values: { global: { pilotCertProvider: 'kubernetes' } },
      expect: (pod) => {
        setEnv(proxy(pod), 'PILOT_CERT_PROVIDER', 'kubernetes');
        removeMount(proxy(pod), 'istiod-ca-cert', 'istio-ca-crl');
        removeVolume(pod, 'istiod-ca-cert');
      },
    },
    {
      name: 'trust bundle by name',
      template,
      values: { global: { trustBundleName: 'own-bundle' } },
      expect: (pod) => setVolume(pod.spec, 'istiod-ca-cert', { configMap: { name: 'own-bundle' } }),
    },
    {
      name: 'cluster trust bundle',
      template,
      values: { pilot: { env: { ENABLE_CLUSTER_TRUST_BUNDLE_API: true } } },
      expect: (pod) =>
        setVolume(pod.spec, 'istiod-ca-cert', clusterTrustBundle('istio.io:istiod-ca:root-cert')),
    },
    {
      name: 'cluster trust bundle by name, switched on with a text',
      template,
      values: {
        pilot: { env: { ENABLE_CLUSTER_TRUST_BUNDLE_API: 'true' } },
        global: { trustBundleName: 'own-bundle' },
      },
      expect: (pod) =>
        setVolume(pod.spec, 'istiod-ca-cert', clusterTrustBundle('istio.io:istiod-ca:own-bundle')),
    },
    {
      name: 'cluster trust bundle switched off',
      template,
      values: { pilot: { env: { ENABLE_CLUSTER_TRUST_BUNDLE_API: false } } },
    },
    { name: 'nulls where maps may be', template, values: { pilot: { env: null }, gateways: null } },
    {
      name: 'certificates of GKE',
      template,
      values: { global: { caName: 'GkeWorkloadCertificate' } },
      expect: expectGkeCertificates,
    },
    ...[undefined, 'sa1'].map((account) => ({
      name: `mounted mTLS certificates of ${account ?? 'the default account'}`,
      template,
      values: { global: { mountMtlsCerts: true } },
      ...(account && { pod: (pod: Pod) => (pod.spec['serviceAccountName'] = account) }),
      expect: (pod: Pod) => {
        if (account) pod.spec['serviceAccountName'] = account;
        addMount(
          proxy(pod),
          { name: 'istio-certs', mountPath: '/etc/certs/', readOnly: true },
          'istio-token',
        );
        const secretName = `istio.${account ?? 'default'}`;
        const after = template === 'sidecar' ? 'istio-ca-crl' : 'istiod-ca-cert';
        addVolume(pod, { name: 'istio-certs', secret: { optional: true, secretName } }, after);
      },
    })),
    {
      name: 'audience of the token',
      template,
      values: { global: { sds: { token: { aud: 'own-ca' } } } },
      expect: (pod) =>
        setVolume(pod.spec, 'istio-token', {
          projected: {
            sources: [
              { serviceAccountToken: { path: 'istio-token', expirationSeconds: 43200, audience: 'own-ca' } },
            ],
          },
        }),
    },
    {
      name: 'bootstrap of the user',
      template,
      annotations: { 'sidecar.istio.io/bootstrapOverride': 'own-bootstrap' },
      expect: (pod) => {
        const certs = 'workload-certs';
        addVolume(pod, { name: 'custom-bootstrap-volume', configMap: { name: 'own-bootstrap' } }, certs);
        if (template === 'grpc-agent') return;
        const path = '/etc/istio/custom-bootstrap';
        addMount(proxy(pod), { name: 'custom-bootstrap-volume', mountPath: path }, 'istio-data');
        addEnv(proxy(pod), 'ISTIO_BOOTSTRAP_OVERRIDE', `${path}/custom_bootstrap.json`, 'ISTIO_META_OWNER');
      },
    },
    {
      name: 'cluster, network and mesh',
      template,
      values: { global: { multiCluster: { clusterName: 'c1' }, network: 'n1', meshID: 'm1' } },
      expect: (pod) => {
        removeEnv(proxy(pod), 'ISTIO_META_CLUSTER_ID');
        addEnv(proxy(pod), 'ISTIO_META_CLUSTER_ID', 'c1');
        addEnv(proxy(pod), 'ISTIO_META_NETWORK', 'n1');
        setEnv(proxy(pod), 'ISTIO_META_MESH_ID', 'm1');
        pod.metadata.labels['topology.istio.io/network'] = 'n1';
      },
    },
    {
      name: 'network by label',
      template,
      labels: { 'topology.istio.io/network': 'n2' },
      values: { global: { network: 'n1' } },
      expect: (pod) => addEnv(proxy(pod), 'ISTIO_META_NETWORK', 'n2'),
    },
    {
      name: 'trust domain by mesh config',
      template,
      mesh: { trustDomain: 'example.org' },
      values: { global: { trustDomain: 'unused' } },
      expect: (pod) => {
        setEnv(proxy(pod), 'ISTIO_META_MESH_ID', 'example.org');
        setEnv(proxy(pod), 'TRUST_DOMAIN', 'example.org');
      },
    },
    {
      name: 'trust domain by values',
      template,
      mesh: { trustDomain: '' },
      values: { global: { trustDomain: 'example.net', meshID: 'm1' } },
      expect: (pod) => {
        setEnv(proxy(pod), 'ISTIO_META_MESH_ID', 'm1');
        setEnv(proxy(pod), 'TRUST_DOMAIN', 'example.net');
      },
    },
    {
      name: 'no trust domain and no mesh',
      template,
      mesh: { trustDomain: '' },
      expect: (pod) => removeEnv(proxy(pod), 'ISTIO_META_MESH_ID', 'TRUST_DOMAIN'),
    },
    {
      name: 'proxy metadata, one with the name of a built-in variable',
      template,
      mesh: {
        defaultConfig: { proxyMetadata: { FOO: "it's $(HOST_IP)", B: 'true', A: '1', POD_NAME: 'x' } },
      },
      expect: (pod) => expectMetadata(pod, { A: '1', B: 'true', FOO: "it's $(HOST_IP)", POD_NAME: 'x' }),
    },
    {
      name: 'proxy config of the pod over that of the mesh',
      template,
      mesh: { defaultConfig: { concurrency: 2, proxyMetadata: { A: '1', B: '2' } } },
      annotations: {
        'proxy.istio.io/config': 'discoveryAddress: foo:123\nconcurrency: 0\nproxyMetadata: {B: "3"}\n',
      },
      expect: (pod) => {
        expectMetadata(pod, { A: '1', B: '3' });
        const config = { discoveryAddress: 'foo:123', concurrency: 0, proxyMetadata: { A: '1', B: '3' } };
        setEnv(proxy(pod), 'PROXY_CONFIG', JSON.stringify(config));
      },
    },
    {
      name: 'owner in a namespace',
      template,
      owner: { apiVersion: 'batch/v1', kind: 'CronJob', name: 'hello', namespace: 'foo' },
      expect: (pod) =>
        setEnv(proxy(pod), 'ISTIO_META_OWNER', 'kubernetes://apis/batch/v1/namespaces/foo/cronjobs/hello'),
    },
    {
      name: 'a pod of its own',
      template,
      owner: { apiVersion: 'v1', kind: 'Pod', name: 'hello', namespace: '' },
      expect: (pod) =>
        setEnv(proxy(pod), 'ISTIO_META_OWNER', 'kubernetes://apis/v1/namespaces/default/pods/hello'),
    },
    {
      name: 'an owner without a name',
      template,
      owner: { apiVersion: 'v1', kind: 'Pod', name: '', namespace: 'foo' },
      expect: (pod) => removeEnv(proxy(pod), 'ISTIO_META_WORKLOAD_NAME', 'ISTIO_META_OWNER'),
    },
    {
      name: 'an owner without a version',
      template,
      owner: { apiVersion: '', kind: 'Own', name: 'hello', namespace: '' },
      expect: (pod) => removeEnv(proxy(pod), 'ISTIO_META_OWNER'),
    },
    {
      name: 'texts that YAML would take for something else',
      template,
      istiod: { revision: '1', compliancePolicy: '2' },
      mesh: { trustDomain: '3' },
      annotations: { 'sidecar.istio.io/bootstrapOverride': '4' },
      labels: { 'service.istio.io/workload-name': template === 'sidecar' ? '5' : 'unused' },
      owner: { apiVersion: 'apps/v1', kind: 'Deployment', name: '5', namespace: 'true' },
      values: {
        global: {
          imagePullPolicy: '6',
          pilotCertProvider: 'no',
          caAddress: '1e3',
          meshID: '0x7',
          network: '8',
          multiCluster: { clusterName: '9' },
          sds: { token: { aud: 'null' } },
        },
      },
      expect: expectAwkwardTexts,
    },
    {
      name: 'a trust bundle that YAML would take for something else',
      template,
      values: { global: { trustBundleName: '123' } },
      expect: (pod) => setVolume(pod.spec, 'istiod-ca-cert', { configMap: { name: '123' } }),
    },
    ...canonical(template),
    {
      name: 'no ports',
      template,
      pod: (pod) => delete pod.spec.containers[0]!.ports,
      expect: (pod) => {
        setEnv(proxy(pod), 'ISTIO_META_POD_PORTS', '[]');
        const first = pod.spec.containers[0]!;
        first.ports = (first.ports ?? []).filter((one) => one['containerPort'] === 15090);
        if (first.ports.length === 0) delete first.ports;
        const overrides = pod.metadata.annotations['proxy.istio.io/overrides'];
        if (overrides === undefined) return;
        const users = JSON.parse(overrides) as { containers: Container[] };
        users.containers.forEach((one) => delete one.ports);
        pod.metadata.annotations['proxy.istio.io/overrides'] = JSON.stringify(users);
      },
    },
    {
      name: 'pull secrets of the pod alone',
      template,
      pod: (pod) => (pod.spec['imagePullSecrets'] = [{ name: 'fooSecret' }]),
      expect: (pod) => (pod.spec['imagePullSecrets'] = [{ name: 'fooSecret' }]),
    },
    {
      name: 'an owner without a name, a pod without labels',
      template,
      owner: { apiVersion: 'v1', kind: 'Pod', name: '', namespace: '' },
      pod: (pod) => delete (pod.metadata as Partial<Pod['metadata']>).labels,
      expect: (pod) => {
        delete (pod.metadata.labels as Partial<Record<string, string>>)['app'];
        pod.metadata.labels['service.istio.io/canonical-name'] = '';
        removeEnv(proxy(pod), 'ISTIO_META_WORKLOAD_NAME', 'ISTIO_META_OWNER');
      },
    },
    {
      name: 'kubectl annotations of the user',
      template,
      annotations: { 'kubectl.kubernetes.io/default-container': 'mine' },
      pod: addApplication,
      expect: (pod) => {
        expectApplication(pod, template);
        const first = template === 'gateway' ? 'second' : 'hello';
        pod.metadata.annotations['kubectl.kubernetes.io/default-logs-container'] = first;
      },
    },
    {
      name: 'kubectl annotations of the user, logs only',
      template,
      annotations: { 'kubectl.kubernetes.io/default-logs-container': 'mine' },
      pod: addApplication,
      expect: (pod) => {
        expectApplication(pod, template);
        const first = template === 'gateway' ? 'second' : 'hello';
        pod.metadata.annotations['kubectl.kubernetes.io/default-container'] = first;
      },
    },
    {
      name: 'inbound traffic to localhost',
      template,
      mesh: { inboundTrafficPolicy: { mode: 'LOCALHOST' } },
      expect: (pod) => {
        if (template === 'gateway') return;
        const env = { name: 'REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION', value: 'true' };
        proxy(pod).env!.splice(template === 'sidecar' ? 0 : 2, 0, env);
      },
    },
    ...['fips-140-2', 'fips-140-3', 'pqc'].map((policy) => ({
      name: `compliance policy ${policy}`,
      template,
      istiod: { compliancePolicy: policy },
      expect: (pod: Pod) => {
        if (template === 'grpc-agent') return;
        if (policy === 'fips-140-3') addEnv(proxy(pod), 'GODEBUG', 'fips140=only', 'GOMAXPROCS');
        addEnv(proxy(pod), 'COMPLIANCE_POLICY', policy, 'GOMAXPROCS');
      },
    })),
    {
      name: 'readiness by values',
      template,
      values: {
        global: {
          proxy: { readinessInitialDelaySeconds: 7, readinessPeriodSeconds: 8, readinessFailureThreshold: 9 },
        },
      },
      expect: (pod) =>
        Object.assign(proxy(pod)['readinessProbe']!, {
          initialDelaySeconds: 7,
          periodSeconds: 8,
          failureThreshold: 9,
        }),
    },
    {
      name: 'readiness by annotations',
      template,
      annotations: {
        'readiness.status.sidecar.istio.io/initialDelaySeconds': '100',
        'readiness.status.sidecar.istio.io/periodSeconds': '200',
        'readiness.status.sidecar.istio.io/failureThreshold': '300',
      },
      expect: (pod) => {
        if (template === 'gateway') return;
        const probe = { initialDelaySeconds: 100, periodSeconds: 200, failureThreshold: 300 };
        Object.assign(proxy(pod)['readinessProbe']!, probe);
      },
    },
    {
      name: 'SPIRE by a later template',
      template,
      annotations: { 'inject.istio.io/templates': `${template}, spire` },
      templates: { spire },
      expect: (pod) => {
        setVolume(pod.spec, 'workload-socket', { csi: { driver: 'csi.spiffe.io', readOnly: true } });
        proxy(pod).volumeMounts!.find((one) => one.name === 'workload-socket')!['readOnly'] = true;
        // The later template's entries come first in a merged list.
        if (template === 'grpc-agent')
          changeStatus(pod, (status) => (status.containers = ['istio-proxy', 'hello']));
      },
    },
    {
      name: 'the same template twice',
      template,
      annotations: { 'inject.istio.io/templates': `${template},${template}` },
    },
    { name: 'injected again', template, times: 2, expect: () => undefined },
  ];
}

function expectAwkwardTexts(pod: Pod): void {
  const one = proxy(pod);
  const isAgent = one.env!.some((env) => env.name === 'DISABLE_ENVOY');
  pod.metadata.annotations['istio.io/rev'] = '1';
  pod.metadata.labels['topology.istio.io/network'] = '8';
  injected(pod).forEach((each) => (each['imagePullPolicy'] = '6'));
  setEnv(one, 'PILOT_CERT_PROVIDER', 'no');
  setEnv(one, 'CA_ADDR', '1e3');
  setEnv(one, 'ISTIO_META_WORKLOAD_NAME', '5');
  setEnv(one, 'ISTIO_META_OWNER', 'kubernetes://apis/apps/v1/namespaces/true/deployments/5');
  setEnv(one, 'ISTIO_META_MESH_ID', '0x7');
  setEnv(one, 'TRUST_DOMAIN', '3');
  if (!isAgent) {
    const path = '/etc/istio/custom-bootstrap';
    addEnv(one, 'COMPLIANCE_POLICY', '2', 'GOMAXPROCS');
    addEnv(one, 'ISTIO_BOOTSTRAP_OVERRIDE', `${path}/custom_bootstrap.json`, 'ISTIO_META_OWNER');
    addMount(one, { name: 'custom-bootstrap-volume', mountPath: path }, 'istio-data');
  }
  removeEnv(one, 'ISTIO_META_CLUSTER_ID');
  addEnv(one, 'ISTIO_META_CLUSTER_ID', '9');
  addEnv(one, 'ISTIO_META_NETWORK', '8');
  removeMount(one, 'istiod-ca-cert', 'istio-ca-crl');
  removeVolume(pod, 'istiod-ca-cert');
  addVolume(pod, { name: 'custom-bootstrap-volume', configMap: { name: '4' } }, 'workload-certs');
  setVolume(pod.spec, 'istio-token', {
    projected: {
      sources: [{ serviceAccountToken: { path: 'istio-token', expirationSeconds: 43200, audience: 'null' } }],
    },
  });
  changeStatus(pod, (status) => (status.revision = '1'));
}

const spire = `
spec:
  containers:
  - name: istio-proxy
    volumeMounts:
    - name: workload-socket
      mountPath: /var/run/secrets/workload-spiffe-uds
      readOnly: true
  volumes:
  - name: workload-socket
    csi: {driver: csi.spiffe.io, readOnly: true}
`;

/** A second application container, of which gateway pods have none otherwise. */
function addApplication(pod: Pod): void {
  pod.spec.containers.push({
    name: 'second',
    image: 'second',
    ports: [{ containerPort: 53, protocol: 'UDP' }, { containerPort: 90 }],
  });
}

function expectApplication(pod: Pod, template: PodTemplate): void {
  const own: Container = {
    name: 'second',
    image: 'second',
    ports: [{ containerPort: 53, protocol: 'UDP' }, { containerPort: 90 }],
  };
  const env = proxy(pod).env!;
  const ports = env.find((one) => one.name === 'ISTIO_META_POD_PORTS')!;
  const all = JSON.parse(ports['value'] as string) as unknown[];
  ports['value'] = JSON.stringify([...all, ...own.ports!]);
  setEnv(proxy(pod), 'ISTIO_META_APP_CONTAINERS', template === 'gateway' ? 'second' : 'hello,second');
  if (template === 'grpc-agent') {
    const hello = container(pod.spec, 'hello');
    changeStatus(pod, (status) => status.containers!.push('second'));
    const overrides = JSON.parse(pod.metadata.annotations['proxy.istio.io/overrides']!) as {
      containers: Container[];
    };
    overrides.containers.push(structuredClone(own));
    pod.metadata.annotations['proxy.istio.io/overrides'] = JSON.stringify(overrides);
    own.env = structuredClone(hello.env!);
    own.volumeMounts = structuredClone(hello.volumeMounts!);
  }
  const proxyAt = pod.spec.containers.findIndex((one) => one.name === 'istio-proxy');
  pod.spec.containers.splice(proxyAt, 0, own);
}

function canonical(template: (typeof templates)[number]): PodCase[] {
  const longName = `${'a'.repeat(62)}-_.tail`;
  const set = (pod: Pod, name: string, revision: string): void => {
    pod.metadata.labels['service.istio.io/canonical-name'] = name;
    pod.metadata.labels['service.istio.io/canonical-revision'] = revision;
  };
  return [
    {
      name: 'canonical name and revision from app.kubernetes.io',
      template,
      labels: { 'app.kubernetes.io/name': 'n1', 'app.kubernetes.io/version': '1.0', version: '2.0' },
      expect: (pod) => set(pod, 'n1', '1.0'),
    },
    {
      name: 'canonical name and revision of the user',
      template,
      labels: {
        'service.istio.io/canonical-name': 'n0',
        'service.istio.io/canonical-revision': '0',
        'app.kubernetes.io/name': 'n1',
        'app.kubernetes.io/version': '1.0',
      },
    },
    {
      name: 'canonical name from the label app, revision from the label version',
      template,
      labels: { app: '123', 'app.kubernetes.io/name': '', version: 'true' },
      expect: (pod) => set(pod, '123', 'true'),
    },
    {
      name: 'canonical name from a long workload name',
      template,
      pod: (pod) => delete (pod.metadata.labels as Partial<Record<string, string>>)['app'],
      owner: { apiVersion: 'apps/v1', kind: 'Deployment', name: longName, namespace: '' },
      expect: (pod) => {
        delete (pod.metadata.labels as Partial<Record<string, string>>)['app'];
        set(pod, template === 'sidecar' ? 'a'.repeat(62) : longName, 'latest');
        setEnv(proxy(pod), 'ISTIO_META_WORKLOAD_NAME', longName);
        const owner = `kubernetes://apis/apps/v1/namespaces/default/deployments/${longName}`;
        setEnv(proxy(pod), 'ISTIO_META_OWNER', owner);
      },
    },
  ];
}

/** Resources of istio-proxy, and of istio-init where there is one; a gateway's come from its Deployment alone. */
function resources(template: 'sidecar' | 'grpc-agent'): PodCase[] {
  const expectResources =
    (wanted: Container['resources']) =>
    (pod: Pod): void => {
      for (const one of injected(pod)) {
        if (wanted) one.resources = wanted;
        else delete one.resources;
      }
    };
  const own = (given: Overlay | null) => ({ global: { proxy: { resources: given } } });
  const none = { requests: undefined, limits: undefined };
  return [
    {
      name: 'resources by one annotation replace those of the values',
      template,
      annotations: { 'sidecar.istio.io/proxyCPU': '4000m' },
      expect: expectResources({ requests: { cpu: '4' } }),
    },
    {
      name: 'resources by annotations, memory',
      template,
      annotations: { 'sidecar.istio.io/proxyMemory': '1Gi', 'sidecar.istio.io/proxyCPULimit': '3' },
      expect: expectResources({ requests: { memory: '1Gi' }, limits: { cpu: '3' } }),
    },
    {
      name: 'resources by annotations, limits only',
      template,
      annotations: { 'sidecar.istio.io/proxyMemoryLimit': '2Gi' },
      expect: expectResources({ limits: { memory: '2Gi' } }),
    },
    {
      name: 'resources by all annotations',
      template,
      annotations: {
        'sidecar.istio.io/proxyCPU': '1',
        'sidecar.istio.io/proxyMemory': '1Mi',
        'sidecar.istio.io/proxyCPULimit': '2',
        'sidecar.istio.io/proxyMemoryLimit': '2Mi',
      },
      expect: expectResources({ requests: { cpu: '1', memory: '1Mi' }, limits: { cpu: '2', memory: '2Mi' } }),
    },
    {
      name: 'resources with nulls and zeros',
      template,
      values: own({ requests: { cpu: null, memory: '0' }, limits: { cpu: null, memory: null } }),
      expect: expectResources({ requests: { memory: '0' } }),
    },
    {
      name: 'resources that are all null',
      template,
      values: own({ requests: { cpu: null, memory: null }, limits: { cpu: null, memory: null } }),
      expect: expectResources(undefined),
    },
    { name: 'empty resources', template, values: own(none), expect: expectResources(undefined) },
    { name: 'no resources', template, values: own(null), expect: expectResources(undefined) },
  ];
}

export const injectedProxy: readonly PodCase[] = [
  ...templates.flatMap(ofEach),
  ...resources('sidecar'),
  ...resources('grpc-agent'),
];
