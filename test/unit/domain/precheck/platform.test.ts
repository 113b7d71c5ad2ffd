/** Checks of nodes, platform and pod security. */
import { describe, expect, test } from '@jest/globals';
import { nodes } from '../../../../src/domain/precheck/nodes.ts';
import { platform } from '../../../../src/domain/precheck/platform.ts';
import { podSecurity } from '../../../../src/domain/precheck/pod-security.ts';
import { findingsOf, hintsOf, objectsOf, specOf, targetOf } from '../../../support/precheck.ts';

interface NodeOptions {
  readonly name?: string;
  readonly labels?: string;
  readonly spec?: string;
  readonly system?: string;
  readonly architecture?: string;
  readonly ready?: string;
  readonly memory?: string;
}

const node = (options: NodeOptions = {}): string => `
apiVersion: v1
kind: Node
metadata: {name: ${options.name ?? 'a'}, labels: ${options.labels ?? '{}'}}
spec: ${options.spec ?? '{}'}
status:
  nodeInfo: {operatingSystem: ${options.system ?? 'linux'}, architecture: ${options.architecture ?? 'amd64'}}
  conditions: [{type: Ready, status: "${options.ready ?? 'True'}"}]
  allocatable: {cpu: "2", memory: ${options.memory ?? '8Gi'}}
`;

describe('platform', () => {
  const signs = (more: { kubernetes?: string; groups?: string[]; nodes?: string }) => ({
    kubernetes: more.kubernetes ?? 'v1.34.1',
    groups: new Set(more.groups ?? []),
    nodes: objectsOf(more.nodes ?? node()),
  });
  const withCni = targetOf('', { spec: specOf({ with: ['Cni'] }) });

  test.each([
    ['a plain cluster', signs({}), []],
    ['OpenShift', signs({ groups: ['config.openshift.io', 'security.openshift.io'] }), ['MESH0172']],
    ['GKE', signs({ kubernetes: 'v1.34.1-gke.100' }), ['MESH0171']],
    ['EKS', signs({ kubernetes: 'v1.34.1-eks-abc' }), ['MESH0171']],
    ['AKS', signs({ nodes: node({ labels: '{kubernetes.azure.com/cluster: x}' }) }), ['MESH0171']],
    ['k3s', signs({ kubernetes: 'v1.34.1+k3s1' }), ['MESH0172', 'MESH0171']],
    [
      'minikube',
      signs({ nodes: node({ labels: '{minikube.k8s.io/version: v1}' }) }),
      ['MESH0172', 'MESH0171'],
    ],
    ['MicroK8s', signs({ nodes: node({ labels: '{microk8s.io/cluster: "true"}' }) }), ['MESH0172']],
    ['kind', signs({ nodes: node({ spec: '{providerID: "kind://docker/kind/a"}' }) }), ['MESH0171']],
  ])('%s, with CNI', (_name, facts, codes) => {
    expect(findingsOf(platform, facts, withCni).map((line) => line.slice(0, 8))).toEqual(codes);
  });

  test('without CNI, or with the setting made, only advice remains', () => {
    const k3s = signs({ kubernetes: 'v1.34.1+k3s1' });
    const k3d = signs({ kubernetes: 'v1.34.1+k3s1', nodes: node({ name: 'k3d-server-0' }) });
    expect(findingsOf(platform, k3s).map((line) => line.slice(0, 8))).toEqual(['MESH0171']);
    const spec = specOf({ with: ['Cni'], values: { global: { platform: 'k3d' } } });
    expect(findingsOf(platform, k3d, targetOf('', { spec })).map((line) => line.slice(0, 8))).toEqual([
      'MESH0171',
    ]);
    expect(hintsOf(platform, k3d, withCni)[0]).toBe('--set values.global.platform=k3d');
  });
});

