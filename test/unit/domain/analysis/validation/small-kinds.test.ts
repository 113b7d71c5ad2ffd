import { table } from './problems-of.ts';

const long = (length: number): string => 'x'.repeat(length);

table({ apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication' }, [
  ['empty', '{}'],
  ['ports with a selector', '{selector: {matchLabels: {a: b}}, portLevelMtls: {80: {mode: DISABLE}}}'],
  ['ports without a selector', '{portLevelMtls: {80: {mode: DISABLE}}}', 'E spec.portLevelMtls'],
  [
    'ports with an empty selector',
    '{selector: {}, portLevelMtls: {80: {}}}',
    'E spec.portLevelMtls',
    'W spec.selector',
  ],
  ['port 0', '{selector: {matchLabels: {a: b}}, portLevelMtls: {0: {}}}', 'E spec.portLevelMtls.0'],
  ['port 65535', '{selector: {matchLabels: {a: b}}, portLevelMtls: {65535: {}}}'],
  [
    'port 65536',
    '{selector: {matchLabels: {a: b}}, portLevelMtls: {65536: {}}}',
    'E spec.portLevelMtls.65536',
  ],
  ['no port', '{selector: {matchLabels: {a: b}}, portLevelMtls: {x: {}}}', 'E spec.portLevelMtls.x'],
  ['a wildcard in a label', '{selector: {matchLabels: {"a*": b}}}', 'E spec.selector.matchLabels["a*"]'],
  ['a wildcard in a value', '{selector: {matchLabels: {a: "*"}}}', 'E spec.selector.matchLabels.a'],
  ['an empty key', '{selector: {matchLabels: {"": b}}}', 'E spec.selector.matchLabels[""]'],
]);

table({ apiVersion: 'networking.istio.io/v1beta1', kind: 'ProxyConfig' }, [
  ['fine', '{concurrency: 0, selector: {matchLabels: {a: b}}}'],
  ['negative concurrency', '{concurrency: -1}', 'E spec.concurrency'],
  ['an empty selector', '{selector: {}}', 'W spec.selector'],
]);

table({ apiVersion: 'networking.istio.io/v1', kind: 'WorkloadEntry' }, [
  ['an IP', '{address: 10.0.0.1, ports: {http: 80}, labels: {app.kubernetes.io/name: a_b.c}}'],
  ['a name', '{address: vm.example.com}'],
  ['no address and no network', '{ports: {"bad_name": 0}}', 'E spec', 'W spec.ports.bad_name'],
  ['only a network', '{network: n1}', 'W spec'],
  ['no host', '{address: "a_b"}', 'E spec.address'],
  ['a socket', '{address: "unix:///var/run/x"}'],
  ['an abstract socket', '{address: "unix://@x"}'],
  ['a relative socket', '{address: "unix://x"}', 'E spec.address'],
  ['a folder as a socket', '{address: "unix:///x/"}', 'E spec.address'],
  ['a socket with ports', '{address: "unix:///x", ports: {http: 80}}', 'E spec.ports'],
  ['a bad port name', '{address: 10.0.0.1, ports: {a_b: 80}}', 'E spec.ports.a_b'],
  ['a bad port', '{address: 10.0.0.1, ports: {a: 70000}}', 'E spec.ports.a'],
  ['a bad label key', '{address: 10.0.0.1, labels: {"-a": b}}', 'E spec.labels["-a"]'],
  ['a bad label value', '{address: 10.0.0.1, labels: {a: "b c"}}', 'E spec.labels.a'],
  ['an empty label value', '{address: 10.0.0.1, labels: {a: ""}}'],
]);

