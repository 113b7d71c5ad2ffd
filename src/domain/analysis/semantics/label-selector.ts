/** Label selectors of Kubernetes in full: equalities and expressions. */
import { isObject, listAt, objectAt, stringAt } from '../../../lib/json.ts';
import type { JsonValue } from '../../../lib/json.ts';

/** Whether a LabelSelector accepts `labels`; one that is missing or empty accepts all. */
export function acceptsLabels(
  selector: JsonValue | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (!isObject(selector)) return true;
  for (const [key, value] of Object.entries(objectAt(selector, ['matchLabels']))) {
    if (labels[key] !== value) return false;
  }
  return listAt(selector, ['matchExpressions']).every((expression) => acceptsExpression(expression, labels));
}

function acceptsExpression(expression: JsonValue, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[stringAt(expression, ['key'])];
  const values = listAt(expression, ['values']);
  switch (stringAt(expression, ['operator'])) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      // The API server refuses others.
      return false;
  }
}
