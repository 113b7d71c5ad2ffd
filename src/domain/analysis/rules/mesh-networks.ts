/** Networks of the mesh name registries that exist. */
import { listAt, objectAt, stringAt } from '../../../lib/json.ts';
import { guessName } from '../semantics/did-you-mean.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource, Rule } from '../types.ts';

const SECRET = '/Secret';
/** Registries that istiod has itself. */
const BUILT_IN = ['Kubernetes', 'External', 'Mock'];
/** Secrets with the access to another cluster; the keys of their data are the names of the clusters. */
const CLUSTER_SECRET = { 'istio/multiCluster': 'true' };

export const meshNetworks: Rule = {
  name: 'meshnetworks.MeshNetworksAnalyzer',
  summary: 'Registries that mesh networks name are clusters that the control plane knows.',
  kinds: [SECRET],
  codes: ['IST0126'],
  check: (context) => {
    const networks = Object.entries(objectAt(context.meshNetworks, ['networks']));
    if (networks.length === 0) return [];
    const registries = listRegistries(context);
    const resource = toResource(context);
    return networks.flatMap(([network, settings]) =>
      listAt(settings, ['endpoints']).flatMap((endpoint, index): Finding[] => {
        const registry = stringAt(endpoint, ['fromRegistry']);
        if (registry === '' || registries.includes(registry)) return [];
        const near = guessName(context, registry, registries);
        return [
          {
            code: 'IST0126',
            message: `${originOf(resource)} gives network "${network}" the endpoints of registry "${registry}", but no cluster secret has this name`,
            resource,
            path: ['networks', network, 'endpoints', index, 'fromRegistry'],
            suggestion: {
              text:
                near === undefined
                  ? `kubectl get secrets -n ${context.istioNamespace} -l istio/multiCluster=true`
                  : `did you mean "${near}"?`,
            },
          },
        ];
      }),
    );
  },
};

function listRegistries(context: AnalysisContext): readonly string[] {
  const clusters = context
    .select(SECRET, CLUSTER_SECRET)
    .flatMap(({ raw }) => [
      ...Object.keys(objectAt(raw, ['data'])),
      ...Object.keys(objectAt(raw, ['stringData'])),
    ]);
  return [...new Set([...BUILT_IN, ...clusters])];
}

/** Mesh networks are no object of the API; Istio names them like this. */
function toResource({ istioNamespace, meshNetworks: raw }: AnalysisContext): Resource {
  return {
    kind: 'MeshNetworks',
    group: '',
    version: '',
    name: 'meshnetworks',
    namespace: istioNamespace,
    labels: {},
    annotations: {},
    spec: raw,
    status: {},
    raw,
    cluster: '',
  };
}
