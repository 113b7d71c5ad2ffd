/** HTTP to a port of a pod, through a port-forward. */
import type { PodRequest, PodResponse, RequestOptions } from '../../../app/ports.ts';
import { MeshError } from '../../../lib/errors.ts';

export function podRequest(request: PodRequest, _options: RequestOptions): Promise<PodResponse> {
  const name = `${request.namespace}/${request.pod}`;
  return Promise.reject(
    new MeshError('unreachable', `Pod ${name} cannot be asked on port ${request.port}: not built yet`),
  );
}
