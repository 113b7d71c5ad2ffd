/** The namespaces that an install needs. */
import { stringAt } from '../../lib/json.ts';
import type { ResolvedSpec } from '../config/types.ts';
import type { KubeObject, RenderedComponent } from './types.ts';

const ALWAYS_THERE = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/**
 * Namespace objects for all that is rendered, by name. The control plane's namespace carries its network, which
 * multicluster gateways read (`topology.istio.io/network`, Istio's multicluster documentation).
 */
export function namespacesOf(spec: ResolvedSpec, instances: readonly RenderedComponent[]): KubeObject[] {
  const objects = instances.flatMap((instance) => instance.objects);
  const names = new Set(
    objects.map((object) => stringAt(object, ['metadata', 'namespace'])).filter((name) => name !== ''),
  );
  const network = stringAt(spec.values, ['global', 'network']);
  return [...names]
    .filter((name) => !ALWAYS_THERE.includes(name))
    .sort()
    .map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name,
        ...(name === spec.namespace && network !== ''
          ? { labels: { 'topology.istio.io/network': network } }
          : {}),
      },
    }));
}
