/** What becomes of Gateways: what the four templates share, then what each has for itself. */
import type { JsonObject } from '../../../src/lib/json.ts';
import {
  addArgs,
  addEnv,
  proxy,
  removeEnv,
  removeMount,
  setEnv,
  setVolume,
  type Container,
  type Pod,
} from '../objects.ts';
import type { GatewayCase, GatewayObjects, GatewayTemplate } from './case.ts';

const templates = ['kube-gateway', 'waypoint', 'agentgateway', 'agentgateway-waypoint'] as const;

const podOf = (objects: GatewayObjects): Pod => objects.deployment.spec.template;
const main = (objects: GatewayObjects): Container => podOf(objects).spec.containers[0]!;
const isWaypoint = (template: GatewayTemplate): boolean => template.endsWith('waypoint');
const isEnvoy = (template: GatewayTemplate): boolean => !template.startsWith('agentgateway');

/** The three objects; HPA and PDB exist with an overlay only. */
const all = (objects: GatewayObjects) => [objects.serviceAccount, objects.deployment, objects.service];

function expectLabels(objects: GatewayObjects, labels: Record<string, string>): void {
  for (const { metadata } of [...all(objects), podOf(objects)]) Object.assign(metadata.labels, labels);
}

function expectAnnotations(objects: GatewayObjects, annotations: Record<string, string>): void {
  for (const { metadata } of [...all(objects), podOf(objects)])
    Object.assign(metadata.annotations, annotations);
}

function expectName(objects: GatewayObjects, name: string): void {
  objects.deployment.metadata['name'] = name;
  objects.service.metadata['name'] = name;
  podOf(objects).metadata.labels['service.istio.io/canonical-name'] = name;
  if (main(objects).name !== 'istio-proxy') return;
  const owner = `kubernetes://apis/apps/v1/namespaces/default/deployments/${name}`;
  setEnv(main(objects), 'ISTIO_META_WORKLOAD_NAME', name);
  setEnv(main(objects), 'ISTIO_META_OWNER', owner);
}

function expectServiceAccount(objects: GatewayObjects, name: string): void {
  objects.serviceAccount.metadata['name'] = name;
  podOf(objects).spec['serviceAccountName'] = name;
  const args = main(objects).args!;
  const cluster = args.indexOf('--serviceCluster');
  if (cluster >= 0) args[cluster + 1] = `${name}.$(POD_NAMESPACE)`;
}

const networkOf = (template: GatewayTemplate): string =>
  isEnvoy(template) ? 'ISTIO_META_NETWORK' : 'NETWORK';

function expectNetwork(objects: GatewayObjects, template: GatewayTemplate, network: string): void {
  const after: Record<GatewayTemplate, string> = {
    'kube-gateway': 'ISTIO_META_INTERCEPTION_MODE',
    waypoint: 'ISTIO_META_CLUSTER_ID',
    agentgateway: 'CLUSTER_ID',
    'agentgateway-waypoint': 'CLUSTER_ID',
  };
  addEnv(main(objects), networkOf(template), network, after[template]);
}

const token = (path: string, audience: string): JsonObject => ({
  projected: { sources: [{ serviceAccountToken: { path, expirationSeconds: 43200, audience } }] },
});