table({ apiVersion: 'networking.istio.io/v1', kind: 'WorkloadGroup' }, [
  [
    'fine',
    '{template: {}, probe: {httpGet: {port: 80, scheme: HTTP, httpHeaders: [{name: x-a, value: b}]}}}',
  ],
  ['no template', '{metadata: {labels: {"-": x}}}', 'E spec'],
  [
    'a bad label hides the rest',
    '{template: {}, metadata: {labels: {"-": x}}, probe: {}}',
    'E spec.metadata.labels["-"]',
  ],
  [
    'a negative count',
    '{template: {}, probe: {periodSeconds: -1, tcpSocket: {port: 1}}}',
    'E spec.probe.periodSeconds',
  ],
  [
    'every count',
    '{template: {}, probe: {initialDelaySeconds: -1, timeoutSeconds: -1, successThreshold: -1, failureThreshold: -1, tcpSocket: {port: 1}}}',
    'E spec.probe.initialDelaySeconds',
    'E spec.probe.timeoutSeconds',
    'E spec.probe.successThreshold',
    'E spec.probe.failureThreshold',
  ],
  ['no method', '{template: {}, probe: {}}', 'E spec.probe'],
  ['grpc', '{template: {}, probe: {grpc: {port: 80}}}', 'E spec.probe.grpc'],
  ['httpGet without a port', '{template: {}, probe: {httpGet: {path: /}}}', 'E spec.probe.httpGet.port'],
  [
    'a bad scheme',
    '{template: {}, probe: {httpGet: {port: 80, scheme: http}}}',
    'E spec.probe.httpGet.scheme',
  ],
  [
    'a bad header',
    '{template: {}, probe: {httpGet: {port: 80, httpHeaders: [{name: a_b, value: c}]}}}',
    'E spec.probe.httpGet.httpHeaders[0].name',
  ],
  [
    'tcpSocket without a port',
    '{template: {}, probe: {tcpSocket: {host: a}}}',
    'E spec.probe.tcpSocket.port',
  ],
  ['exec without a command', '{template: {}, probe: {exec: {}}}', 'E spec.probe.exec'],
  ['exec', '{template: {}, probe: {exec: {command: [a]}}}'],
  [
    'a template is not looked at, except by the API server',
    '{template: {ports: {http: 0}}}',
    'W spec.template.ports.http',
  ],
]);

const JWK = '{"kty": "RSA", "n": "AQAB", "e": "AQAB"}';

table({ apiVersion: 'security.istio.io/v1', kind: 'RequestAuthentication' }, [
  [
    'fine',
    '{selector: {matchLabels: {a: b}}, jwtRules: [{issuer: a, jwksUri: "https://a.b:8443/c", audiences: [x], fromHeaders: [{name: x}], fromParams: [p], fromCookies: [c], outputClaimToHeaders: [{header: x-a_b, claim: sub}], timeout: 5s}]}',
  ],
  ['neither issuer nor jwksUri', '{jwtRules: [{}]}', 'E spec.jwtRules[0]'],
  ['an empty audience', '{jwtRules: [{issuer: a, audiences: [""]}]}', 'E spec.jwtRules[0].audiences[0]'],
  ['no URL', '{jwtRules: [{jwksUri: "https://a b"}]}', 'E spec.jwtRules[0].jwksUri'],
  ['another scheme', '{jwtRules: [{jwksUri: "ftp://a"}]}', 'E spec.jwtRules[0].jwksUri'],
  ['a port that is no number', '{jwtRules: [{jwksUri: "https://a:b/"}]}', 'E spec.jwtRules[0].jwksUri'],
  ['a key', `{jwtRules: [{issuer: a, jwks: '${JWK}'}]}`],
  ['a set of keys', `{jwtRules: [{issuer: a, jwks: '{"keys": [${JWK}]}'}]}`],
  ['no JSON', '{jwtRules: [{issuer: a, jwks: "x"}]}', 'E spec.jwtRules[0].jwks'],
  ['no key', `{jwtRules: [{issuer: a, jwks: '{"kty": "RSA"}'}]}`, 'E spec.jwtRules[0].jwks'],
  [
    'an unknown type of key',
    `{jwtRules: [{issuer: a, jwks: '{"keys": [{"kty": "X"}]}'}]}`,
    'E spec.jwtRules[0].jwks',
  ],
  ['keys that are no list', `{jwtRules: [{issuer: a, jwks: '{"keys": 1}'}]}`, 'E spec.jwtRules[0].jwks'],
  [
    'a private key',
    `{jwtRules: [{issuer: a, jwks: '{"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ", "d": "AQ"}'}]}`,
    'W spec.jwtRules[0].jwks',
  ],
  [
    'two symmetric keys',
    `{jwtRules: [{issuer: a, jwks: '{"keys": [{"kty": "oct", "k": "AQ"}, {"kty": "oct", "k": "AQ"}]}'}]}`,
    'W spec.jwtRules[0].jwks',
    'W spec.jwtRules[0].jwks',
  ],
  [
    'no name of a header',
    '{jwtRules: [{issuer: a, fromHeaders: [{prefix: x}]}]}',
    'E spec.jwtRules[0].fromHeaders[0]',
  ],
  [
    'an empty parameter and cookie',
    '{jwtRules: [{issuer: a, fromParams: [""], fromCookies: [""]}]}',
    'E spec.jwtRules[0].fromParams[0]',
    'E spec.jwtRules[0].fromCookies[0]',
  ],
  [
    'a claim without a header',
    '{jwtRules: [{issuer: a, outputClaimToHeaders: [{claim: b}]}]}',
    'E spec.jwtRules[0].outputClaimToHeaders[0]',
  ],
  [
    'a bad header for a claim',
    '{jwtRules: [{issuer: a, outputClaimToHeaders: [{claim: b, header: "x y"}]}]}',
    'E spec.jwtRules[0].outputClaimToHeaders[0].header',
  ],
  ['a short timeout', '{jwtRules: [{issuer: a, timeout: 0s}]}', 'E spec.jwtRules[0].timeout'],
  [
    'two attachments',
    '{selector: {matchLabels: {a: b}}, targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: a}]}',
    'E spec',
  ],
  ['jwks and jwksUri', `{jwtRules: [{jwksUri: "https://a", jwks: '${JWK}'}]}`, 'W spec.jwtRules[0]'],
]);