describe('nodes', () => {
  const run = (yaml: string, planned = ''): string[] =>
    findingsOf(nodes, { nodes: objectsOf(yaml) }, targetOf(planned));

  test.each([
    ['one that fits', node(), []],
    ['none at all', '', ['MESH0191 | - | no node can run the control plane: the cluster has no nodes']],
    [
      'none with images',
      node({ architecture: 's390x' }),
      ['MESH0191 | - | no node can run the control plane: Istio has no images for linux/s390x'],
    ],
    [
      'none that takes pods',
      `${node({ ready: 'False' })}---${node({ spec: '{unschedulable: true}' })}---${node({ spec: '{taints: [{key: a, effect: NoSchedule}]}' })}`,
      ['MESH0191 | - | no node can run the control plane: every node is not ready, cordoned or tainted'],
    ],
    [
      'some without images',
      `${node()}---${node({ name: 'w', system: 'windows' })}`,
      [
        'MESH0192 | Node w | Istio has no images for 1 node (windows/amd64): pods with a sidecar can not start there',
      ],
    ],
  ])('%s', (_name, yaml, expected) => {
    expect(run(yaml)).toEqual(expected);
  });

  test('room is advice', () => {
    const planned = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system}
spec: {template: {spec: {containers: [{resources: {requests: {cpu: 500m, memory: 2048Mi}}}]}}}
`;
    expect(run(node(), planned)).toEqual([]);
    expect(run(`${node({ memory: '1Gi' })}---${node({ memory: '2097152Ki' })}`, planned)).toEqual([]);
    expect(run(node({ memory: '2000000000' }), planned)).toEqual([
      'MESH0193 | - | a pod of Deployment istio-system/istiod asks for 0.5 CPU and 2048 MiB, which no node has',
    ]);
  });
});

describe('pod-security', () => {
  const namespace = (level: string, name = 'istio-system', labels = ''): string =>
    `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}, labels: {pod-security.kubernetes.io/enforce: ${level}${labels}}}}\n`;
  const workload = (pod: string): string => `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: cni, namespace: istio-system}
spec: {template: {spec: ${pod}}}
`;
  const run = (level: string, pod: string): string[] =>
    findingsOf(podSecurity, { namespaces: objectsOf(namespace(level)) }, targetOf(workload(pod))).map(
      (line) => line.split('DaemonSet istio-system/cni ')[1] ?? line,
    );
  const GOOD =
    'runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}';

  test.each([
    ['privileged', '{hostNetwork: true}', []],
    ['baseline', '{containers: [{name: a}]}', []],
    ['baseline', '{hostNetwork: true}', ['use hostNetwork']],
    ['baseline', '{volumes: [{hostPath: {path: /}}]}', ['mount folders of the node']],
    ['baseline', '{initContainers: [{securityContext: {privileged: true}}]}', ['are privileged']],
    [
      'baseline',
      '{containers: [{securityContext: {capabilities: {add: [NET_ADMIN]}}}]}',
      ['add the capability NET_ADMIN'],
    ],
    ['baseline', '{containers: [{securityContext: {capabilities: {add: [CHOWN]}}}]}', []],
    ['restricted', '{containers: [{name: a}]}', ['may run as root']],
    ['restricted', `{containers: [{securityContext: {${GOOD}}}]}`, []],
    [
      'restricted',
      `{securityContext: {runAsNonRoot: true}, containers: [{securityContext: {allowPrivilegeEscalation: false}}]}`,
      ['do not drop all capabilities'],
    ],
  ])('%s, %s', (level, pod, expected) => {
    expect(run(level, pod)).toEqual(expected);
  });

  test('the hint names the level that lets it in', () => {
    const hint = (level: string, pod: string): string | undefined =>
      hintsOf(podSecurity, { namespaces: objectsOf(namespace(level)) }, targetOf(workload(pod)))[0];
    expect(hint('restricted', '{containers: [{name: a}]}')).toMatch(/enforce=baseline$/);
    expect(hint('restricted', '{hostPID: true}')).toMatch(/enforce=privileged$/);
  });

  test('sidecars need the CNI agent where namespaces are strict', () => {
    const facts = { namespaces: objectsOf(namespace('baseline', 'apps', ', istio-injection: enabled')) };
    expect(findingsOf(podSecurity, facts)).toEqual([expect.stringContaining('MESH0133 | Namespace apps |')]);
    expect(findingsOf(podSecurity, facts, targetOf('', { spec: specOf({ with: ['Cni'] }) }))).toEqual([]);
    const other = { namespaces: objectsOf(namespace('baseline', 'apps', ', istio.io/rev: canary')) };
    expect(findingsOf(podSecurity, other)).toEqual([]);
    expect(
      findingsOf(podSecurity, other, targetOf('', { spec: specOf({ revision: 'canary' }) })),
    ).toHaveLength(1);
  });
});
