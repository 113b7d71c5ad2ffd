import { table } from './problems-of.ts';

const HTTP = 'ports: [{number: 80, name: http, protocol: HTTP}]';
const TCP = 'ports: [{number: 9000, name: tcp, protocol: TCP}]';
const entry = (text: string, host = 'a.b'): string => `{hosts: ["${host}"], ${text}}`;
const PORT = 'spec.ports[0]';
const ENDPOINT = 'spec.endpoints[0]';

table({ apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry', namespace: 'here' }, [
  ['fine', entry(HTTP)],
  [
    'an empty selector',
    entry(`${HTTP}, resolution: STATIC, workloadSelector: {}`),
    'W spec.workloadSelector',
  ],
  [
    'a wildcard in a selector hides the rest',
    '{workloadSelector: {labels: {"a*": b}}}',
    'E spec.workloadSelector.labels["a*"]',
    'W spec',
  ],
  [
    'selector and endpoints',
    entry(`${HTTP}, resolution: STATIC, workloadSelector: {labels: {a: b}}, endpoints: [{address: 1.1.1.1}]`),
    'E spec',
  ],
  ['no hosts', `{${HTTP}}`, 'E spec'],
  ['any host', entry(HTTP, '*'), 'E spec.hosts[0]'],
  ['a wildcard', entry(HTTP, '*.b')],
  ['a part of a wildcard', entry(HTTP, '*a.b'), 'W spec.hosts[0]'],
  ['a bad host', entry(HTTP, 'a_b'), 'E spec.hosts[0]'],
  ['addresses', entry(`${HTTP}, addresses: [10.0.0.1, 10.0.0.0/8]`)],
  ['a bad address', entry(`${HTTP}, addresses: [a]`), 'E spec.addresses[0]'],
  ['a range with DNS', entry(`${HTTP}, addresses: [10.0.0.0/8], resolution: DNS`), 'E spec.addresses[0]'],
  ['a range with STATIC', entry(`${HTTP}, addresses: [10.0.0.0/8], resolution: STATIC`)],
  [
    'a port name twice',
    entry('ports: [{number: 80, name: a, protocol: HTTP}, {number: 81, name: a, protocol: HTTP}]'),
    'E spec.ports[1].name',
  ],
  [
    'a port number twice',
    entry('ports: [{number: 80, name: a, protocol: HTTP}, {number: 80, name: b, protocol: HTTP}]'),
    'E spec.ports[1].number',
  ],
  [
    'a large targetPort',
    entry('ports: [{number: 80, name: a, protocol: HTTP, targetPort: 65536}]'),
    `E ${PORT}.targetPort`,
  ],
  ['a bad port name', entry('ports: [{number: 80, name: a_b, protocol: HTTP}]'), `E ${PORT}.name`],
  ['no port name', entry('ports: [{number: 80, protocol: HTTP}]'), `E ${PORT}`],
  ['a bad protocol', entry('ports: [{number: 80, name: a, protocol: FTP}]'), `E ${PORT}.protocol`],
  ['a large port', entry('ports: [{number: 65536, name: a, protocol: HTTP}]'), `E ${PORT}.number`],
  ['port 0', entry('ports: [{number: 0, name: a, protocol: HTTP}]'), `E ${PORT}.number`],
  ['TCP without addresses', entry(TCP), `W ${PORT}`],
  ['no protocol and no addresses', entry('ports: [{number: 80, name: a}]'), `W ${PORT}`],
  ['tcp in lower case', entry('ports: [{number: 80, name: a, protocol: tcp}]')],
  ['TCP with addresses', entry(`${TCP}, addresses: [10.0.0.1]`)],
  ['TCP with DNS', entry(`${TCP}, resolution: DNS`)],

  ['NONE with endpoints', entry(`${HTTP}, endpoints: [{address: 10.0.0.1}]`), 'E spec.endpoints'],
  ['NONE with a selector', entry(`${HTTP}, workloadSelector: {labels: {a: b}}`), 'W spec.workloadSelector'],

  ['STATIC', entry(`${HTTP}, resolution: STATIC, endpoints: [{address: 10.0.0.1, ports: {http: 8080}}]`)],
  [
    'STATIC with a name',
    entry(`${HTTP}, resolution: STATIC, endpoints: [{address: a.b}]`),
    `E ${ENDPOINT}.address`,
  ],
  [
    'STATIC without an address',
    entry(`${HTTP}, resolution: STATIC, endpoints: [{ports: {x: 0}}]`),
    `E ${ENDPOINT}`,
    `W ${ENDPOINT}.ports.x`,
  ],
  ['STATIC with a network', entry(`${HTTP}, resolution: STATIC, endpoints: [{network: n}]`), `W ${ENDPOINT}`],
  [
    'STATIC with an unknown port',
    entry(`${HTTP}, resolution: STATIC, endpoints: [{address: 10.0.0.1, ports: {x: 1}}]`),
    `E ${ENDPOINT}.ports.x`,
  ],
  [
    'STATIC with a bad port',
    entry(`${HTTP}, resolution: STATIC, endpoints: [{address: 10.0.0.1, ports: {http: 65536}}]`),
    `E ${ENDPOINT}.ports.http`,
  ],
  ['STATIC with a socket', entry(`${HTTP}, resolution: STATIC, endpoints: [{address: "unix:///a"}]`)],
  [
    'STATIC with a socket and two ports',
    entry(
      'ports: [{number: 80, name: a, protocol: HTTP}, {number: 81, name: b, protocol: HTTP}], resolution: STATIC, endpoints: [{address: "unix:///a"}]',
    ),
    `E ${ENDPOINT}.address`,
  ],
  [
    'STATIC with a bad label',
    entry(`${HTTP}, resolution: STATIC, endpoints: [{address: 10.0.0.1, labels: {"-": a}}]`),
    `E ${ENDPOINT}.labels["-"]`,
  ],

  ['DNS', entry(`${HTTP}, resolution: DNS`)],
  [
    'DNS with wildcards and no endpoints',
    `{hosts: ["*.a", "*.b"], ${HTTP}, resolution: DNS}`,
    'E spec.hosts[0]',
  ],
  [
    'DNS with wildcards and endpoints',
    `{hosts: ["*.a"], ${HTTP}, resolution: DNS, endpoints: [{address: c.d}]}`,
  ],
  [
    'DNS with a bad endpoint',
    entry(`${HTTP}, resolution: DNS, endpoints: [{address: "a_b"}]`),
    `E ${ENDPOINT}.address`,
  ],
  [
    'DNS with a socket',
    entry(`${HTTP}, resolution: DNS, endpoints: [{address: "unix:///a"}]`),
    `E ${ENDPOINT}.address`,
  ],
  [
    'DNS with an unknown port',
    entry(`${HTTP}, resolution: DNS, endpoints: [{address: a.b, ports: {x: 1}}]`),
    `E ${ENDPOINT}.ports.x`,
  ],
  [
    'DNS with a bad label',
    entry(`${HTTP}, resolution: DNS, endpoints: [{address: a.b, labels: {a: "b c"}}]`),
    `E ${ENDPOINT}.labels.a`,
  ],
  [
    'DNS with addresses, TLS and several hosts',
    '{hosts: [a.b, c.d], addresses: [10.0.0.1], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}',
    'W spec.hosts',
  ],
  [
    'DNS with addresses, HTTP and several hosts',
    `{hosts: [a.b, c.d], addresses: [10.0.0.1], ${HTTP}, resolution: DNS}`,
  ],
  ['round robin', entry(`${HTTP}, resolution: DNS_ROUND_ROBIN, endpoints: [{address: a.b}]`)],
  [
    'round robin over two',
    entry(`${HTTP}, resolution: DNS_ROUND_ROBIN, endpoints: [{address: a.b}, {address: c.d}]`),
    'E spec.endpoints[1]',
  ],

  ['DYNAMIC_DNS', entry(`${HTTP}, resolution: DYNAMIC_DNS`, '*.b')],
  ['DYNAMIC_DNS with a part', entry(`${HTTP}, resolution: DYNAMIC_DNS`, '*a.b')],
  ['DYNAMIC_DNS without a wildcard', entry(`${HTTP}, resolution: DYNAMIC_DNS`), 'E spec.hosts[0]'],
  [
    'DYNAMIC_DNS with more',
    entry(`${HTTP}, resolution: DYNAMIC_DNS, addresses: [10.0.0.1], endpoints: [{address: a}]`, '*.b'),
    'E spec.addresses',
    'E spec.endpoints',
  ],
  ['DYNAMIC_DNS over TCP', entry(`${TCP}, resolution: DYNAMIC_DNS`, '*.b'), `E ${PORT}.protocol`],
  [
    'DYNAMIC_DNS over HTTPS',
    entry('ports: [{number: 443, name: a, protocol: HTTPS}], resolution: DYNAMIC_DNS', '*.b'),
    `E ${PORT}.protocol`,
  ],

  ['several hosts over TCP', `{hosts: [a.b, c.d], ${TCP}, resolution: DNS}`, `E ${PORT}`],
  ['several hosts over TCP without resolution', `{hosts: [a.b, c.d], ${TCP}, addresses: [10.0.0.1]}`],
  [
    'several hosts over TLS',
    '{hosts: [a.b, c.d], ports: [{number: 443, name: tls, protocol: HTTPS}], resolution: DNS}',
  ],

  ['exported to none', entry(`${HTTP}, exportTo: ["~"]`)],
  ['exported to its own', entry(`${HTTP}, exportTo: [., other]`)],
  ['exported twice', entry(`${HTTP}, exportTo: [., here]`), 'E spec.exportTo[1]'],
  ['exported to all and more', entry(`${HTTP}, exportTo: [a, "*"]`), 'E spec.exportTo[1]'],
  ['exported to none and more', entry(`${HTTP}, exportTo: ["~", a]`), 'E spec.exportTo[0]'],
  ['exported to no namespace', entry(`${HTTP}, exportTo: [a_b]`), 'E spec.exportTo[0]'],
]);
