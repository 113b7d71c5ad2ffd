/** Settings that follow from where the cluster runs. */
import type { JsonObject } from '../lib/json.ts';
import type { Cluster } from './ports.ts';

/**
 * GKE is told by the server's version (`v1.33.1-gke.100`); there CNI must live in kube-system (Istio documentation,
 * "Platform prerequisites, Google Kubernetes Engine"). `AUTO_GKE_DETECTION=false` switches it off, as in istioctl.
 */
export async function detectPlatform(
  cluster: Cluster,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  const version = await cluster.version({ signal });
  if (!version.includes('-gke') || env['AUTO_GKE_DETECTION'] === 'false') return undefined;
  return {
    components: { cni: { namespace: 'kube-system' } },
    values: { global: { platform: 'gke' }, cni: { resourceQuotas: { enabled: false } } },
  };
}
