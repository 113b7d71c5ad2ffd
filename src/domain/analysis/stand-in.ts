/** The ingress gateway that an installation brings, for files that do not contain it. Source: facts 1.6 and 9. */
import { stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { KINDS } from './kinds.ts';
import { readResource } from './resource.ts';
import type { KindKey, MeshSettings, Resource } from './types.ts';

const LABELS = { istio: 'ingressgateway' };
const PORTS = [80, 443, 31400, 15443];

/**
 * A Pod and a Service in place of the ingress gateway, to come after `resources`; none where the mesh has no ingress or
 * the resources hold a Pod that the default selector matches. An object of the same name is not made twice.
 */
export function standInGateway(resources: readonly Resource[], settings: MeshSettings): Resource[] {
  if (settings.meshConfig['ingressControllerMode'] === 'OFF') return [];
  if (resources.some((resource) => isPod(resource) && resource.labels['istio'] === LABELS.istio)) return [];
  const name = stringAt(settings.meshConfig, ['ingressService']);
  const metadata = { name, namespace: settings.istioNamespace, labels: LABELS };
  const made = [
    toResource('/Pod', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { containers: [{ name: 'istio-proxy' }] },
    }),
    toResource('/Service', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        selector: LABELS,
        ports: PORTS.map((port) => ({ name: `tcp-${port}`, protocol: 'TCP', port, targetPort: port })),
      },
    }),
  ];
  return made.filter((standIn) => !resources.some((resource) => isSame(resource, standIn)));
}

function toResource(kind: KindKey, raw: JsonObject): Resource {
  const info = KINDS.get(kind);
  if (!info) throw new Error(`there is no kind ${kind}`);
  return { ...readResource(raw, info, {}).resource, isStandIn: true };
}

function isPod(resource: Resource): boolean {
  return resource.kind === 'Pod' && resource.group === '';
}

function isSame(a: Resource, b: Resource): boolean {
  return a.kind === b.kind && a.group === b.group && a.namespace === b.namespace && a.name === b.name;
}