const GW = 'group: gateway.networking.k8s.io, kind: Gateway';

table({ apiVersion: 'telemetry.istio.io/v1', kind: 'Telemetry' }, [
  [
    'fine',
    '{metrics: [{providers: [{name: p}], overrides: [{match: {customMetric: m}, tagOverrides: {a: {value: "1"}, b: {operation: REMOVE}}}]}], tracing: [{providers: [{name: p}], randomSamplingPercentage: 100, customTags: {a: {literal: {value: x}}, b: {header: {name: x}}, c: {environment: {name: X}}}}], accessLogging: [{filter: {expression: "response.code >= 400"}, providers: [{name: p}]}]}',
  ],
  [
    'every target',
    `{targetRefs: [{${GW}, name: a}, {group: gateway.networking.k8s.io, kind: GatewayClass, name: a}, {kind: Service, name: a}, {group: core, kind: Service, name: a}, {group: networking.istio.io, kind: ServiceEntry, name: a}]}`,
  ],
  ['a target without a name', `{targetRef: {${GW}}}`, 'E spec.targetRef'],
  ['a target elsewhere', `{targetRef: {${GW}, name: a, namespace: b}}`, 'E spec.targetRef.namespace'],
  ['an unknown kind', '{targetRefs: [{kind: Pod, name: a}]}', 'E spec.targetRefs[0].kind'],
  [
    'a wrong group',
    '{targetRefs: [{kind: Gateway, group: networking.istio.io, name: a}]}',
    'E spec.targetRefs[0].group',
  ],
  [
    'three attachments',
    `{selector: {}, targetRef: {${GW}, name: a}, targetRefs: [{${GW}, name: a}]}`,
    'E spec',
    'W spec.selector',
  ],
  [
    'providers without names',
    '{metrics: [{providers: [{}]}], tracing: [{providers: [{}]}], accessLogging: [{providers: [{}]}]}',
    'E spec.metrics[0].providers[0]',
    'E spec.tracing[0].providers[0]',
    'E spec.accessLogging[0].providers[0]',
  ],
  [
    'an empty tag',
    '{metrics: [{overrides: [{tagOverrides: {"": {value: x}}}]}]}',
    'W spec.metrics[0].overrides[0].tagOverrides[""]',
  ],
  [
    'UPSERT without a value',
    '{metrics: [{overrides: [{tagOverrides: {a: {}}}]}]}',
    'E spec.metrics[0].overrides[0].tagOverrides.a',
  ],
  [
    'REMOVE with a value',
    '{metrics: [{overrides: [{tagOverrides: {a: {operation: REMOVE, value: x}}}]}]}',
    'E spec.metrics[0].overrides[0].tagOverrides.a.value',
  ],
  [
    'an empty metric',
    '{metrics: [{overrides: [{match: {customMetric: ""}}]}]}',
    'E spec.metrics[0].overrides[0].match.customMetric',
  ],
  [
    'two metrics in a match',
    '{metrics: [{overrides: [{match: {customMetric: a, metric: REQUEST_COUNT}}]}]}',
    'W spec.metrics[0].overrides[0].match',
  ],
  ['two tracings', '{tracing: [{}, {}]}', 'W spec.tracing[1]'],
  [
    'two tracing providers',
    '{tracing: [{providers: [{name: a}, {name: b}]}]}',
    'W spec.tracing[0].providers[1]',
  ],
  [
    'too much sampling',
    '{tracing: [{randomSamplingPercentage: 100.1}]}',
    'E spec.tracing[0].randomSamplingPercentage',
  ],
  [
    'negative sampling',
    '{tracing: [{randomSamplingPercentage: -1}]}',
    'E spec.tracing[0].randomSamplingPercentage',
  ],
  [
    'an empty custom tag',
    '{tracing: [{customTags: {"": {literal: {value: a}}}}]}',
    'E spec.tracing[0].customTags[""]',
  ],
  [
    'custom tags of nothing',
    '{tracing: [{customTags: {a: {literal: {}}, b: {header: {}}, c: {environment: {}}}}]}',
    'E spec.tracing[0].customTags.a.literal',
    'E spec.tracing[0].customTags.b.header',
    'E spec.tracing[0].customTags.c.environment',
  ],
  [
    'no CEL',
    '{accessLogging: [{filter: {expression: "response.code >="}}]}',
    'E spec.accessLogging[0].filter.expression',
  ],
  ['an empty filter', '{accessLogging: [{filter: {}}]}', 'E spec.accessLogging[0].filter.expression'],
  [
    'has of no field',
    `{accessLogging: [{filter: {expression: "a || has(request.headers['x'])"}}, {filter: {expression: "has(a)"}}]}`,
    'E spec.accessLogging[0].filter.expression',
    'E spec.accessLogging[1].filter.expression',
  ],
  ['has of fields', '{accessLogging: [{filter: {expression: "has(a.b) && [1].all(x, has(a.b.c))"}}]}'],
  ['CEL over unknown names', '{accessLogging: [{filter: {expression: "foo.bar[1] == baz(2)"}}]}'],
  ['a short interval', '{metrics: [{reportingInterval: 0s}]}', 'W spec.metrics[0].reportingInterval'],
]);

