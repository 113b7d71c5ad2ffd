/**
 * What the Envoy of the tests is started with: two listeners that bind no port, routes with weights, clusters of all
 * kinds, TLS, a filter of its own; what istiod would send comes from files.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from '../unit/adapters/kube/api-server.ts';
import type { JsonObject, JsonValue } from '../../src/lib/json.ts';

const EXTENSIONS = 'type.googleapis.com/envoy.extensions';
const SERVICE = 'reviews.shop.svc.cluster.local';

const socket = (address: string, port: number): JsonObject => ({
  socket_address: { address, port_value: port },
});
const endpoint = (address: string, port: number, more: JsonObject = {}): JsonObject => ({
  endpoint: { address: socket(address, port) },
  ...more,
});
const fromIstio = (kind: string, name: string): JsonObject => ({
  filter_metadata: { istio: { config: `/apis/networking.istio.io/v1/namespaces/shop/${kind}/${name}` } },
});

/** Envoy watches for files that are moved to their place. */
function writeResources(folder: string, name: string, type: string, resource: JsonObject): void {
  const draft = join(folder, `${name}.draft`);
  writeFileSync(
    draft,
    JSON.stringify({ resources: [{ '@type': `type.googleapis.com/${type}`, ...resource }] }),
  );
  renameSync(draft, join(folder, `${name}.json`));
}

let certificate: { readonly key: string; readonly cert: string } | undefined;

/** What istiod would send; the weights are those of two versions of a service. */
export function writeDiscovery(folder: string, first: number, second: number): void {
  certificate ??= makeCertificate(
    folder,
    'shop',
    'URI:spiffe://cluster.local/ns/shop/sa/web,DNS:shop.example',
  );
  writeResources(folder, 'sds', 'envoy.extensions.transport_sockets.tls.v3.Secret', {
    name: 'shop-cert',
    tls_certificate: {
      certificate_chain: { inline_string: certificate.cert },
      private_key: { inline_string: certificate.key },
    },
  });
  writeResources(folder, 'eds', 'envoy.config.endpoint.v3.ClusterLoadAssignment', {
    cluster_name: `outbound|9080||${SERVICE}`,
    endpoints: [
      {
        locality: { region: 'north', zone: 'a' },
        lb_endpoints: [
          endpoint('10.1.0.1', 9080),
          endpoint('10.1.0.2', 9080, { health_status: 'UNHEALTHY', load_balancing_weight: 3 }),
        ],
      },
    ],
  });
  writeResources(folder, 'ecds', 'envoy.config.core.v3.TypedExtensionConfig', {
    name: 'shop.limit',
    typed_config: { '@type': `${EXTENSIONS}.filters.http.buffer.v3.Buffer`, max_request_bytes: 1000 },
  });
  writeResources(folder, 'rds', 'envoy.config.route.v3.RouteConfiguration', routes(first, second));
}

function routes(first: number, second: number): JsonObject {
  const version = (name: string, weight: number): JsonObject => ({
    name: `outbound|9080|${name}|${SERVICE}`,
    weight,
  });
  const toService = { cluster: `outbound|9080||${SERVICE}` };
  return {
    name: '9080',
    virtual_hosts: [
      {
        name: `${SERVICE}:9080`,
        domains: [SERVICE, 'reviews', 'reviews.shop.svc', 'reviews.shop', '10.96.0.7'],
        routes: [
          {
            match: { prefix: '/v2' },
            metadata: fromIstio('virtual-service', 'reviews'),
            route: { weighted_clusters: { clusters: [version('v1', first), version('v2', second)] } },
          },
          { match: { path: '/old' }, redirect: { path_redirect: '/new' } },
          { match: { safe_regex: { regex: '/a.*' } }, route: toService },
          { match: { path_separated_prefix: '/closed' }, direct_response: { status: 503 } },
          { match: { prefix: '/' }, route: toService },
        ],
      },
      { name: 'nothing', domains: ['nothing.example'] },
    ],
  };
}

export function makeBootstrap(folder: string): JsonObject {
  const source = (name: string): JsonObject => ({
    path_config_source: { path: join(folder, `${name}.json`) },
    resource_api_version: 'V3',
  });
  return {
    admin: { address: socket('127.0.0.1', 0) },
    node: {
      id: 'sidecar~10.0.0.4~web-1.shop~shop.svc.cluster.local',
      cluster: 'web.shop',
      metadata: { ISTIO_VERSION: '1.31.4', NAME: 'web-1', NAMESPACE: 'shop', snake_case: 'stays' },
    },
    static_resources: { listeners: listeners(source), clusters: clusters(source) },
  };
}

