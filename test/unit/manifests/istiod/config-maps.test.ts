/** The texts in ConfigMaps, read back as the data they hold. */
import { describe, expect, test } from '@jest/globals';
import { objectAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { find, render, withParsedData } from './render.ts';

function data(name: string, values: JsonObject, namespace?: string): JsonObject {
  return objectAt(withParsedData(find(render(values, namespace), 'ConfigMap', name)), ['data']);
}

describe('mesh configuration', () => {
  const mesh = (values: JsonObject, namespace?: string): JsonObject =>
    data('istio', values, namespace)['mesh'] as JsonObject;

  test('meshConfig is merged over it: maps deeply, lists replaced', () => {
    const meshConfig = {
      rootNamespace: 'root',
      trustDomain: 'td',
      accessLogFile: '/dev/stdout',
      defaultConfig: { concurrency: 2, image: { imageType: 'mine' } },
      extensionProviders: [{ name: 'p' }],
    };
    expect(mesh({ meshConfig, global: { variant: 'distroless', meshID: 'm' } })).toEqual({
      ...meshConfig,
      enablePrometheusMerge: true,
      defaultProviders: { metrics: ['prometheus'] },
      defaultConfig: {
        ...meshConfig.defaultConfig,
        discoveryAddress: 'istiod.istio-system.svc:15012',
        meshId: 'm',
      },
    });
  });

  test.each<[string, JsonObject, JsonValue | undefined]>([
    ['none without telemetry', { telemetry: { enabled: false } }, undefined],
    ['none without v2', { telemetry: { v2: { enabled: false } } }, undefined],
    ['none without prometheus', { telemetry: { v2: { prometheus: { enabled: false } } } }, undefined],
    [
      'both',
      { telemetry: { v2: { stackdriver: { enabled: true } } } },
      { metrics: ['prometheus', 'stackdriver'], accessLogging: ['stackdriver'] },
    ],
    [
      'only stackdriver',
      { telemetry: { v2: { prometheus: { enabled: false }, stackdriver: { enabled: true } } } },
      { metrics: ['stackdriver'], accessLogging: ['stackdriver'] },
    ],
    [
      "the user's replace all",
      {
        meshConfig: { defaultProviders: { tracing: ['x'] } },
        telemetry: { v2: { stackdriver: { enabled: true } } },
      },
      { tracing: ['x'] },
    ],
    ['an empty map does not', { meshConfig: { defaultProviders: {} } }, { metrics: ['prometheus'] }],
  ])('default providers: %s', (_, values, providers) => {
    expect(mesh(values)['defaultProviders']).toEqual(providers);
  });

  test.each<[JsonObject, JsonValue | undefined]>([
    [{ variant: 'distroless' }, { imageType: 'distroless' }],
    [{ variant: 'distroless', proxy: { variant: 'debug' } }, { imageType: 'debug' }],
    [{ proxy: { variant: '' } }, undefined],
  ])('image type with global %j', (global, image) => {
    expect(objectAt(mesh({ global }), ['defaultConfig'])['image']).toEqual(image);
  });

  const tracer = (name: string, tracers?: JsonObject): JsonObject => ({
    global: { proxy: { tracer: name }, ...(tracers ? { tracer: tracers } : {}) },
  });
  test.each<[JsonObject, JsonValue | undefined]>([
    [tracer('none'), undefined],
    [tracer('zipkin'), { zipkin: { address: 'zipkin.istio-system:9411' } }],
    [tracer('zipkin', { zipkin: { address: 'z:1' } }), { zipkin: { address: 'z:1' } }],
    [tracer('datadog'), { datadog: { address: '$(HOST_IP):8126' } }],
    [tracer('datadog', { datadog: { address: 'd:1' } }), { datadog: { address: 'd:1' } }],
    [
      tracer('lightstep', { lightstep: { address: 'l:1', accessToken: 't' } }),
      { lightstep: { address: 'l:1', accessToken: 't' } },
    ],
    [
      tracer('stackdriver'),
      {
        stackdriver: {
          debug: false,
          maxNumberOfAttributes: 200,
          maxNumberOfAnnotations: 200,
          maxNumberOfMessageEvents: 200,
        },
      },
    ],
    [tracer('openCensusAgent'), null],
  ])('tracing with %j', (values, tracing) => {
    expect(objectAt(mesh(values), ['defaultConfig'])['tracing']).toEqual(tracing);
  });

  test('lightstep has no default', () => {
    expect(() => mesh(tracer('lightstep'))).toThrow(/lightstep needs values\.global\.tracer\.lightstep/);
  });

  test.each<[string, string, JsonObject]>([
    ['istiod.other.svc:15012', 'other', {}],
    ['istiod.istio-system.svc:15012', 'istio-system', { global: { remotePilotAddress: '10.0.0.1' } }],
    [
      'istiod-remote.istio-system.svc:15012',
      'istio-system',
      {
        istiodRemote: { enabled: true, enabledLocalInjectorIstiod: true },
        global: { remotePilotAddress: '10.0.0.1' },
      },
    ],
    [
      'istiod.istio-system.svc:15012',
      'istio-system',
      { istiodRemote: { enabledLocalInjectorIstiod: true }, global: { remotePilotAddress: '10.0.0.1' } },
    ],
  ])('discovery address %s in %s for %j', (address, namespace, values) => {
    expect(objectAt(mesh(values, namespace), ['defaultConfig'])['discoveryAddress']).toBe(address);
  });

  test.each([
    ['a revision is in the discovery address', {}, 'istiod-canary.istio-system.svc:15012'],
    [
      'but not with a remote control plane',
      { remotePilotAddress: '10.0.0.1' },
      'istiod.istio-system.svc:15012',
    ],
  ])('%s', (_, global, address) => {
    const config = data('istio-canary', { revision: 'canary', global })['mesh'] as JsonObject;
    expect(objectAt(config, ['defaultConfig'])['discoveryAddress']).toBe(address);
  });

  test('networks', () => {
    const meshNetworks = {
      n1: { endpoints: [{ fromRegistry: 'c1' }], gateways: [{ address: '1.1.1.1', port: 15443 }] },
    };
    expect(data('istio', { global: { meshNetworks } })['meshNetworks']).toEqual({ networks: meshNetworks });
  });

  test('profile ambient', () => {
    expect(mesh({ profile: 'ambient' })).toMatchObject({
      defaultConfig: {
        image: { imageType: 'distroless' },
        proxyMetadata: { ISTIO_META_ENABLE_HBONE: 'true' },
      },
      serviceScopeConfigs: [{ scope: 'GLOBAL' }],
    });
  });

  test('texts that YAML 1.1 would take for something else stay texts', () => {
    const { mesh: text } = objectAt(
      find(render({ meshConfig: { a: 'yes', b: 'true', c: '1.0', d: '0644' } }), 'ConfigMap', 'istio'),
      ['data'],
    );
    expect(text).toMatch(/^a: "yes"\nb: "true"\nc: "1.0"\nd: "0644"\n/);
  });
});

describe('injection', () => {
  const injector = (values: JsonObject): JsonObject => data('istio-sidecar-injector', values);

  test('selectors, annotations, policy and default templates', () => {
    const selector = [{ matchLabels: { a: 'b' } }];
    const config = injector({
      sidecarInjectorWebhook: {
        alwaysInjectSelector: selector,
        neverInjectSelector: selector,
        injectedAnnotations: { count: 1, on: true },
        defaultTemplates: ['sidecar', 'mine'],
      },
      global: { proxy: { autoInject: 'disabled' } },
    })['config'];
    expect(config).toMatchObject({
      policy: 'disabled',
      alwaysInjectSelector: selector,
      neverInjectSelector: selector,
      injectedAnnotations: { count: '1', on: 'true' },
      defaultTemplates: ['sidecar', 'mine'],
    });
  });

  test("a user's template replaces a built-in one of the same name", () => {
    const templates = objectAt(
      injector({ sidecarInjectorWebhook: { templates: { sidecar: 'S', mine: '{{ M }}\n' } } }),
      ['config', 'templates'],
    );
    expect(templates).toMatchObject({ sidecar: 'S', mine: '{{ M }}\n', gateway: 'text of gateway.yaml' });
    expect(Object.keys(templates)).toHaveLength(9);
  });

  test('values hold all of global, and of the rest what templates read', () => {
    const values: JsonObject = {
      revision: 'canary',
      meshConfig: { accessLogFile: 'x' },
      global: { mine: { a: 1 }, hub: 'h' },
      cni: { ambient: { enabled: true } },
      pilot: { env: { A: true }, cni: { enabled: true }, traceSampling: 5 },
      gateways: { securityContext: { runAsUser: 1 }, 'istio-ingressgateway': { name: 'x' } },
    };
    const result = objectAt(
      withParsedData(find(render(values), 'ConfigMap', 'istio-sidecar-injector-canary')),
      ['data', 'values'],
    );
    expect(Object.keys(result).sort()).toEqual([
      'gateways',
      'global',
      'pilot',
      'revision',
      'sidecarInjectorWebhook',
    ]);
    expect(result).toMatchObject({
      revision: 'canary',
      global: { mine: { a: 1 }, hub: 'h', istioNamespace: 'istio-system' },
      gateways: { securityContext: { runAsUser: 1 }, seccompProfile: {} },
    });
    expect(result['pilot']).toEqual({
      env: { A: true },
      cni: { enabled: true, provider: 'default', ambient: { enabled: true } },
    });
    expect(Object.keys(objectAt(result, ['gateways']))).toHaveLength(2);
  });

  test('revision default is none for the injected proxies', () => {
    expect(objectAt(injector({ revision: 'default' }), ['values'])['revision']).toBe('');
  });

  test('profile openshift shares what the CNI component has', () => {
    expect(
      objectAt(injector({ global: { platform: 'openshift' } }), ['values', 'pilot', 'cni']),
    ).toMatchObject({
      provider: 'multus',
      chained: false,
      cniBinDir: '/var/lib/cni/bin',
    });
  });

  test('JSON as Go prints it', () => {
    const text = objectAt(
      find(render({ global: { meshID: '<&>' } }), 'ConfigMap', 'istio-sidecar-injector'),
      ['data'],
    )['values'] as string;
    expect(text).toContain('"meshID": "\\u003c\\u0026\\u003e"');
    expect(text).toMatch(/^\{\n {2}"gateways": \{\n {4}"seccompProfile": \{\},\n/);
  });
});

describe('values', () => {
  test('original: what was given; merged: after lifting, with the pilot part as it was', () => {
    const values: JsonObject = {
      profile: 'demo',
      traceSampling: 1,
      pilot: { traceSampling: 5 },
      cni: { cniBinDir: '/x' },
      defaultRevision: '',
    };
    const result = data('values', values);
    expect(result['original-values']).toEqual(values);
    expect(result['merged-values']).toMatchObject({
      traceSampling: 5,
      autoscaleEnabled: false,
      pilot: {
        traceSampling: 5,
        autoscaleEnabled: false,
        resources: { requests: { cpu: '10m', memory: '100Mi' } },
      },
      cni: { cniBinDir: '/x', enabled: false },
      defaultRevision: '',
      global: { proxy: { resources: { requests: { cpu: '10m', memory: '40Mi' } } } },
    });
  });
});

describe('further ConfigMaps', () => {
  test('root certificates for JWT keys', () => {
    const configMap = find(
      render({ revision: 'canary', pilot: { jwksResolverExtraRootCA: 'PEM\n' } }),
      'ConfigMap',
      'pilot-jwks-extra-cacerts-canary',
    );
    expect(configMap['data']).toEqual({ 'extra.pem': 'PEM\n' });
    expect(configMap.metadata['labels']).toMatchObject({ 'istio.io/rev': 'canary' });
  });

  test('one for each gateway class', () => {
    const objects = render({
      revision: 'canary',
      gatewayClasses: {
        istio: { deployment: { spec: { replicas: 2 } }, service: { spec: { type: 'ClusterIP' } } },
        'istio-waypoint': { podDisruptionBudget: { spec: { minAvailable: '50%' } } },
      },
    });
    const istio = find(objects, 'ConfigMap', 'istio-canary-gatewayclass-istio');
    expect(istio.metadata['labels']).toMatchObject({
      'gateway.istio.io/defaults-for-class': 'istio',
      'istio.io/rev': 'canary',
      'operator.istio.io/component': 'Pilot',
    });
    expect(istio['data']).toEqual({
      deployment: 'spec:\n  replicas: 2',
      service: 'spec:\n  type: ClusterIP',
    });
    expect(find(objects, 'ConfigMap', 'istio-canary-gatewayclass-istio-waypoint')['data']).toEqual({
      podDisruptionBudget: 'spec:\n  minAvailable: 50%',
    });
  });

  test('a gateway class without overlays', () => {
    expect(
      find(render({ gatewayClasses: { istio: {} } }), 'ConfigMap', 'istio-default-gatewayclass-istio')[
        'data'
      ],
    ).toEqual({});
  });
});
