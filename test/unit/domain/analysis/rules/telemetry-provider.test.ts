import { expect, test } from '@jest/globals';
import { telemetryLightstep } from '../../../../../src/domain/analysis/rules/telemetry-lightstep.ts';
import { telemetryProvider } from '../../../../../src/domain/analysis/rules/telemetry-provider.ts';
import { check, linesOf } from '../../../../support/analysis.ts';

const telemetry = (spec: string): string =>
  `{apiVersion: telemetry.istio.io/v1, kind: Telemetry, metadata: {name: logs, namespace: shop}, spec: ${spec}}`;

test('providers that can take access logs are offered', () => {
  const meshConfig = {
    extensionProviders: [
      { name: 'prometheus', prometheus: {} },
      { name: 'envoy', envoyFileAccessLog: { path: '/dev/stdout' } },
      { name: 'otel', envoyOtelAls: { service: 'otel.logs.svc.cluster.local', port: 4317 } },
    ],
  };
  const found = check(telemetryProvider, telemetry('{accessLogging: [{match: {mode: SERVER}}]}'), {
    meshConfig,
  });
  expect(linesOf(found)).toEqual([
    'IST0157 | Telemetry shop/logs | spec.accessLogging.0 | Telemetry shop/logs configures an access log without a provider, and the mesh config has no default one, so nothing is logged',
  ]);
  expect(found[0]?.suggestion?.text).toBe(
    'name one in "providers", or set meshConfig.defaultProviders.accessLogging; the mesh has envoy and otel',
  );
});

test('a mesh config without any provider', () => {
  const found = check(telemetryProvider, telemetry('{accessLogging: [{}]}'), { meshConfig: {} });
  expect(found[0]?.suggestion?.text).toBe(
    'name one in "providers", or set meshConfig.defaultProviders.accessLogging',
  );
});

test('each place that names a provider of type lightstep', () => {
  const meshConfig = { extensionProviders: [{ name: 'satellite', lightstep: { service: 'a', port: 1 } }] };
  const yaml = telemetry('{tracing: [{providers: [{name: zipkin}]}, {providers: [{name: satellite}]}]}');
  expect(linesOf(check(telemetryLightstep, yaml, { meshConfig }))).toEqual([
    'IST0002 | Telemetry shop/logs | spec.tracing.1.providers.0.name | Telemetry shop/logs traces with provider "satellite", whose type lightstep is deprecated',
  ]);
});
