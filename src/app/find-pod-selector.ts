/** From an object that selects pods to the label selector that the API server takes. */
import type { KubeObject } from '../domain/manifest/types.ts';
import { getAt, isObject, listAt, stringAt } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';

/**
 * The label selector of a workload, a Service, a Gateway of the Gateway API (its proxy's pods carry its name) or any
 * other object with a `spec.selector`; undefined for one that selects nothing.
 */
export function podSelectorOf(object: KubeObject): string | undefined {
  if (object.kind === 'Gateway' && object.apiVersion.startsWith('gateway.networking.k8s.io/'))
    return `gateway.networking.k8s.io/gateway-name=${object.metadata.name}`;
  const selector = getAt(object, ['spec', 'selector']);
  if (!isObject(selector)) return undefined;
  const isStructured = isObject(selector['matchLabels']) || Array.isArray(selector['matchExpressions']);
  const terms = isStructured
    ? [...labelTerms(selector['matchLabels']), ...expressionTerms(selector)]
    : labelTerms(selector);
  return terms.length > 0 ? terms.join(',') : undefined;
}

function labelTerms(labels: unknown): string[] {
  if (!isObject(labels)) return [];
  return Object.entries(labels).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${key}=${value}`] : [],
  );
}

function expressionTerms(selector: JsonObject): string[] {
  return listAt(selector, ['matchExpressions']).flatMap((expression) => {
    const key = stringAt(expression, ['key']);
    const values = listAt(expression, ['values']).map(String).join(',');
    switch (stringAt(expression, ['operator'])) {
      case 'In':
        return [`${key} in (${values})`];
      case 'NotIn':
        return [`${key} notin (${values})`];
      case 'Exists':
        return [key];
      case 'DoesNotExist':
        return [`!${key}`];
      default:
        return [];
    }
  });
}
