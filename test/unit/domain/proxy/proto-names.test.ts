import { expect, test } from '@jest/globals';
import { useCamelCase } from '../../../../src/domain/proxy/proto-names.ts';
import type { JsonValue } from '../../../../src/lib/json.ts';

test.each<[string, JsonValue, JsonValue]>([
  ['fields', { filter_chains: [{ tls_context: { a_b: 1 } }] }, { filterChains: [{ tlsContext: { aB: 1 } }] }],
  ['digits', { ipv4_only: true, http_10: 1 }, { ipv4Only: true, http10: 1 }],
  ['its own output', { filterChains: [] }, { filterChains: [] }],
  [
    'names that are no fields',
    { '@type': 'a_b', ISTIO_VERSION: '1', 'a.b_c': 1 },
    { '@type': 'a_b', ISTIO_VERSION: '1', 'a.b_c': 1 },
  ],
  [
    'free-form metadata of Istio',
    { metadata: { filter_metadata: { istio_x: { default_original_port: 1 } } } },
    { metadata: { filterMetadata: { istio_x: { default_original_port: 1 } } } },
  ],
  [
    'the metadata of a node',
    { node: { id: 'x', cluster: 'y', metadata: { snake_key: { a_b: 1 } } } },
    { node: { id: 'x', cluster: 'y', metadata: { snake_key: { a_b: 1 } } } },
  ],
  [
    'a matcher of metadata, which is a message',
    { metadata: { filter: 'x', path: [{ key_name: 'a_b' }] } },
    { metadata: { filter: 'x', path: [{ keyName: 'a_b' }] } },
  ],
  [
    'maps from names to messages',
    { policies: { my_policy: { source_ip: 1 } }, typed_per_filter_config: { my_filter: { a_b: 1 } } },
    { policies: { my_policy: { sourceIp: 1 } }, typedPerFilterConfig: { my_filter: { aB: 1 } } },
  ],
  [
    'a Struct',
    { '@type': 'type.googleapis.com/google.protobuf.Struct', value: { a_b: 1 } },
    { '@type': 'type.googleapis.com/google.protobuf.Struct', value: { a_b: 1 } },
  ],
  [
    'a TypedStruct',
    { '@type': 'type.googleapis.com/xds.type.v3.TypedStruct', type_url: 'x', value: { a_b: 1 } },
    { '@type': 'type.googleapis.com/xds.type.v3.TypedStruct', typeUrl: 'x', value: { a_b: 1 } },
  ],
  [
    'a layer of the runtime',
    { layers: [{ static_layer: { 'envoy.x_y': 1, re2_max: { a_b: 1 } } }] },
    { layers: [{ staticLayer: { 'envoy.x_y': 1, re2_max: { a_b: 1 } } }] },
  ],
])('%s', (_title, given, expected) => {
  expect(useCamelCase(given)).toEqual(expected);
});
