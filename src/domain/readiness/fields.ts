/** Fields of Kubernetes objects that several readiness rules read. */
import { getAt, isObject, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';

/** The number at `path`, or `fallback`. */
export function numberAt(object: JsonValue | undefined, path: readonly string[], fallback = 0): number {
  const value = getAt(object, path);
  return typeof value === 'number' ? value : fallback;
}

/** Maps in the list at `path`. */
export function mapsAt(object: JsonValue | undefined, path: readonly string[]): JsonObject[] {
  const value = getAt(object, path);
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The entry of `status.conditions` of this type. */
export function conditionOf(object: KubeObject, type: string): JsonObject | undefined {
  return mapsAt(object, ['status', 'conditions']).find((condition) => condition['type'] === type);
}

/** Whether the controller has seen the newest spec. */
export function isObserved(object: KubeObject): boolean {
  return (
    numberAt(object, ['status', 'observedGeneration'], -1) >= numberAt(object, ['metadata', 'generation'], 0)
  );
}

/** Pods that `spec.selector` of a workload selects (matchLabels and matchExpressions). */
export function selectPods(workload: KubeObject, pods: readonly KubeObject[]): KubeObject[] {
  const labels = getAt(workload, ['spec', 'selector', 'matchLabels']);
  const expressions = mapsAt(workload, ['spec', 'selector', 'matchExpressions']);
  const namespace = stringAt(workload, ['metadata', 'namespace']);
  return pods.filter(
    (pod) =>
      stringAt(pod, ['metadata', 'namespace']) === namespace &&
      Object.entries(isObject(labels) ? labels : {}).every(
        ([key, value]) => getAt(pod, ['metadata', 'labels', key]) === value,
      ) &&
      expressions.every((expression) => matchesExpression(pod, expression)),
  );
}

function matchesExpression(pod: KubeObject, expression: JsonObject): boolean {
  const value = getAt(pod, ['metadata', 'labels', stringAt(expression, ['key'])]);
  const values = Array.isArray(expression['values']) ? expression['values'] : [];
  switch (expression['operator']) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}