function ofEach(template: (typeof templates)[number]): GatewayCase[] {
  const clusterID = isEnvoy(template) ? 'ISTIO_META_CLUSTER_ID' : 'CLUSTER_ID';
  const resourcesPath = isWaypoint(template) ? 'waypoint' : 'proxy';
  const resources = (given: JsonObject) => ({ global: { [resourcesPath]: { resources: given } } });
  return [
    { name: 'defaults', template },
    {
      name: 'listeners',
      template,
      istiod: { quicListeners: true },
      spec: {
        listeners: [
          { name: 'http.one', port: 80, protocol: 'HTTP' },
          { name: 'https', port: 443, protocol: 'HTTPS' },
          { name: 'http.two', port: 80, protocol: 'HTTP' },
          { name: '123', port: 9000, protocol: 'TCP' },
        ],
      },
      expect: ({ service }) =>
        (service.spec['ports'] = [
          { name: 'status-port', port: 15021, protocol: 'TCP', appProtocol: 'tcp' },
          { name: 'http-one', port: 80, protocol: 'TCP', appProtocol: 'http' },
          { name: 'https', port: 443, protocol: 'TCP', appProtocol: 'https' },
          {
            name: 'https-quic',
            port: 443,
            protocol: template === 'kube-gateway' ? 'UDP' : 'TCP',
            appProtocol: 'https',
          },
          { name: '123', port: 9000, protocol: 'TCP', appProtocol: 'tcp' },
        ]),
    },
    {
      name: 'labels and annotations of the Gateway',
      template,
      metadata: {
        labels: { team: 'a', number: '1', 'gateway.networking.k8s.io/gateway-name': 'x' },
        annotations: {
          note: 'it\'s: "quoted" <&>',
          'kubectl.kubernetes.io/last-applied-configuration': '{}',
          'gateway.istio.io/controller-version': '5',
        },
      },
      expect: (objects) => {
        expectLabels(objects, { team: 'a', number: '1' });
        expectAnnotations(objects, { note: 'it\'s: "quoted" <&>' });
      },
    },
    {
      name: 'labels and annotations of the infrastructure instead',
      template,
      metadata: { labels: { team: 'a' }, annotations: { note: 'a' } },
      spec: {
        infrastructure: {
          labels: {
            team: 'b',
            'service.istio.io/canonical-name': 'own',
            'service.istio.io/canonical-revision': 'v1',
          },
          annotations: { note: 'b', 'istio.io/rev': 'ignored', 'prometheus.io/port': '1' },
        },
      },
      expect: (objects) => {
        expectLabels(objects, {
          team: 'b',
          'service.istio.io/canonical-name': 'own',
          'service.istio.io/canonical-revision': 'v1',
        });
        for (const { metadata } of all(objects)) {
          Object.assign(metadata.annotations, {
            note: 'b',
            'istio.io/rev': 'ignored',
            'prometheus.io/port': '1',
          });
        }
        podOf(objects).metadata.annotations['note'] = 'b';
      },
    },
    {
      name: 'labels that the template sets first may change, those it sets last may not',
      template,
      spec: {
        infrastructure: {
          labels: {
            'sidecar.istio.io/inject': 'true',
            'istio.io/dataplane-mode': 'ambient',
            'gateway.istio.io/managed': 'me',
          },
        },
      },
      expect: (objects) =>
        expectLabels(objects, { 'sidecar.istio.io/inject': 'true', 'istio.io/dataplane-mode': 'ambient' }),
    },
    {
      name: 'ambient waypoints',
      template,
      istiod: { ambientWaypoints: true },
      expect: (objects) => {
        if (!isWaypoint(template)) expectLabels(objects, { 'istio.io/dataplane-mode': 'none' });
      },
    },
    {
      name: 'another name',
      template,
      metadata: { annotations: { 'gateway.istio.io/name-override': 'default-own' } },
      expect: (objects) => expectName(objects, 'default-own'),
    },
    {
      name: 'another service account',
      template,
      metadata: { annotations: { 'gateway.istio.io/service-account': 'default-account' } },
      expect: (objects) => expectServiceAccount(objects, 'default-account'),
    },
    {
      name: 'names that YAML would take for something else',
      template,
      metadata: { name: '123', namespace: 'true', uid: '1e3' },
      expect: (objects) => {
        const name = template === 'kube-gateway' ? '123-istio' : '123';
        for (const { metadata } of all(objects)) {
          metadata['name'] = name;
          metadata['namespace'] = 'true';
          (metadata['ownerReferences'] as JsonObject[])[0]!['name'] = '123';
          (metadata['ownerReferences'] as JsonObject[])[0]!['uid'] = '1e3';
        }
        expectLabels(objects, { 'gateway.networking.k8s.io/gateway-name': '123' });
        expectName(objects, name);
        expectServiceAccount(objects, name);
        const selector = { 'gateway.networking.k8s.io/gateway-name': '123' };
        objects.deployment.spec['selector'] = { matchLabels: selector };
        objects.service.spec['selector'] = selector;
        if (!isEnvoy(template)) {
          setEnv(main(objects), 'GATEWAY', '123');
          return;
        }
        setEnv(
          main(objects),
          'ISTIO_META_OWNER',
          `kubernetes://apis/apps/v1/namespaces/true/deployments/${name}`,
        );
      },
    },
    {
      name: 'texts that YAML would take for something else',
      template,
      mesh: { trustDomain: '3', defaultConfig: { discoveryAddress: '1e3', proxyMetadata: { '12': '13' } } },
      istiod: { revision: '1', clusterID: 'true' },
      metadata: {
        labels: { 'topology.istio.io/network': '8' },
        annotations: {
          'sidecar.istio.io/logLevel': 'off',
          'sidecar.istio.io/componentLogLevel': '4',
          'sidecar.istio.io/agentLogLevel': '5',
          'networking.istio.io/service-type': 'LoadBalancer',
        },
      },
      spec: { addresses: [{ value: '7' }] },
      values: {
        global: {
          imagePullPolicy: '6',
          trustBundleName: '123',
          caAddress: '1e3',
          meshID: '0x7',
          sds: { token: { aud: 'null' } },
        },
      },
      expect: (objects) => expectAwkwardTexts(objects, template),
    },
    {
      name: 'an issuer and a cluster that YAML would take for something else',
      template,
      values: { global: { pilotCertProvider: 'no', multiCluster: { clusterName: '9' } } },
      expect: (objects) => {
        setEnv(main(objects), clusterID, '9');
        if (isEnvoy(template)) setEnv(main(objects), 'PILOT_CERT_PROVIDER', 'no');
        if (template === 'waypoint') return;
        if (isEnvoy(template)) removeMount(main(objects), 'istiod-ca-cert');
        const { spec } = podOf(objects);
        spec.volumes = spec.volumes!.filter((one) => one.name !== 'istiod-ca-cert');
      },
    },
    {
      name: 'an overlay that leaves the autoscaler as it is',
      template,
      overlays: { horizontalPodAutoscaler: { spec: { minReplicas: 1 } } },
      expect: (objects) => {
        const { metadata } = structuredClone(objects.service);
        delete (metadata.annotations as Partial<Record<string, string>>)[
          'networking.istio.io/traffic-distribution'
        ];
        objects['horizontalPodAutoscaler'] = {
          apiVersion: 'autoscaling/v2',
          kind: 'HorizontalPodAutoscaler',
          metadata,
          spec: {
            scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: metadata['name'] },
            minReplicas: 1,
            maxReplicas: 1,
          },
        };
      },
    },
    {
      name: 'service type and addresses',
      template,
      metadata: { annotations: { 'networking.istio.io/service-type': 'LoadBalancer' } },
      spec: { addresses: [{ type: 'IPAddress', value: '1.2.3.4' }, { value: '5.6.7.8' }] },
      expect: (objects) => {
        expectAnnotations(objects, { 'networking.istio.io/service-type': 'LoadBalancer' });
        Object.assign(objects.service.spec, { type: 'LoadBalancer', loadBalancerIP: '1.2.3.4' });
      },
    },
    {
      name: 'no address without a load balancer',
      template,
      metadata: { annotations: { 'networking.istio.io/service-type': 'ClusterIP' } },
      spec: { addresses: [{ value: '1.2.3.4' }] },
      expect: (objects) => {
        expectAnnotations(objects, { 'networking.istio.io/service-type': 'ClusterIP' });
        objects.service.spec['type'] = 'ClusterIP';
      },
    },
    ...[127, 128].map((kubeVersion) => ({
      name: `Kubernetes ${kubeVersion}`,
      template,
      istiod: { kubeVersion },
      expect: (objects: GatewayObjects) => {
        const { metadata } = objects.serviceAccount as { metadata: Partial<JsonObject> };
        if (kubeVersion < 128 && isEnvoy(template)) delete metadata['ownerReferences'];
      },
    })),
    {
      name: 'pull policy and pull secrets',
      template,
      values: { global: { imagePullPolicy: 'IfNotPresent', imagePullSecrets: ['a', '1'] } },
      expect: (objects) => {
        main(objects)['imagePullPolicy'] = 'IfNotPresent';
        podOf(objects).spec['imagePullSecrets'] = [{ name: 'a' }, { name: '1' }];
      },
    },
    {
      name: 'resources keep their text',
      template,
      values: resources({ requests: { cpu: '0', memory: null }, limits: { memory: '1024Mi', cpu: null } }),
      expect: (objects) =>
        (main(objects).resources = { requests: { cpu: '0' }, limits: { memory: '1024Mi' } }),
    },
    {
      name: 'resources that are all null',
      template,
      values: resources({ requests: { cpu: null, memory: null }, limits: { memory: null, cpu: null } }),
      expect: (objects) => delete main(objects).resources,
    },
    {
      name: 'lifecycle by values',
      template,
      values: { global: { proxy: { lifecycle: { preStop: { sleep: { seconds: 5 } } } } } },
      expect: (objects) => {
        if (!isWaypoint(template)) main(objects)['lifecycle'] = { preStop: { sleep: { seconds: 5 } } };
      },
    },
    {
      name: 'security of the pod',
      template,
      values: { gateways: { securityContext: { fsGroup: 1 } } },
      expect: (objects) => {
        if (!isWaypoint(template)) podOf(objects).spec['securityContext'] = { fsGroup: 1 };
      },
    },
    {
      name: 'seccomp profile',
      template,
      values: { gateways: { seccompProfile: { type: 'RuntimeDefault' } } },
      expect: (objects) => {
        const pod = podOf(objects).spec['securityContext'] as JsonObject | undefined;
        (pod ?? main(objects).securityContext!)['seccompProfile'] = { type: 'RuntimeDefault' };
      },
    },
    {
      name: 'security of the pod comes before the seccomp profile',
      template,
      values: { gateways: { securityContext: { fsGroup: 1 }, seccompProfile: { type: 'RuntimeDefault' } } },
      expect: (objects) => {
        if (isWaypoint(template))
          main(objects).securityContext!['seccompProfile'] = { type: 'RuntimeDefault' };
        else podOf(objects).spec['securityContext'] = { fsGroup: 1 };
      },
    },
    {
      name: 'user and group of OpenShift',
      template,
      istiod: {
        openShift: true,
        namespaceAnnotations: { 'openshift.io/sa.scc.uid-range': '1000620000/10000' },
      },
      expect: (objects) => {
        if (template === 'waypoint') return;
        Object.assign(main(objects).securityContext!, { runAsUser: 1000629999, runAsGroup: 1000629999 });
      },
    },
    {
      name: 'platform openshift',
      template,
      values: { global: { platform: 'openshift' } },
      expect: (objects) => {
        if (template !== 'waypoint') return;
        delete main(objects).securityContext!['runAsUser'];
        delete main(objects).securityContext!['runAsGroup'];
      },
    },
    {
      name: 'CA address',
      template,
      values: { global: { caAddress: 'ca.example.com:443' }, revision: 'canary' },
      expect: (objects) =>
        setEnv(main(objects), isEnvoy(template) ? 'CA_ADDR' : 'CA_ADDRESS', 'ca.example.com:443'),
    },
    {
      name: 'revision',
      template,
      istiod: { revision: 'canary' },
      values: { revision: 'canary', global: { istioNamespace: 'mesh' } },
      expect: (objects) => {
        setEnv(main(objects), isEnvoy(template) ? 'CA_ADDR' : 'CA_ADDRESS', 'istiod-canary.mesh.svc:15012');
        podOf(objects).metadata.annotations['istio.io/rev'] = 'canary';
      },
    },
    { name: 'no revision', template, istiod: { revision: '' } },
    {
      name: 'network of the values',
      template,
      values: { global: { network: 'n1' } },
      expect: (objects) => {
        expectNetwork(objects, template, 'n1');
        if (isWaypoint(template)) expectLabels(objects, { 'topology.istio.io/network': 'n1' });
      },
    },
    {
      name: 'network of the Gateway',
      template,
      metadata: { labels: { 'topology.istio.io/network': 'n2' } },
      values: { global: { network: 'n1' } },
      expect: (objects) => {
        expectLabels(objects, { 'topology.istio.io/network': 'n2' });
        expectNetwork(objects, template, 'n2');
        if (template === 'kube-gateway') addEnv(main(objects), 'ISTIO_META_REQUESTED_NETWORK_VIEW', 'n2');
      },
    },
    {
      name: 'cluster of the values',
      template,
      values: { global: { multiCluster: { clusterName: 'c1' } } },
      expect: (objects) => setEnv(main(objects), clusterID, 'c1'),
    },
    {
      name: 'trust domain of the mesh config and mesh',
      template,
      mesh: { trustDomain: 'example.org' },
      values: { global: { meshID: 'm1', trustDomain: 'unused' } },
      expect: (objects) => {
        setEnv(main(objects), 'TRUST_DOMAIN', 'example.org');
        if (isEnvoy(template)) setEnv(main(objects), 'ISTIO_META_MESH_ID', 'm1');
      },
    },
    {
      name: 'trust domain of the values',
      template,
      mesh: { trustDomain: '' },
      values: { global: { trustDomain: 'example.net' } },
      expect: (objects) => {
        setEnv(main(objects), 'TRUST_DOMAIN', 'example.net');
        if (isEnvoy(template)) setEnv(main(objects), 'ISTIO_META_MESH_ID', 'example.net');
      },
    },
    {
      name: 'no trust domain and no mesh',
      template,
      mesh: { trustDomain: '' },
      expect: (objects) => removeEnv(main(objects), 'TRUST_DOMAIN', 'ISTIO_META_MESH_ID'),
    },
    {
      name: 'proxy config',
      template,
      mesh: {
        defaultConfig: {
          discoveryAddress: 'foo:123',
          interceptionMode: 'NONE',
          proxyMetadata: { B: 'true', A: '1' },
        },
      },
      expect: (objects) => {
        const one = main(objects);
        const after: Record<GatewayTemplate, string> = {
          'kube-gateway': 'TRUST_DOMAIN',
          waypoint: 'PROXY_CONFIG',
          agentgateway: 'TRUST_DOMAIN',
          'agentgateway-waypoint': 'TRUST_DOMAIN',
        };
        addEnv(one, 'B', 'true', after[template]);
        addEnv(one, 'A', '1', after[template]);
        if (!isEnvoy(template)) {
          setEnv(one, 'XDS_ADDRESS', 'foo:123');
          return;
        }
        const metadata = { B: 'true', A: '1' };
        const config = { discoveryAddress: 'foo:123', interceptionMode: 'NONE', proxyMetadata: metadata };
        setEnv(one, 'PROXY_CONFIG', JSON.stringify(config));
        if (template === 'kube-gateway') setEnv(one, 'ISTIO_META_INTERCEPTION_MODE', 'NONE');
      },
    },
    {
      name: 'another issuer of certificates',
      template,
      values: { global: { pilotCertProvider: 'kubernetes' } },
      expect: (objects) => {
        if (isEnvoy(template)) setEnv(main(objects), 'PILOT_CERT_PROVIDER', 'kubernetes');
        if (template === 'waypoint') return;
        if (isEnvoy(template)) removeMount(main(objects), 'istiod-ca-cert');
        const { spec } = podOf(objects);
        spec.volumes = spec.volumes!.filter((one) => one.name !== 'istiod-ca-cert');
      },
    },
    {
      name: 'trust bundle by name',
      template,
      values: { global: { trustBundleName: 'own-bundle' } },
      expect: (objects) =>
        setVolume(podOf(objects).spec, 'istiod-ca-cert', { configMap: { name: 'own-bundle' } }),
    },
    ...[
      { flag: true, bundle: undefined, name: 'istio.io:istiod-ca:root-cert' },
      { flag: 'true', bundle: 'own-bundle', name: 'istio.io:istiod-ca:own-bundle' },
    ].map(({ flag, bundle, name }) => ({
      name: `cluster trust bundle ${name}`,
      template,
      values: {
        pilot: { env: { ENABLE_CLUSTER_TRUST_BUNDLE_API: flag } },
        global: { trustBundleName: bundle },
      },
      expect: (objects: GatewayObjects) =>
        setVolume(podOf(objects).spec, 'istiod-ca-cert', {
          projected: { sources: [{ clusterTrustBundle: { name, path: 'root-cert.pem' } }] },
        }),
    })),
    { name: 'nulls where maps may be', template, values: { pilot: { env: null }, gateways: null } },
    {
      name: 'certificates of GKE',
      template,
      values: { global: { caName: 'GkeWorkloadCertificate' } },
      expect: (objects) => {
        const name = 'gke-workload-certificate';
        const { spec } = podOf(objects);
        const mount = main(objects).volumeMounts!.find((one) => one.name === 'workload-certs');
        if (mount) Object.assign(mount, { name, readOnly: true });
        const csi = { driver: 'workloadcertificates.security.cloud.google.com' };
        spec.volumes = spec.volumes!.map((one) => (one.name === 'workload-certs' ? { name, csi } : one));
      },
    },
    {
      name: 'audience of the token',
      template,
      values: { global: { sds: { token: { aud: 'own-ca' } } } },
      expect: (objects) => {
        if (template === 'waypoint') return;
        setVolume(podOf(objects).spec, 'istio-token', token('istio-token', 'own-ca'));
        setVolume(podOf(objects).spec, 'xds-token', token('xds-token', 'own-ca'));
      },
    },
    { name: 'compliance policy', template, istiod: { compliancePolicy: 'fips-140-3' } },
    {
      name: 'overlays',
      template,
      overlays: {
        deployment: {
          spec: {
            replicas: 4,
            template: {
              spec: {
                containers: [
                  {
                    name: isEnvoy(template) ? 'istio-proxy' : 'agentgateway',
                    resources: { requests: { cpu: '222m' } },
                  },
                ],
              },
            },
          },
        },
        horizontalPodAutoscaler: { spec: { minReplicas: 2, maxReplicas: 3 } },
        podDisruptionBudget: { spec: { minAvailable: 1 } },
      },
      expect: (objects) => {
        objects.deployment.spec['replicas'] = 4;
        (main(objects).resources!['requests'] as JsonObject)['cpu'] = '222m';
        const { metadata } = structuredClone(objects.service);
        delete (metadata.annotations as Partial<Record<string, string>>)[
          'networking.istio.io/traffic-distribution'
        ];
        objects['horizontalPodAutoscaler'] = {
          apiVersion: 'autoscaling/v2',
          kind: 'HorizontalPodAutoscaler',
          metadata,
          spec: {
            scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: metadata['name'] },
            minReplicas: 2,
            maxReplicas: 3,
          },
        };
        objects['podDisruptionBudget'] = {
          apiVersion: 'policy/v1',
          kind: 'PodDisruptionBudget',
          metadata,
          spec: {
            selector: { matchLabels: { 'gateway.networking.k8s.io/gateway-name': 'default' } },
            minAvailable: 1,
          },
        };
      },
    },
    {
      name: 'SPIRE by an overlay',
      template,
      overlays: {
        deployment: {
          spec: {
            template: { spec: { volumes: [{ name: 'workload-socket', csi: { driver: 'csi.spiffe.io' } }] } },
          },
        },
      },
      expect: (objects) => {
        const { spec } = podOf(objects);
        const socket = spec.volumes!.find((one) => one.name === 'workload-socket');
        if (socket) socket['csi'] = { driver: 'csi.spiffe.io' };
        else spec.volumes!.unshift({ name: 'workload-socket', csi: { driver: 'csi.spiffe.io' } });
      },
    },
  ];
}

