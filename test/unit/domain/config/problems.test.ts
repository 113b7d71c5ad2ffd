/** Every check of the input, with the place and the words that the user sees. */
import { describe, expect, test } from '@jest/globals';
import { resolveSpec } from '../../../../src/domain/config/index.ts';
import type { JsonValue } from '../../../../src/lib/json.ts';
import { problemsOf, readCatalog, resolveGiven } from '../../../support/config-catalog.ts';
import type { Given } from '../../../support/config-catalog.ts';

const header = 'begin it with "apiVersion: install.istio.io/v1alpha1" and "kind: IstioOperator"';
const profiles =
  'ambient, default, demo, empty, external, minimal, openshift, openshift-ambient, preview, remote, stable';

describe('files', () => {
  test.each([
    ['', `a.yaml: the file is empty (${header})`],
    ['# nothing\n---\n', `a.yaml: the file is empty (${header})`],
    ['- a\n', `a.yaml:1:1: expected a map at the top of the file (${header})`],
    ['apiVersion: x\nspec: {}\n', `a.yaml:1:1: the file has no kind (${header})`],
    ['kind: ""\n', `a.yaml:1:1: the file has no kind (${header})`],
    [
      'kind: IstioOperator\n---\nkind: IstioOperator\n',
      'a.yaml:3:1: the file holds several YAML documents, expected one (give each document a file of its own, with one -f each)',
    ],
    ['kind: IstioOperator\nspec: [1]\n', 'a.yaml:2:7: spec must be a map'],
    [
      'kind: IstioOperator\nspec:\n  values: {__proto__: {a: 1}}\n',
      'a.yaml:3:12: values.__proto__ cannot be the name of a setting',
    ],
    [
      'kind: IstioOperator\nspec:\n  values: {pilot: {env: {constructor: 1}}}\n',
      'a.yaml:3:26: values.pilot.env.constructor cannot be the name of a setting',
    ],
    [
      'kind: IstioOperator\nstatus: {}\n',
      'a.yaml:2:1: unknown setting status (there is apiVersion, kind, metadata, spec)',
    ],
    ['kind: IstioOperator\nmetdata: {}\n', 'a.yaml:2:1: unknown setting metdata (did you mean metadata?)'],
    [
      'kind: IstioOperator\nmetadata: {name: a b}\n',
      'a.yaml:2:18: metadata.name must be usable as a label value: at most 63 of letters, digits, -, _ and .; it is "a b"',
    ],
  ])('%j', (text, problem) => {
    expect(problemsOf({ files: [text] })).toEqual([problem]);
  });

  test('what is not YAML, with its place', () => {
    expect(problemsOf({ files: ['kind: IstioOperator\nspec: {a'] })[0]).toMatch(
      /^a\.yaml:2:\d+: not valid YAML: /,
    );
    expect(problemsOf({ files: ['kind: A\nkind: B\n'] })[0]).toMatch(
      /^a\.yaml:2:1: not valid YAML: Map keys must be unique/,
    );
  });

  test.each([300, 100_000])('nesting %d levels deep', (depth) => {
    const deep = `kind: IstioOperator\nspec: ${'{a: '.repeat(depth)}1${'}'.repeat(depth)}`;
    expect(problemsOf({ files: [deep] })[0]).toMatch(/nested deeper than 200 levels|not valid YAML/);
  });

  test('standard input is called <stdin>', () => {
    const resolve = () => resolveSpec({ files: [{ name: '-', text: 'spec: {}' }], sets: [] }, readCatalog());
    expect(resolve).toThrow(expect.objectContaining({ position: { file: '<stdin>', line: 1, column: 1 } }));
  });

  test('an empty spec is fine', () => {
    expect(resolveGiven({ files: ['kind: IstioOperator\nspec:\n'] }).operator).toEqual(
      resolveGiven({}).operator,
    );
    expect(resolveGiven({ files: ['kind: IstioOperator\n'] }).operator).toEqual(resolveGiven({}).operator);
  });

  test('another kind is read all the same', () => {
    const { warnings } = resolveGiven({ files: ['kind: Other\n'] });
    expect(warnings).toEqual([
      {
        message: 'kind "Other" is read as an IstioOperator',
        hint: 'write kind: IstioOperator',
        position: { file: 'a.yaml', line: 1, column: 7 },
      },
    ]);
  });

  test('all bad files and flags are told at once', () => {
    expect(problemsOf({ files: ['', 'spec: {}'], sets: ['a', '=1'] })).toHaveLength(4);
  });

  test('a field in two spellings', () => {
    const files = [
      'kind: IstioOperator\nspec:\n  meshConfig:\n    accessLogFile: a\n    access_log_file: b\n',
    ];
    expect(problemsOf({ files })).toEqual([
      'a.yaml:5:5: meshConfig.accessLogFile is given in two spellings (leave only one of them)',
    ]);
  });

  test('problems of snake_case fields point at what is written', () => {
    const files = [
      'kind: IstioOperator\nspec:\n  meshConfig:\n    default_config:\n      drain_duration: 10\n',
    ];
    expect(problemsOf({ files })).toEqual([
      'a.yaml:5:23: meshConfig.defaultConfig.drainDuration must be a duration such as 10s or 1m30s, found the number 10 (write it in quotes: "10")',
    ]);
  });
});

