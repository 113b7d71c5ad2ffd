/** The sidecar: where it runs, who redirects the traffic, and which traffic. */
import { addArgs, addEnv, changeStatus, init, proxy, setArg, setEnv, type Pod } from '../objects.ts';
import type { PodCase } from './case.ts';

const drain = ['pilot-agent', 'request', '--debug-port=15020', 'POST', 'drain'];
const native = { nativeSidecars: true };
const cni = { pilot: { cni: { enabled: true } } };

/** istio-proxy as init container that goes on running. */
export function expectNative(pod: Pod): void {
  const container = proxy(pod);
  pod.spec.containers = pod.spec.containers.filter((one) => one.name !== 'istio-proxy');
  container['restartPolicy'] = 'Always';
  container['lifecycle'] = { preStop: { exec: { command: drain } } };
  pod.spec.initContainers = [...(pod.spec.initContainers ?? []), container];
  changeStatus(pod, (status) => {
    status.initContainers = [...(status.initContainers ?? []), 'istio-proxy'];
    status.containers = null;
  });
}

function expectNoRedirection(pod: Pod): void {
  pod.spec.initContainers = (pod.spec.initContainers ?? []).filter((one) => one.name !== 'istio-init');
  if (pod.spec.initContainers.length === 0) delete pod.spec.initContainers;
  setEnv(proxy(pod), 'ISTIO_META_INTERCEPTION_MODE', 'NONE');
  changeStatus(pod, (status) => {
    const rest = (status.initContainers ?? []).filter((name) => name !== 'istio-init');
    status.initContainers = rest.length > 0 ? rest : null;
  });
}

/** The CNI plugin redirects: the init container only checks, and annotations tell the plugin what to do. */
export function expectCni(pod: Pod): void {
  const container = init(pod);
  container.name = 'istio-validation';
  addArgs(container, ['--run-validation', '--skip-rule-apply']);
  container.securityContext = {
    allowPrivilegeEscalation: false,
    privileged: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
    runAsUser: 1337,
    runAsGroup: 1337,
    runAsNonRoot: true,
  };
  pod.metadata.annotations = {
    'sidecar.istio.io/interceptionMode': 'REDIRECT',
    'traffic.sidecar.istio.io/includeOutboundIPRanges': '*',
    'traffic.sidecar.istio.io/includeInboundPorts': '*',
    ...pod.metadata.annotations,
    'traffic.sidecar.istio.io/excludeInboundPorts': '15020',
  };
  changeStatus(pod, (status) => (status.initContainers = ['istio-validation']));
}

function expectTproxy(pod: Pod): void {
  const container = proxy(pod);
  Object.assign(container.securityContext ?? {}, {
    capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
    runAsUser: 0,
    runAsGroup: 1337,
    runAsNonRoot: false,
  });
  setEnv(container, 'ISTIO_META_INTERCEPTION_MODE', 'TPROXY');
}

function expectTproxyFromMesh(pod: Pod): void {
  expectTproxy(pod);
  setArg(init(pod), '-m', 'TPROXY');
  setEnv(proxy(pod), 'PROXY_CONFIG', '{"interceptionMode":"TPROXY"}');
}

const multus = (existing: string | undefined, result: string): PodCase => ({
  name: `multus with ${existing ?? 'no'} network`,
  template: 'sidecar',
  ...(existing !== undefined && { annotations: { 'k8s.v1.cni.cncf.io/networks': existing } }),
  values: { pilot: { cni: { enabled: true, provider: 'multus' } } },
  expect: (pod) => {
    expectCni(pod);
    pod.metadata.annotations['k8s.v1.cni.cncf.io/networks'] = result;
  },
});