function expectAwkwardTexts(objects: GatewayObjects, template: GatewayTemplate): void {
  const one = main(objects);
  expectLabels(objects, { 'topology.istio.io/network': '8' });
  expectAnnotations(objects, {
    'sidecar.istio.io/logLevel': 'off',
    'sidecar.istio.io/componentLogLevel': '4',
    'sidecar.istio.io/agentLogLevel': '5',
    'networking.istio.io/service-type': 'LoadBalancer',
  });
  podOf(objects).metadata.annotations['istio.io/rev'] = '1';
  Object.assign(objects.service.spec, { type: 'LoadBalancer', loadBalancerIP: '7' });
  one['imagePullPolicy'] = '6';
  setVolume(podOf(objects).spec, 'istiod-ca-cert', { configMap: { name: '123' } });
  if (template !== 'waypoint') {
    setVolume(podOf(objects).spec, 'istio-token', token('istio-token', 'null'));
    setVolume(podOf(objects).spec, 'xds-token', token('xds-token', 'null'));
  }
  expectNetwork(objects, template, '8');
  setEnv(one, 'TRUST_DOMAIN', '3');
  addEnv(one, '12', '13', template === 'waypoint' ? 'PROXY_CONFIG' : 'TRUST_DOMAIN');
  if (!isEnvoy(template)) {
    setEnv(one, 'XDS_ADDRESS', '1e3');
    setEnv(one, 'CA_ADDRESS', '1e3');
    setEnv(one, 'CLUSTER_ID', 'true');
    return;
  }
  expectLogLevels(one, 'off', '4', '5');
  setEnv(one, 'CA_ADDR', '1e3');
  setEnv(one, 'ISTIO_META_MESH_ID', '0x7');
  const config = { discoveryAddress: '1e3', proxyMetadata: { '12': '13' } };
  setEnv(one, 'PROXY_CONFIG', JSON.stringify(config));
  if (template !== 'kube-gateway') return;
  setEnv(one, 'ISTIO_META_CLUSTER_ID', 'true');
  addEnv(one, 'ISTIO_META_REQUESTED_NETWORK_VIEW', '8');
}

