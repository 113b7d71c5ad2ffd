import { expect, test } from '@jest/globals';
import { kubernetesAnnotations } from '../../../../../src/domain/analysis/rules/kubernetes-annotations.ts';
import { check, linesOf } from '../../../../support/analysis.ts';

const annotated = (kind: string, annotations: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
    kind,
    metadata: { name: 'front', annotations },
  });

test('a misspelt key is guessed, one of pods on a Deployment belongs into the template', () => {
  const found = check(
    kubernetesAnnotations,
    annotated('Deployment', { 'sidecar.istio.io/proxyCpuLimits': '1', 'sidecar.istio.io/proxyCPU': '1' }),
  );
  expect(linesOf(found)).toEqual([
    'IST0108 | Deployment default/front | metadata.annotations.sidecar.istio.io/proxyCpuLimits | Annotation sidecar.istio.io/proxyCpuLimits of Deployment default/front is none that Istio knows',
    'IST0107 | Deployment default/front | metadata.annotations.sidecar.istio.io/proxyCPU | Annotation sidecar.istio.io/proxyCPU has no effect on Deployment default/front: it is for Pod',
  ]);
  expect(found.map(({ suggestion }) => suggestion?.text)).toEqual([
    'did you mean sidecar.istio.io/proxyCPULimit?',
    'move it to spec.template.metadata.annotations',
  ]);
});

test.each([
  ['concurrency: two', 'concurrency: expected a whole number, found the text "two"'],
  ['configPath: ""', 'configPath: must not be empty'],
  ['discovery_address: istiod', 'discoveryAddress: must be <host>:<port>, not "istiod"'],
  ['statusPort: 70000', 'statusPort: must be a port number from 1 to 65535, not 70000'],
  ['tracing: {zipkin: {address: zipkin}}', 'tracing.zipkin.address: must be <host>:<port>, not "zipkin"'],
  ['tracing: {lightstep: {address: "a:1"}}', 'tracing.lightstep: needs an accessToken'],
  [
    'privateKeyProvider: {qat: {pollDelay: 0s}}',
    'privateKeyProvider.qat.pollDelay: must be a duration that is not 0',
  ],
  [
    'connectionSettings: {http2InitialStreamWindowSize: 1024}',
    'connectionSettings.http2InitialStreamWindowSize: must be 65535 or more, not 1024',
  ],
  [
    'connectionSettings: {listenerConnectionLimit: 0}',
    'connectionSettings.listenerConnectionLimit: must be greater than 0, not 0',
  ],
])('ProxyConfig %s', (config, problem) => {
  const [finding] = check(kubernetesAnnotations, annotated('Pod', { 'proxy.istio.io/config': config }));
  expect([finding?.code, finding?.message]).toEqual([
    'IST0125',
    `Annotation proxy.istio.io/config of Pod default/front is "${config}", but must be a ProxyConfig: ${problem}`,
  ]);
});

test.each([
  'tracing: {zipkin: {address: "$(HOST_IP):9411"}}',
  'discoveryAddress: "[2001:db8::1]:15012"',
  'privateKeyProvider: {cryptomb: {pollDelay: 10ms}}',
  'connectionSettings: {httpIdleTimeout: 0s, http2InitialConnectionWindowSize: 65535}',
  'proxyMetadata: {ISTIO_META_DNS_AUTO_ALLOCATE: "true"}',
  '',
])('ProxyConfig %s is fine', (config) => {
  expect(check(kubernetesAnnotations, annotated('Pod', { 'proxy.istio.io/config': config }))).toEqual([]);
});
