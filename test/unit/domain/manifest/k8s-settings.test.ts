import { describe, expect, test } from '@jest/globals';
import { applyK8sSettings } from '../../../../src/domain/manifest/k8s-settings.ts';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import { getAt } from '../../../../src/lib/json.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';

const deployment = (name: string, container: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    strategy: { rollingUpdate: { maxSurge: '100%' } },
    template: {
      metadata: { annotations: { a: '1' } },
      spec: {
        tolerations: [{ key: 'built-in' }],
        containers: [
          { name: 'other' },
          {
            name: container,
            env: [
              { name: 'A', value: '1' },
              { name: 'B', valueFrom: { fieldRef: { fieldPath: 'x' } } },
            ],
            resources: { requests: { cpu: '500m', memory: '2Gi' } },
            readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 3 },
          },
        ],
      },
    },
  },
});

const objects = (): KubeObject[] => [
  deployment('istiod', 'discovery'),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'istiod' },
    spec: {
      ports: [
        { port: 15010, name: 'grpc' },
        { port: 443, name: 'https' },
      ],
    },
  },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'istiod' },
    spec: { minAvailable: 1 },
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'istiod' },
    spec: { minReplicas: 1, metrics: [1, 2] },
  },
];

function patched(k8s: JsonObject, input = objects(), revision = ''): KubeObject[] {
  return applyK8sSettings(input, { component: 'Pilot', instance: 'istiod', values: {}, k8s }, revision);
}

const container = (list: readonly KubeObject[]): JsonObject =>
  getAt(list[0], ['spec', 'template', 'spec', 'containers', 1]) as JsonObject;

describe('k8s settings', () => {
  test('env merges by name: same name replaces, new ones go in front', () => {
    const env = container(
      patched({
        env: [
          { name: 'NEW', value: 'n' },
          { name: 'B', value: 'plain' },
        ],
      }),
    )['env'];
    expect(env).toEqual([
      { name: 'NEW', value: 'n' },
      { name: 'A', value: '1' },
      { name: 'B', value: 'plain' },
    ]);
  });

  test('resources merge entry by entry, tolerations are replaced, annotations merge', () => {
    const result = patched({
      resources: { requests: { cpu: '1' } },
      tolerations: [{ key: 'mine' }],
      podAnnotations: { b: '2' },
    });
    expect(container(result)['resources']).toEqual({ requests: { cpu: '1', memory: '2Gi' } });
    expect(getAt(result[0], ['spec', 'template', 'spec', 'tolerations'])).toEqual([{ key: 'mine' }]);
    expect(getAt(result[0], ['spec', 'template', 'metadata', 'annotations'])).toEqual({ a: '1', b: '2' });
  });

  test('a probe with another handler loses the rendered one, keeps the timing', () => {
    expect(container(patched({ readinessProbe: { tcpSocket: { port: 1 } } }))['readinessProbe']).toEqual({
      tcpSocket: { port: 1 },
      periodSeconds: 3,
    });
    expect(container(patched({ readinessProbe: { periodSeconds: 9 } }))['readinessProbe']).toEqual({
      httpGet: { path: '/ready', port: 8080 },
      periodSeconds: 9,
    });
  });

  test('strategy Recreate drops the rolling update block', () => {
    expect(getAt(patched({ strategy: { type: 'Recreate' } })[0], ['spec', 'strategy'])).toEqual({
      type: 'Recreate',
    });
  });

  test('strategy of a DaemonSet is its updateStrategy', () => {
    const daemonSet: KubeObject = { ...deployment('istio-cni-node', 'install-cni'), kind: 'DaemonSet' };
    const [result] = applyK8sSettings(
      [daemonSet],
      { component: 'Cni', instance: 'cni', values: {}, k8s: { strategy: { type: 'OnDelete' } } },
      '',
    );
    expect(getAt(result, ['spec', 'updateStrategy'])).toEqual({ type: 'OnDelete' });
  });

  test('service ports merge by number for istiod, are ignored for gateways', () => {
    const service = { type: 'LoadBalancer', ports: [{ port: 443, targetPort: 15017 }, { port: 9 }] };
    expect(getAt(patched({ service })[1], ['spec'])).toEqual({
      type: 'LoadBalancer',
      ports: [{ port: 9 }, { port: 15010, name: 'grpc' }, { port: 443, name: 'https', targetPort: 15017 }],
    });
    const gateway = applyK8sSettings(
      objects(),
      { component: 'IngressGateways', instance: 'istiod', values: {}, k8s: { service } },
      '',
    );
    expect(getAt(gateway[1], ['spec', 'ports'])).toEqual(getAt(objects()[1], ['spec', 'ports']));
  });

  test('budget and autoscaler', () => {
    const result = patched({
      podDisruptionBudget: { maxUnavailable: 1 },
      hpaSpec: { maxReplicas: 7, metrics: [3] },
      replicaCount: 0,
    });
    expect(result[2]!['spec']).toEqual({ minAvailable: null, maxUnavailable: 1 });
    expect(result[3]!['spec']).toEqual({ minReplicas: 1, maxReplicas: 7, metrics: [3] });
    expect(getAt(result[0], ['spec', 'replicas'])).toBe(0);
  });

  test('the workload of a revision is found by its name', () => {
    const input = [deployment('istiod-canary', 'discovery')];
    expect(
      getAt(patched({ priorityClassName: 'high' }, input, 'canary')[0], [
        'spec',
        'template',
        'spec',
        'priorityClassName',
      ]),
    ).toBe('high');
    expect(patched({ priorityClassName: 'high' }, input)).toEqual(input);
  });

  test('inputs are not changed', () => {
    const input = objects();
    patched(
      { env: [{ name: 'X', value: '1' }], service: { type: 'NodePort' }, affinity: { nodeAffinity: {} } },
      input,
    );
    expect(input).toEqual(objects());
  });
});
