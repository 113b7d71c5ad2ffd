import { table } from './problems-of.ts';

const egress = (...listeners: string[]): string =>
  `{egress: [${listeners.map((text) => `{${text}}`).join(', ')}]}`;
const hosts = (...names: string[]): string => egress(`hosts: ${JSON.stringify(names)}`);
const ingress = (...listeners: string[]): string =>
  `{ingress: [${listeners.map((text) => `{${text}}`).join(', ')}]}`;
const PORT = 'port: {number: 80, name: http, protocol: HTTP}';
const TLS_PORT = 'port: {number: 443, name: tls, protocol: TLS}';
const EGRESS = 'spec.egress[0]';
const INGRESS = 'spec.ingress[0]';

table({ apiVersion: 'networking.istio.io/v1', kind: 'Sidecar', namespace: 'here' }, [
  ['nothing in it', '{}', 'E spec'],
  ['only a selector', '{workloadSelector: {labels: {a: b}}}', 'E spec'],
  ['an empty selector', '{workloadSelector: {}, egress: [{hosts: ["*/*"]}]}', 'W spec.workloadSelector'],
  [
    'a wildcard in a selector hides the rest',
    '{workloadSelector: {labels: {a: "b*", "": c}}, egress: [{}]}',
    'E spec.workloadSelector.labels.a',
    'E spec.workloadSelector.labels[""]',
    'W spec.egress[0]',
  ],

  ['an ingress listener', ingress(`${PORT}, defaultEndpoint: "127.0.0.1:8080", bind: 127.0.0.1`)],
  ['no port', ingress('defaultEndpoint: "127.0.0.1:8080"'), `E ${INGRESS}`],
  ['targetPort', ingress('port: {number: 80, targetPort: 81}'), `E ${INGRESS}.port.targetPort`],
  ['a bad port name', ingress('port: {number: 80, name: a_b}'), `E ${INGRESS}.port.name`],
  ['a bad protocol', ingress('port: {number: 80, protocol: FTP}'), `E ${INGRESS}.port.protocol`],
  ['port 0', ingress('port: {number: 0}'), `E ${INGRESS}.port.number`],
  ['a bad address to bind to', ingress(`${PORT}, bind: localhost`), `E ${INGRESS}.bind`],
  ['a port twice', ingress(PORT, PORT), 'E spec.ingress[1].port.number'],
  ...['unix:///a', ':80', '0.0.0.0:80', '[::1]:80', '[::]:80'].map(
    (text) => [`the endpoint ${text}`, ingress(`${PORT}, defaultEndpoint: "${text}"`)] as const,
  ),
  ...[
    'unix://a',
    '127.0.0.1',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    '10.0.0.1:80',
    'localhost:80',
    '::1:80',
    'a',
  ].map(
    (text) =>
      [
        `the endpoint ${text} is bad`,
        ingress(`${PORT}, defaultEndpoint: "${text}"`),
        `E ${INGRESS}.defaultEndpoint`,
      ] as const,
  ),
  ['ingress TLS', ingress(`${TLS_PORT}, tls: {mode: SIMPLE, serverCertificate: a, privateKey: b}`)],
  [
    'ingress TLS with what it has not',
    ingress(
      `${TLS_PORT}, tls: {mode: SIMPLE, serverCertificate: a, privateKey: b, subjectAltNames: [x], httpsRedirect: true}`,
    ),
    `E ${INGRESS}.tls.subjectAltNames`,
    `E ${INGRESS}.tls.httpsRedirect`,
  ],
  [
    'ingress TLS by name',
    ingress(`${TLS_PORT}, tls: {mode: SIMPLE, credentialName: x}`),
    `E ${INGRESS}.tls.credentialName`,
  ],
  [
    'ingress TLS by names',
    ingress(`${TLS_PORT}, tls: {mode: SIMPLE, credentialNames: [x]}`),
    `E ${INGRESS}.tls.credentialNames`,
  ],
  [
    'ingress TLS by a list',
    ingress(`${TLS_PORT}, tls: {mode: SIMPLE, tlsCertificates: [{serverCertificate: a, privateKey: b}]}`),
    `E ${INGRESS}.tls.tlsCertificates`,
  ],
  ['ingress ISTIO_MUTUAL', ingress(`${TLS_PORT}, tls: {mode: ISTIO_MUTUAL}`), `E ${INGRESS}.tls.mode`],
  [
    'ingress AUTO_PASSTHROUGH',
    ingress(`${TLS_PORT}, tls: {mode: AUTO_PASSTHROUGH}`),
    `E ${INGRESS}.tls.mode`,
  ],
  ['TLS on an HTTP port', ingress(`${PORT}, tls: {mode: PASSTHROUGH}`), `E ${INGRESS}.tls`],
  [
    'TLS as on a Gateway',
    ingress(`${TLS_PORT}, tls: {mode: SIMPLE}`),
    `E ${INGRESS}.tls`,
    `E ${INGRESS}.tls`,
  ],
  ['a pool', ingress(`${PORT}, connectionPool: {http: {maxRetries: 1}}`)],
  ['an empty pool', ingress(`${PORT}, connectionPool: {}`), `E ${INGRESS}.connectionPool`],
  [
    'an HTTP pool on a TCP port',
    ingress('port: {number: 9000, protocol: TCP}, connectionPool: {http: {maxRetries: 1}}'),
    `W ${INGRESS}.connectionPool.http`,
  ],
  [
    'a pool for all',
    '{inboundConnectionPool: {tcp: {maxConnections: -1}}}',
    'E spec.inboundConnectionPool.tcp.maxConnections',
  ],

  ['an egress listener', hosts('*/*')],
  [
    'a listener without port before another',
    egress('hosts: ["*/*"]', `${PORT}, hosts: ["*/*"]`),
    `E ${EGRESS}`,
  ],
  ['a listener without port at the end', egress(`${PORT}, hosts: ["*/*"]`, 'hosts: ["*/*"]')],
  ['two listeners without ports', egress('hosts: ["*/*"]', 'hosts: ["*/*"]'), `E ${EGRESS}`],
  [
    'egress targetPort',
    egress('port: {number: 80, targetPort: 81}, hosts: ["*/*"]'),
    `E ${EGRESS}.port.targetPort`,
  ],
  [
    'a bad egress port name',
    egress('port: {number: 80, name: a_b}, hosts: ["*/*"]'),
    `E ${EGRESS}.port.name`,
  ],
  ['a socket', egress('port: {number: 0}, bind: "unix:///a", captureMode: NONE, hosts: ["*/*"]')],
  ['egress port 0', egress('port: {name: a}, hosts: ["*/*"]'), `E ${EGRESS}.port`],
  [
    'a socket with IPTABLES',
    egress('port: {number: 0}, bind: "unix:///a", captureMode: IPTABLES, hosts: ["*/*"]'),
    `E ${EGRESS}.captureMode`,
  ],
  ['a relative socket', egress('port: {number: 0}, bind: "unix://a", hosts: ["*/*"]'), `E ${EGRESS}.bind`],
  [
    'a socket twice',
    egress(
      'port: {number: 0}, bind: "unix:///a", hosts: ["*/*"]',
      'port: {number: 0}, bind: "unix:///a", hosts: ["*/*"]',
    ),
    'E spec.egress[1].bind',
  ],
  [
    'a bad egress protocol',
    egress('port: {number: 80, protocol: FTP}, hosts: ["*/*"]'),
    `E ${EGRESS}.port.protocol`,
  ],
  ['a large egress port', egress('port: {number: 65536}, hosts: ["*/*"]'), `E ${EGRESS}.port.number`],
  ['a name to bind to', egress(`${PORT}, bind: localhost, hosts: ["*/*"]`), `E ${EGRESS}.bind`],
  [
    'an egress port twice',
    egress(`${PORT}, hosts: ["*/*"]`, `${PORT}, hosts: ["*/*"]`),
    'E spec.egress[1].port.number',
  ],
  ['no hosts', egress(PORT), `E ${EGRESS}`],
  ...['./a.b', '*/a.b', '~/*', '~/a.b', '~ns/a.b', '~*/a.b', 'ns/*', './*.a.b'].map(
    (text) => [`the host ${text}`, hosts(text)] as const,
  ),
  ...['a.b', '/a.b', 'ns/', 'n_s/a.b', 'ns/a', 'ns/1.2.3.4', 'ns/::1', 'ns/*a.b', '~~/a.b'].map(
    (text) => [`the host ${text} is bad`, hosts(text), `E ${EGRESS}.hosts[0]`] as const,
  ),
  ['a host twice', hosts('./a.b', 'here/a.b'), `W ${EGRESS}.hosts[1]`],
  ['all of a namespace and one host', hosts('ns/a.b', 'ns/*'), `W ${EGRESS}.hosts[1]`],
  ['hosts of several namespaces', hosts('ns/a.b', './*', '~/c.d', '~/c.d')],
  ['everything and more', hosts('./*', '*/*'), `W ${EGRESS}.hosts[1]`],

  [
    'ALLOW_ANY with a proxy',
    '{outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a.b, subset: s, port: {number: 80}}}}',
  ],
  [
    'a proxy without ALLOW_ANY',
    '{outboundTrafficPolicy: {egressProxy: {host: "*"}}}',
    'E spec.outboundTrafficPolicy.egressProxy',
  ],
  [
    'a proxy without a full name',
    '{outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: "*.a", port: {number: 80}}}}',
    'E spec.outboundTrafficPolicy.egressProxy.host',
  ],
  [
    'a proxy without a port',
    '{outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a, subset: a_b}}}',
    'E spec.outboundTrafficPolicy.egressProxy',
  ],
  [
    'a proxy with a bad subset',
    '{outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a, subset: a_b, port: {number: 80}}}}',
    'E spec.outboundTrafficPolicy.egressProxy.subset',
  ],
]);