function listeners(source: (name: string) => JsonObject): JsonValue[] {
  const limit = {
    name: 'shop.limit',
    config_discovery: {
      config_source: source('ecds'),
      type_urls: [`${EXTENSIONS}.filters.http.buffer.v3.Buffer`],
    },
  };
  const router = {
    name: 'envoy.filters.http.router',
    typed_config: { '@type': `${EXTENSIONS}.filters.http.router.v3.Router` },
  };
  const http = (more: JsonObject): JsonObject => ({
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': `${EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: 'http',
      http_filters: [limit, router],
      ...more,
    },
  });
  const tcp = (cluster: string): JsonObject => ({
    name: 'envoy.filters.network.tcp_proxy',
    typed_config: {
      '@type': `${EXTENSIONS}.filters.network.tcp_proxy.v3.TcpProxy`,
      stat_prefix: 'tcp',
      cluster,
    },
  });
  const inline = {
    name: 'inline',
    virtual_hosts: [
      {
        name: 'all',
        domains: ['*'],
        routes: [{ match: { prefix: '/' }, route: { cluster: `outbound|9080||${SERVICE}` } }],
      },
    ],
  };
  const tls = {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': `${EXTENSIONS}.transport_sockets.tls.v3.DownstreamTlsContext`,
      common_tls_context: {
        tls_certificate_sds_secret_configs: [{ name: 'shop-cert', sds_config: source('sds') }],
      },
    },
  };
  return [
    {
      name: '0.0.0.0_9080',
      address: socket('0.0.0.0', 9080),
      additional_addresses: [{ address: socket('::', 9080) }],
      bind_to_port: false,
      traffic_direction: 'OUTBOUND',
      filter_chains: [
        {
          filter_chain_match: {
            transport_protocol: 'raw_buffer',
            application_protocols: ['http/1.1', 'h2c'],
          },
          filters: [http({ rds: { route_config_name: '9080', config_source: source('rds') } })],
        },
      ],
      default_filter_chain: { name: 'PassthroughFilterChain', filters: [tcp('PassthroughCluster')] },
    },
    {
      name: '0.0.0.0_8443',
      address: socket('0.0.0.0', 8443),
      bind_to_port: false,
      listener_filters: [
        {
          name: 'envoy.filters.listener.tls_inspector',
          typed_config: { '@type': `${EXTENSIONS}.filters.listener.tls_inspector.v3.TlsInspector` },
        },
      ],
      filter_chains: [
        {
          filter_chain_match: { server_names: ['shop.example'], transport_protocol: 'tls' },
          transport_socket: tls,
          filters: [http({ route_config: inline })],
        },
        {
          filter_chain_match: {
            destination_port: 8443,
            prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }],
          },
          filters: [tcp(`outbound|9080|v1|${SERVICE}`)],
        },
      ],
    },
  ];
}

function clusters(source: (name: string) => JsonObject): JsonValue[] {
  const cluster = (
    name: string,
    type: string,
    endpoints: JsonValue[],
    more: JsonObject = {},
  ): JsonObject => ({
    name,
    type,
    connect_timeout: '1s',
    ...(endpoints.length > 0
      ? { load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: endpoints }] } }
      : {}),
    ...more,
  });
  const rule = { metadata: fromIstio('destination-rule', 'reviews') };
  const agent = { endpoint: { address: { pipe: { path: '/tmp/agent.sock' } } } };
  return [
    cluster(`outbound|9080||${SERVICE}`, 'EDS', [], {
      eds_cluster_config: { eds_config: source('eds') },
      ...rule,
    }),
    cluster(`outbound|9080|v1|${SERVICE}`, 'STATIC', [endpoint('10.1.0.1', 9080)], rule),
    cluster(`outbound|9080|v2|${SERVICE}`, 'STATIC', [endpoint('10.1.0.2', 9080)], rule),
    cluster('PassthroughCluster', 'ORIGINAL_DST', [], { lb_policy: 'CLUSTER_PROVIDED' }),
    cluster('agent', 'STATIC', [agent]),
  ];
}