describe('profiles', () => {
  test.each([
    [{ profile: 'demmo' }, `profile "demmo" is not known (did you mean demo? there is ${profiles})`],
    [{ sets: ['profile=x'] }, `profile "x" is not known, in --set profile=x (there is ${profiles})`],
    [
      { specs: ['profile: minimla'] },
      `a.yaml:3:12: profile "minimla" is not known (did you mean minimal? there is ${profiles})`,
    ],
    [
      { sets: ['profile=toString'] },
      `profile "toString" is not known, in --set profile=toString (there is ${profiles})`,
    ],
    [
      { sets: ['profile=x'], force: true },
      `profile "x" is not known, in --set profile=x (there is ${profiles})`,
    ],
  ])('%j', (given, problem) => {
    expect(problemsOf(given)).toEqual([problem]);
  });
});

describe('settings in files', () => {
  const inFile = (spec: string, force?: boolean): readonly string[] => problemsOf({ specs: [spec], force });

  test.each([
    ['values:\n  pilto: {a: 1}', 'a.yaml:4:5: unknown setting values.pilto (did you mean values.pilot?)'],
    ['hbu: x', 'a.yaml:3:3: unknown setting hbu (did you mean hub?)'],
    ['hub: 5', 'a.yaml:3:8: hub must be a text, found the number 5 (write it in quotes: "5")'],
    [
      'revision: 123',
      'a.yaml:3:13: revision must be a text, found the number 123 (write it in quotes: "123")',
    ],
    [
      'compatibilityVersion: 1.3',
      'a.yaml:3:25: compatibilityVersion must be one of 1.25, 1.26, 1.27, 1.28, 1.29, 1.30, found the number 1.3 (write it in quotes: "1.3")',
    ],
    [
      'components: {pilot: {enabled: "true"}}',
      'a.yaml:3:33: components.pilot.enabled must be true or false, found the text "true" (write true without quotes)',
    ],
    [
      'components: {pilot: {k8s: {replicaCount: "3"}}}',
      'a.yaml:3:44: components.pilot.k8s.replicaCount must be a whole number, found the text "3" (write 3 without quotes)',
    ],
    [
      'values: {pilot: {resources: {requests: {cpu: 1}}}}',
      'a.yaml:3:48: values.pilot.resources.requests.cpu must be a quantity in quotes, such as "500m" or "2Gi", found the number 1 (write it in quotes: "1")',
    ],
    [
      'values: {pilot: {env: null}}',
      'a.yaml:3:25: values.pilot.env must be a map, found null (leave it out, or give it a value)',
    ],
    [
      'components: {ingressGateways: null}',
      'a.yaml:3:33: components.ingressGateways must be a list, found null (leave it out, or give it a value)',
    ],
    [
      'values: {pilot: {extraContainerArgs: [-v]}}',
      'a.yaml:3:40: values.pilot.extraContainerArgs must be an empty list, found a list (write unvalidatedValues.pilot.extraContainerArgs)',
    ],
    [
      'values: {pilot: {pdb: {minAvailable: 1}}}',
      'a.yaml:3:20: unknown setting values.pilot.pdb (only unvalidatedValues takes it: write unvalidatedValues.pilot.pdb)',
    ],
    [
      'values: {global: {waypoint: {nodeSelector: {a: b}}}}',
      'a.yaml:3:47: unknown setting values.global.waypoint.nodeSelector.a (only unvalidatedValues takes it: write unvalidatedValues.global.waypoint.nodeSelector.a)',
    ],
    [
      'meshConfig: {accessLogFil: x}',
      'a.yaml:3:16: unknown setting meshConfig.accessLogFil (did you mean meshConfig.accessLogFile?)',
    ],
    [
      'meshConfig: {defaultConfig: {tracing: {zipkin: {}, datadog: {}}}}',
      'a.yaml:3:41: meshConfig.defaultConfig.tracing has datadog, zipkin together (leave only one of them)',
    ],
    [
      'components: {pilot: {k8s: {overlays: [{name: a}]}}}',
      'a.yaml:3:41: components.pilot.k8s.overlays[0] lacks kind',
    ],
    [
      'hub: "a b"',
      'a.yaml:3:8: hub must be an image registry and path, such as docker.io/istio; it is "a b"',
    ],
    ['tag: "a/b"', 'a.yaml:3:8: tag must be an image tag, such as 1.31.4; it is "a/b"'],
    [
      'revision: A_b',
      'a.yaml:3:13: revision must be a DNS label: at most 63 of a-z, 0-9 and -, with a letter or digit at both ends; it is "A_b"',
    ],
    [
      'values: {revision: -a}',
      'a.yaml:3:22: values.revision must be a DNS label: at most 63 of a-z, 0-9 and -, with a letter or digit at both ends; it is "-a"',
    ],
    [
      'values: {global: {istioNamespace: a.b}}',
      'a.yaml:3:37: values.global.istioNamespace must be the name of a namespace; it is "a.b"',
    ],
    [
      'components: {pilot: {namespace: A}}',
      'a.yaml:3:35: components.pilot.namespace must be the name of a namespace; it is "A"',
    ],
    [
      'values: {global: {proxy: {includeIPRanges: "10.0.0.0/8,10.0.0.0/33"}}}',
      'a.yaml:3:46: values.global.proxy.includeIPRanges holds "10.0.0.0/33", which is not an IP range such as 10.0.0.0/8',
    ],
    [
      'values: {global: {proxy: {excludeIPRanges: "1.2.3.4"}}}',
      'a.yaml:3:46: values.global.proxy.excludeIPRanges holds "1.2.3.4", which is not an IP range such as 10.0.0.0/8',
    ],
    [
      'values: {global: {proxy: {excludeInboundPorts: "80,x"}}}',
      'a.yaml:3:50: values.global.proxy.excludeInboundPorts holds "x", which is not a port, 0 to 65535',
    ],
    [
      'values: {global: {proxy: {includeInboundPorts: 80}}}',
      'a.yaml:3:50: values.global.proxy.includeInboundPorts must be a text, found the number 80 (write it in quotes: "80")',
    ],
    [
      'values: {global: {platform: gcp}}',
      'a.yaml:3:31: values.global.platform must be one of gke, k3d, k3s, microk8s, minikube, openshift, found the text "gcp"',
    ],
    [
      'values: {profile: minimal}',
      'a.yaml:3:21: values.profile must be one of ambient, demo, preview, remote, stable, found the text "minimal"',
    ],
    [
      'components: {ingressGateways: [{enabled: true}]}',
      'a.yaml:3:34: components.ingressGateways[0] has no name (write components.ingressGateways[0].name)',
    ],
    [
      'components: {ingressGateways: [{name: A}]}',
      'a.yaml:3:41: components.ingressGateways[0].name must consist of a-z, 0-9, . and -; it is "A"',
    ],
    [
      'components: {ingressGateways: [{name: a, label: {istio: a}}, {name: a, label: {istio: b}}]}',
      'a.yaml:3:71: components.ingressGateways[1].name is a, the name of an earlier gateway in namespace istio-system (give each gateway a name of its own)',
    ],
    [
      'components: {ingressGateways: [{name: a}], egressGateways: [{name: a}]}',
      'a.yaml:3:70: components.egressGateways[0].name is a, the name of an earlier gateway in namespace istio-system (give each gateway a name of its own)',
    ],
    [
      'components: {ingressGateways: [{name: a, k8s: {service: {ports: [{port: 80}]}}}]}',
      'a.yaml:3:68: components.ingressGateways[0].k8s.service.ports[0] sends to port 80 of the gateway, which it cannot open (choose a targetPort from 1024 on, or set values.gateways.istio-ingressgateway.runAsRoot=true)',
    ],
    [
      'components: {egressGateways: [{name: a, k8s: {service: {ports: [{port: 8080, targetPort: 1023}]}}}]}',
      'a.yaml:3:67: components.egressGateways[0].k8s.service.ports[0] sends to port 1023 of the gateway, which it cannot open (choose a targetPort from 1024 on, or set values.gateways.istio-egressgateway.runAsRoot=true)',
    ],
    [
      'values: {gateways: {istio-ingressgateway: {ingressPorts: [{port: 1024}]}}}',
      'a.yaml:3:61: values.gateways.istio-ingressgateway.ingressPorts[0] sends to port 1024 of the gateway, which it cannot open (choose a targetPort from 1024 on, or set values.gateways.istio-ingressgateway.runAsRoot=true)',
    ],
  ])('%s', (spec, problem) => {
    expect(inFile(spec)).toEqual([problem]);
    const { warnings } = resolveGiven({ specs: [spec], force: true });
    expect(warnings.map(({ message }) => problem.includes(message))).toContain(true);
  });

  test.each([
    'values: {global: {proxy: {includeIPRanges: "*", excludeIPRanges: "", includeInboundPorts: "0,65535", excludeInboundPorts: "*"}}}',
    'values: {global: {proxy: {includeIPRanges: "10.0.0.0/8, fd00::/8"}}}',
    'hub: localhost:5000\ntag: v1_2.3-a',
    'hub: registry.example.com:5000/a/b-c__d',
    'components: {ingressGateways: [{name: a, namespace: x}, {name: a, namespace: y}]}',
    'components: {ingressGateways: [{name: a}, {enabled: false}, {name: a, enabled: false}]}',
    'components: {ingressGateways: [{name: a, k8s: {service: {ports: [{port: 80, targetPort: http}, {port: 443, targetPort: 1024}, {port: 1025}]}}}]}',
    'components: {ingressGateways: [{name: a, k8s: {service: {ports: [{port: 80}]}}}]}\nvalues: {gateways: {istio-ingressgateway: {runAsRoot: true}}}',
    'values: {gateways: {istio-egressgateway: {runAsRoot: null}}}',
  ])('accepted without a word: %s', (spec) => {
    expect(resolveGiven({ specs: [spec] }).warnings).toEqual([]);
  });

  test('force accepts what crashes istioctl, and leaves it out', () => {
    const spec = resolveGiven({ specs: ['components: {ingressGateways: null, pilot: 5}'], force: true });
    expect(spec.components.map(({ instance }) => instance)).toEqual(['base', 'istiod']);
  });

  test('problems of several files come in order, those of flags last, all in one error', () => {
    const specs = ['values: {pilto: 1}\nhbu: 1', 'tga: 1'];
    expect(problemsOf({ specs, sets: ['valeus.a=1'] }).map((problem) => problem.split(' ')[0])).toEqual([
      'a.yaml:3:12:',
      'a.yaml:4:3:',
      'b.yaml:3:3:',
      'unknown',
    ]);
  });

  test('a problem that a flag brings into a list of a file is told of the flag', () => {
    const specs = ['components: {ingressGateways: [{name: a}]}'];
    expect(problemsOf({ specs, sets: ['components.ingressGateways[0].name=B'] })).toEqual([
      'components.ingressGateways[0].name must consist of a-z, 0-9, . and -; it is "B", in --set components.ingressGateways[0].name=B',
    ]);
  });

  test('problems of --set-json, --revision and detected settings name them', () => {
    expect(problemsOf({ jsons: ['values.pilot={"enabled": 1}'] })).toEqual([
      'values.pilot.enabled must be true or false, found the number 1, in --set-json values.pilot={"enabled": 1}',
    ]);
    expect(problemsOf({ revision: 'A' })[0]).toContain('it is "A", in --revision A');
    expect(problemsOf({ detected: { values: { global: { platform: 'x' } } } })[0]).toContain(
      'found the text "x", found out from the cluster',
    );
  });
});

