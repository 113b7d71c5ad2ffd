/** Component instances of an IstioOperator: which are switched on, and in which namespace. */
import { getAt, isObject, listAt, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { SpecComponent } from '../manifest/types.ts';
import type { TreePath } from './paths.ts';

export interface Instance {
  readonly component: SpecComponent;
  readonly instance: string;
  readonly namespace: string;
  /** Where its block stands in the IstioOperator. */
  readonly path: TreePath;
  /** `components.X`, or the list item of a gateway. */
  readonly block: JsonObject;
}

export const GATEWAY_LISTS = [
  { key: 'ingressGateways', component: 'IngressGateways', values: 'istio-ingressgateway' },
  { key: 'egressGateways', component: 'EgressGateways', values: 'istio-egressgateway' },
] as const;

const SINGLE = [
  { key: 'base', component: 'Base', instance: 'base', onWhenAbsent: true },
  { key: 'pilot', component: 'Pilot', instance: 'istiod', onWhenAbsent: true },
  { key: 'cni', component: 'Cni', instance: 'cni', onWhenAbsent: false },
  { key: 'ztunnel', component: 'Ztunnel', instance: 'ztunnel', onWhenAbsent: false },
] as const;

/** Below `spec.values`, where the settings of a component stand. */
export function valuesRoot(component: SpecComponent): TreePath {
  switch (component) {
    case 'Base':
      return ['global'];
    case 'Pilot':
      return ['pilot'];
    case 'Cni':
      return ['cni'];
    case 'Ztunnel':
      return ['ztunnel'];
    case 'IngressGateways':
      return ['gateways', 'istio-ingressgateway'];
    case 'EgressGateways':
      return ['gateways', 'istio-egressgateway'];
  }
}

/**
 * The instances that are switched on: base, istiod, cni, ztunnel, ingress gateways, egress gateways. A block without
 * `enabled` is on; `isOnlyDetected` tells of a block that only platform detection made, which switches nothing on.
 */
export function listInstances(
  operator: JsonObject,
  isOnlyDetected: (path: TreePath) => boolean = () => false,
): Instance[] {
  const namespace = stringAt(operator, ['metadata', 'namespace']) || 'istio-system';
  const single = SINGLE.flatMap(({ key, component, instance, onWhenAbsent }): Instance[] => {
    const path = ['spec', 'components', key];
    const block = getAt(operator, path);
    const isThere = isObject(block) && !isOnlyDetected(path);
    if (isThere ? block['enabled'] === false : !onWhenAbsent) return [];
    return [toInstance(component, instance, namespace, path, isObject(block) ? block : {})];
  });
  return [...single, ...listGateways(operator, namespace)];
}

function listGateways(operator: JsonObject, namespace: string): Instance[] {
  return GATEWAY_LISTS.flatMap(({ key, component, values }) => {
    const isForcedOn = getAt(operator, ['spec', 'values', 'gateways', values, 'enabled']) === true;
    return listAt(operator, ['spec', 'components', key]).flatMap((item, index): Instance[] => {
      if (!isObject(item) || (item['enabled'] === false && !isForcedOn)) return [];
      return [
        toInstance(component, stringAt(item, ['name']), namespace, ['spec', 'components', key, index], item),
      ];
    });
  });
}

function toInstance(
  component: SpecComponent,
  instance: string,
  fallback: string,
  path: TreePath,
  block: JsonObject,
): Instance {
  return { component, instance, namespace: stringAt(block, ['namespace']) || fallback, path, block };
}

/** `enabled: true` in the block of a component; false when the block or the key is not there. */
export function isEnabledExplicitly(operator: JsonObject, component: 'pilot' | 'cni'): boolean {
  return objectAt(operator, ['spec', 'components', component])['enabled'] === true;
}
