import { expect, test } from '@jest/globals';
import { definitions } from '../../../../src/domain/precheck/definitions.ts';
import { gatewayApi } from '../../../../src/domain/precheck/gateway-api.ts';
import { findingsOf, hintsOf, objectsOf, specOf, targetOf } from '../../../support/precheck.ts';

interface Options {
  readonly scope?: string;
  readonly versions?: string;
  readonly stored?: string;
  readonly conversion?: string;
  readonly labels?: string;
  readonly plural?: string;
}

const definition = (options: Options = {}): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: oxen.farm.example.com, labels: ${options.labels ?? '{}'}}
spec:
  group: farm.example.com
  scope: ${options.scope ?? 'Namespaced'}
  names: {kind: Ox, plural: ${options.plural ?? 'oxen'}}
  conversion: ${options.conversion ?? '{strategy: None}'}
  versions: ${options.versions ?? '[{name: v1, served: true, storage: true}]'}
status: {storedVersions: ${options.stored ?? '[v1]'}}
`;

const compare = (live: Options, desired: Options = {}): string[] =>
  findingsOf(definitions, { definitions: objectsOf(definition(live)) }, targetOf(definition(desired)));

const FOUND = 'CustomResourceDefinition oxen.farm.example.com';

test('the same, an added version and an unknown definition are fine', () => {
  expect(compare({})).toEqual([]);
  expect(
    compare(
      {},
      { versions: '[{name: v1, served: true, storage: false}, {name: v2, served: true, storage: true}]' },
    ),
  ).toEqual([]);
  expect(findingsOf(definitions, { definitions: [] }, targetOf(definition()))).toEqual([]);
  expect(findingsOf(definitions, { definitions: objectsOf(definition()) })).toEqual([]);
});

test('what can not be changed', () => {
  expect(compare({ scope: 'Cluster', plural: 'oxs' })).toEqual([
    `MESH0111 | ${FOUND} | the scope of the definition oxen.farm.example.com is Cluster and would have to become Namespaced, which can not be changed`,
    `MESH0111 | ${FOUND} | the plural name of the definition oxen.farm.example.com is oxs and would have to become oxen, which can not be changed`,
  ]);
});

test('a stored version that goes, with the way to migrate', () => {
  const live = {
    versions: '[{name: v1, served: true, storage: true}, {name: v1beta1, served: true, storage: false}]',
    stored: '[v1beta1, v1]',
  };
  expect(compare(live)).toEqual([
    `MESH0112 | ${FOUND} | objects of oxen.farm.example.com may be stored as v1beta1, which the new definition does not have; the API server refuses it`,
  ]);
  const [hint] = hintsOf(definitions, { definitions: objectsOf(definition(live)) }, targetOf(definition()));
  expect(hint).toContain(`-p '{"status":{"storedVersions":["v1"]}}'`);
});

test('a served version that goes, another conversion, a newer Istio', () => {
  const unserved = '[{name: v1, served: true, storage: true}, {name: v0, served: false, storage: false}]';
  const served = '[{name: v1, served: true, storage: true}, {name: v0, served: true, storage: false}]';
  expect(compare({ versions: served }, { versions: unserved })).toEqual([
    `MESH0113 | ${FOUND} | oxen.farm.example.com is served as v0 now and will not be any more`,
  ]);
  const webhook = '{strategy: Webhook, webhook: {clientConfig: {service: {namespace: a, name: b}}}}';
  expect(compare({ conversion: webhook })).toEqual([
    `MESH0114 | ${FOUND} | objects of oxen.farm.example.com are converted by the webhook a/b now and by nobody afterwards`,
  ]);
  expect(compare({ labels: '{operator.istio.io/version: 1.32.0}' })).toEqual([
    expect.stringContaining(`MESH0115 | ${FOUND} | the definition oxen.farm.example.com is of Istio 1.32.0`),
  ]);
  expect(compare({ labels: '{operator.istio.io/version: 1.30.0}' })).toEqual([]);
});

const gateway = (name: string, annotations: string, versions = '[{name: v1, served: true}]'): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${name}.gateway.networking.k8s.io, annotations: ${annotations}}
spec: {group: gateway.networking.k8s.io, versions: ${versions}}
`;
const STANDARD =
  '{gateway.networking.k8s.io/bundle-version: v1.5.0, gateway.networking.k8s.io/channel: standard}';
const EXPERIMENTAL =
  '{gateway.networking.k8s.io/bundle-version: v1.4.0, gateway.networking.k8s.io/channel: experimental}';

test('no Gateway API: a note, for ambient a warning', () => {
  expect(findingsOf(gatewayApi, {})).toEqual([expect.stringContaining('MESH0161 | - |')]);
  const target = targetOf('', { spec: specOf({ with: ['Ztunnel'] }) });
  expect(findingsOf(gatewayApi, {}, target)).toEqual([expect.stringContaining('MESH0162 | - |')]);
});

test('one standard bundle is fine', () => {
  const yaml = ['gateways', 'httproutes', 'grpcroutes'].map((name) => gateway(name, STANDARD)).join('---\n');
  expect(findingsOf(gatewayApi, { definitions: objectsOf(yaml) })).toEqual([]);
});

test('versions that are not served, too old, mixed and experimental', () => {
  const yaml = [
    gateway('gateways', STANDARD, '[{name: v1beta1, served: true}, {name: v1, served: false}]'),
    gateway('httproutes', STANDARD, '[{name: v1alpha2, served: true}]'),
    gateway('tlsroutes', EXPERIMENTAL),
  ].join('---\n');
  expect(findingsOf(gatewayApi, { definitions: objectsOf(yaml) }).map((line) => line.slice(0, 90))).toEqual([
    'IST0172 | CustomResourceDefinition gateways.gateway.networking.k8s.io | gateways.gateway.n',
    'IST0156 | CustomResourceDefinition httproutes.gateway.networking.k8s.io | httproutes.gatew',
    'IST0176 | CustomResourceDefinition tlsroutes.gateway.networking.k8s.io | CustomResourceDef',
    'MESH0163 | - | the definitions of the Gateway API are of several versions: v1.4.0 and v1.5',
    'MESH0163 | - | the definitions of the Gateway API are of several channels: experimental an',
    'MESH0164 | - | the Gateway API is of the experimental channel (1 definition): its fields m',
  ]);
});
