/**
 * What Base installs, on a real API server: its definitions are accepted strictly, nothing of them is lost or changed,
 * their rules take good resources and refuse bad ones, and so does the policy of the stable channel.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readBundle } from '../../src/adapters/files/bundle-folder.ts';
import { renderSpec } from '../../src/domain/manifest/render.ts';
import { objectAt, stringAt } from '../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../src/lib/json.ts';
import { parseYamlObject } from '../../src/lib/yaml.ts';
import { createNamespace, kubeGet, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';

const cluster = useControlPlane();

const manifests = join(import.meta.dirname, '../../manifests');
const folder = join(manifests, 'base/crds');
const definitions = readdirSync(folder).map(
  (file) => parseYamlObject(readFileSync(join(folder, file), 'utf8'), file).value,
);
/** What the templates of Base render for these values. */
function renderBase(values: JsonObject): JsonObject[] {
  const bundle = readBundle(manifests);
  const [instance] = renderSpec(
    {
      profile: 'default',
      namespace: 'istio-system',
      revision: '',
      name: undefined,
      operator: {},
      values,
      components: [
        { component: 'Base', instance: 'base', namespace: 'istio-system', values, k8s: {}, overlays: [] },
      ],
      origins: new Map(),
      warnings: [],
    },
    bundle,
  );
  return [...instance!.objects];
}

