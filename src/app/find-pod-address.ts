/** How users name pods: `[type/]name[.namespace]`, as istioctl takes it. */
import { MeshError } from '../lib/errors.ts';

export interface PodAddress {
  /** Resource type in lower case, as the user wrote it: `deployment`, `svc`, `gateway.networking.k8s.io`; absent for a pod. */
  readonly type?: string | undefined;
  readonly name: string;
  /** What stands behind the last dot of the name. */
  readonly namespace?: string | undefined;
}

const POD_TYPES = ['pod', 'pods', 'po'];

/**
 * Text behind the last dot (after the slash, if there is one) is the namespace. Throws a `usage` MeshError for an
 * address without a name.
 */
export function parsePodAddress(text: string): PodAddress {
  const slash = text.indexOf('/');
  const type = slash < 0 ? undefined : text.slice(0, slash).toLowerCase();
  const rest = text.slice(slash + 1);
  const dot = rest.lastIndexOf('.');
  const name = dot < 0 ? rest : rest.slice(0, dot);
  const namespace = dot < 0 ? undefined : rest.slice(dot + 1);
  if (name === '' || namespace === '' || type === '' || rest.includes('/')) {
    throw new MeshError('usage', `"${text}" does not name a pod`, {
      hint: 'write NAME, NAME.NAMESPACE or TYPE/NAME.NAMESPACE, such as deployment/web.shop',
    });
  }
  return { type: type !== undefined && POD_TYPES.includes(type) ? undefined : type, name, namespace };
}
