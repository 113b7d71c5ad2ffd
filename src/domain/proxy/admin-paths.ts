/**
 * What Envoy's admin port is asked for each view: only the part of its configuration that is needed, and of that, where
 * a filter allows it, only what has a fitting name; a proxy of a large mesh holds a hundred megabytes. An Envoy too old
 * for `name_regex` answers everything, so filters are applied again to what comes.
 */
import type { ClusterFilter } from './cluster.ts';
import type { RouteFilter } from './route.ts';

export const ADMIN_PORT = 15000;

/** Everything there is, endpoints too. */
export const ALL_PATH = '/config_dump?include_eds=true';
export const LISTENER_PATH = masked('dynamic_listeners', 'static_listeners');
export const ENDPOINT_PATH = '/clusters?format=json';
export const EDS_PATH = `/config_dump?include_eds=true&mask=dynamic_endpoint_configs,static_endpoint_configs`;
export const BOOTSTRAP_PATH = masked('bootstrap');
export const SECRET_PATH = masked('static_secrets', 'dynamic_active_secrets', 'dynamic_warming_secrets');
export const ECDS_PATH = masked('ecds_filters');

export function clusterPath(filter: ClusterFilter = {}): string {
  const path = masked('static_clusters', 'dynamic_active_clusters', 'dynamic_warming_clusters');
  const { fqdn, subset } = filter;
  const needle = fqdn ?? subset ?? '';
  return needle === '' ? path : `${path}${named(`.*${escapeRegex(needle)}.*`)}`;
}

export function routePath(filter: RouteFilter = {}): string {
  const path = masked('static_route_configs', 'dynamic_route_configs');
  return filter.name ? `${path}${named(escapeRegex(filter.name))}` : path;
}

function masked(...fields: readonly string[]): string {
  return `/config_dump?mask=${fields.join(',')}`;
}

function named(regex: string): string {
  return `&name_regex=${encodeURIComponent(regex)}`;
}

/** RE2 refuses a backslash in front of what has no meaning. */
function escapeRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}
