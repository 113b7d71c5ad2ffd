/** Objects that look like mesh's own and are not: by name, by some or all labels, by another owner's marks. */
import { kubeGet, kubeRequest } from './controlplane.ts';

interface Meta {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Planted {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
}

/** Marks that an object may carry without being in any inventory. */
const DISGUISES: readonly Omit<Meta, 'name'>[] = [
  // Only the name is like ours.
  {},
  { labels: { 'app.kubernetes.io/managed-by': 'mesh' } },
  { labels: { 'operator.istio.io/component': 'Pilot', 'operator.istio.io/managed': 'Reconcile' } },
  // Everything that ours carry.
  {
    labels: {
      'app.kubernetes.io/managed-by': 'mesh',
      'operator.istio.io/component': 'Pilot',
      'operator.istio.io/managed': 'Reconcile',
      'operator.istio.io/version': '1.31.4',
      'install.operator.istio.io/owning-resource-namespace': 'istio-system',
      'istio.io/rev': 'default',
    },
  },
  {
    labels: {
      'app.kubernetes.io/managed-by': 'Helm',
      'operator.istio.io/component': 'Pilot',
      'istio.io/rev': 'default',
    },
    annotations: { 'meta.helm.sh/release-name': 'istiod', 'meta.helm.sh/release-namespace': 'istio-system' },
  },
];

interface Kind {
  /** Where it is created. */
  readonly path: string;
  /** Begins like a name of ours. */
  readonly prefix: string;
  /** Besides those of the disguise. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly content?: object;
}

const selector = { matchLabels: { app: 'lookalike' } };
const template = {
  metadata: { labels: selector.matchLabels },
  spec: { containers: [{ name: 'c', image: 'example.test/c:1' }] },
};
const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }];
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
const webhook = {
  name: 'look.alike.test',
  clientConfig: { url: 'https://127.0.0.1:1/' },
  rules: [{ apiGroups: ['look.alike.test'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['x'] }],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const admission = '/apis/admissionregistration.k8s.io/v1';

const KINDS: readonly Kind[] = [
  { path: '/api/v1/namespaces/istio-system/configmaps', prefix: 'istio-sidecar-injector' },
  { path: '/api/v1/namespaces/default/configmaps', prefix: 'istio' },
  {
    path: '/api/v1/namespaces/istio-system/secrets',
    prefix: 'mesh-inventory',
    labels: { 'mesh.io/inventory': 'lookalike', 'mesh.io/release': 'default' },
    content: { data: { inventory: 'bm9uc2Vuc2U=' } },
  },
  { path: '/api/v1/namespaces/istio-system/serviceaccounts', prefix: 'istiod' },
  {
    path: '/api/v1/namespaces/istio-system/services',
    prefix: 'istio-ingressgateway',
    content: { spec: { ports: [{ port: 80 }] } },
  },
  {
    path: '/apis/apps/v1/namespaces/istio-system/deployments',
    prefix: 'istiod',
    content: { spec: { replicas: 0, selector, template } },
  },
  { path: `${rbac}/namespaces/istio-system/roles`, prefix: 'istiod', content: { rules } },
  { path: `${rbac}/namespaces/istio-system/rolebindings`, prefix: 'istiod', content: { roleRef } },
  { path: `${rbac}/clusterroles`, prefix: 'istiod-clusterrole-istio-system', content: { rules } },
  { path: `${rbac}/clusterrolebindings`, prefix: 'istiod-clusterrole-istio-system', content: { roleRef } },
  {
    path: `${admission}/mutatingwebhookconfigurations`,
    prefix: 'istio-sidecar-injector',
    content: { webhooks: [webhook] },
  },
  {
    path: `${admission}/validatingwebhookconfigurations`,
    prefix: 'istio-validator-istio-system',
    content: { webhooks: [webhook] },
  },
];

export interface Lookalikes {
  readonly count: number;
  /** Path, uid and version of each; workloads count by generation, because controllers write their status. */
  snapshot(): Promise<string[]>;
  remove(): Promise<void>;
}

/** Plants one of each kind in each disguise. The namespace istio-system must be there. */
export async function plantLookalikes(): Promise<Lookalikes> {
  const paths: string[] = [];
  for (const { path, prefix, labels, content } of KINDS) {
    for (const [index, disguise] of DISGUISES.entries()) {
      const name = `${prefix}-lookalike${index}`;
      const metadata = { name, ...disguise, labels: { ...disguise.labels, ...labels } };
      await kubeRequest(path, { body: { metadata, ...content } });
      paths.push(`${path}/${name}`);
    }
  }
  return {
    count: paths.length,
    snapshot: () =>
      Promise.all(
        paths.map(async (path) => {
          const { metadata } = await kubeGet<Planted & { metadata: { generation?: number } }>(path);
          const version = path.includes('/apps/') ? metadata.generation : metadata.resourceVersion;
          return `${path} ${metadata.uid} ${version}`;
        }),
      ),
    remove: async () => {
      for (const path of paths) await kubeRequest(path, { method: 'DELETE', accept: [404] });
    },
  };
}
