/** The injectors of a cluster. */
import { readInjectors } from '../domain/injection/injectors.ts';
import type { Injector } from '../domain/injection/injectors.ts';
import { NO_SETTINGS, readInjectorSettings } from '../domain/injection/settings.ts';
import type { ConfiguredInjector, InjectorSettings } from '../domain/injection/settings.ts';
import { refKey } from '../domain/manifest/ref.ts';
import type { ObjectRef } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import { objectAt } from '../lib/json.ts';
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
