/** Everything in the cluster that carries mesh's labels, found without mesh's own code. */
import type { ControlPlane } from '../controlplane/launcher.ts';
import { kubeGet } from './controlplane.ts';

interface Listed {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string;
      readonly namespace?: string;
      readonly uid: string;
      readonly resourceVersion: string;
    };
  }[];
}

const PATHS = [
  '/api/v1/namespaces',
  '/api/v1/configmaps',
  '/api/v1/secrets',
  '/api/v1/serviceaccounts',
  '/api/v1/services',
  '/apis/apps/v1/deployments',
  '/apis/apps/v1/daemonsets',
  '/apis/autoscaling/v2/horizontalpodautoscalers',
  '/apis/policy/v1/poddisruptionbudgets',
  '/apis/networking.k8s.io/v1/networkpolicies',
  '/apis/rbac.authorization.k8s.io/v1/roles',
  '/apis/rbac.authorization.k8s.io/v1/rolebindings',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
];

export interface OwnedObject {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Sorted by key (`path namespace/name`); the version tells whether an object was written. */
export async function listOwned(plane?: ControlPlane): Promise<OwnedObject[]> {
  const lists = await Promise.all(
    PATHS.map((path) =>
      kubeGet<Listed>(`${path}?labelSelector=app.kubernetes.io%2Fmanaged-by%3Dmesh`, plane),
    ),
  );
  return lists
    .flatMap(({ items }, index) =>
      items.map(({ metadata }) => ({
        key: `${PATHS[index]} ${metadata.namespace ?? ''}/${metadata.name}`,
        uid: metadata.uid,
        // The status of workloads moves by itself; what mesh writes shows in the generation of its spec.
        resourceVersion:
          PATHS[index]?.startsWith('/apis/apps') ||
          PATHS[index]?.includes('autoscaling') ||
          PATHS[index]?.includes('policy')
            ? String((metadata as { generation?: number }).generation)
            : metadata.resourceVersion,
      })),
    )
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}
