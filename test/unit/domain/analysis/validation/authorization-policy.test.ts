import { table } from './problems-of.ts';

const rule = (text: string): string => `{rules: [{${text}}]}`;
const from = (text: string): string => rule(`from: [{source: {${text}}}]`);
const to = (text: string): string => rule(`to: [{operation: {${text}}}]`);
const when = (text: string): string => rule(`when: [{${text}}]`);
const custom = (text: string): string => `{action: CUSTOM, provider: {name: p}, rules: [{${text}}]}`;
const SOURCE = 'spec.rules[0].from[0].source';
const OPERATION = 'spec.rules[0].to[0].operation';
const WHEN = 'spec.rules[0].when[0]';

table({ apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy' }, [
  ['empty', '{}'],
  ['allow everything', '{rules: [{}]}'],
  ['deny everything', '{action: DENY, rules: [{}]}'],
  ['deny nothing', '{action: DENY}', 'E spec'],
  ['two attachments', '{selector: {matchLabels: {a: b}}, targetRef: {kind: Service, name: a}}', 'E spec'],
  ['an empty selector', '{selector: {}}', 'W spec.selector'],

  ['CUSTOM', custom('to: [{operation: {paths: [/a]}}]')],
  ['CUSTOM without rules', '{action: CUSTOM, provider: {name: p}}', 'E spec'],
  ['CUSTOM without a provider', '{action: CUSTOM, rules: [{}]}', 'E spec'],
  ['CUSTOM with an empty provider', '{action: CUSTOM, provider: {}, rules: [{}]}', 'E spec.provider'],
  ['a provider without CUSTOM', '{provider: {name: p}, rules: [{}]}', 'E spec.provider'],
  ['CUSTOM for IPs', custom('from: [{source: {ipBlocks: [10.0.0.0/8]}}]')],
  [
    'CUSTOM for namespaces',
    custom('from: [{source: {namespaces: [a], notNamespaces: [b]}}]'),
    `E ${SOURCE}.namespaces`,
    `E ${SOURCE}.notNamespaces`,
  ],
  [
    'CUSTOM for identities',
    custom(
      'from: [{source: {principals: [a], notPrincipals: [a]}}, {source: {requestPrincipals: [a], notRequestPrincipals: [a]}}]',
    ),
    `E ${SOURCE}.principals`,
    `E ${SOURCE}.notPrincipals`,
    'E spec.rules[0].from[1].source.requestPrincipals',
    'E spec.rules[0].from[1].source.notRequestPrincipals',
  ],
  [
    'CUSTOM for service accounts and trust domains',
    custom(
      'from: [{source: {serviceAccounts: [a], trustDomains: [b], notServiceAccounts: [a], notTrustDomains: [b]}}]',
    ),
    `E ${SOURCE}.serviceAccounts`,
    `E ${SOURCE}.notServiceAccounts`,
    `E ${SOURCE}.trustDomains`,
    `E ${SOURCE}.notTrustDomains`,
  ],
  [
    'CUSTOM with conditions',
    custom(
      'when: [{key: source.namespace, values: [a]}, {key: request.auth.audiences, values: [a]}, {key: "request.auth.claims[a]", values: [a]}, {key: source.ip, values: [10.0.0.1]}]',
    ),
    `E ${WHEN}.key`,
    'E spec.rules[0].when[1].key',
    'E spec.rules[0].when[2].key',
  ],

  ['from without a source', rule('from: [{}]'), 'E spec.rules[0].from[0]'],
  ['an empty source', from(''), `E ${SOURCE}`],
  ['service accounts', from('serviceAccounts: [a, b/c], notServiceAccounts: [d]')],
  ['service accounts with namespaces', from('serviceAccounts: [a], notNamespaces: [b]'), `E ${SOURCE}`],
  ['service accounts with principals', from('notServiceAccounts: [a], principals: [b]'), `E ${SOURCE}`],
  [
    'blocks',
    from(
      'ipBlocks: [10.0.0.1], notIpBlocks: [10.0.0.0/8], remoteIpBlocks: ["::1"], notRemoteIpBlocks: ["::/0"]',
    ),
  ],
  [
    'bad blocks',
    from('ipBlocks: [a], notIpBlocks: [b], remoteIpBlocks: [10.0.0.0/33], notRemoteIpBlocks: [1.2.3]'),
    `E ${SOURCE}.ipBlocks[0]`,
    `E ${SOURCE}.notIpBlocks[0]`,
    `E ${SOURCE}.remoteIpBlocks[0]`,
    `E ${SOURCE}.notRemoteIpBlocks[0]`,
  ],
  [
    'empty texts',
    from('principals: [""], namespaces: [a, ""], ipBlocks: [""]'),
    `E ${SOURCE}.principals[0]`,
    `E ${SOURCE}.namespaces[1]`,
    `E ${SOURCE}.ipBlocks[0]`,
  ],
  ['16 service accounts', from(`serviceAccounts: [${'a, '.repeat(15)}a]`)],
  ['17 service accounts', from(`serviceAccounts: [${'a, '.repeat(16)}a]`), `E ${SOURCE}.serviceAccounts`],
  ['a long service account', from(`serviceAccounts: [${'a'.repeat(321)}]`), `E ${SOURCE}.serviceAccounts[0]`],
  ['a service account with a wildcard', from('serviceAccounts: ["a*"]'), `E ${SOURCE}.serviceAccounts[0]`],
  [
    'service accounts of wrong form',
    from('serviceAccounts: [a/, /b, a/b/c]'),
    `E ${SOURCE}.serviceAccounts[0]`,
    `E ${SOURCE}.serviceAccounts[1]`,
    `E ${SOURCE}.serviceAccounts[2]`,
  ],
  ['trust domains', from('trustDomains: ["*", "*.a", "a.*", a.b]')],
  [
    'trust domains of wrong form',
    from('trustDomains: ["a*b", "*a*", a/b]'),
    `E ${SOURCE}.trustDomains[0]`,
    `E ${SOURCE}.trustDomains[1]`,
    `E ${SOURCE}.trustDomains[2]`,
  ],

  ['to without an operation', rule('to: [{}]'), 'E spec.rules[0].to[0]'],
  ['an empty operation', to(''), `E ${OPERATION}`],
  ['ports', to('ports: ["0", "80", "65535"]')],
  [
    'bad ports',
    to('ports: ["65536", http, "-1"], notPorts: [x]'),
    `E ${OPERATION}.ports[0]`,
    `E ${OPERATION}.ports[1]`,
    `E ${OPERATION}.ports[2]`,
    `E ${OPERATION}.notPorts[0]`,
  ],
  [
    'empty texts of an operation',
    to('hosts: [""], methods: [""], ports: [""], paths: [""]'),
    `E ${OPERATION}.hosts[0]`,
    `E ${OPERATION}.ports[0]`,
    `E ${OPERATION}.methods[0]`,
    `E ${OPERATION}.paths[0]`,
  ],
  ['paths', to('paths: [/a*, "*/b", "/a/{*}/b", "/a/{*}/{**}", "/{**}/b", "/{*}/a.b-c_~%20"]')],
  ['part of a segment as a template', to('paths: ["/a{*}"]'), `E ${OPERATION}.paths[0]`],
  ['a template after {**}', to('notPaths: ["/{**}/{*}"]'), `E ${OPERATION}.notPaths[0]`],
  ['{**} twice', to('paths: ["/{**}/a/{**}"]'), `E ${OPERATION}.paths[0]`],
  ['a named template', to('paths: ["/{id}"]'), `E ${OPERATION}.paths[0]`],
  ['a brace', to('paths: ["/a}"]'), `E ${OPERATION}.paths[0]`],
  ['an empty segment beside a template', to('paths: ["/a//{*}"]'), `E ${OPERATION}.paths[0]`],
  ['a wildcard beside a template', to('paths: ["/{*}/b*"]'), `E ${OPERATION}.paths[0]`],

  [
    'conditions',
    rule(
      'when: [{key: "request.headers[x]", values: [a]}, {key: "request.auth.claims[a][b]", notValues: [b]}, {key: "experimental.envoy.filters.network.mysql_proxy[db.table]", values: [x]}, {key: source.ip, values: [10.0.0.0/8]}, {key: remote.ip, values: ["::1"]}, {key: destination.ip, values: [10.0.0.1]}, {key: destination.port, values: ["80"]}, {key: source.namespace, values: [a]}, {key: source.serviceAccount, values: [a/b]}, {key: source.principal, values: [a]}, {key: source.trustDomain, values: ["*.a"]}, {key: request.auth.principal, values: [a]}, {key: request.auth.audiences, values: [a]}, {key: request.auth.presenter, values: [a]}, {key: connection.sni, values: [a]}]',
    ),
  ],
  ['no key', when('values: [a]'), `E ${WHEN}`],
  ['no values', when('key: source.ip'), `E ${WHEN}`],
  ['an empty value', when('key: "request.headers[a]", values: [""]'), `E ${WHEN}.values[0]`],
  ['a header without brackets', when('key: request.headers, values: [a]'), `E ${WHEN}.key`],
  ['a bad IP', when('key: source.ip, notValues: [a]'), `E ${WHEN}.notValues[0]`],
  ['a bad port', when('key: destination.port, values: [http]'), `E ${WHEN}.values[0]`],
  ['a bad service account', when('key: source.serviceAccount, values: ["*"]'), `E ${WHEN}.values[0]`],
  ['a bad trust domain', when('key: source.trustDomain, values: ["a*b"]'), `E ${WHEN}.values[0]`],
  [
    'old keys',
    rule(
      'when: [{key: destination.namespace, values: [a]}, {key: "destination.labels[a]", values: [a]}, {key: destination.name, values: [a]}, {key: destination.user, values: [a]}]',
    ),
    `E ${WHEN}.key`,
    'E spec.rules[0].when[1].key',
    'E spec.rules[0].when[2].key',
    'E spec.rules[0].when[3].key',
  ],
  ['an unknown key', when('key: request.header, values: [a]'), `E ${WHEN}.key`],

  [
    'DENY by a request principal',
    `{action: DENY, ${from('requestPrincipals: ["*"]').slice(1)}`,
    'W spec.rules[0]',
  ],
  ['DENY by a namespace', `{action: DENY, ${from('namespaces: [a]').slice(1)}`],
  ['DENY of a path', `{action: DENY, ${to('paths: [/a]').slice(1)}`, 'W spec.rules[0]'],
  ['DENY of a path and a port', `{action: DENY, ${to('paths: [/a], ports: ["80"]').slice(1)}`],
  [
    'DENY of a path from a namespace',
    '{action: DENY, rules: [{from: [{source: {namespaces: [a]}}], to: [{operation: {methods: [GET]}}]}]}',
    'W spec.rules[0]',
  ],
  ['ALLOW of a path', to('paths: [/a]')],
]);
