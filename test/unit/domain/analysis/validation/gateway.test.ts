import { describe, expect, it } from '@jest/globals';
import { problemsOf, table } from './problems-of.ts';

const GATEWAY = { apiVersion: 'networking.istio.io/v1', kind: 'Gateway' };
const server = (text: string, port = 'number: 80, name: http, protocol: HTTP'): string =>
  `{servers: [{port: {${port}}, ${text}}]}`;
const host = (text: string): string => server(`hosts: [${JSON.stringify(text)}]`);
const https = (tls: string): string =>
  server(`hosts: ["*"], tls: {${tls}}`, 'number: 443, name: https, protocol: HTTPS');
const SERVER = 'spec.servers[0]';
const TLS = `${SERVER}.tls`;
const PAIR = 'serverCertificate: /a, privateKey: /b';

table(GATEWAY, [
  ['fine', server('hosts: ["*"]')],
  ['no servers', '{selector: {a: b}}', 'E spec'],
  [
    'a port name twice',
    '{servers: [{port: {number: 80, name: a, protocol: HTTP}, hosts: ["*"]}, {port: {number: 81, name: a, protocol: HTTP}, hosts: ["*"]}]}',
    'E spec.servers[1].port.name',
  ],
  [
    'a redirect on a TCP port',
    server('hosts: ["*"], tls: {httpsRedirect: true}', 'number: 80, name: a, protocol: TLS'),
    `W ${TLS}.httpsRedirect`,
  ],
  ['a redirect', server('hosts: ["*"], tls: {httpsRedirect: true}')],

  ['no hosts', server('name: a'), `E ${SERVER}`],
  ...['*', '*/*', './a.b', 'ns/*.a.b', '*/a.b', '1.2.3.4', 'a.b', '*.b'].map(
    (text) => [`the host ${text}`, host(text)] as const,
  ),
  ...['a', '*/a', '/a.b', 'ns/', 'a_b/a.b', '*a.b', 'a.*.b', '*.1', 'ns/*a', 'a/b/c.d'].map(
    (text) => [`the host ${text} is bad`, host(text), `E ${SERVER}.hosts[0]`] as const,
  ),

  ['no port', '{servers: [{hosts: ["*"]}]}', `E ${SERVER}`],
  [
    'an unknown protocol',
    server('hosts: ["*"]', 'number: 80, name: a, protocol: FTP'),
    `E ${SERVER}.port.protocol`,
  ],
  ['no protocol', server('hosts: ["*"]', 'number: 80, name: a'), `E ${SERVER}.port`],
  [
    'a large port',
    server('hosts: ["*"]', 'number: 65536, name: a, protocol: HTTP'),
    `E ${SERVER}.port.number`,
  ],
  ['port 0', server('hosts: ["*"]', 'number: 0, name: a, protocol: HTTP'), `E ${SERVER}.port.number`],
  ['port 0 of a socket', server('hosts: ["*"], bind: "unix:///a"', 'number: 0, name: a, protocol: HTTP')],
  ['a port of a socket', server('hosts: ["*"], bind: "unix:///a"'), `E ${SERVER}.port.number`],
  [
    'targetPort',
    server('hosts: ["*"]', 'number: 80, name: a, protocol: HTTP, targetPort: 81'),
    `E ${SERVER}.port.targetPort`,
  ],
  ['no port name', server('hosts: ["*"]', 'number: 80, protocol: HTTP'), `E ${SERVER}.port`],
  ['an abstract socket', server('hosts: ["*"], bind: "unix://@a"', 'number: 0, name: a, protocol: HTTP')],
  [
    'a relative socket',
    server('hosts: ["*"], bind: "unix://a"', 'number: 0, name: a, protocol: HTTP'),
    `E ${SERVER}.bind`,
  ],
  [
    'a folder',
    server('hosts: ["*"], bind: "unix:///a/"', 'number: 0, name: a, protocol: HTTP'),
    `E ${SERVER}.bind`,
  ],
  ['an address to bind to', server('hosts: ["*"], bind: 127.0.0.1')],
  ['a name to bind to', server('hosts: ["*"], bind: localhost'), `E ${SERVER}.bind`],

  ['TLS without tls', server('hosts: ["*"]', 'number: 443, name: a, protocol: TLS'), `E ${SERVER}`],
  [
    'HTTP with certificates',
    server(`hosts: ["*"], tls: {${PAIR}}`),
    `W ${TLS}.serverCertificate`,
    `E ${TLS}`,
  ],
  ['HTTP with a mode', server('hosts: ["*"], tls: {mode: SIMPLE, credentialName: a}'), `E ${TLS}`],
  [
    'TCP with tls',
    server('hosts: ["*"], tls: {mode: PASSTHROUGH}', 'number: 9000, name: a, protocol: TCP'),
    `E ${TLS}`,
  ],

  [
    'old TLS without ciphers',
    https('mode: PASSTHROUGH, minProtocolVersion: TLSV1_1'),
    `W ${TLS}.minProtocolVersion`,
  ],
  [
    'old TLS with ciphers',
    https('mode: PASSTHROUGH, minProtocolVersion: TLSV1_0, cipherSuites: [AES128-SHA]'),
  ],
  [
    'ciphers',
    https('mode: PASSTHROUGH, cipherSuites: [ECDHE-RSA-AES128-GCM-SHA256, ALL, "!MD5", "", FOO]'),
    `W ${TLS}.cipherSuites[4]`,
  ],
  [
    'a cipher twice',
    https('mode: PASSTHROUGH, cipherSuites: [AES128-SHA, AES128-SHA]'),
    `W ${TLS}.cipherSuites[1]`,
  ],
  ['ISTIO_MUTUAL', https('mode: ISTIO_MUTUAL')],
  [
    'ISTIO_MUTUAL with everything',
    https(
      `mode: ISTIO_MUTUAL, ${PAIR}, caCertificates: /c, tlsCertificates: [{}], credentialName: d, credentialNames: [e]`,
    ),
    ...[
      'serverCertificate',
      'privateKey',
      'caCertificates',
      'tlsCertificates',
      'credentialName',
      'credentialNames',
    ].map((name) => `E ${TLS}.${name}`),
  ],
  [
    'PASSTHROUGH with a certificate',
    https('mode: PASSTHROUGH, credentialName: a'),
    `W ${TLS}.credentialName`,
  ],
  ['AUTO_PASSTHROUGH with a revocation list', https('mode: AUTO_PASSTHROUGH, caCrl: a'), `W ${TLS}.caCrl`],
  ['two sources', https(`mode: SIMPLE, credentialName: a, ${PAIR}`), `E ${TLS}`],
  [
    'two other sources',
    https('mode: SIMPLE, credentialNames: [a], tlsCertificates: [{serverCertificate: a, privateKey: b}]'),
    `E ${TLS}`,
  ],
  ['SIMPLE by name', https('mode: SIMPLE, credentialName: a')],
  ['MUTUAL by names', https('mode: MUTUAL, credentialNames: [a, b]')],
  ['SIMPLE by files', https(`mode: SIMPLE, ${PAIR}`)],
  ['SIMPLE without anything', https('mode: SIMPLE'), `E ${TLS}`, `E ${TLS}`],
  ['SIMPLE without a key', https('mode: SIMPLE, serverCertificate: a'), `E ${TLS}`],
  ['MUTUAL without a CA', https(`mode: MUTUAL, ${PAIR}`), `E ${TLS}`],
  ['OPTIONAL_MUTUAL without a CA', https(`mode: OPTIONAL_MUTUAL, ${PAIR}`), `E ${TLS}`],
  ['MUTUAL by files', https(`mode: MUTUAL, ${PAIR}, caCertificates: /c, caCrl: /d`)],
  [
    'two certificates',
    https(
      'mode: SIMPLE, tlsCertificates: [{serverCertificate: a, privateKey: b}, {serverCertificate: a, privateKey: b}]',
    ),
  ],
  [
    'three certificates',
    https(
      'mode: SIMPLE, tlsCertificates: [{serverCertificate: a, privateKey: b}, {serverCertificate: a, privateKey: b}, {serverCertificate: a, privateKey: b}]',
    ),
    `W ${TLS}.tlsCertificates[2]`,
    `W ${TLS}.tlsCertificates`,
  ],
  [
    'a certificate without a key',
    https('mode: SIMPLE, tlsCertificates: [{serverCertificate: a}]'),
    `E ${TLS}.tlsCertificates[0]`,
  ],
  [
    'a revocation list with credentialName',
    https('mode: MUTUAL, credentialName: a, caCrl: b'),
    `E ${TLS}.caCrl`,
  ],
  ['a revocation list in SIMPLE', https(`mode: SIMPLE, ${PAIR}, caCrl: b`), `E ${TLS}.caCrl`],
]);

describe('the name of a Gateway', () => {
  it('has no dots', () => {
    expect(problemsOf({ ...GATEWAY, name: 'a.b' }, server('hosts: ["*"]'))).toEqual(['E metadata.name']);
    expect(problemsOf({ ...GATEWAY, name: 'a-b' }, server('hosts: ["*"]'))).toEqual([]);
  });
});
