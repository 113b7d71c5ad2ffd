/** Which objects of gateways, CNI node agent and ztunnel each profile brings, and how several gateways are told apart. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readShippedFolder } from '../../../src/adapters/files/bundle-folder.ts';
import { resolveSpec } from '../../../src/domain/config/index.ts';
import { renderSpec } from '../../../src/domain/manifest/render.ts';
import { getAt } from '../../../src/lib/json.ts';
import { findObject } from '../../support/render-component.ts';

const { bundle, catalog } = readShippedFolder(join(import.meta.dirname, '../../..'));

/** Data plane instances of a profile with an IstioOperator file over it. */
function render(profile: string, file?: string) {
  const files = file === undefined ? [] : [{ name: 'mesh.yaml', text: file }];
  return renderSpec(resolveSpec({ profile, files, sets: [] }, catalog), bundle).filter(
    ({ component }) => component !== 'Base' && component !== 'Pilot',
  );
}

/** `Component instance@namespace: kinds`, kinds sorted, with their number where there are several. */
function summary(profile: string, file?: string): string[] {
  return render(profile, file).map(({ component, instance, namespace, objects }) => {
    const counts = new Map<string, number>();
    for (const { kind } of objects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const kinds = [...counts].map(([kind, count]) => (count > 1 ? `${kind} ${count}` : kind)).sort();
    return `${component} ${instance}@${namespace}: ${kinds.join(', ')}`;
  });
}

const ACCESS = 'Role, RoleBinding, Service, ServiceAccount';
const INGRESS = `IngressGateways istio-ingressgateway@istio-system: Deployment, HorizontalPodAutoscaler, ${ACCESS}`;

describe('profiles', () => {
  test.each<[string, string[]]>([
    ['default', [INGRESS]],
    ['preview', [INGRESS]],
    ['stable', [INGRESS]],
    [
      'demo',
      [
        `IngressGateways istio-ingressgateway@istio-system: Deployment, ${ACCESS}`,
        `EgressGateways istio-egressgateway@istio-system: Deployment, ${ACCESS}`,
      ],
    ],
    [
      'ambient',
      [
        'Cni cni@istio-system: ClusterRole 3, ClusterRoleBinding 3, ConfigMap, DaemonSet, ServiceAccount',
        'Ztunnel ztunnel@istio-system: DaemonSet, ServiceAccount',
      ],
    ],
    [
      'openshift',
      [
        'Cni cni@kube-system: ClusterRole 2, ClusterRoleBinding 2, ConfigMap, DaemonSet, NetworkAttachmentDefinition, ServiceAccount',
        INGRESS,
      ],
    ],
    [
      'openshift-ambient',
      [
        'Cni cni@kube-system: ClusterRole 3, ClusterRoleBinding 3, ConfigMap, DaemonSet, NetworkAttachmentDefinition, ServiceAccount',
        'Ztunnel ztunnel@kube-system: ClusterRole, ClusterRoleBinding, DaemonSet, ServiceAccount',
      ],
    ],
    ['minimal', []],
    ['remote', []],
    ['empty', []],
  ])('%s', (profile, wanted) => {
    expect(summary(profile)).toEqual(wanted);
  });
});

test('every gateway of a list has its own name, namespace, labels, ports and tag', () => {
  const file = `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
spec:
  components:
    ingressGateways:
      - name: a
        enabled: true
        namespace: front
        label: {istio: a}
        tag: own
        k8s:
          hpaSpec: {minReplicas: 2}
          service:
            ports:
              - {name: https, port: 443, targetPort: 8443}
      - {name: b, enabled: true}
`;
  const [a, b] = render('default', file);
  expect(summary('default', file)).toEqual([
    `IngressGateways a@front: Deployment, HorizontalPodAutoscaler, PodDisruptionBudget, ${ACCESS}`,
    `IngressGateways b@istio-system: Deployment, HorizontalPodAutoscaler, ${ACCESS}`,
  ]);
  const selector = ['spec', 'selector', 'matchLabels'];
  const image = ['spec', 'template', 'spec', 'containers', 0, 'image'];
  const inFront = findObject(a!.objects, 'Deployment', 'a');
  expect(getAt(inFront, selector)).toEqual({ app: 'istio-ingressgateway', istio: 'a' });
  expect(getAt(inFront, image)).toBe('docker.io/istio/proxyv2:own');
  expect(getAt(findObject(a!.objects, 'Service'), ['spec', 'ports'])).toEqual([
    { name: 'https', port: 443, targetPort: 8443 },
  ]);
  const plain = findObject(b!.objects, 'Deployment', 'b');
  expect(getAt(plain, selector)).toEqual({ app: 'istio-ingressgateway', istio: 'ingressgateway' });
  expect(getAt(plain, image)).toBe('docker.io/istio/proxyv2:1.31.4');
  expect(getAt(findObject(b!.objects, 'Service'), ['spec', 'ports'])).toHaveLength(3);
});
