import { table } from './problems-of.ts';

const patch = (text: string): string => `{configPatches: [{${text}}]}`;
const VALUE = 'patch: {operation: MERGE, value: {}}';
const matched = (applyTo: string, match: string): string =>
  patch(`applyTo: ${applyTo}, match: {${match}}, ${VALUE}`);
const filter = (applyTo: string, text: string): string =>
  matched(applyTo, `listener: {filterChain: {filter: {${text}}}}`);
const value = (applyTo: string, text: string): string =>
  patch(`applyTo: ${applyTo}, patch: {operation: ADD, value: {${text}}}`);
const P = 'spec.configPatches[0]';
const FILTER = `${P}.match.listener.filterChain.filter`;
const HCM = 'envoy.filters.network.http_connection_manager';

/** Each of them is warned of. */
const all = (...cases: readonly (readonly [title: string, spec: string, ...expected: string[]])[]): void =>
  table(
    { apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter' },
    cases.map(([title, spec, ...expected]) => [title, spec, 'W spec', ...expected] as const),
  );

all(
  ['empty', '{}'],
  [
    'a selector and targets',
    '{workloadSelector: {labels: {a: b}}, targetRefs: [{kind: Service, name: a}]}',
    'W spec',
  ],
  ['a patch', matched('CLUSTER', 'context: ANY, cluster: {service: a}')],
  ['a waypoint is not looked at', patch('match: {context: WAYPOINT, waypoint: {}}')],
  ['no applyTo', patch(VALUE), `E ${P}`],
  ['no patch', patch('applyTo: CLUSTER'), `E ${P}`],
  ['no operation', patch('applyTo: CLUSTER, patch: {value: {}}'), `E ${P}.patch`],
  ['no value', patch('applyTo: CLUSTER, patch: {operation: MERGE}'), `E ${P}.patch`],
  ['nothing to remove with', patch('applyTo: CLUSTER, patch: {operation: REMOVE}')],
  ['a version', matched('CLUSTER', "proxy: {proxyVersion: '1\\.31.*'}")],
  [
    'a bad version',
    matched('CLUSTER', "proxy: {proxyVersion: '('}, listener: {}"),
    `E ${P}.match.proxy.proxyVersion`,
  ],
  [
    'a long version',
    matched('CLUSTER', `proxy: {proxyVersion: '${'('.repeat(1025)}'}`),
    `W ${P}.match.proxy.proxyVersion`,
  ],
  ['a listener matched by a cluster', matched('LISTENER', 'cluster: {}'), `E ${P}.match.cluster`],
  ['a route matched by a cluster', matched('VIRTUAL_HOST', 'cluster: {}'), `E ${P}.match.cluster`],
  ['a cluster matched by a listener', matched('CLUSTER', 'listener: {}'), `E ${P}.match.listener`],
  ['a filter for a listener', filter('LISTENER', 'name: a'), `W ${FILTER}`],
  ['a filter for a chain', filter('FILTER_CHAIN', 'name: a'), `W ${FILTER}`],
  ['no name', filter('NETWORK_FILTER', ''), `E ${FILTER}`],
  [
    'a sub-filter of a network filter',
    filter('NETWORK_FILTER', `name: ${HCM}, subFilter: {name: a}`),
    `E ${FILTER}.subFilter`,
  ],
  [
    'a sub-filter of another filter',
    patch(
      `applyTo: HTTP_FILTER, match: {listener: {filterChain: {filter: {name: a, subFilter: {name: b}}}}}, patch: {operation: REMOVE}`,
    ),
    `E ${FILTER}.subFilter`,
  ],
  [
    'a sub-filter without a name',
    patch(
      `applyTo: HTTP_FILTER, match: {listener: {filterChain: {filter: {name: ${HCM}, subFilter: {}}}}}, patch: {operation: REMOVE}`,
    ),
    `E ${FILTER}.subFilter`,
  ],
  [
    'a sub-filter',
    patch(
      `applyTo: HTTP_FILTER, match: {listener: {filterChain: {filter: {name: ${HCM}, subFilter: {name: envoy.filters.http.router}}}}}, patch: {operation: REMOVE}`,
    ),
  ],
  [
    'old names',
    patch(
      'applyTo: HTTP_FILTER, match: {listener: {filterChain: {filter: {name: envoy.http_connection_manager, subFilter: {name: envoy.router}}}}}, patch: {operation: REMOVE}',
    ),
    `W ${FILTER}.name`,
    `W ${FILTER}.subFilter.name`,
  ],
  [
    'an old network filter',
    patch(
      'applyTo: NETWORK_FILTER, match: {listener: {filterChain: {filter: {name: envoy.tcp_proxy}}}}, patch: {operation: REMOVE}',
    ),
    `W ${FILTER}.name`,
  ],

  [
    'a filter',
    value(
      'HTTP_FILTER',
      'name: a, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua, inlineCode: x}',
    ),
  ],
  ['a filter in camelCase', value('NETWORK_FILTER', 'name: a, configDiscovery: {}')],
  ['a filter without configuration', value('HTTP_FILTER', 'name: a'), `W ${P}.patch.value`],
  [
    'an unknown field',
    value('HTTP_FILTER', 'name: a, config: {}, typed_config: {}'),
    `W ${P}.patch.value.config`,
  ],
  [
    'no type',
    value('HTTP_FILTER', 'name: a, typed_config: {inline_code: x}'),
    `E ${P}.patch.value.typed_config`,
  ],
  [
    'a type of v2',
    value(
      'HTTP_FILTER',
      'name: a, typedConfig: {"@type": type.googleapis.com/envoy.config.filter.http.lua.v2.Lua}',
    ),
    `E ${P}.patch.value.typedConfig["@type"]`,
  ],
  [
    'a type of v2 deep inside',
    value(
      'CLUSTER',
      'transport_socket: {name: a, typed_config: {"@type": type.googleapis.com/envoy.api.v2.auth.UpstreamTlsContext}}',
    ),
    `E ${P}.patch.value.transport_socket.typed_config["@type"]`,
  ],
  [
    'v2 in another name',
    value(
      'CLUSTER',
      'transport_socket: {typed_config: {"@type": type.googleapis.com/envoy.extensions.http.injected_credentials.oauth2.v3.OAuth2}}',
    ),
  ],
  [
    'free content',
    value(
      'HTTP_FILTER',
      'name: a, typed_config: {"@type": type.googleapis.com/udpa.type.v1.TypedStruct, value: {typed_config: {a: b}}}',
    ),
  ],
  [
    'a socket without configuration',
    value('CLUSTER', 'name: a, transportSocket: {name: tls}'),
    `W ${P}.patch.value.transportSocket`,
  ],
  [
    'a chain without configuration',
    value('FILTER_CHAIN', 'transport_socket: {name: tls}'),
    `W ${P}.patch.value.transport_socket`,
  ],
);

table({ apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter' }, [
  [
    'a wildcard in a selector hides the rest',
    '{workloadSelector: {labels: {a: "*"}}, configPatches: [{}]}',
    'E spec.workloadSelector.labels.a',
  ],
  ['an empty selector', '{workloadSelector: {}}', 'W spec.workloadSelector', 'W spec'],
]);
