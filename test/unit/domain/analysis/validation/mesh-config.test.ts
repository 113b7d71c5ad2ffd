import { describe, expect, it } from '@jest/globals';
import { DEFAULT_MESH_CONFIG, mergeMeshConfig } from '../../../../../src/domain/analysis/mesh-config.ts';
import { validateMeshConfig } from '../../../../../src/domain/analysis/validation/mesh-config.ts';
import { validateMeshNetworks } from '../../../../../src/domain/analysis/validation/mesh-networks.ts';
import { formatFieldPath } from '../../../../../src/domain/analysis/validation/problem.ts';
import type { ValidationProblem } from '../../../../../src/domain/analysis/validation/problem.ts';
import { parseYamlObject } from '../../../../../src/lib/yaml.ts';

const brief = (problems: readonly ValidationProblem[]): string[] =>
  problems.map(({ level, path }) => `${level === 'error' ? 'E' : 'W'} ${formatFieldPath(path.slice(1))}`);

const mesh = (text: string): string[] =>
  brief(validateMeshConfig(mergeMeshConfig(parseYamlObject(`{${text}}`, 'test').value)));
const networks = (text: string): string[] =>
  brief(validateMeshNetworks(parseYamlObject(`{networks: {n: {${text}}}}`, 'test').value));
const provider = (text: string): string => `extensionProviders: [{name: p, ${text}}]`;
const P = 'extensionProviders[3]';
const proxy = (text: string): string => `defaultConfig: {${text}}`;

