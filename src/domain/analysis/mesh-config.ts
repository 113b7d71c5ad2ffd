/** The mesh configuration that rules see: Istio's defaults with the user's laid over them. Source: facts 1.6. */
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { readMessage } from './proto.ts';
import type { ProtoProblem } from './proto.ts';

/** What Istio assumes where nothing is said, as far as the analysis asks for it. */
export const DEFAULT_MESH_CONFIG: JsonObject = {
  rootNamespace: 'istio-system',
  trustDomain: 'cluster.local',
  ingressService: 'istio-ingressgateway',
  ingressSelector: 'ingressgateway',
  ingressControllerMode: 'STRICT',
  defaultConfig: {},
  defaultProviders: {},
  extensionProviders: [
    { name: 'prometheus', prometheus: {} },
    { name: 'stackdriver', stackdriver: {} },
    { name: 'envoy', envoyFileAccessLog: { path: '/dev/stdout' } },
  ],
};

/**
 * `given` (a bare MeshConfig) over the defaults: `defaultConfig` merges, its `proxyMetadata` key by key, providers merge by
 * name, aliases of the trust domain add up, all else replaces. What cannot be read is added to `problems`.
 */
export function mergeMeshConfig(given: JsonValue, problems: ProtoProblem[] = []): JsonObject {
  const config = readMessage(given, 'istio.mesh.v1alpha1.MeshConfig', [], problems);
  const base = DEFAULT_MESH_CONFIG;
  const merged: JsonObject = { ...base, ...config };
  merged['defaultConfig'] = mergeProxyConfig(mapOf(base['defaultConfig']), mapOf(config['defaultConfig']));
  merged['extensionProviders'] = mergeByName(
    listOf(base['extensionProviders']),
    listOf(config['extensionProviders']),
  );
  const aliases = [...listOf(base['trustDomainAliases']), ...listOf(config['trustDomainAliases'])];
  if (aliases.length > 0) merged['trustDomainAliases'] = [...new Set(aliases)];
  return merged;
}

function mergeProxyConfig(base: JsonObject, given: JsonObject): JsonObject {
  const metadata = { ...mapOf(base['proxyMetadata']), ...mapOf(given['proxyMetadata']) };
  return { ...base, ...given, ...(Object.keys(metadata).length > 0 && { proxyMetadata: metadata }) };
}

function mergeByName(base: readonly JsonValue[], given: readonly JsonValue[]): JsonValue[] {
  const byName = new Map<JsonValue | undefined, JsonValue>();
  for (const item of [...base, ...given]) byName.set(mapOf(item)['name'], item);
  return [...byName.values()];
}

function mapOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