describe('warnings', () => {
  const warned = (given: Given) =>
    resolveGiven(given).warnings.map(({ message, hint }) => `${message} (${hint ?? ''})`);

  test.each([
    [
      { specs: ['tag: 1.20'] },
      'tag was read as the number 1.2, zeros at its end are lost (write it in quotes: "1.2")',
    ],
    [
      { jsons: ['values.global.tag=1.20'] },
      'values.global.tag was read as the number 1.2, zeros at its end are lost (write it in quotes: "1.2")',
    ],
    [
      { sets: ['namespace=x'] },
      'namespace has no effect, in --set namespace=x (set values.global.istioNamespace)',
    ],
    [
      { sets: ['installPackagePath=x'] },
      'installPackagePath has no effect, in --set installPackagePath=x (use --manifests)',
    ],
    [
      { sets: ['components.istiodRemote.enabled=true'] },
      'components.istiodRemote has no effect, in --set components.istiodRemote.enabled=true (use the profile remote)',
    ],
    [
      { sets: ['components.cni.namespace=x'] },
      'components.cni switches the CNI agent on, but injected pods still set up redirection themselves, in --set components.cni.namespace=x (set components.cni.enabled=true)',
    ],
    [
      { specs: ['components: {pilot: {k8s: {replicaCount: 2}}}\nvalues: {pilot: {autoscaleEnabled: true}}'] },
      'components.pilot.k8s.replicaCount is overruled by the autoscaler (set values.pilot.autoscaleEnabled=false, or k8s.hpaSpec.minReplicas)',
    ],
    [
      {
        specs: [
          'components: {ingressGateways: [{name: a, k8s: {replicaCount: 1}}]}\nvalues: {gateways: {istio-ingressgateway: {autoscaleEnabled: true}}}',
        ],
      },
      'components.ingressGateways[0].k8s.replicaCount is overruled by the autoscaler (set values.gateways.istio-ingressgateway.autoscaleEnabled=false, or k8s.hpaSpec.minReplicas)',
    ],
    [
      { specs: ['components: {ingressGateways: [{name: a}, {name: b}]}'] },
      'components.ingressGateways[1] selects the same pods as an earlier gateway in namespace istio-system (give it a label of its own, such as label: {istio: b})',
    ],
  ] as [Given, string][])('%j', (given, warning) => {
    expect(warned(given)).toEqual([warning]);
  });

  test.each([
    { specs: ['components: {pilot: {k8s: {replicaCount: 1}}}\nvalues: {pilot: {autoscaleEnabled: true}}'] },
    { specs: ['components: {pilot: {k8s: {replicaCount: 2}}}'] },
    { specs: ['components: {ingressGateways: [{name: a}, {name: b, label: {istio: b}}]}'] },
    { specs: ['components: {ingressGateways: [{name: a}, {name: b, namespace: b}]}'] },
    { specs: ['tag: 2'] },
    { sets: ['components.cni.namespace=x', 'values.pilot.cni.enabled=true'] },
  ])('none for %j', (given) => {
    expect(warned(given)).toEqual([]);
  });
});