const modes: PodCase[] = [
  { name: 'defaults', template: 'sidecar' },
  { name: 'native on', template: 'sidecar', istiod: native, expect: expectNative },
  {
    name: 'native by annotation',
    template: 'sidecar',
    annotations: { 'sidecar.istio.io/nativeSidecar': 'true' },
    expect: expectNative,
  },
  {
    name: 'native by another text in the annotation',
    template: 'sidecar',
    annotations: { 'sidecar.istio.io/nativeSidecar': 'yes' },
    expect: expectNative,
  },
  {
    name: 'native off by annotation',
    template: 'sidecar',
    annotations: { 'sidecar.istio.io/nativeSidecar': 'false' },
    istiod: native,
  },
  {
    name: 'empty annotation leaves native as it is',
    template: 'sidecar',
    annotations: { 'sidecar.istio.io/nativeSidecar': '' },
    istiod: native,
    expect: expectNative,
  },
  {
    name: 'native before an init container of the user',
    template: 'sidecar',
    istiod: native,
    pod: (pod) => (pod.spec.initContainers = [{ name: 'own', image: 'own' }]),
    expect: (pod) => {
      expectNative(pod);
      pod.spec.initContainers?.push({ name: 'own', image: 'own' });
    },
  },
  {
    name: 'istio-init after an init container of the user',
    template: 'sidecar',
    pod: (pod) => (pod.spec.initContainers = [{ name: 'own', image: 'own' }]),
    expect: (pod) => pod.spec.initContainers?.unshift({ name: 'own', image: 'own' }),
  },
  {
    name: 'native does not hold the application',
    template: 'sidecar',
    istiod: native,
    values: { global: { proxy: { holdApplicationUntilProxyStarts: true } } },
    expect: expectNative,
  },
  {
    name: 'native with the lifecycle of the values',
    template: 'sidecar',
    istiod: native,
    values: { global: { proxy: { lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } } } } },
    expect: (pod) => {
      expectNative(pod);
      proxy(pod)['lifecycle'] = { preStop: { exec: { command: ['sleep', '5'] } } };
    },
  },
  {
    name: 'native without redirection',
    template: 'sidecar',
    istiod: native,
    annotations: { 'sidecar.istio.io/interceptionMode': 'NONE' },
    expect: (pod) => {
      expectNative(pod);
      expectNoRedirection(pod);
    },
  },
  {
    name: 'without redirection',
    template: 'sidecar',
    annotations: { 'sidecar.istio.io/interceptionMode': 'NONE' },
    expect: expectNoRedirection,
  },
  {
    name: 'without redirection, with an init container of the user',
    template: 'sidecar',
    annotations: { 'sidecar.istio.io/interceptionMode': 'NONE' },
    pod: (pod) => (pod.spec.initContainers = [{ name: 'own', image: 'own' }]),
    expect: (pod) => {
      expectNoRedirection(pod);
      pod.spec.initContainers = [{ name: 'own', image: 'own' }];
    },
  },
  {
    name: 'TPROXY by mesh config',
    template: 'sidecar',
    mesh: { defaultConfig: { interceptionMode: 'TPROXY' } },
    expect: expectTproxyFromMesh,
  },
  {
    name: 'TPROXY by annotation',
    template: 'sidecar',
    annotations: { 'sidecar.istio.io/interceptionMode': 'TPROXY' },
    expect: (pod) => {
      expectTproxy(pod);
      setArg(init(pod), '-m', 'TPROXY');
    },
  },
  {
    name: 'the annotation wins over TPROXY in the mesh config',
    template: 'sidecar',
    annotations: { 'sidecar.istio.io/interceptionMode': 'REDIRECT' },
    mesh: { defaultConfig: { interceptionMode: 'TPROXY' } },
    expect: (pod) => setEnv(proxy(pod), 'PROXY_CONFIG', '{"interceptionMode":"TPROXY"}'),
  },
  {
    name: 'TPROXY keeps 1337 on OpenShift',
    template: 'sidecar',
    istiod: {
      openShift: true,
      namespaceAnnotations: { 'openshift.io/sa.scc.uid-range': '1000620000/10000' },
    },
    mesh: { defaultConfig: { interceptionMode: 'TPROXY' } },
    values: cni,
    expect: (pod) => {
      expectTproxyFromMesh(pod);
      expectCni(pod);
      pod.metadata.annotations['sidecar.istio.io/interceptionMode'] = 'TPROXY';
    },
  },
  {
    name: 'user and group of OpenShift',
    template: 'sidecar',
    istiod: {
      openShift: true,
      namespaceAnnotations: { 'openshift.io/sa.scc.uid-range': '1000620000/10000' },
    },
    expect: (pod) => {
      setArg(init(pod), '-u', '1000629999');
      Object.assign(proxy(pod).securityContext ?? {}, { runAsUser: 1000629999, runAsGroup: 1000629999 });
    },
  },
  {
    name: 'user and group of OpenShift with CNI and own groups',
    template: 'sidecar',
    istiod: {
      openShift: true,
      namespaceAnnotations: {
        'openshift.io/sa.scc.uid-range': '1000620000/10000',
        'openshift.io/sa.scc.supplemental-groups': '500/100,700/100',
      },
    },
    values: cni,
    expect: (pod) => {
      setArg(init(pod), '-u', '1000629999');
      expectCni(pod);
      for (const one of [proxy(pod), pod.spec.initContainers![0]!]) {
        Object.assign(one.securityContext ?? {}, { runAsUser: 1000629999, runAsGroup: 599 });
      }
    },
  },
];

