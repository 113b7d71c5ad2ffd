/** Takes mesh out of the shared control plane, and waits until its namespace is really gone. */
import { controlPlane } from './controlplane-requests.ts';
import { kubeRequest, waitFor } from './controlplane.ts';
import { mesh } from './mesh.ts';

const NAMESPACE = '/api/v1/namespaces/istio-system';

/** For the beginning and the end of a test file that installs: what another file left must not disturb. */
export async function resetCluster(): Promise<void> {
  await mesh(['uninstall', '--purge', '--confirm', 'mesh-test'], {
    env: { KUBECONFIG: controlPlane().kubeconfig },
  });
  await kubeRequest(NAMESPACE, { method: 'DELETE', accept: [404, 409] });
  await waitFor(
    async () => (await kubeRequest(NAMESPACE, { accept: [404] })).status === 404,
    40_000,
    'istio-system is gone',
  );
}