const envoy = (['kube-gateway', 'waypoint'] as const).flatMap((template): GatewayCase[] => [
  {
    name: 'image by annotation, with and without a path',
    template,
    metadata: { annotations: { 'sidecar.istio.io/proxyImage': 'a.b/own:1' } },
    expect: (objects) => {
      expectAnnotations(objects, { 'sidecar.istio.io/proxyImage': 'a.b/own:1' });
      main(objects).image = 'a.b/own:1';
    },
  },
  {
    name: 'image by annotation without a path',
    template,
    metadata: { annotations: { 'sidecar.istio.io/proxyImage': 'own' } },
    expect: (objects) => expectAnnotations(objects, { 'sidecar.istio.io/proxyImage': 'own' }),
  },
  {
    name: 'image with a path by values',
    template,
    values: { global: { proxy: { image: 'a.b/own:2' } } },
    expect: (objects) => (main(objects).image = 'a.b/own:2'),
  },
  {
    name: 'image variant by annotation',
    template,
    metadata: { annotations: { 'sidecar.istio.io/proxyImageType': 'distroless' } },
    expect: (objects) => {
      expectAnnotations(objects, { 'sidecar.istio.io/proxyImageType': 'distroless' });
      main(objects).image = 'docker.io/istio/proxyv2:1.31.4-distroless';
    },
  },
  {
    name: 'log levels by annotation',
    template,
    metadata: {
      annotations: {
        'sidecar.istio.io/logLevel': 'debug',
        'sidecar.istio.io/componentLogLevel': 'http:trace',
        'sidecar.istio.io/agentLogLevel': 'xds:debug',
      },
    },
    expect: (objects) => {
      expectAnnotations(objects, {
        'sidecar.istio.io/logLevel': 'debug',
        'sidecar.istio.io/componentLogLevel': 'http:trace',
        'sidecar.istio.io/agentLogLevel': 'xds:debug',
      });
      expectLogLevels(main(objects), 'debug', 'http:trace', 'xds:debug');
    },
  },
  {
    name: 'log levels, JSON logs, domain, STS port and outlier log by values',
    template,
    values: {
      global: {
        logging: { level: 'all:debug' },
        logAsJson: true,
        sts: { servicePort: 15463 },
        proxy: {
          logLevel: 'info',
          componentLogLevel: 'wasm:info',
          clusterDomain: 'my.domain',
          outlierLogPath: '/dev/stdout',
        },
      },
    },
    expect: (objects) => {
      const one = main(objects);
      expectLogLevels(one, 'info', 'wasm:info', 'all:debug');
      one.args![3] = '$(POD_NAMESPACE).svc.my.domain';
      if (template === 'waypoint') addArgs(one, ['--log_as_json', '--outlierLogPath=/dev/stdout']);
      else addArgs(one, ['--stsPort=15463', '--log_as_json']);
    },
  },
]);

