import { explain } from './types.ts';
import type { Explanation } from './types.ts';

/** One EnvoyFilter; every such resource has a warning that its API shows the insides of the proxy. */
const filter = (spec: string): string => `kind: EnvoyFilter
apiVersion: networking.istio.io/v1alpha3
metadata:
  name: patch
  namespace: shop
  # Every EnvoyFilter gets IST0133: it depends on the insides of Envoy.
  annotations: {galley.istio.io/analyze-suppress: IST0133}
spec:
${spec}`;

const LUA = `      value:
        name: envoy.filters.http.lua
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
`;

/** Patches of Envoy's configuration. */
export const ENVOY_FILTERS: readonly Explanation[] = [
  explain(
    'IST0151',
    {
      meaning: `What the patch does depends on which filters are there when it is applied. Without a priority the order of
        EnvoyFilters is that of their creation, so that the patch may find nothing and be skipped.`,
      when: 'INSERT_BEFORE, INSERT_AFTER, REPLACE or REMOVE is used without spec.priority.',
      fix: 'Set spec.priority (lower ones come first), or use INSERT_FIRST, MERGE or ADD.',
    },
    filter(`  configPatches:
  - applyTo: HTTP_FILTER
    match: {listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}
    patch:
      operation: INSERT_BEFORE
${LUA}`),
    'operation: INSERT_BEFORE',
    'operation: INSERT_FIRST',
  ),
  explain(
    'IST0155',
    {
      meaning: `A patch relative to other filters has no priority, and an earlier patch of the same filter is limited to a
        version of the proxy. While proxies of several versions run, the result differs among them.`,
      when: 'Patches were written for an upgrade and for the version before it.',
      fix: 'Set spec.priority, so that the order is the same for all.',
    },
    filter(`  configPatches:
  - applyTo: HTTP_FILTER
    match: {proxy: {proxyVersion: ^1\\.30.*}}
    patch:
      operation: INSERT_FIRST
${LUA}  - applyTo: HTTP_FILTER
    patch:
      operation: INSERT_BEFORE
${LUA}`),
    'spec:\n  configPatches',
    'spec:\n  priority: 10\n  configPatches',
  ),
  explain(
    'IST0152',
    {
      meaning: 'The patch has no effect: REPLACE works for filters and virtual hosts only.',
      when: 'REPLACE is used for a cluster, listener, route or another part.',
      fix: 'Use MERGE, which lays the value over what is there, or REMOVE and ADD.',
    },
    filter(`  priority: 10
  configPatches:
  - applyTo: CLUSTER
    patch:
      operation: REPLACE
      value: {connect_timeout: 5s}
`),
    'REPLACE',
    'MERGE',
  ),
  explain(
    'IST0153',
    {
      meaning: 'The patch has no effect: route configurations and HTTP routes cannot be added.',
      when: 'ADD is used with applyTo ROUTE_CONFIGURATION or HTTP_ROUTE.',
      fix: 'Use MERGE to change what is there; add a VIRTUAL_HOST, or write a VirtualService.',
    },
    filter(`  configPatches:
  - applyTo: ROUTE_CONFIGURATION
    patch:
      operation: ADD
      value: {validate_clusters: false}
`),
    'operation: ADD',
    'operation: MERGE',
  ),
  explain(
    'IST0154',
    {
      meaning: 'The patch has no effect: route configurations and HTTP routes cannot be removed.',
      when: 'REMOVE is used with applyTo ROUTE_CONFIGURATION or HTTP_ROUTE.',
      fix: 'Remove a VIRTUAL_HOST, or change the VirtualService that the route comes from.',
    },
    filter(`  priority: 10
  configPatches:
  - applyTo: HTTP_ROUTE
    patch:
      operation: REMOVE
`),
    'applyTo: HTTP_ROUTE',
    'applyTo: VIRTUAL_HOST',
  ),
];
