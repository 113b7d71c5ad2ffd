/** Objects of addons in the cluster, found without mesh's own code. */
import { kubeGet, kubeRequest, waitFor } from './controlplane.ts';

interface Item {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

const PATHS = {
  ServiceAccount: '/api/v1/serviceaccounts',
  ConfigMap: '/api/v1/configmaps',
  Secret: '/api/v1/secrets',
  Service: '/api/v1/services',
  Deployment: '/apis/apps/v1/deployments',
  Role: '/apis/rbac.authorization.k8s.io/v1/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/rolebindings',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
};

/** `Kind ns/name version` of all that carries the label of addons, found without mesh's own code. */
export async function listLabelled(name?: string): Promise<string[]> {
  const selector = encodeURIComponent(name === undefined ? 'mesh.io/addon' : `mesh.io/addon=${name}`);
  const lists = await Promise.all(
    Object.entries(PATHS).map(async ([kind, path]) => {
      const { items } = await kubeGet<{ items: Item[] }>(`${path}?labelSelector=${selector}`);
      return items.map(({ metadata }) => {
        // The status of a Deployment moves by itself; what is written shows in the generation.
        const version = kind === 'Deployment' ? metadata.generation : metadata.resourceVersion;
        return `${kind} ${metadata.namespace ?? ''}/${metadata.name} ${version}`;
      });
    }),
  );
  return lists.flat().sort();
}

/** Deletes a namespace and waits until it is really gone. */
export async function removeNamespace(name: string): Promise<void> {
  const path = `/api/v1/namespaces/${name}`;
  await kubeRequest(path, { method: 'DELETE', accept: [404, 409] });
  const isGone = async (): Promise<boolean> => (await kubeRequest(path, { accept: [404] })).status === 404;
  await waitFor(isGone, 40_000, `${name} is gone`);
}
