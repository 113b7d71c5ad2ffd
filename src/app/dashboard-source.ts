/** The pods of a dashboard as the source of a port-forward. */
import { choosePod, explainNoPod, isTerminating } from '../domain/dashboard/choose-pod.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import type { PodFinder } from './dashboard-query.ts';
import type { Cluster, PodPort, PodSource } from './ports.ts';

const POD = { apiVersion: 'v1', kind: 'Pod' } as const;

export function createPodSource(finder: PodFinder, cluster: Cluster): PodSource {
  return {
    pick: async (signal) => {
      const pods = await listAgain(finder, signal);
      const pod = choosePod(pods);
      if (!pod) throw new MeshError('cluster', explainNoPod(pods, finder.what));
      const namespace = stringAt(pod, ['metadata', 'namespace']);
      const port = finder.portOf(pod);
      if (port === undefined) {
        throw new MeshError(
          'config',
          `Pod ${namespace}/${pod.metadata.name} does not have the port of its Service`,
          {
            hint: 'give the port of the pod with --ui-port',
          },
        );
      }
      return { namespace, pod: pod.metadata.name, port };
    },
    gone: (pod, signal) => untilGone(pod, cluster, signal),
  };
}

/** What was there once and is not there now may come back: that is no longer the user's mistake. */
async function listAgain(finder: PodFinder, signal: AbortSignal): Promise<readonly KubeObject[]> {
  try {
    return await finder.list(signal);
  } catch (error) {
    if (!(error instanceof MeshError) || error.code !== 'usage') throw error;
    throw new MeshError('cluster', error.message, { hint: error.hint, cause: error });
  }
}

async function untilGone(
  { namespace, pod }: PodPort,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<string> {
  const query = { ...POD, namespace, fieldSelector: `metadata.name=${pod}` };
  const name = `Pod ${namespace}/${pod}`;
  const { items, resourceVersion } = await cluster.list(query, { signal });
  const reason = goneReason(items[0], name);
  if (reason !== undefined) return reason;
  for await (const event of cluster.watch(query, resourceVersion, { signal })) {
    const object =
      event.type === 'RELIST' ? event.items[0] : event.type === 'DELETED' ? undefined : event.object;
    const end = goneReason(object, name);
    if (end !== undefined) return end;
  }
  throw new MeshError('cancelled', 'stopped');
}

function goneReason(pod: KubeObject | undefined, name: string): string | undefined {
  if (!pod) return `${name} was deleted`;
  if (isTerminating(pod)) return `${name} is being deleted`;
  const phase = stringAt(pod, ['status', 'phase']);
  return phase === 'Failed' || phase === 'Succeeded' ? `${name} has ended` : undefined;
}