const crdPath = (name: string): string => `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;

interface Condition {
  type: string;
  status: string;
}
interface StoredDefinition extends JsonObject {
  metadata: JsonObject;
  spec: JsonObject;
  status: JsonObject & { conditions?: (Condition & JsonObject)[] };
}
interface Answer {
  message?: string;
}

/** Deletes all definitions, which other tests of this worker may have left behind, and waits until they are gone. */
async function removeDefinitions(): Promise<void> {
  for (const name of names()) await kubeRequest(crdPath(name), { method: 'DELETE', accept: [404] });
  for (const name of names()) {
    await waitFor(async () => (await kubeRequest(crdPath(name), { accept: [404] })).status === 404);
  }
}

function names(): string[] {
  return definitions.map((definition) => stringAt(definition, ['metadata', 'name']));
}

function isEstablished({ status }: StoredDefinition): boolean {
  const isTrue = (type: string): boolean | undefined =>
    status.conditions?.some((condition) => condition.type === type && condition.status === 'True');
  return (
    isTrue('Established') === true &&
    isTrue('NamesAccepted') === true &&
    isTrue('NonStructuralSchema') !== true
  );
}

/** Where resources of a kind are, in its first version. */
function collectionPath(kind: string, namespace: string, versionName?: string): string {
  const { spec } = definitions.find(
    (definition) => stringAt(definition, ['spec', 'names', 'kind']) === kind,
  ) as StoredDefinition;
  const version = versionName ?? stringAt(spec, ['versions', 0, 'name']);
  return `/apis/${stringAt(spec, ['group'])}/${version}/namespaces/${namespace}/${stringAt(spec, ['names', 'plural'])}`;
}

const host = 'reviews.default.svc.cluster.local';
const port = { number: 443, name: 'https', protocol: 'HTTPS' };
const endpoint = { address: '10.0.0.1', ports: { http: 8080 } };

/** A good spec for every kind. */
const goodSpecs: Readonly<Record<string, JsonObject>> = {
  AuthorizationPolicy: {
    action: 'DENY',
    selector: { matchLabels: { app: 'reviews' } },
    rules: [{ from: [{ source: { principals: ['*'] } }], to: [{ operation: { methods: ['GET'] } }] }],
  },
  DestinationRule: {
    host,
    trafficPolicy: {
      loadBalancer: { consistentHash: { httpCookie: { name: 'user', ttl: '0s' } } },
      connectionPool: { tcp: { connectTimeout: '30ms' } },
    },
    subsets: [{ name: 'v1', labels: { version: 'v1' } }],
  },
  EnvoyFilter: {
    workloadSelector: { labels: { app: 'reviews' } },
    configPatches: [
      {
        applyTo: 'CLUSTER',
        match: { context: 'GATEWAY', cluster: { name: 'x' } },
        patch: { operation: 'MERGE', value: { any: { thing: [1] } } },
      },
    ],
  },
  Gateway: {
    selector: { istio: 'ingressgateway' },
    servers: [{ port, hosts: ['*'], tls: { mode: 'SIMPLE', credentialName: 'cert' } }],
  },
  PeerAuthentication: {
    selector: { matchLabels: { app: 'reviews' } },
    mtls: { mode: 'STRICT' },
    portLevelMtls: { 8080: { mode: 'DISABLE' } },
  },
  ProxyConfig: { concurrency: 0, environmentVariables: { A: 'b' }, image: { imageType: 'distroless' } },
  RequestAuthentication: { jwtRules: [{ issuer: 'me', jwksUri: 'https://example.com/keys', timeout: '5s' }] },
  ServiceEntry: {
    hosts: ['api.example.com'],
    addresses: ['10.1.0.0/16'],
    ports: [port],
    resolution: 'STATIC',
    location: 'MESH_EXTERNAL',
    endpoints: [endpoint],
  },
  Sidecar: { egress: [{ hosts: ['./*'] }], workloadSelector: { labels: { app: 'reviews' } } },
  Telemetry: {
    tracing: [{ randomSamplingPercentage: 12.5, disableSpanReporting: null }],
    metrics: [
      {
        reportingInterval: '10s',
        overrides: [{ tagOverrides: { method: { operation: 'UPSERT', value: 'request.method' } } }],
      },
    ],
  },
  TrafficExtension: {
    lua: { inlineCode: 'return' },
    phase: 'AUTHN',
    match: [{ mode: 'CLIENT', ports: [{ number: 80 }] }],
  },
  VirtualService: {
    hosts: [host],
    http: [
      {
        match: [{ uri: { prefix: '/a' }, headers: { 'x-user': { exact: 'me' } } }],
        fault: { delay: { fixedDelay: '1s', percentage: { value: 0.1 } } },
        route: [{ destination: { host, subset: 'v1' }, weight: 100 }],
        timeout: '10s',
      },
    ],
  },
  WasmPlugin: {
    url: 'oci://example.com/plugin:1',
    pluginConfig: { free: { form: 1 } },
    vmConfig: { env: [{ name: 'A', value: 'b' }] },
  },
  WorkloadEntry: { ...endpoint, labels: { app: 'vm' } },
  WorkloadGroup: { template: { ports: { http: 80 } }, probe: { httpGet: { port: 80, scheme: 'HTTP' } } },
};

/** What is refused: kind, what is changed in its good spec, and what the answer says. */
const badSpecs: readonly [kind: string, what: string, change: JsonObject, answer: string][] = [
  [
    'AuthorizationPolicy',
    'an unknown action',
    { action: 'MAYBE' },
    'spec.action: Unsupported value: "MAYBE"',
  ],
  [
    'AuthorizationPolicy',
    'selector and targetRefs',
    { targetRefs: [{ kind: 'Gateway', name: 'g' }] },
    'spec: Invalid value: give only one of selector, targetRef and targetRefs',
  ],
  [
    'AuthorizationPolicy',
    'serviceAccounts beside principals',
    { rules: [{ from: [{ source: { serviceAccounts: ['a'], principals: ['b'] } }] }] },
    'serviceAccounts and notServiceAccounts cannot be used',
  ],
  [
    'AuthorizationPolicy',
    'a wildcard label',
    { selector: { matchLabels: { app: '*' } } },
    'spec.selector.matchLabels[app]: Invalid value',
  ],
  ['DestinationRule', 'no host', { host: null }, 'spec.host: Required value'],
  [
    'DestinationRule',
    'two hash keys',
    { trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true, httpHeaderName: 'x' } } } },
    '"spec.trafficPolicy.loadBalancer.consistentHash" must validate one and only one schema',
  ],
  [
    'DestinationRule',
    'a duration below 1ms',
    { trafficPolicy: { connectionPool: { tcp: { connectTimeout: '1us' } } } },
    'must be a duration of 1ms or more',
  ],
  ['DestinationRule', 'an unknown field', { trafficPolcy: {} }, 'unknown field "spec.trafficPolcy"'],
  [
    'EnvoyFilter',
    'a waypoint match elsewhere',
    { configPatches: [{ match: { context: 'GATEWAY', waypoint: { portNumber: 80 } }, patch: {} }] },
    'the context WAYPOINT and a waypoint match go together',
  ],
  [
    'EnvoyFilter',
    'an unknown place',
    { configPatches: [{ applyTo: 'NOWHERE' }] },
    'spec.configPatches[0].applyTo: Unsupported value',
  ],
  ['Gateway', 'a server without hosts', { servers: [{ port }] }, 'spec.servers[0].hosts: Required value'],
  [
    'Gateway',
    'two sources of certificates',
    { servers: [{ port, hosts: ['*'], tls: { credentialName: 'a', credentialNames: ['b'] } }] },
    'give only one of credentialName and credentialNames',
  ],
  ['PeerAuthentication', 'ports without a selector', { selector: null }, 'portLevelMtls needs a selector'],
  [
    'PeerAuthentication',
    'a port out of range',
    { portLevelMtls: { 70000: { mode: 'DISABLE' } } },
    'keys must be port numbers',
  ],
  ['ProxyConfig', 'negative concurrency', { concurrency: -1 }, 'greater than or equal to 0'],
  [
    'RequestAuthentication',
    'keys over FTP',
    { jwtRules: [{ issuer: 'me', jwksUri: 'ftp://example.com' }] },
    'must be an http:// or https:// URL',
  ],
  [
    'RequestAuthentication',
    'two sources of keys',
    { jwtRules: [{ issuer: 'me', jwks: '{}', jwksUri: 'https://example.com/keys' }] },
    'give only one of jwks and jwksUri',
  ],
  [
    'ServiceEntry',
    'endpoints without resolution',
    { resolution: 'NONE' },
    'endpoints need a resolution other than NONE',
  ],
  ['ServiceEntry', 'the host *', { hosts: ['*'] }, 'a host must not be * alone'],
  [
    'ServiceEntry',
    'ports of one name',
    { ports: [port, { ...port, number: 80 }] },
    'spec.ports[1]: Duplicate value',
  ],
  [
    'ServiceEntry',
    'ports of one number',
    { ports: [port, { ...port, name: 'other' }] },
    'every port needs a number of its own',
  ],
  [
    'ServiceEntry',
    'a relative Unix socket',
    { endpoints: [{ address: 'unix://tmp/x' }] },
    'a Unix socket needs an absolute path',
  ],
  [
    'Sidecar',
    'an unknown capture mode',
    { egress: [{ hosts: ['./*'], captureMode: 'SOME' }] },
    'spec.egress[0].captureMode',
  ],
  [
    'Telemetry',
    'sampling over 100 %',
    { tracing: [{ randomSamplingPercentage: 101 }] },
    'less than or equal to 100',
  ],
  [
    'Telemetry',
    'a removed tag with a value',
    { metrics: [{ overrides: [{ tagOverrides: { method: { operation: 'REMOVE', value: 'x' } } }] }] },
    'the operation REMOVE takes no value',
  ],
  ['TrafficExtension', 'two extensions', { wasm: { url: 'oci://example.com/x' } }, 'give either wasm or lua'],
  ['TrafficExtension', 'none', { lua: null }, 'give either wasm or lua'],
  [
    'VirtualService',
    'two ways to match',
    { http: [{ match: [{ uri: { exact: '/', prefix: '/' } }] }] },
    'spec.http[0].match[0].uri',
  ],
  [
    'VirtualService',
    'a weight as text',
    { http: [{ route: [{ destination: { host }, weight: '1' }] }] },
    'must be of type integer',
  ],
  ['VirtualService', 'a time without unit', { http: [{ timeout: '10' }] }, 'spec.http[0].timeout'],
  ['WasmPlugin', 'no url', { url: null }, 'spec.url: Required value'],
  [
    'WasmPlugin',
    'a value from the host',
    { vmConfig: { env: [{ name: 'A', value: 'b', valueFrom: 'HOST' }] } },
    'a variable taken from HOST',
  ],
  ['WasmPlugin', 'a short checksum', { sha256: 'abc' }, 'spec.sha256'],
  ['WorkloadEntry', 'no place', { address: null }, 'an address or a network is required'],
  ['WorkloadEntry', 'ports of a Unix socket', { address: 'unix:///tmp/x' }, 'a Unix socket has no ports'],
  [
    'WorkloadGroup',
    'two probes',
    { probe: { httpGet: { port: 80 }, tcpSocket: { port: 80 } } },
    '"spec.probe" must validate one and only one schema',
  ],
  ['WorkloadGroup', 'no template', { template: null }, 'spec.template: Required value'],
];

cluster.describe('the definitions of Base', () => {
  let namespace: string;

  beforeAll(async () => {
    await removeDefinitions();
    for (const definition of definitions) {
      const query = 'fieldManager=mesh&fieldValidation=Strict';
      await kubeRequest(`${crdPath(stringAt(definition, ['metadata', 'name']))}?${query}`, {
        method: 'PATCH',
        contentType: 'application/apply-patch+yaml',
        body: definition,
      });
    }
    namespace = await createNamespace('crds');
  });
  afterAll(removeDefinitions);

  test.each(names().map((name, index) => [name, definitions[index]!] as const))(
    '%s is established and stored as it was sent',
    async (name, sent) => {
      await waitFor(async () => isEstablished(await kubeGet<StoredDefinition>(crdPath(name))));
      const { status, ...stored } = await kubeGet<StoredDefinition>(crdPath(name));
      expect(status['acceptedNames']).toEqual(objectAt(sent, ['spec', 'names']));
      for (const key of ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'managedFields']) {
        expect(Object.keys(stored.metadata)).toContain(key);
        Reflect.deleteProperty(stored.metadata, key);
      }
      expect(stored.spec['conversion']).toEqual({ strategy: 'None' });
      Reflect.deleteProperty(stored.spec, 'conversion');
      expect(stored).toEqual(sent);
    },
  );

  /** Sends a resource without storing it, as soon as its kind is served. */
  async function tryResource(kind: string, spec: JsonValue): Promise<{ status: number; message: string }> {
    const path = collectionPath(kind, namespace);
    await waitFor(async () => (await kubeRequest(path, { accept: [404, 503] })).status === 200);
    const { group, version } = /^\/apis\/(?<group>[^/]+)\/(?<version>[^/]+)/.exec(path)!.groups!;
    const { status, body } = await kubeRequest<Answer>(`${path}?dryRun=All&fieldValidation=Strict`, {
      body: { apiVersion: `${group}/${version}`, kind, metadata: { name: 'x' }, spec },
      accept: [400, 422],
    });
    return { status, message: body.message ?? '' };
  }

  test('there is a good and a bad resource for every kind', () => {
    const kinds = definitions.map((definition) => stringAt(definition, ['spec', 'names', 'kind'])).sort();
    expect(Object.keys(goodSpecs).sort()).toEqual(kinds);
    expect([...new Set(badSpecs.map(([kind]) => kind))].sort()).toEqual(kinds);
  });

  test.each(Object.entries(goodSpecs))('a good %s is taken', async (kind, spec) => {
    expect(await tryResource(kind, spec)).toEqual({ status: 201, message: '' });
  });

  test.each(badSpecs)('%s: %s is refused', async (kind, _what, change, answer) => {
    const { status, message } = await tryResource(kind, { ...goodSpecs[kind], ...change });
    expect(message).toContain(answer);
    expect([400, 422]).toContain(status);
  });

  test('a resource is the same in every version, and its status is its own', async () => {
    const body = { metadata: { name: 'shared' }, spec: goodSpecs['Gateway'] };
    const path = collectionPath('Gateway', namespace, 'v1alpha3');
    await waitFor(async () => (await kubeRequest(path, { accept: [404, 503] })).status === 200);
    await kubeRequest(path, {
      body: { apiVersion: 'networking.istio.io/v1alpha3', kind: 'Gateway', ...body },
    });
    const conditions = [{ type: 'Programmed', status: 'True', observedGeneration: '1' }];
    await kubeRequest(`${path}/shared/status`, {
      method: 'PATCH',
      body: { status: { conditions, observedGeneration: 1, more: [1] } },
    });
    await kubeRequest(`${path}/shared`, { method: 'PATCH', body: { status: { conditions: [] } } });
    const stored = await kubeGet<JsonObject>(`${collectionPath('Gateway', namespace, 'v1')}/shared`);
    expect(stored['spec']).toEqual(body.spec);
    expect(stored['status']).toEqual({ conditions, observedGeneration: 1, more: [1] });
  });

  test('the stable policy refuses what is not in the stable channel, and takes the rest', async () => {
    const objects = renderBase({ experimental: { stableValidationPolicy: true } }).filter(
      (object) => stringAt(object, ['apiVersion']) === 'admissionregistration.k8s.io/v1' && 'spec' in object,
    );
    const paths = objects.map((object) => {
      const plural = object['kind'] === 'ValidatingAdmissionPolicy' ? 'policies' : 'policybindings';
      return `/apis/admissionregistration.k8s.io/v1/validatingadmission${plural}/${stringAt(object, ['metadata', 'name'])}`;
    });
    expect(paths).toHaveLength(2);
    try {
      for (const [index, path] of paths.entries()) {
        await kubeRequest(`${path}?fieldManager=mesh&fieldValidation=Strict`, {
          method: 'PATCH',
          contentType: 'application/apply-patch+yaml',
          body: objects[index],
        });
      }
      const isRefused = async (kind: string, spec: JsonObject): Promise<boolean> => {
        const { status, message } = await tryResource(kind, spec);
        if (status !== 201) expect(message).toContain('stable-channel-default-policy.istio.io');
        return status !== 201;
      };
      const source = (more: JsonObject): JsonObject => ({ rules: [{}, { from: [{ source: more }] }] });
      // Policies count some time after they are stored.
      await waitFor(async () => isRefused('EnvoyFilter', {}));
      expect(await isRefused('WasmPlugin', goodSpecs['WasmPlugin']!)).toBe(true);
      expect(await isRefused('ProxyConfig', {})).toBe(true);
      expect(await isRefused('Telemetry', { tracing: [{}, { useRequestIdForTraceSampling: false }] })).toBe(
        true,
      );
      expect(await isRefused('Telemetry', { metrics: [{ reportingInterval: '10s' }] })).toBe(true);
      expect(await isRefused('Telemetry', { accessLogging: [{ filter: { expression: 'true' } }] })).toBe(
        true,
      );
      expect(
        await isRefused('Telemetry', {
          tracing: [{ randomSamplingPercentage: 1 }],
          metrics: [{}],
          accessLogging: [{}],
        }),
      ).toBe(false);
      expect(await isRefused('Telemetry', {})).toBe(false);
      expect(await isRefused('AuthorizationPolicy', source({ trustDomains: ['x'] }))).toBe(true);
      expect(await isRefused('AuthorizationPolicy', source({ notTrustDomains: ['x'] }))).toBe(true);
      expect(await isRefused('AuthorizationPolicy', source({ principals: ['x'] }))).toBe(false);
      expect(await isRefused('AuthorizationPolicy', {})).toBe(false);
      expect(await isRefused('VirtualService', goodSpecs['VirtualService']!)).toBe(false);
      const policy = await kubeGet<JsonObject>(paths[0]!);
      expect(objectAt(policy, ['status', 'typeChecking'])).toEqual({});
    } finally {
      for (const path of paths) await kubeRequest(path, { method: 'DELETE', accept: [404] });
    }
  });

  test('the reader account and the default validator are accepted strictly', async () => {
    const objects = renderBase({ global: { istioNamespace: namespace, imagePullSecrets: ['registry'] } });
    expect(objects.map((object) => object['kind'])).toEqual([
      'ServiceAccount',
      'ValidatingWebhookConfiguration',
    ]);
    const paths = [
      `/api/v1/namespaces/${namespace}/serviceaccounts/istio-reader-service-account`,
      '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/istiod-default-validator',
    ];
    for (const [index, path] of paths.entries()) {
      // Not stored: nothing answers the webhook here, and other tests write Istio resources.
      await kubeRequest(`${path}?fieldManager=mesh&fieldValidation=Strict&dryRun=All`, {
        method: 'PATCH',
        contentType: 'application/apply-patch+yaml',
        body: objects[index],
      });
    }
  });
});
