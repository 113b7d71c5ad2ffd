/** The injectors of a cluster. */
import { readInjectors } from '../domain/injection/injectors.ts';
import type { Injector } from '../domain/injection/injectors.ts';
import type { Cluster } from './ports.ts';

/** By name. */
export async function listInjectors(cluster: Cluster, signal: AbortSignal): Promise<Injector[]> {
  const query = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' };
  return readInjectors((await cluster.list(query, { signal })).items);
}