const redirection: PodCase[] = [
  {
    name: 'CNI and a network',
    template: 'sidecar',
    values: { ...cni, global: { network: 'network1' } },
    expect: (pod) => {
      expectCni(pod);
      pod.metadata.labels['topology.istio.io/network'] = 'network1';
      addEnv(proxy(pod), 'ISTIO_META_NETWORK', 'network1');
    },
  },
  {
    name: 'CNI with everything set by annotations',
    template: 'sidecar',
    values: cni,
    annotations: {
      'traffic.sidecar.istio.io/includeOutboundIPRanges': '10.0.0.0/8',
      'traffic.sidecar.istio.io/excludeOutboundIPRanges': '10.1.0.0/16',
      'traffic.sidecar.istio.io/includeInboundPorts': '1,2',
      'traffic.sidecar.istio.io/excludeInboundPorts': '4, 5',
      'traffic.sidecar.istio.io/includeOutboundPorts': '6',
      'traffic.sidecar.istio.io/excludeOutboundPorts': '7',
      'traffic.sidecar.istio.io/kubevirtInterfaces': 'net1',
      'istio.io/reroute-virtual-interfaces': 'net2',
      'traffic.sidecar.istio.io/excludeInterfaces': 'eth1',
    },
    expect: (pod) => {
      const container = init(pod);
      setArg(container, '-i', '10.0.0.0/8');
      setArg(container, '-x', '10.1.0.0/16');
      setArg(container, '-b', '1,2');
      setArg(container, '-d', '15090,15021,4,5,15020');
      addArgs(
        container,
        ['-q', '6', '-o', '7', '-k', 'net2', '-c', 'eth1'],
        '--log_output_level=default:info',
      );
      expectCni(pod);
      pod.metadata.annotations['traffic.sidecar.istio.io/excludeInboundPorts'] = '4,5,15020';
    },
  },
  {
    name: 'CNI with empty annotations',
    template: 'sidecar',
    values: cni,
    annotations: {
      'traffic.sidecar.istio.io/includeOutboundIPRanges': '',
      'traffic.sidecar.istio.io/includeInboundPorts': '',
      'traffic.sidecar.istio.io/includeOutboundPorts': '',
      'traffic.sidecar.istio.io/excludeOutboundPorts': '',
      'traffic.sidecar.istio.io/excludeInterfaces': '',
      'traffic.sidecar.istio.io/kubevirtInterfaces': '',
    },
    expect: (pod) => {
      const container = init(pod);
      setArg(container, '-i', '');
      setArg(container, '-b', '');
      addArgs(container, ['-q', '', '-o', '', '-k', '', '-c', ''], '--log_output_level=default:info');
      expectCni(pod);
    },
  },
  {
    name: 'CNI with the values',
    template: 'sidecar',
    values: {
      ...cni,
      global: {
        proxy: {
          includeIPRanges: '10.0.0.0/8',
          excludeIPRanges: '10.1.0.0/16',
          includeInboundPorts: '',
          excludeInboundPorts: '8080,15020',
          includeOutboundPorts: '6',
          excludeOutboundPorts: '7',
          privileged: true,
          seccompProfile: { type: 'RuntimeDefault' },
        },
      },
    },
    expect: (pod) => {
      const container = init(pod);
      setArg(container, '-i', '10.0.0.0/8');
      setArg(container, '-x', '10.1.0.0/16');
      setArg(container, '-b', '');
      setArg(container, '-d', '15090,15021,8080,15020');
      addArgs(container, ['-q', '6', '-o', '7'], '--log_output_level=default:info');
      expectCni(pod);
      Object.assign(pod.metadata.annotations, {
        'traffic.sidecar.istio.io/includeOutboundIPRanges': '10.0.0.0/8',
        'traffic.sidecar.istio.io/excludeOutboundIPRanges': '10.1.0.0/16',
        'traffic.sidecar.istio.io/includeInboundPorts': '',
        'traffic.sidecar.istio.io/excludeInboundPorts': '8080,15020',
        'traffic.sidecar.istio.io/includeOutboundPorts': '6',
        'traffic.sidecar.istio.io/excludeOutboundPorts': '7',
      });
      for (const one of [container, proxy(pod)]) {
        Object.assign(one.securityContext ?? {}, {
          allowPrivilegeEscalation: true,
          privileged: true,
          seccompProfile: { type: 'RuntimeDefault' },
        });
      }
    },
  },
  {
    name: 'CNI leaves an empty list of included addresses out of the annotations',
    template: 'sidecar',
    values: { ...cni, global: { proxy: { includeIPRanges: '' } } },
    expect: (pod) => {
      setArg(init(pod), '-i', '');
      expectCni(pod);
      delete pod.metadata.annotations['traffic.sidecar.istio.io/includeOutboundIPRanges'];
    },
  },
  {
    name: 'CNI does not force iptables',
    template: 'sidecar',
    values: { ...cni, global: { proxy_init: { forceApplyIptables: true } } },
    expect: expectCni,
  },
  {
    name: 'CNI without values for outbound ports',
    template: 'sidecar',
    values: {
      ...cni,
      global: { proxy: { excludeOutboundPorts: undefined, includeOutboundPorts: undefined } },
    },
    expect: expectCni,
  },
  multus(undefined, 'default/istio-cni'),
  multus('some-net', 'some-net, default/istio-cni'),
  multus('some-net, default/istio-cni', 'some-net, default/istio-cni'),
  multus(
    '[{"name": "some-net", "namespace": "it\'s"}]',
    '[{"name": "some-net", "namespace": "it\'s"}, {"name": "istio-cni", "namespace": "default"}]',
  ),
  multus(
    '[{"name": "istio-cni", "namespace": "default"}]',
    '[{"name": "istio-cni", "namespace": "default"}]',
  ),
  {
    name: 'redirection by annotations',
    template: 'sidecar',
    annotations: {
      'traffic.sidecar.istio.io/includeInboundPorts': '1,2,3',
      'traffic.sidecar.istio.io/excludeInboundPorts': '4,5,6',
      'traffic.sidecar.istio.io/includeOutboundPorts': '9,10',
      'traffic.sidecar.istio.io/excludeOutboundPorts': '7,8,9',
      'traffic.sidecar.istio.io/includeOutboundIPRanges': '127.0.0.1/24,10.96.0.1/24',
      'traffic.sidecar.istio.io/excludeOutboundIPRanges': '10.96.0.2/24',
    },
    expect: (pod) => {
      const container = init(pod);
      setArg(container, '-b', '1,2,3');
      setArg(container, '-d', '15090,15021,4,5,6,15020');
      setArg(container, '-i', '127.0.0.1/24,10.96.0.1/24');
      setArg(container, '-x', '10.96.0.2/24');
      addArgs(container, ['-q', '9,10', '-o', '7,8,9'], '--log_output_level=default:info');
    },
  },
  {
    name: 'empty annotations include nothing',
    template: 'sidecar',
    annotations: {
      'traffic.sidecar.istio.io/includeInboundPorts': '',
      'traffic.sidecar.istio.io/includeOutboundIPRanges': '',
    },
    expect: (pod) => {
      setArg(init(pod), '-i', '');
      setArg(init(pod), '-b', '');
    },
  },
  {
    name: 'an excluded port stands only once',
    template: 'sidecar',
    annotations: { 'traffic.sidecar.istio.io/excludeInboundPorts': '15020,80' },
    expect: (pod) => setArg(init(pod), '-d', '15090,15021,15020,80'),
  },
  {
    name: 'interfaces, old name',
    template: 'sidecar',
    annotations: {
      'traffic.sidecar.istio.io/kubevirtInterfaces': 'net1,net2',
      'traffic.sidecar.istio.io/excludeInterfaces': 'eth0',
    },
    expect: (pod) => addArgs(init(pod), ['-k', 'net1,net2', '-c', 'eth0'], '--log_output_level=default:info'),
  },
  {
    name: 'interfaces, the new name wins',
    template: 'sidecar',
    annotations: {
      'traffic.sidecar.istio.io/kubevirtInterfaces': 'net1',
      'istio.io/reroute-virtual-interfaces': 'net3',
    },
    expect: (pod) => addArgs(init(pod), ['-k', 'net3'], '--log_output_level=default:info'),
  },
  {
    name: 'listen ports of the mesh config',
    template: 'sidecar',
    mesh: { proxyListenPort: 25001, proxyInboundListenPort: 25006 },
    expect: (pod) => {
      setArg(init(pod), '-p', '25001');
      setArg(init(pod), '-z', '25006');
    },
  },
  {
    name: 'listen ports that the mesh config leaves at zero',
    template: 'sidecar',
    mesh: { proxyListenPort: 0, proxyInboundListenPort: 0 },
  },
  {
    name: 'iptables by force',
    template: 'sidecar',
    values: { global: { proxy_init: { forceApplyIptables: true } } },
    expect: (pod) => addArgs(init(pod), ['--force-apply']),
  },
  {
    name: 'nftables',
    template: 'sidecar',
    values: { global: { nativeNftables: true, logAsJson: true, proxy_init: { forceApplyIptables: true } } },
    expect: (pod) => {
      addArgs(init(pod), ['--log_as_json', '--force-apply', '--native-nftables']);
      addArgs(proxy(pod), ['--log_as_json']);
    },
  },
];

export const sidecarTraffic: readonly PodCase[] = [...modes, ...redirection];
