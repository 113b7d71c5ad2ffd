/** The injectors of a cluster. */
import { readInjectors } from '../domain/injection/injectors.ts';
import type { Injector } from '../domain/injection/injectors.ts';
import { MeshError } from '../lib/errors.ts';
import { isObject, objectAt, stringAt } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';
import { readYaml } from '../lib/yaml-fast.ts';
import type { Cluster } from './ports.ts';

/** By name. */
export async function listInjectors(cluster: Cluster, signal: AbortSignal): Promise<Injector[]> {
  const query = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' };
  return readInjectors((await cluster.list(query, { signal })).items);
}

/**
 * The `config` with which an injector's istiod decides (policy and selectors); undefined where it is not to be had: outside of the
 * cluster, or not readable for this user.
 */
export async function readInjectorConfig(
  injector: Injector,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  const data = await readInjectorMap(injector, cluster, signal);
  const read = data && readYaml(stringAt(data, ['config']));
  return read && 'value' in read && isObject(read.value) ? read.value : undefined;
}

async function readInjectorMap(
  { revision, webhooks }: Injector,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  const target = webhooks[0]?.target;
  if (target?.type !== 'service') return undefined;
  const name = `istio-sidecar-injector${revision === 'default' ? '' : `-${revision}`}`;
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: target.namespace, name };
  try {
    const map = await cluster.get(ref, { signal });
    return map && objectAt(map, ['data']);
  } catch (error) {
    if (error instanceof MeshError && error.code === 'auth') return undefined;
    throw error;
  }
}
