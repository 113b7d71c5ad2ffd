/** What only the pod templates `gateway`, `grpc-agent` and `grpc-simple` do. */
import { addEnv, changeStatus, container, proxy, setEnv, type Container } from '../objects.ts';
import type { PodCase } from './case.ts';

const gateway: PodCase[] = [
  { name: 'defaults', template: 'gateway' },
  { name: 'never native', template: 'gateway', istiod: { nativeSidecars: true } },
  {
    name: 'security context by values',
    template: 'gateway',
    values: { gateways: { securityContext: { fsGroup: 1 }, seccompProfile: { type: 'RuntimeDefault' } } },
    expect: (pod) => (pod.spec['securityContext'] = { fsGroup: 1 }),
  },
  {
    name: 'user and group of OpenShift',
    template: 'gateway',
    istiod: {
      openShift: true,
      namespaceAnnotations: { 'openshift.io/sa.scc.uid-range': '1000620000/10000' },
    },
    expect: (pod) =>
      Object.assign(proxy(pod).securityContext!, { runAsUser: 1000629999, runAsGroup: 1000629999 }),
  },
  {
    name: 'interception mode by proxy config',
    template: 'gateway',
    mesh: { defaultConfig: { interceptionMode: 'TPROXY' } },
    expect: (pod) => {
      setEnv(proxy(pod), 'ISTIO_META_INTERCEPTION_MODE', 'TPROXY');
      setEnv(proxy(pod), 'PROXY_CONFIG', '{"interceptionMode":"TPROXY"}');
    },
  },
  {
    name: 'annotations and values that only a sidecar heeds',
    template: 'gateway',
    labels: { 'security.istio.io/tlsMode': 'disabled', 'service.istio.io/workload-name': 'mine' },
    annotations: {
      'sidecar.istio.io/interceptionMode': 'TPROXY',
      'sidecar.istio.io/capNetBindService': 'true',
      'sidecar.istio.io/proxyCPU': '4',
      'sidecar.istio.io/userVolume': '{"own": {"emptyDir": {}}}',
      'sidecar.istio.io/userVolumeMount': '{"own": {"mountPath": "/own"}}',
      'traffic.sidecar.istio.io/includeInboundPorts': '1',
      'status.sidecar.istio.io/port': '0',
    },
    values: {
      pilot: { cni: { enabled: true, provider: 'multus' } },
      global: { proxy: { privileged: true, resources: { requests: { cpu: '1' } } } },
    },
  },
];

const agent: PodCase[] = [
  { name: 'defaults', template: 'grpc-agent' },
  { name: 'never native', template: 'grpc-agent', istiod: { nativeSidecars: true } },
  {
    // The mounts stay, unlike in the reference, whose agent cannot work then: see the facts on grpc-agent.
    name: 'no status port',
    template: 'grpc-agent',
    annotations: { 'status.sidecar.istio.io/port': '0' },
    expect: (pod) => delete proxy(pod)['readinessProbe'],
  },
  {
    name: 'no status port by values',
    template: 'grpc-agent',
    values: { global: { proxy: { statusPort: 0 } } },
    expect: (pod) => delete proxy(pod)['readinessProbe'],
  },
  {
    name: 'istio-proxy of the user is no application',
    template: 'grpc-agent',
    pod: (pod) => pod.spec.containers.push({ name: 'istio-proxy', image: 'auto', tty: true }),
    expect: (pod) => {
      proxy(pod)['tty'] = true;
      const hello = {
        name: 'hello',
        image: 'example.com/hello:v1',
        ports: [{ name: 'http', containerPort: 80 }],
      };
      const users = { containers: [{ name: 'istio-proxy', image: 'auto', tty: true }, hello] };
      pod.metadata.annotations['proxy.istio.io/overrides'] = JSON.stringify(users);
    },
  },
  {
    name: 'TLS mode of the user, interception has no meaning',
    template: 'grpc-agent',
    labels: { 'security.istio.io/tlsMode': 'istio' },
    annotations: { 'sidecar.istio.io/interceptionMode': 'NONE' },
  },
];

const simple: PodCase[] = [
  { name: 'defaults', template: 'grpc-simple' },
  {
    name: 'another namespace of istiod',
    template: 'grpc-simple',
    values: { global: { istioNamespace: 'mesh' } },
    expect: (pod) => setEnv(container(pod.spec, 'grpc-bootstrap-init'), 'ISTIO_NAMESPACE', 'mesh'),
  },
  {
    name: 'two containers with their own environment',
    template: 'grpc-simple',
    pod: (pod) => {
      pod.spec.containers[0]!.env = [{ name: 'OWN', value: '1' }];
      pod.spec.containers.push({ name: 'true', image: 'second' });
    },
    expect: (pod) => {
      const hello = container(pod.spec, 'hello');
      const second: Container = {
        name: 'true',
        image: 'second',
        env: structuredClone(hello.env!),
        volumeMounts: structuredClone(hello.volumeMounts!),
      };
      addEnv(hello, 'OWN', '1');
      pod.spec.containers.push(second);
      changeStatus(pod, (status) => status.containers!.push('true'));
      pod.metadata.annotations['proxy.istio.io/overrides'] = JSON.stringify({
        containers: [
          {
            name: 'hello',
            image: 'example.com/hello:v1',
            ports: [{ name: 'http', containerPort: 80 }],
            env: [{ name: 'OWN', value: '1' }],
          },
          { name: 'true', image: 'second' },
        ],
      });
    },
  },
];

export const routerAndGrpc: readonly PodCase[] = [...gateway, ...agent, ...simple];
