/** Renders for one cluster: for its Kubernetes version, with the tag `default` where the revision takes it. */
import type { ResolvedSpec } from '../domain/config/types.ts';
import type { Bundle } from '../domain/manifest/bundle.ts';
import { withDefaultTag } from '../domain/manifest/default-tag.ts';
import { renderSpec } from '../domain/manifest/render.ts';
import type { RenderedInstance } from '../domain/manifest/render.ts';
import { LABELS } from '../domain/plan/ownership.ts';
import { stringAt } from '../lib/json.ts';
import type { Cluster } from './ports.ts';

export async function renderForCluster(
  spec: ResolvedSpec,
  bundle: Bundle,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<RenderedInstance[]> {
  const [version, takesTag] = await Promise.all([
    cluster.version({ signal }),
    takesDefaultTag(spec, cluster, signal),
  ]);
  const options = { kubernetesVersion: version.replace(/^v/, '') };
  const instances = renderSpec(spec, bundle, options);
  return takesTag ? withDefaultTag(instances, spec, bundle, options) : instances;
}

/** The default revision always takes the tag `default`; another one only when nobody else has it. */
async function takesDefaultTag(
  { revision }: ResolvedSpec,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<boolean> {
  if (revision === '') return true;
  const query = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    labelSelector: `app=sidecar-injector,${LABELS.tag}=default`,
  };
  const { items } = await cluster.list(query, { signal });
  return items.every((item) => stringAt(item, ['metadata', 'labels', LABELS.revision]) === revision);
}
