/** Which Istio object a cluster or route came from. */
import { stringAt } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';

/**
 * `NAME.NAMESPACE` from the metadata that istiod writes
 * (`/apis/networking.istio.io/v1/namespaces/NAMESPACE/KIND/NAME`); empty when there is none.
 */
export function istioConfigOf(message: JsonValue | undefined): string {
  const path = stringAt(message, ['metadata', 'filterMetadata', 'istio', 'config']);
  if (path === '') return '';
  const [, namespace, name] = /\/namespaces\/([^/]+)\/[^/]+\/([^/]+)$/.exec(path) ?? [];
  return namespace === undefined || name === undefined ? path : `${name}.${namespace}`;
}
