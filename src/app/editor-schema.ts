/** `mesh schema`: the JSON Schema of IstioOperator files, for editors and pipelines. */
import { isObject } from '../lib/json.ts';
import type { JsonObject, JsonValue } from '../lib/json.ts';
import type { Shipped } from './shipped.ts';

/**
 * Standard JSON Schema 2020-12, without the extensions (`x-…`) that mesh's own checks read. The other spelling of a field
 * (`x-also`: `access_log_file`) is taken, but as a pattern, so that editors do not propose it.
 * What a schema cannot tell (fields that exclude each other, ports of gateways) only mesh checks.
 */
export function editorSchema(shipped: Shipped): JsonObject {
  const { istio } = shipped.bundle;
  return {
    ...(withoutExtensions(shipped.catalog.schema) as JsonObject),
    $id: `urn:mesh:istio-operator:${istio}`,
    title: `IstioOperator of Istio ${istio}`,
    description: 'Configuration of an Istio installation, as mesh install -f FILE reads it.',
  };
}

function withoutExtensions(node: JsonValue): JsonValue {
  if (Array.isArray(node)) return node.map(withoutExtensions);
  if (!isObject(node)) return node;
  const kept = Object.entries(node).filter(([key]) => !key.startsWith('x-'));
  const plain = Object.fromEntries(kept.map(([key, value]) => [key, withoutExtensions(value)]));
  const others = otherSpellings(node['properties']);
  return Object.keys(others).length === 0 ? plain : { ...plain, patternProperties: others };
}

function otherSpellings(properties: JsonValue | undefined): JsonObject {
  if (!isObject(properties)) return {};
  return Object.fromEntries(
    Object.values(properties).flatMap((property): [string, JsonValue][] => {
      if (!isObject(property)) return [];
      const name = property['x-also'];
      return typeof name === 'string' ? [[`^${name}$`, withoutExtensions(property)]] : [];
    }),
  );
}
