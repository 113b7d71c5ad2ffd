/** What stays after an uninstall: made by istiod while it ran, by people, or by other installers. mesh never deletes it. */
import type { KubeObject } from '../domain/manifest/types.ts';
import { LABELS, ownerOf } from '../domain/plan/ownership.ts';
import { stringAt } from '../lib/json.ts';
import type { Cluster, ListQuery } from './ports.ts';

/** A few words, and the command that removes it. */
export interface Leftover {
  readonly what: string;
  readonly command: string;
}

const WEBHOOKS = 'admissionregistration.k8s.io/v1';

/** What can not be read is left out: this is advice. */
export async function findLeftovers(
  revisions: readonly string[],
  purged: boolean,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Leftover[]> {
  const list = async (query: ListQuery): Promise<readonly KubeObject[]> => {
    try {
      return (await cluster.list(query, { signal })).items;
    } catch (error) {
      if (signal.aborted) throw error;
      return [];
    }
  };
  const [namespaces, roots, injectors, validators, classes] = await Promise.all([
    list({ apiVersion: 'v1', kind: 'Namespace' }),
    // istiod writes its root certificate into every namespace, with this label.
    purged ? list({ apiVersion: 'v1', kind: 'ConfigMap', labelSelector: 'istio.io/config=true' }) : [],
    list({ apiVersion: WEBHOOKS, kind: 'MutatingWebhookConfiguration', labelSelector: LABELS.revision }),
    list({ apiVersion: WEBHOOKS, kind: 'ValidatingWebhookConfiguration', labelSelector: LABELS.revision }),
    purged ? list({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass' }) : [],
  ]);
  return [
    ...labelledNamespaces(namespaces, revisions),
    ...rootCertificates(roots),
    ...webhooks([...injectors, ...validators], revisions),
    ...gatewayClasses(classes),
  ];
}

function labelledNamespaces(namespaces: readonly KubeObject[], revisions: readonly string[]): Leftover[] {
  return namespaces.flatMap((namespace): Leftover[] => {
    const label = (name: string): string => stringAt(namespace, ['metadata', 'labels', name]);
    const { name } = namespace.metadata;
    if (revisions.includes(label(LABELS.revision))) {
      return [
        {
          what: `the namespace ${name} still asks for revision ${label(LABELS.revision)}`,
          command: `mesh namespace unlabel ${name}`,
        },
      ];
    }
    return revisions.includes('default') && label('istio-injection') === 'enabled'
      ? [
          {
            what: `the namespace ${name} still asks for injection`,
            command: `mesh namespace unlabel ${name}`,
          },
        ]
      : [];
  });
}

function rootCertificates(maps: readonly KubeObject[]): Leftover[] {
  if (maps.length === 0) return [];
  const many = maps.length === 1 ? 'a ConfigMap' : `${maps.length} ConfigMaps`;
  return [
    {
      what: `${many} with istiod's root certificate`,
      command: 'kubectl delete configmap -A -l istio.io/config=true',
    },
  ];
}

function webhooks(items: readonly KubeObject[], revisions: readonly string[]): Leftover[] {
  return items
    .filter(
      (item) =>
        ownerOf(item) !== 'mesh' &&
        revisions.includes(stringAt(item, ['metadata', 'labels', LABELS.revision])),
    )
    .map(({ kind, metadata }) => ({
      what: `${kind} ${metadata.name} of this revision, made by another tool`,
      command: `kubectl delete ${kind.toLowerCase()} ${metadata.name}`,
    }));
}

function gatewayClasses(items: readonly KubeObject[]): Leftover[] {
  return items
    .filter((item) => stringAt(item, ['spec', 'controllerName']).startsWith('istio.io/'))
    .map(({ metadata }) => ({
      what: `GatewayClass ${metadata.name}, made by istiod`,
      command: `kubectl delete gatewayclass ${metadata.name}`,
    }));
}
