/** The service account of the pod that mesh runs in, when there is no kubeconfig. */
import { readFileSync, statSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import type { Environment } from './kubeconfig.ts';
import type { Target } from './target.ts';

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** undefined outside of a pod. `folder` is where the service account is mounted. */
export function inClusterTarget(env: Environment, folder = FOLDER): Target | undefined {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  const tokenFile = `${folder}/token`;
  if (!host || !port || !isFile(tokenFile)) return undefined;
  return {
    context: 'in-cluster',
    namespace: env['POD_NAMESPACE'] ?? readNamespace(folder),
    server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
    cluster: { certificateAuthority: isFile(`${folder}/ca.crt`) ? `${folder}/ca.crt` : undefined },
    userName: 'service account of this pod',
    user: { tokenFile },
  };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function readNamespace(folder: string): string {
  try {
    return readFileSync(`${folder}/namespace`, 'utf8').trim() || 'default';
  } catch {
    return 'default';
  }
}
