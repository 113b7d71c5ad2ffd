import { describe, expect, test } from '@jest/globals';
import { deprecatedValues, findDeprecatedValues } from '../../../../src/domain/manifest/deprecated-values.ts';

describe('findDeprecatedValues', () => {
  test('names the path and its replacement', () => {
    expect(findDeprecatedValues({ global: { proxy: { concurrency: 2 } } })).toEqual([
      {
        message: 'values.global.proxy.concurrency is deprecated',
        hint: 'use meshConfig.defaultConfig.concurrency',
      },
    ]);
  });

  test('false, 0 and maps count; null, empty texts and other keys do not', () => {
    const found = findDeprecatedValues({
      global: {
        enableTracing: false,
        certificates: null,
        policyCheckFailOpen: '',
        proxy: { concurrency: 0, envoyAccessLogService: {}, image: 'proxyv2' },
      },
    });
    expect(found.map((problem) => problem.message.split(' ')[0])).toEqual([
      'values.global.enableTracing',
      'values.global.proxy.concurrency',
      'values.global.proxy.envoyAccessLogService',
    ]);
  });

  test('a map and a key inside it may both be deprecated', () => {
    const found = findDeprecatedValues({ global: { proxy: { envoyAccessLogService: { enabled: true } } } });
    expect(found.map((problem) => problem.hint)).toEqual([
      'use meshConfig.defaultConfig.envoyAccessLogService',
      'use meshConfig.enableEnvoyAccessLogService',
    ]);
  });

  test('a value on the way that is no map is no deprecated setting', () => {
    expect(findDeprecatedValues({ global: 'x', istiocoredns: true })).toEqual([]);
  });

  test.each([
    ['global.outboundTrafficPolicy', 'meshConfig.outboundTrafficPolicy'],
    ['global.certificates', 'meshConfig.certificates'],
    ['global.localityLbSetting', 'meshConfig.localityLbSetting'],
    ['global.policyCheckFailOpen', 'meshConfig.policyCheckFailOpen'],
    ['global.enableTracing', 'meshConfig.enableTracing'],
    ['global.proxy.accessLogFormat', 'meshConfig.accessLogFormat'],
    ['global.proxy.accessLogFile', 'meshConfig.accessLogFile'],
    ['global.proxy.protocolDetectionTimeout', 'meshConfig.protocolDetectionTimeout'],
    ['global.proxy.concurrency', 'meshConfig.defaultConfig.concurrency'],
    ['global.proxy.envoyAccessLogService', 'meshConfig.defaultConfig.envoyAccessLogService'],
    ['global.proxy.envoyMetricsService', 'meshConfig.defaultConfig.envoyMetricsService'],
    [
      'global.proxy.holdApplicationUntilProxyStarts',
      'meshConfig.defaultConfig.holdApplicationUntilProxyStarts',
    ],
    ['global.proxy.envoyAccessLogService.enabled', 'meshConfig.enableEnvoyAccessLogService'],
    [
      'pilot.ingress',
      'meshConfig.ingressService, meshConfig.ingressControllerMode and meshConfig.ingressClass',
    ],
    ['global.mtls.enabled', 'a PeerAuthentication resource'],
    ['global.mtls.auto', 'meshConfig.enableAutoMtls'],
    ['global.tracer.lightstep.address', 'meshConfig.defaultConfig.tracing.lightstep.address'],
    ['global.tracer.lightstep.accessToken', 'meshConfig.defaultConfig.tracing.lightstep.accessToken'],
    ['global.tracer.zipkin.address', 'meshConfig.defaultConfig.tracing.zipkin.address'],
    ['global.tracer.datadog.address', 'meshConfig.defaultConfig.tracing.datadog.address'],
    ['global.meshExpansion.enabled', 'a Gateway and other networking resources'],
    ['istiocoredns.enabled', 'DNS capture: meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE'],
  ])('%s -> %s', (path, replacement) => {
    expect(deprecatedValues.find((entry) => entry.path === path)?.replacement).toBe(replacement);
  });
});
