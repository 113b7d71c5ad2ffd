import { table } from './problems-of.ts';

const policy = (text: string): string => `{host: a, trafficPolicy: {${text}}}`;
const outlier = (text: string): string => policy(`outlierDetection: {${text}}`);
const http = (text: string): string => policy(`connectionPool: {http: {${text}}}`);
const tcp = (text: string): string => policy(`connectionPool: {tcp: {${text}}}`);
const balancer = (text: string): string => policy(`loadBalancer: {${text}}`);
const hash = (text: string): string => balancer(`consistentHash: {${text}}`);
const locality = (text: string): string =>
  policy(`outlierDetection: {}, loadBalancer: {localityLbSetting: {${text}}}`);
const zone = (text: string): string =>
  policy(`outlierDetection: {}, loadBalancer: {zoneAwareLbSetting: {${text}}}`);
const tls = (text: string): string => policy(`tls: {${text}}`);
const POLICY = 'spec.trafficPolicy';
const OUTLIER = `${POLICY}.outlierDetection`;
const HTTP = `${POLICY}.connectionPool.http`;
const TCP = `${POLICY}.connectionPool.tcp`;
const HASH = `${POLICY}.loadBalancer.consistentHash`;
const LOCALITY = `${POLICY}.loadBalancer.localityLbSetting`;
const ZONE = `${POLICY}.loadBalancer.zoneAwareLbSetting`;
const TLS = `${POLICY}.tls`;
const TOPOLOGY = [
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
];

