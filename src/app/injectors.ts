/** The injectors of a cluster. */
import { readInjectors } from '../domain/injection/injectors.ts';
import type { Injector } from '../domain/injection/injectors.ts';
import { NO_SETTINGS, readInjectorSettings } from '../domain/injection/settings.ts';
import type { ConfiguredInjector, InjectorSettings } from '../domain/injection/settings.ts';
import { refKey } from '../domain/manifest/ref.ts';
import type { ObjectRef } from '../domain/manifest/types.ts';
import { mapsAt } from '../domain/readiness/fields.ts';
import { MeshError } from '../lib/errors.ts';
import { getAt, objectAt } from '../lib/json.ts';
import type { Cluster } from './ports.ts';

/** By name. */
export async function listInjectors(cluster: Cluster, signal: AbortSignal): Promise<Injector[]> {
  const query = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' };
  return readInjectors((await cluster.list(query, { signal })).items);
}

/** Every injector with its settings; each ConfigMap is read once. */
export async function configureInjectors(
  injectors: readonly Injector[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ConfiguredInjector[]> {
  const read = new Map<string, Promise<InjectorSettings>>();
  return Promise.all(
    injectors.map(async (injector) => {
      const ref = settingsRef(injector);
      if (!ref) return { injector, settings: NO_SETTINGS };
      const settings = read.get(refKey(ref)) ?? readSettings(ref, cluster, signal);
      read.set(refKey(ref), settings);
      return { injector, settings: await settings };
    }),
  );
}

/** undefined: its istiod is outside of the cluster. */
function settingsRef({ revision, webhooks }: Injector): ObjectRef | undefined {
  const target = webhooks[0]?.target;
  if (target?.type !== 'service') return undefined;
  const name = `istio-sidecar-injector${revision === 'default' ? '' : `-${revision}`}`;
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace: target.namespace, name };
}

/** Nothing is known where the user may not read it. */
async function readSettings(
  ref: ObjectRef,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<InjectorSettings> {
  try {
    const map = await cluster.get(ref, { signal });
    return map ? readInjectorSettings(objectAt(map, ['data'])) : NO_SETTINGS;
  } catch (error) {
    if (error instanceof MeshError && error.code === 'auth') return NO_SETTINGS;
    throw error;
  }
}

/**
 * Of these injectors, those whose istiod has no ready pod: while it is so, the API server refuses the pods that they select.
 * What is outside of the cluster, or may not be looked at, counts as ready.
 */
export async function findSilentInjectors(
  injectors: readonly Injector[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Injector[]> {
  const silent = await Promise.all(injectors.map((injector) => isSilent(injector, cluster, signal)));
  return injectors.filter((_injector, index) => silent[index]);
}

async function isSilent({ webhooks }: Injector, cluster: Cluster, signal: AbortSignal): Promise<boolean> {
  const target = webhooks[0]?.target;
  if (target?.type !== 'service') return false;
  const query = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    namespace: target.namespace,
    labelSelector: `kubernetes.io/service-name=${target.name}`,
  };
  try {
    const { items } = await cluster.list(query, { signal });
    // A condition that is not there means ready.
    return !items.some((slice) =>
      mapsAt(slice, ['endpoints']).some((endpoint) => getAt(endpoint, ['conditions', 'ready']) !== false),
    );
  } catch (error) {
    if (error instanceof MeshError && error.code === 'auth') return false;
    throw error;
  }
}
