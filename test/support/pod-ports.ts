/** Pods of the test cluster whose ports lead to servers of the test, through kwok's ClusterPortForward. */
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { kubeGet, kubeRequest, waitFor } from './controlplane.ts';
import { listen } from './servers.ts';

const KWOK = '/apis/kwok.x-k8s.io/v1alpha1/clusterportforwards';

/** Every pod of the namespace has these ports from now on: pod port → port of this machine. */
export async function forwardPodPorts(
  namespace: string,
  ports: Readonly<Record<number, number>>,
): Promise<void> {
  const forwards = Object.entries(ports).map(([podPort, port]) => ({
    ports: [Number(podPort)],
    target: { address: '127.0.0.1', port },
  }));
  await kubeRequest(`${KWOK}/${namespace}`, { method: 'DELETE', accept: [404] });
  await kubeRequest(KWOK, {
    body: {
      apiVersion: 'kwok.x-k8s.io/v1alpha1',
      kind: 'ClusterPortForward',
      metadata: { name: namespace },
      spec: { selector: { matchNamespaces: [namespace] }, forwards },
    },
  });
}

export async function unforwardPodPorts(namespace: string): Promise<void> {
  await kubeRequest(`${KWOK}/${namespace}`, { method: 'DELETE', accept: [404] });
}

interface PodStatus {
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** A pod that is ready. `labels` and `spec` as the API has them. */
export async function createReadyPod(
  namespace: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
  ports: readonly { readonly name?: string; readonly containerPort: number }[] = [],
): Promise<void> {
  const containers = [{ name: 'app', image: 'example.test/app:1', ports }];
  await kubeRequest(`/api/v1/namespaces/${namespace}/pods`, {
    body: { metadata: { name, labels }, spec: { terminationGracePeriodSeconds: 1, containers } },
  });
  await waitFor(async () => {
    const { status } = await kubeGet<PodStatus>(`/api/v1/namespaces/${namespace}/pods/${name}`);
    return status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True');
  });
}

export async function deletePod(namespace: string, name: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}?gracePeriodSeconds=0`;
  await kubeRequest(path, { method: 'DELETE', accept: [404] });
  await waitFor(async () => (await kubeRequest(path, { accept: [404] })).status === 404);
}

/** An HTTP server on a port of this machine. */
export async function startPodServer(listener: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer(listener);
  return { server, port: await listen(server) };
}