table({ apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', namespace: 'here' }, [
  ['only a host', '{host: a}'],
  ['a wildcard', '{host: "*.a.b"}'],
  ['no host', '{}', 'E spec'],
  ['a bad host', '{host: a_b}', 'E spec.host'],
  ['subsets', '{host: a, subsets: [{name: v1, labels: {v: "1"}}, {name: v2, labels: {v: "2"}}]}'],
  ['a subset twice', '{host: a, subsets: [{name: v1}, {name: v1}]}', 'E spec.subsets[1].name'],
  ['a bad name', '{host: a, subsets: [{name: v.1}]}', 'E spec.subsets[0].name'],
  ['no name', '{host: a, subsets: [{}]}', 'E spec.subsets[0]'],
  ['a bad label', '{host: a, subsets: [{name: v1, labels: {v: "a b"}}]}', 'E spec.subsets[0].labels.v'],
  [
    'a policy of a subset',
    '{host: a, subsets: [{name: v1, trafficPolicy: {tls: {mode: MUTUAL}}}]}',
    'E spec.subsets[0].trafficPolicy.tls',
    'E spec.subsets[0].trafficPolicy.tls',
  ],
  [
    'a warning of a subset',
    '{host: a, subsets: [{name: v1, trafficPolicy: {outlierDetection: {consecutiveErrors: 1}}}]}',
    'W spec.subsets[0].trafficPolicy.outlierDetection.consecutiveErrors',
  ],
  ['an empty selector', '{host: a, workloadSelector: {}}', 'W spec.workloadSelector'],
  [
    'a wildcard in a selector',
    '{host: a, workloadSelector: {matchLabels: {a: "*"}}}',
    'E spec.workloadSelector.matchLabels.a',
  ],
  ['exported with a selector', '{host: a, workloadSelector: {matchLabels: {a: b}}, exportTo: [.]}'],
  [
    'exported with a selector by name',
    '{host: a, workloadSelector: {matchLabels: {a: b}}, exportTo: [here]}',
  ],
  [
    'exported elsewhere with a selector',
    '{host: a, workloadSelector: {matchLabels: {a: b}}, exportTo: ["*"]}',
    'E spec.exportTo[0]',
  ],
  [
    'exported to two with a selector',
    '{host: a, workloadSelector: {matchLabels: {a: b}}, exportTo: [., a]}',
    'E spec.exportTo[0]',
  ],
  ['exported to none', '{host: a, exportTo: ["~"]}', 'E spec.exportTo[0]'],

  ['an empty policy', policy(''), `E ${POLICY}`],
  ['a retry budget', policy('retryBudget: {percent: 10}')],
  [
    'a tunnel with a proxy protocol',
    policy('tunnel: {}, proxyProtocol: {}, tls: {mode: MUTUAL}'),
    `E ${POLICY}`,
  ],

  [
    'outliers',
    outlier(
      'interval: 1s, baseEjectionTime: 1m, maxEjectionPercent: 100, consecutiveLocalOriginFailures: 1, splitExternalLocalOriginErrors: true',
    ),
  ],
  ['a short interval', outlier('interval: 0.5ms'), `E ${OUTLIER}.interval`],
  ['an odd ejection time', outlier('baseEjectionTime: 1.0005s'), `E ${OUTLIER}.baseEjectionTime`],
  ['consecutiveErrors', outlier('consecutiveErrors: 5'), `W ${OUTLIER}.consecutiveErrors`],
  [
    'local failures alone',
    outlier('consecutiveLocalOriginFailures: 1'),
    `E ${OUTLIER}.consecutiveLocalOriginFailures`,
  ],
  ['no local failures', outlier('consecutiveLocalOriginFailures: 0')],
  [
    'percentages',
    outlier('maxEjectionPercent: 101, minHealthPercent: -1'),
    `E ${OUTLIER}.maxEjectionPercent`,
    `E ${OUTLIER}.minHealthPercent`,
  ],

  ['an empty pool', policy('connectionPool: {}'), `E ${POLICY}.connectionPool`],
  [
    'a pool',
    http(
      'http1MaxPendingRequests: 1, idleTimeout: 1s, http2KeepAlive: {interval: 1s, timeout: 1s}, useClientProtocol: true',
    ),
  ],
  ...[
    'http1MaxPendingRequests',
    'http2MaxRequests',
    'maxRequestsPerConnection',
    'maxRetries',
    'maxConcurrentStreams',
  ].map((name) => [`negative ${name}`, http(`${name}: -1`), `E ${HTTP}.${name}`] as const),
  ['no idle timeout', http('idleTimeout: 0s'), `E ${HTTP}.idleTimeout`],
  ['two protocols', http('useClientProtocol: true, h2UpgradePolicy: UPGRADE'), `E ${HTTP}`],
  ['an upgrade', http('h2UpgradePolicy: UPGRADE')],
  ['keep alive without an interval', http('http2KeepAlive: {timeout: 1s}'), `E ${HTTP}.http2KeepAlive`],
  [
    'keep alive with a bad timeout',
    http('http2KeepAlive: {interval: 1s, timeout: 0s}'),
    `E ${HTTP}.http2KeepAlive.timeout`,
  ],
  [
    'connections',
    tcp('maxConnections: 0, connectTimeout: 1s, idleTimeout: 0s, tcpKeepalive: {time: 1h, interval: 75s}'),
  ],
  ['negative connections', tcp('maxConnections: -1'), `E ${TCP}.maxConnections`],
  [
    'bad durations',
    tcp(
      'connectTimeout: 0s, maxConnectionDuration: 0s, idleTimeout: 0.1ms, tcpKeepalive: {time: 0s, interval: 0s}',
    ),
    `E ${TCP}.connectTimeout`,
    `E ${TCP}.maxConnectionDuration`,
    `E ${TCP}.idleTimeout`,
    `E ${TCP}.tcpKeepalive.time`,
    `E ${TCP}.tcpKeepalive.interval`,
  ],

  ['a cookie', hash('httpCookie: {name: a, ttl: 0s, attributes: [{name: SameSite}, {name: Secure}]}')],
  ['a cookie without a name', hash('httpCookie: {ttl: 0s}'), `E ${HASH}.httpCookie`],
  [
    'an attribute without a name',
    hash('httpCookie: {name: a, attributes: [{value: x}]}'),
    `E ${HASH}.httpCookie.attributes[0]`,
  ],
  [
    'an attribute twice',
    hash('httpCookie: {name: a, attributes: [{name: x}, {name: x}]}'),
    `E ${HASH}.httpCookie.attributes[1]`,
  ],
  ['an old ring size', hash('useSourceIp: true, minimumRingSize: 1'), `W ${HASH}.minimumRingSize`],
  [
    'an old ring size and a new one',
    hash('useSourceIp: true, minimumRingSize: 1, ringHash: {minimumRingSize: 1}'),
    `W ${HASH}.minimumRingSize`,
    `E ${HASH}.minimumRingSize`,
  ],
  ['maglev', hash('useSourceIp: true, maglev: {tableSize: "65537"}')],
  ['maglev without a size', hash('useSourceIp: true, maglev: {}'), `E ${HASH}.maglev`],
  [
    'maglev with a large size',
    hash('useSourceIp: true, maglev: {tableSize: 5000011}'),
    `E ${HASH}.maglev.tableSize`,
  ],
  ['the largest maglev', hash('useSourceIp: true, maglev: {tableSize: 4999999}')],
  [
    'maglev without a prime',
    hash('useSourceIp: true, maglev: {tableSize: 65536}'),
    `E ${HASH}.maglev.tableSize`,
  ],
  ['two things to hash', hash('useSourceIp: true, httpHeaderName: x'), `W ${HASH}`],
  [
    'two balancers',
    balancer('simple: RANDOM, consistentHash: {useSourceIp: true}'),
    `W ${POLICY}.loadBalancer`,
  ],
  ['two localities', balancer('localityLbSetting: {}, zoneAwareLbSetting: {}'), `E ${POLICY}.loadBalancer`],
  [
    'a warmup',
    balancer('simple: ROUND_ROBIN, warmup: {duration: 10s, minimumPercent: 100, aggression: 0.5}'),
  ],
  ['a warmup without a duration', balancer('warmup: {aggression: 1}'), `E ${POLICY}.loadBalancer.warmup`],
  [
    'a bad warmup',
    balancer('warmup: {duration: 0s, minimumPercent: 101, aggression: 0}'),
    ...['duration', 'minimumPercent', 'aggression'].map((name) => `E ${POLICY}.loadBalancer.warmup.${name}`),
  ],

  [
    'distribute',
    locality('distribute: [{from: us/*, to: {us/a/*: 80, us/b: 20}}, {from: eu, to: {"*": 100}}]'),
  ],
  [
    'distribute and failover',
    locality('distribute: [{from: "", to: {}}], failover: [{from: a, to: a}]'),
    `E ${LOCALITY}`,
  ],
  ...TOPOLOGY.map(
    (label) =>
      [
        `failover and ${label}`,
        locality(`failover: [{from: a, to: a}], failoverPriority: [x, ${label}]`),
        `E ${LOCALITY}.failoverPriority[1]`,
      ] as const,
  ),
  ['failover and another label', locality('failover: [{from: a, to: b}], failoverPriority: [x]')],
  ['only labels', locality(`failoverPriority: [${TOPOLOGY.join(', ')}]`)],
  [
    'weight 0',
    locality('distribute: [{from: a, to: {b: 0, c: 200}}, {from: a, to: {b: 1}}]'),
    `E ${LOCALITY}.distribute[0].to.b`,
  ],
  ['weight 101', locality('distribute: [{from: a, to: {b: 101}}]'), `E ${LOCALITY}.distribute[0].to.b`],
  [
    'a sum of 99',
    locality('distribute: [{from: a, to: {b: 50, c: 49}}, {from: a, to: {b: 1}}]'),
    `E ${LOCALITY}.distribute[0].to`,
  ],
  [
    'an empty part',
    locality('distribute: [{from: a, to: {b//c: 100}}]'),
    `E ${LOCALITY}.distribute[0].to["b//c"]`,
  ],
  [
    'a wildcard in the middle',
    locality('distribute: [{from: a, to: {"b/*/c": 100}}]'),
    `E ${LOCALITY}.distribute[0].to["b/*/c"]`,
  ],
  [
    'localities that overlap',
    locality('distribute: [{from: a, to: {b/*: 50, b/c: 50}}]'),
    `E ${LOCALITY}.distribute[0].to["b/c"]`,
  ],
  [
    'sources that overlap',
    locality('distribute: [{from: a/b/c, to: {x: 100}}, {from: a/*, to: {x: 100}}]'),
    `E ${LOCALITY}.distribute[1].from`,
  ],
  [
    'failover without outliers',
    balancer('localityLbSetting: {failover: [{from: a, to: b}]}'),
    `W ${LOCALITY}.failover`,
  ],
  [
    'labels without outliers',
    balancer('localityLbSetting: {failoverPriority: [a]}'),
    `W ${LOCALITY}.failoverPriority`,
  ],
  ['failover to itself', locality('failover: [{from: a, to: a}]'), `E ${LOCALITY}.failover[0]`],
  [
    'failover of zones',
    locality('failover: [{from: a/b, to: "c*"}]'),
    `E ${LOCALITY}.failover[0].from`,
    `E ${LOCALITY}.failover[0].to`,
  ],
  ['zones', zone('failover: [{from: a, to: b}], failoverPriority: [x]')],
  ...TOPOLOGY.map(
    (label) =>
      [`zones and ${label}`, zone(`failoverPriority: [${label}]`), `E ${ZONE}.failoverPriority[0]`] as const,
  ),
  [
    'zones without outliers',
    balancer('zoneAwareLbSetting: {failover: [{from: a, to: a}]}'),
    `W ${ZONE}.failover`,
    `E ${ZONE}.failover[0]`,
  ],

  ['a ConfigMap', tls('mode: SIMPLE, credentialName: "configmap://here/a"')],
  [
    'a ConfigMap elsewhere',
    tls('mode: SIMPLE, credentialName: "configmap://there/a"'),
    `E ${TLS}.credentialName`,
  ],
  [
    'a ConfigMap without a name',
    tls('mode: SIMPLE, credentialName: "configmap://here"'),
    `E ${TLS}.credentialName`,
  ],
  ['no verification', tls('mode: SIMPLE, insecureSkipVerify: true')],
  [
    'no verification with a CA',
    tls('mode: SIMPLE, insecureSkipVerify: true, caCertificates: a, subjectAltNames: [b]'),
    `E ${TLS}.caCertificates`,
    `E ${TLS}.subjectAltNames`,
  ],
  [
    'no verification with a name',
    tls('mode: SIMPLE, insecureSkipVerify: true, credentialName: a'),
    `E ${TLS}.credentialName`,
  ],
  ['no verification in MUTUAL', tls('mode: MUTUAL, insecureSkipVerify: true, credentialName: a')],
  [
    'no verification in MUTUAL with a CA',
    tls(
      'mode: MUTUAL, insecureSkipVerify: true, clientCertificate: x, privateKey: y, caCertificates: a, subjectAltNames: [b]',
    ),
    `E ${TLS}.caCertificates`,
    `E ${TLS}.subjectAltNames`,
  ],
  [
    'a name and files',
    tls('mode: MUTUAL, credentialName: a, clientCertificate: a, caCertificates: a, privateKey: a, caCrl: a'),
    ...['clientCertificate', 'caCertificates', 'privateKey', 'caCrl'].map((name) => `E ${TLS}.${name}`),
  ],
  ['SIMPLE', tls('mode: SIMPLE, caCertificates: a')],
  ['MUTUAL without files', tls('mode: MUTUAL'), `E ${TLS}`, `E ${TLS}`],
  ['MUTUAL without a key', tls('mode: MUTUAL, clientCertificate: a'), `E ${TLS}`],
  ['ISTIO_MUTUAL', tls('mode: ISTIO_MUTUAL')],

  ['a port', policy('portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}]')],
  [
    'settings without a port',
    policy('portLevelSettings: [{tls: {mode: DISABLE}}]'),
    `E ${POLICY}.portLevelSettings[0]`,
  ],
  [
    'a port without settings',
    policy('portLevelSettings: [{port: {number: 80}}]'),
    `E ${POLICY}.portLevelSettings[0]`,
  ],
  [
    'bad settings of a port',
    policy('portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: -1}}}]'),
    `E ${POLICY}.portLevelSettings[0].connectionPool.tcp.maxConnections`,
  ],

  ['a tunnel', policy('tunnel: {protocol: POST, targetHost: a.b, targetPort: 80}')],
  ['a tunnel to an IP', policy('tunnel: {targetHost: 1.2.3.4, targetPort: 80}')],
  [
    'a tunnel over GET',
    policy('tunnel: {protocol: GET, targetHost: a.b, targetPort: 80}'),
    `E ${POLICY}.tunnel.protocol`,
  ],
  ['a tunnel to nowhere', policy('tunnel: {targetPort: 80}'), `E ${POLICY}.tunnel`],
  [
    'a tunnel to a wildcard',
    policy('tunnel: {targetHost: "*.a", targetPort: 0}'),
    `E ${POLICY}.tunnel.targetHost`,
    `E ${POLICY}.tunnel.targetPort`,
  ],
  ['a proxy protocol', policy('proxyProtocol: {version: V2}')],
]);