describe('validateMeshConfig', () => {
  it('takes the defaults', () => {
    expect(validateMeshConfig(DEFAULT_MESH_CONFIG)).toEqual([]);
  });

  it('needs a defaultConfig', () => {
    expect(brief(validateMeshConfig({}))).toEqual(['E ']);
  });

  it.each([
    ['ports', 'proxyListenPort: 15001'],
    ['port 0', 'proxyListenPort: 0', 'E proxyListenPort'],
    ['an hour', 'connectTimeout: 1h'],
    ['more than an hour', 'connectTimeout: 1h0m0.001s', 'E connectTimeout'],
    ['no time', 'connectTimeout: 0s', 'E connectTimeout'],
    ['no detection', 'protocolDetectionTimeout: 0s'],
    ['an odd detection', 'protocolDetectionTimeout: 0.5ms', 'E protocolDetectionTimeout'],
    [
      'localities',
      'localityLbSetting: {distribute: [{from: a, to: {b: 1}}]}',
      'E localityLbSetting.distribute[0].to',
    ],
    ['failover', 'localityLbSetting: {failover: [{from: a, to: b}]}'],
    ['zones', 'zoneAwareLbSetting: {failover: [{from: a, to: a}]}', 'E zoneAwareLbSetting.failover[0]'],
    ['service settings', 'serviceSettings: [{hosts: ["*.a", a_b]}]', 'E serviceSettings[0].hosts[1]'],
    ['trust domains', 'trustDomain: a.1, trustDomainAliases: [b, c/d]', 'E trustDomainAliases[1]'],
    ['a bad trust domain', 'trustDomain: a_b', 'E trustDomain'],
    ['curves of the mesh', 'meshMTLS: {ecdhCurves: [P-256]}', 'E meshMTLS.ecdhCurves'],
    [
      'curves',
      'tlsDefaults: {ecdhCurves: [P-256, X25519MLKEM768, P-1, P-256]}',
      'W tlsDefaults.ecdhCurves[2]',
      'W tlsDefaults.ecdhCurves[3]',
    ],
    [
      'a policy',
      'defaultTrafficPolicy: {connectionPool: {tcp: {maxConnections: -1}}, outlierDetection: {maxEjectionPercent: 101}}',
      'E defaultTrafficPolicy.connectionPool.tcp.maxConnections',
      'E defaultTrafficPolicy.outlierDetection.maxEjectionPercent',
    ],

    ['a provider', provider('zipkin: {service: ns/zipkin.ns.svc.cluster.local, port: 9411}')],
    ['a provider without a name', 'extensionProviders: [{prometheus: {}}]', 'W extensionProviders[3]'],
    [
      'a bad service',
      provider('datadog: {service: a_b, port: 0}'),
      `W ${P}.datadog.service`,
      `W ${P}.datadog.port`,
    ],
    ['no service', provider('skywalking: {port: 1}'), `W ${P}.skywalking`],
    ['lightstep without a token', provider('lightstep: {service: a, port: 1}'), `W ${P}.lightstep`],
    [
      'an authorizer',
      provider('envoyExtAuthzHttp: {service: a, port: 1, statusOnError: "503", pathPrefix: /a}'),
    ],
    [
      'a bad authorizer',
      provider('envoyExtAuthzHttp: {service: a, port: 1, statusOnError: x, pathPrefix: a}'),
      `W ${P}.envoyExtAuthzHttp.statusOnError`,
      `W ${P}.envoyExtAuthzHttp.pathPrefix`,
    ],
    [
      'both ways of OpenTelemetry',
      provider('opentelemetry: {service: a, port: 1, grpc: {}, http: {path: /}}'),
      `W ${P}.opentelemetry`,
    ],

    [
      'a proxy',
      proxy(
        'configPath: /a, drainDuration: 45s, discoveryAddress: "istiod:15012", tracing: {zipkin: {address: "$(HOST_IP):9411"}}, statusPort: 15020',
      ),
    ],
    [
      'empty paths',
      proxy('configPath: "", binaryPath: ""'),
      'E defaultConfig.configPath',
      'E defaultConfig.binaryPath',
    ],
    ['part of a second', proxy('drainDuration: 1.5s'), 'E defaultConfig.drainDuration'],
    [
      'addresses',
      proxy('discoveryAddress: a, statsdUdpAddress: "a:0", envoyMetricsService: {address: ":1"}'),
      'E defaultConfig.discoveryAddress',
      'E defaultConfig.statsdUdpAddress',
      'E defaultConfig.envoyMetricsService.address',
    ],
    [
      'ports of a proxy',
      proxy('proxyAdminPort: 65536, statusPort: -1'),
      'E defaultConfig.proxyAdminPort',
      'E defaultConfig.statusPort',
    ],
    [
      'a key provider',
      proxy('privateKeyProvider: {cryptomb: {}}'),
      'E defaultConfig.privateKeyProvider.cryptomb.pollDelay',
    ],
    [
      'limits',
      proxy('connectionSettings: {httpMaxConcurrentStreams: 0, http2InitialStreamWindowSize: 65534}'),
      'E defaultConfig.connectionSettings.httpMaxConcurrentStreams',
      'E defaultConfig.connectionSettings.http2InitialStreamWindowSize',
    ],
  ])('%s', (_title, text, ...expected) => {
    expect(mesh(text)).toEqual(expected);
  });
});

describe('validateMeshNetworks', () => {
  it.each([
    [
      'fine',
      'endpoints: [{fromCidr: 10.0.0.0/8}, {fromRegistry: Kubernetes}], gateways: [{registryServiceName: gw.istio-system.svc.cluster.local, port: 15443}, {address: 1.2.3.4, port: 15443}]',
    ],
    [
      'endpoints',
      'endpoints: [{fromCidr: a}, {fromRegistry: a.b}]',
      'E networks.n.endpoints[0].fromCidr',
      'E networks.n.endpoints[1].fromRegistry',
    ],
    [
      'gateways',
      'gateways: [{registryServiceName: "*.a", port: 1}, {address: a_b, port: 1}]',
      'E networks.n.gateways[0].registryServiceName',
      'E networks.n.gateways[1].address',
    ],
    [
      'ports',
      'gateways: [{address: a, port: 65536}, {address: a}]',
      'E networks.n.gateways[0].port',
      'E networks.n.gateways[1]',
    ],
  ])('%s', (_title, text, ...expected) => {
    expect(networks(text)).toEqual(expected);
  });
});