describe('mesh configuration', () => {
  const problems = (mesh: JsonValue): readonly string[] => {
    try {
      const { warnings } = resolveGiven({ jsons: [`meshConfig=${JSON.stringify(mesh)}`] });
      return warnings.map(({ message }) => `W ${message.replace(/, in --set-json.*/, '')}`);
    } catch {
      return problemsOf({ jsons: [`meshConfig=${JSON.stringify(mesh)}`] }).map((problem) =>
        problem.replace(/, in --set-json.*/, ''),
      );
    }
  };

  test.each([
    [{ proxyListenPort: 0 }, 'proxyListenPort must be a port, 1 to 65535'],
    [{ proxyListenPort: '70000' }, 'proxyListenPort must be a port, 1 to 65535'],
    [{ connectTimeout: '0s' }, 'connectTimeout must be a duration from 1ms to 1h, in whole milliseconds'],
    [{ connectTimeout: '61m' }, 'connectTimeout must be a duration from 1ms to 1h, in whole milliseconds'],
    [
      { protocolDetectionTimeout: '-1s' },
      'protocolDetectionTimeout must be a duration in whole milliseconds, or 0s',
    ],
    [
      { protocolDetectionTimeout: '1.5ms' },
      'protocolDetectionTimeout must be a duration in whole milliseconds, or 0s',
    ],
    [{ trustDomain: 'a_b' }, 'trustDomain must be a trust domain, such as cluster.local'],
    [
      { trustDomainAliases: ['ok', 'a..b'] },
      'trustDomainAliases[1] must be a trust domain, such as cluster.local',
    ],
    [
      { serviceSettings: [{ hosts: ['*.a.b', 'a*b'] }] },
      'serviceSettings[0].hosts[1] must be a host, such as *.example.com',
    ],
    [{ meshMTLS: { ecdhCurves: ['P-256'] } }, 'meshMTLS.ecdhCurves cannot be set'],
    [
      { localityLbSetting: { distribute: [{ from: 'a', to: { b: 50, c: 40 } }] } },
      'localityLbSetting.distribute[0].to must hold weights that sum to 100, not 90',
    ],
    [
      { localityLbSetting: { distribute: [{ from: 'a', to: { b: 0, c: 100 } }] } },
      'localityLbSetting.distribute[0].to must hold weights from 1 to 100',
    ],
    [
      { localityLbSetting: { failover: [{ from: 'a', to: 'a' }] } },
      'localityLbSetting.failover[0] must go from one region to another',
    ],
    [
      { localityLbSetting: { failover: [{ from: 'a/b', to: 'c' }] } },
      'localityLbSetting.failover[0] must name regions, without / and *',
    ],
    [
      {
        localityLbSetting: {
          failover: [{ from: 'a', to: 'b' }],
          distribute: [{ from: 'a', to: { b: 100 } }],
        },
      },
      'localityLbSetting has distribute and failover together',
    ],
    [
      {
        localityLbSetting: {
          failover: [{ from: 'a', to: 'b' }],
          failoverPriority: ['topology.kubernetes.io/zone=a'],
        },
      },
      'localityLbSetting.failoverPriority cannot name region, zone or subzone',
    ],
    [
      { zoneAwareLbSetting: { failoverPriority: ['topology.istio.io/subzone'] } },
      'zoneAwareLbSetting.failoverPriority cannot name region, zone or subzone',
    ],
    [
      { localityLbSetting: {}, zoneAwareLbSetting: {} },
      'localityLbSetting cannot be set beside zoneAwareLbSetting',
    ],
    [
      { defaultTrafficPolicy: { outlierDetection: { maxEjectionPercent: 101 } } },
      'defaultTrafficPolicy.outlierDetection.maxEjectionPercent must be 0 to 100',
    ],
    [
      { defaultTrafficPolicy: { outlierDetection: { consecutiveLocalOriginFailures: 1 } } },
      'defaultTrafficPolicy.outlierDetection.consecutiveLocalOriginFailures needs splitExternalLocalOriginErrors: true',
    ],
    [{ defaultConfig: { configPath: '' } }, 'defaultConfig.configPath must not be empty'],
    [
      { defaultConfig: { drainDuration: '1.5s' } },
      'defaultConfig.drainDuration must be a duration in whole seconds',
    ],
    [{ defaultConfig: { discoveryAddress: 'istiod' } }, 'defaultConfig.discoveryAddress must be host:port'],
    [
      { defaultConfig: { tracing: { zipkin: { address: 'a:0' } } } },
      'defaultConfig.tracing.zipkin.address must be host:port',
    ],
    [
      { defaultConfig: { tracing: { lightstep: { address: 'a:1' } } } },
      'defaultConfig.tracing.lightstep lacks accessToken',
    ],
    [{ defaultConfig: { statsdUdpAddress: '::1:80' } }, 'defaultConfig.statsdUdpAddress must be host:port'],
    [{ defaultConfig: { statusPort: 65536 } }, 'defaultConfig.statusPort must be a port, 1 to 65535'],
    [
      { defaultConfig: { privateKeyProvider: { qat: {} } } },
      'defaultConfig.privateKeyProvider.qat needs a pollDelay above 0',
    ],
    [
      { defaultConfig: { connectionSettings: { httpMaxConcurrentStreams: 0 } } },
      'defaultConfig.connectionSettings.httpMaxConcurrentStreams must be at least 1',
    ],
    [
      { defaultConfig: { connectionSettings: { http2InitialStreamWindowSize: 1 } } },
      'defaultConfig.connectionSettings.http2InitialStreamWindowSize must be at least 65535',
    ],
    [
      { defaultConfig: { connectionSettings: { httpIdleTimeout: '-1s' } } },
      'defaultConfig.connectionSettings.httpIdleTimeout must not be negative',
    ],
  ] as [JsonValue, string][])('%j', (mesh, problem) => {
    expect(problems(mesh)).toEqual([`meshConfig.${problem}`]);
  });

  test.each([
    [
      { tlsDefaults: { ecdhCurves: ['P-1'] } },
      'tlsDefaults.ecdhCurves[0] is not a known curve: P-224, P-256, P-384, P-521, X25519, X25519Kyber768Draft00, X25519MLKEM768',
    ],
    [{ tlsDefaults: { ecdhCurves: ['P-256', 'P-256'] } }, 'tlsDefaults.ecdhCurves[1] is in the list already'],
    [{ extensionProviders: [{ prometheus: {} }] }, 'extensionProviders[0] lacks name'],
    [
      { extensionProviders: [{ name: 'a' }, { name: 'a' }] },
      'extensionProviders[1] has the name of an earlier provider, a',
    ],
    [
      { defaultConfig: { proxyMetadata: { ISTIO_META_DNS_AUTO_ALLOCATE: 'true' } } },
      'defaultConfig.proxyMetadata.ISTIO_META_DNS_AUTO_ALLOCATE has no effect any more: istiod allocates addresses itself',
    ],
  ] as [JsonValue, string][])('a warning for %j', (mesh, problem) => {
    expect(problems(mesh)).toEqual([`W meshConfig.${problem}`]);
  });

  test.each([
    {
      connectTimeout: '1.001s',
      protocolDetectionTimeout: '0s',
      trustDomain: 'cluster.local',
      dnsRefreshRate: '5s',
    },
    { localityLbSetting: { distribute: [{ from: 'a/*', to: { 'a/b': '60', c: 40 } }] } },
    {
      localityLbSetting: {
        failover: [{ from: 'a', to: 'b' }],
        failoverPriority: ['topology.istio.io/network'],
      },
    },
    {
      defaultConfig: {
        tracing: { datadog: { address: '$(HOST_IP):8126' } },
        drainDuration: '45s',
        discoveryAddress: '[fd00::1]:15012',
      },
    },
    {
      defaultConfig: {
        privateKeyProvider: { cryptomb: { pollDelay: '10ms' } },
        connectionSettings: { httpIdleTimeout: '0s', listenerConnectionLimit: 5 },
      },
    },
  ] as JsonValue[])('nothing for %j', (mesh) => {
    expect(problems(mesh)).toEqual([]);
  });

  test('values.meshConfig and meshNetworks are looked at too', () => {
    expect(problemsOf({ specs: ['values: {meshConfig: {proxyListenPort: 0}}'] })).toEqual([
      'a.yaml:3:42: values.meshConfig.proxyListenPort must be a port, 1 to 65535',
    ]);
    const network = (text: string) =>
      problemsOf({ specs: [`values: {global: {meshNetworks: {n: ${text}}}}`] })[0];
    expect(network('{endpoints: [{fromCidr: x}]}')).toContain(
      'meshNetworks.n.endpoints[0].fromCidr must be a subnet',
    );
    expect(network('{endpoints: [{fromRegistry: a_b}]}')).toContain(
      'fromRegistry must be the name of a cluster',
    );
    expect(network('{gateways: [{address: a_b, port: 443}]}')).toContain(
      'address must be an IP address or a host name',
    );
    expect(network('{gateways: [{registryServiceName: 1.2, port: 443}]}')).toContain(
      'registryServiceName must be',
    );
    expect(network('{gateways: [{address: 1.2.3.4, port: 0}]}')).toContain('gateways[0].port must be a port');
    expect(network('{endpoints: [{fromCidr: 10.0.0.0/8, fromRegistry: a}]}')).toContain('together');
    expect(network('{gatewys: []}')).toContain('did you mean values.global.meshNetworks.n.gateways?');
  });
});
