/**
 * HTTP to a Service through the API server's proxy (`services/NAME/proxy`). The API server dials a ready pod of the Service,
 * the same way it calls webhooks. Traps: with `https` it does not check the certificate of the pod, and it dials nothing but
 * pods, so that a Service whose endpoints were written by hand has none for it.
 */
import type { PodResponse, ServiceRequest } from '../../app/ports.ts';
import { MeshError } from '../../lib/errors.ts';
import type { Api } from './api.ts';
import { resourcePath } from './paths.ts';
import { parseStatus } from './status-errors.ts';

const SERVICES = {
  apiVersion: 'v1',
  kind: 'Service',
  resource: 'services',
  namespaced: true,
  verbs: ['get'],
} as const;

/** Statuses with which the API server says that it reached no pod. */
const NOT_REACHED = [502, 503, 504];

export async function serviceRequest(
  api: Api,
  request: ServiceRequest,
  signal: AbortSignal | undefined,
): Promise<PodResponse> {
  const name = `${request.namespace}/${request.service}`;
  const operation = `ask Service ${name}`;
  const { answer } = await api.call(
    {
      method: request.method ?? 'GET',
      path: proxyPath(request),
      accept: '*/*',
      ...(request.body === undefined ? {} : { contentType: 'application/json', body: request.body }),
      signal,
    },
    // Refusals of the API server come as a Status; everything else is the Service's own answer.
    { operation, repeat: 'unsent', accept: EVERY_REFUSAL },
  );
  const status = answer.status >= 400 ? parseStatus(answer.text) : undefined;
  if (!status) return { status: answer.status, body: answer.text };
  // The proxy reads the Endpoints of the Service, not its EndpointSlices, and misses them where nobody made any.
  const isUnserved = answer.status === 404 && /^endpoint/.test(status.kind || status.message);
  if (isUnserved || NOT_REACHED.includes(answer.status)) {
    throw new MeshError('unreachable', `no pod of Service ${name} answers on port ${request.port}`, {
      details: [status.message],
      hint: `kubectl get endpointslices -n ${request.namespace} -l kubernetes.io/service-name=${request.service}`,
    });
  }
  if (answer.status === 404) {
    throw new MeshError('usage', `there is no Service ${name}`, {
      hint: `kubectl get services -n ${request.namespace}`,
    });
  }
  throw api.refusal(answer, operation);
}

/** All but 401, which says that the credentials are wrong. */
const EVERY_REFUSAL = Array.from({ length: 200 }, (_, index) => 400 + index).filter(
  (status) => status !== 401,
);

/** `/api/v1/namespaces/istio-system/services/https:istiod:443/proxy/inject`; the path's own slashes and query stay. */
function proxyPath({ namespace, service, port, scheme, path }: ServiceRequest): string {
  const base = resourcePath(SERVICES, { namespace, name: service });
  const at = base.lastIndexOf('/') + 1;
  const target = `${base.slice(0, at)}${scheme}:${base.slice(at)}:${port}/proxy`;
  const url = new URL(`http://pod/${path.replace(/^\/+/, '')}`);
  return `${target}${url.pathname}${url.search}`;
}
