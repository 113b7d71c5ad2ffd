/** Paths of the API, made here and nowhere else: names keep their case, and nothing in them can change the path. */
import type { ApiResource } from '../../app/ports.ts';
import { MeshError } from '../../lib/errors.ts';

export interface PathParts {
  /** Absent: all namespaces, or a cluster-scoped resource. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
}

/** `/apis/apps/v1/namespaces/istio-system/deployments/istiod?dryRun=All`. Throws a `usage` MeshError for impossible names. */
export function resourcePath(resource: ApiResource, parts: PathParts): string {
  const root = resource.apiVersion.includes('/') ? '/apis' : '/api';
  const namespace =
    resource.namespaced && parts.namespace !== undefined ? ['namespaces', segment(parts.namespace)] : [];
  const rest = [
    ...(parts.name === undefined ? [] : [segment(parts.name)]),
    ...(parts.subresource === undefined ? [] : [parts.subresource]),
  ];
  return withQuery(
    [root, resource.apiVersion, ...namespace, resource.resource, ...rest].join('/'),
    parts.query ?? {},
  );
}

function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined) parameters.set(key, String(value));
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

/** RBAC names hold colons, which stay readable. What the API server accepts in no name is refused here. */
function segment(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/%]/.test(name)) {
    throw new MeshError('usage', `"${name}" cannot be the name of a Kubernetes object`);
  }
  return encodeURIComponent(name).replaceAll('%3A', ':');
}
