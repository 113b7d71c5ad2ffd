/** Names of hosts: how a short one is completed, how one is split, and who can see it. Source: facts 3.1, 3.2, 3.3. */
import type { JsonObject, JsonValue } from '../../../lib/json.ts';
import type { Resource } from '../types.ts';

const SERVICE_DOMAIN = '.svc.cluster.local';

/**
 * The full name of `host` as a resource of `namespace` means it: a name without a dot is a service of that namespace, all
 * else is taken as written (Istio does not complete `reviews.prod` either).
 */
export function fullHost(host: string, namespace: string): string {
  return host.includes('.') || host.startsWith('*') ? host : `${host}.${namespace}${SERVICE_DOMAIN}`;
}

export interface NameAndNamespace {
  readonly name: string;
  readonly namespace: string;
}

/**
 * `reviews.prod.svc.cluster.local` is `reviews` in `prod`; any other text is a name as a whole, in the namespace of the
 * resource that mentions it.
 */
export function splitHost(host: string, namespace: string): NameAndNamespace {
  if (host.endsWith(SERVICE_DOMAIN)) {
    const head = host.slice(0, -SERVICE_DOMAIN.length);
    const dot = head.lastIndexOf('.');
    if (dot > 0) return { name: head.slice(0, dot), namespace: head.slice(dot + 1) };
  }
  return { name: host, namespace };
}

/** The annotation by which a Service says who may see it. */
export const EXPORT_ANNOTATION = 'networking.istio.io/exportTo';

/** The texts of a list; other values in it are left out. */
export function textList(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** `spec.exportTo`, with `.` replaced by the namespace of the resource. */
export function exportedTo(spec: JsonObject, namespace: string): readonly string[] {
  return textList(spec['exportTo']).map((item) => (item === '.' ? namespace : item));
}

/** Scopes in which a resource is visible: `*`, or namespaces. No `exportTo`, or one that contains `*`, is everywhere. */
export function visibilityScopes(spec: JsonObject, namespace: string): readonly string[] {
  const items = exportedTo(spec, namespace);
  return items.length === 0 || items.includes('*') ? ['*'] : items;
}

/** The same for a Service: from its annotation, separated by commas. */
export function serviceScopes(service: Resource): readonly string[] {
  const text = service.annotations[EXPORT_ANNOTATION];
  if (text === undefined) return ['*'];
  return text.split(',').map((item) => (item.trim() === '.' ? service.namespace : item.trim()));
}