function expectLogLevels(one: Container, proxyLevel: string, component: string, agent: string): void {
  const args = one.args!;
  args[args.indexOf('--proxyLogLevel') + 1] = proxyLevel;
  args[args.indexOf('--proxyComponentLogLevel') + 1] = component;
  args[args.indexOf('--log_output_level') + 1] = agent;
}

const agentgateway = (['agentgateway', 'agentgateway-waypoint'] as const).flatMap(
  (template): GatewayCase[] => [
    {
      name: 'image with a path by annotation',
      template,
      metadata: { annotations: { 'gateway.istio.io/agentgatewayImage': 'a.b/own:1' } },
      expect: (objects) => {
        expectAnnotations(objects, { 'gateway.istio.io/agentgatewayImage': 'a.b/own:1' });
        main(objects).image = 'a.b/own:1';
      },
    },
    {
      name: 'image variant by annotation',
      template,
      metadata: { annotations: { 'gateway.istio.io/agentgatewayImage': 'debug' } },
      expect: (objects) => {
        expectAnnotations(objects, { 'gateway.istio.io/agentgatewayImage': 'debug' });
        main(objects).image = 'docker.io/istio/agentgateway:1.31.4-debug';
      },
    },
    {
      name: 'image with a path by values',
      template,
      values: { global: { agentgateway: { image: 'a.b/own:2' } } },
      expect: (objects) => (main(objects).image = 'a.b/own:2'),
    },
    {
      name: 'image without a path by values',
      template,
      values: { global: { agentgateway: { image: 'own' } } },
    },
    {
      name: 'the annotations of istio-proxy mean nothing',
      template,
      metadata: {
        annotations: { 'sidecar.istio.io/proxyImage': 'a.b/own:1', 'sidecar.istio.io/logLevel': 'debug' },
      },
      expect: (objects) =>
        expectAnnotations(objects, {
          'sidecar.istio.io/proxyImage': 'a.b/own:1',
          'sidecar.istio.io/logLevel': 'debug',
        }),
    },
  ],
);