table({ apiVersion: 'extensions.istio.io/v1alpha1', kind: 'WasmPlugin' }, [
  [
    'fine',
    `{url: "oci://a.b/c:d", sha256: ${'a'.repeat(64)}, imagePullSecret: s, pluginName: p, vmConfig: {env: [{name: A, value: b}, {name: B, valueFrom: HOST}]}, match: [{ports: [{number: 80}]}]}`,
  ],
  ['an image without scheme', '{url: "registry.example.com/a/b:c"}'],
  ['what looks like another scheme', '{url: "registry:5000/a/b:c"}', 'E spec.url'],
  ['no url', '{}', 'E spec'],
  ['no URL', '{url: "%zz"}', 'E spec.url'],
  ['another scheme', '{url: "ftp://a"}', 'E spec.url'],
  ['a short sha256', '{url: a, sha256: abc}', 'E spec.sha256'],
  ['an upper case sha256', `{url: a, sha256: ${'A'.repeat(64)}}`, 'E spec.sha256'],
  ['a long secret', `{url: a, imagePullSecret: ${long(254)}}`, 'E spec.imagePullSecret'],
  ['a long name', `{url: a, pluginName: ${long(257)}}`, 'E spec.pluginName'],
  [
    'a variable without a name',
    '{url: a, vmConfig: {env: [{value: b}, {}]}}',
    'E spec.vmConfig.env[0]',
    'W spec.vmConfig.env[1]',
  ],
  [
    'a long name of a variable',
    `{url: a, vmConfig: {env: [{name: ${long(257)}}]}}`,
    'E spec.vmConfig.env[0]',
  ],
  ['a variable twice', '{url: a, vmConfig: {env: [{name: A}, {name: A}]}}', 'E spec.vmConfig.env[1]'],
  [
    'a value of the host',
    '{url: a, vmConfig: {env: [{name: A, valueFrom: HOST, value: x}]}}',
    'E spec.vmConfig.env[0]',
  ],
  ['port 0', '{url: a, match: [{ports: [{number: 0}]}]}', 'E spec.match[0].ports[0].number'],
  ['port 65536', '{url: a, match: [{ports: [{number: 65536}]}]}', 'E spec.match[0].ports[0].number'],
  ['a port twice', '{url: a, match: [{ports: [{number: 80}, {number: 80}]}]}', 'W spec.match[0].ports'],
]);

table({ apiVersion: 'extensions.istio.io/v1alpha1', kind: 'TrafficExtension' }, [
  ['wasm', '{wasm: {url: "oci://a.b/c"}}'],
  ['lua', '{lua: {inlineCode: "x = 1"}}'],
  ['nothing', '{}', 'E spec'],
  ['both', '{wasm: {url: a}, lua: {inlineCode: x}}', 'E spec'],
  [
    'two attachments',
    `{lua: {inlineCode: x}, selector: {matchLabels: {a: b}}, targetRefs: [{${GW}, name: a}]}`,
    'E spec',
  ],
  ['no code', '{lua: {}}', 'E spec.lua'],
  ['much code', `{lua: {inlineCode: ${long(65_536)}}}`],
  ['too much code', `{lua: {inlineCode: ${long(65_537)}}}`, 'E spec.lua.inlineCode'],
  ['wasm without url', '{wasm: {sha256: x}}', 'E spec.wasm', 'E spec.wasm.sha256'],
  ['a port', '{lua: {inlineCode: x}, match: [{ports: [{number: 0}]}]}', 'E spec.match[0].ports[0].number'],
]);