/** Class istio-east-west: a waypoint with a load balancer. */
function expectEastWest(objects: GatewayObjects): void {
  expectLabels(objects, {
    'gateway.networking.k8s.io/gateway-class-name': 'istio-east-west',
    'gateway.istio.io/managed': 'istio.io-eastwest-controller',
  });
  objects.service.spec['type'] = 'LoadBalancer';
}

const waypoint: GatewayCase[] = [
  {
    name: 'scheduling by values',
    template: 'waypoint',
    values: {
      global: {
        waypoint: {
          affinity: { nodeAffinity: {} },
          nodeSelector: { pool: '1' },
          tolerations: [{ key: 'a', operator: 'Exists' }],
          topologySpreadConstraints: [
            { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' },
          ],
        },
      },
    },
    expect: (objects) =>
      Object.assign(podOf(objects).spec, {
        affinity: { nodeAffinity: {} },
        nodeSelector: { pool: '1' },
        tolerations: [{ key: 'a', operator: 'Exists' }],
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
      }),
  },
  {
    name: 'scheduling by values is not for agentgateway',
    template: 'agentgateway-waypoint',
    values: { global: { waypoint: { nodeSelector: { pool: '1' } } } },
  },
  {
    name: 'traffic distribution of the Gateway',
    template: 'waypoint',
    metadata: { annotations: { 'networking.istio.io/traffic-distribution': 'Any' } },
    expect: (objects) => expectAnnotations(objects, { 'networking.istio.io/traffic-distribution': 'Any' }),
  },
  { name: 'east-west', template: 'waypoint', class: 'istio-east-west', expect: expectEastWest },
  {
    name: 'east-west with a network of the values',
    template: 'waypoint',
    class: 'istio-east-west',
    values: { global: { network: 'n1' } },
    expect: (objects) => {
      expectEastWest(objects);
      expectLabels(objects, { 'topology.istio.io/network': 'n1' });
      addEnv(proxy(podOf(objects)), 'ISTIO_META_REQUESTED_NETWORK_VIEW', 'n1', 'ISTIO_META_CLUSTER_ID');
      expectNetwork(objects, 'waypoint', 'n1');
    },
  },
  {
    name: 'listener for all protocols',
    template: 'waypoint',
    spec: { listeners: [{ name: 'mesh', port: 15008, protocol: 'ALL' }] },
    expect: ({ service }) => ((service.spec['ports'] as JsonObject[])[1]!['appProtocol'] = 'all'),
  },
];

export const gateways: readonly GatewayCase[] = [
  ...templates.flatMap(ofEach),
  ...envoy,
  ...agentgateway,
  ...waypoint,
];
