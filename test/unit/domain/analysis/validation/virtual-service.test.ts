import { describe, expect, it } from '@jest/globals';
import { problemsOf, table } from './problems-of.ts';

const VIRTUAL_SERVICE = { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', namespace: 'here' };
const TO = 'route: [{destination: {host: a}}]';
const http = (text: string): string => `{hosts: [a.b], http: [{${text}}]}`;
const route = (text: string): string => http(`${TO}, ${text}`);
const match = (text: string): string => route(`match: [{${text}}]`);
const destination = (text: string): string => http(`route: [{${text}}]`);
const gateway = (text: string): string => `{hosts: [a.b], gateways: [gw], ${text}}`;
const tls = (text: string, hosts = '"*.b"'): string => `{hosts: [${hosts}], tls: [{${text}}]}`;
const sni = (text: string): string => tls(`match: [{${text}}], ${TO}`);
const tcp = (text: string): string => `{hosts: [a.b], tcp: [{${text}}]}`;
const R = 'spec.http[0]';
const M = `${R}.match[0]`;

table(VIRTUAL_SERVICE, [
  ['fine', http(TO)],
  ['nothing to do', '{hosts: [a.b]}', 'E spec'],
  ['a delegate', `{http: [{${TO}}]}`],
  [
    'a delegate with more',
    `{gateways: [gw], http: [{${TO}}], tls: [{match: [{sniHosts: [a]}], ${TO}}], tcp: [{${TO}}]}`,
    'E spec.gateways',
    'E spec.tls',
    'E spec.tcp',
    'E spec.tls[0].match[0].sniHosts[0]',
  ],

  ['gateways', `{hosts: [a.b], gateways: [mesh, gw, ns/gw], http: [{${TO}}]}`],
  ['an old gateway name', `{hosts: [a.b], gateways: [gw.ns], http: [{${TO}}]}`, 'W spec.gateways[0]'],
  ['a bad gateway name', `{hosts: [a.b], gateways: [g_w], http: [{${TO}}]}`, 'E spec.gateways[0]'],
  [
    'no namespace',
    `{hosts: [a.b], gateways: [/gw, ns/, n.s/gw], http: [{${TO}}]}`,
    'E spec.gateways[0]',
    'E spec.gateways[1]',
    'E spec.gateways[2]',
  ],
  [
    'what comes after a bare name',
    `{hosts: [a.b], gateways: [gw, /x], http: [{${TO}}]}`,
    'E spec.gateways[1]',
  ],
  [
    'a claim for a gateway',
    gateway(
      `http: [{match: [{headers: {"@request.auth.claims.a": {exact: b}, "@request.auth.claims[b]": {exact: c}}}], ${TO}}]`,
    ),
  ],
  [
    'a claim in the mesh',
    match(
      'headers: {"@request.auth.claims.a": {exact: b}}, withoutHeaders: {"@REQUEST.auth.claims[b]": {exact: c}}',
    ),
    `E ${M}.headers["@request.auth.claims.a"]`,
    `E ${M}.withoutHeaders["@REQUEST.auth.claims[b]"]`,
  ],

  ['an IP as a host', `{hosts: ["1.2.3.4", "::1"], http: [{${TO}}]}`],
  ['a bad host', `{hosts: [a_b], http: [{${TO}}]}`, 'E spec.hosts[0]'],
  ['any host in the mesh', `{hosts: ["*"], http: [{${TO}}]}`, 'E spec.hosts[0]'],
  ['any host of a gateway', `{hosts: ["*"], gateways: [gw], http: [{${TO}}]}`],
  [
    'any host of a gateway and the mesh',
    `{hosts: ["*"], gateways: [gw, mesh], http: [{${TO}}]}`,
    'E spec.hosts[0]',
  ],
  ['a host twice', `{hosts: [a.b, a.b], http: [{${TO}}]}`, 'E spec.hosts[1]'],
  [
    'hosts that overlap',
    `{hosts: [x.a.b, "*.a.b", "*.b"], http: [{${TO}}]}`,
    'E spec.hosts[1]',
    'E spec.hosts[2]',
    'E spec.hosts[2]',
  ],
  ['hosts that do not overlap', `{hosts: [a.b, "*.a.b", "*.c"], http: [{${TO}}]}`],
  ['a bad host hides overlaps', `{hosts: [a_b, x.y, x.y], http: [{${TO}}]}`, 'E spec.hosts[0]'],
  [
    'a host of SNI',
    `{hosts: ["outbound_.80_.v1_.a.b"], gateways: [gw], tls: [{match: [{sniHosts: ["outbound_.80_.v1_.a.b"]}], ${TO}}]}`,
  ],
  [
    'a host of SNI in the mesh',
    `{hosts: ["outbound_.80_._.a.b"], tls: [{match: [{sniHosts: ["outbound_.80_._.a.b"]}], ${TO}}]}`,
    'E spec.hosts[0]',
    'E spec.tls[0].match[0].sniHosts[0]',
  ],
  [
    'a host of SNI without SNI',
    `{hosts: ["outbound_.80_._.a.b"], gateways: [gw], http: [{${TO}}]}`,
    'E spec.hosts[0]',
  ],

  ['delegation', http('delegate: {name: d}')],
  [
    'delegation and more',
    http(`delegate: {name: d}, ${TO}, redirect: {uri: /}`),
    `E ${R}.redirect`,
    `E ${R}.route`,
  ],
  ['delegation by a delegate', '{http: [{delegate: {name: d}}]}', `E ${R}.delegate`, `E ${R}`],
  [
    'a redirect and more',
    route(
      'redirect: {uri: /}, fault: {delay: {fixedDelay: 1s}}, rewrite: {uri: /}, directResponse: {status: 200}',
    ),
    `E ${R}.route`,
    `E ${R}.fault`,
    `E ${R}.rewrite`,
    `E ${R}.directResponse`,
  ],
  [
    'a response and more',
    route('directResponse: {status: 200}, fault: {delay: {fixedDelay: 1s}}, rewrite: {uri: /}'),
    `E ${R}.route`,
    `E ${R}.fault`,
    `E ${R}.rewrite`,
  ],
  ['no route', http('timeout: 1s'), `E ${R}`],
  ['two kinds of mirrors', route('mirror: {host: m}, mirrors: [{destination: {host: m}}]'), `E ${R}.mirrors`],

  [
    'matches',
    match(
      'uri: {prefix: ""}, headers: {x-a: {exact: ""}, ":path": {regex: ".*"}}, withoutHeaders: {x-b: {regex: "*"}, x-c: {}}, scheme: {exact: http}, method: {exact: GET}, authority: {prefix: a}, queryParams: {q: {exact: ""}}, port: 80, sourceLabels: {a: b}, gateways: [mesh], sourceNamespace: ns',
    ),
  ],
  ['an empty header name', match('headers: {"": {exact: a}}'), `E ${M}.headers[""]`],
  [
    'bad header names',
    match('headers: {"a b": {exact: a}, ":x": {exact: a}}'),
    `E ${M}.headers["a b"]`,
    `E ${M}.headers[":x"]`,
  ],
  ['a bad name without', match('withoutHeaders: {"a b": {}}'), `E ${M}.withoutHeaders["a b"]`],
  [
    'empty prefixes',
    match(
      'headers: {a: {prefix: ""}}, scheme: {prefix: ""}, method: {prefix: ""}, authority: {prefix: ""}, queryParams: {q: {prefix: ""}}',
    ),
    ...['headers.a', 'scheme', 'method', 'authority', 'queryParams.q'].map((name) => `E ${M}.${name}.prefix`),
  ],
  [
    'bad expressions',
    match(
      'uri: {regex: "("}, headers: {a: {regex: "*"}}, method: {regex: ""}, withoutHeaders: {a: {regex: "(?=x)"}}',
    ),
    `E ${M}.headers.a.regex`,
    `E ${M}.withoutHeaders.a.regex`,
    `E ${M}.method.regex`,
    `E ${M}.uri.regex`,
  ],
  ['1024 characters', match(`uri: {regex: ${'a'.repeat(1024)}}`)],
  ['1025 characters', match(`uri: {regex: ${'a'.repeat(1025)}}`), `E ${M}.uri.regex`],
  ['two conditions', match('uri: {exact: /a, prefix: /b}'), `W ${M}.uri`],
  ['a large port', match('port: 65536'), `E ${M}.port`],
  ['a bad source label', match('sourceLabels: {"-": a}'), `E ${M}.sourceLabels["-"]`],
  ['a bad gateway', match('gateways: [g_w, gw.ns]'), `E ${M}.gateways[0]`, `W ${M}.gateways[1]`],
  ['a bad namespace', match('sourceNamespace: a.b'), `E ${M}.sourceNamespace`],

  [
    'headers',
    route(
      'headers: {request: {set: {x: "%START_TIME%", ":authority": a}, add: {y: ""}, remove: [z]}, response: {set: {x: 100%%}}}',
    ),
  ],
  [
    'a pseudo header',
    route('headers: {request: {set: {":path": a}, remove: [":authority", ""]}, response: {add: {Host: a}}}'),
    `E ${R}.headers.request.set[":path"]`,
    `E ${R}.headers.request.remove[0]`,
    `E ${R}.headers.request.remove[1]`,
    `E ${R}.headers.response.add.Host`,
  ],
  ['a bad value', route('headers: {request: {add: {a: "5%"}}}'), `E ${R}.headers.request.add.a`],
  [
    'headers of a destination',
    destination('destination: {host: a}, headers: {response: {remove: [":status"]}}'),
    `E ${R}.route[0].headers.response.remove[0]`,
  ],

  [
    'cors',
    route(
      'corsPolicy: {allowOrigins: [{exact: a}, {regex: "a.*"}], allowMethods: [GET, "*"], allowHeaders: ["*", x-a], exposeHeaders: [b], maxAge: 24h}',
    ),
  ],
  [
    'an empty origin',
    route('corsPolicy: {allowOrigins: [{}, {exact: ""}]}'),
    `E ${R}.corsPolicy.allowOrigins[0]`,
    `E ${R}.corsPolicy.allowOrigins[1]`,
  ],
  [
    'a bad origin',
    route('corsPolicy: {allowOrigins: [{regex: "("}]}'),
    `E ${R}.corsPolicy.allowOrigins[0].regex`,
  ],
  ['a bad method', route('corsPolicy: {allowMethods: [get]}'), `E ${R}.corsPolicy.allowMethods[0]`],
  [
    'bad headers',
    route('corsPolicy: {allowHeaders: ["a b"], exposeHeaders: [""]}'),
    `E ${R}.corsPolicy.allowHeaders[0]`,
    `E ${R}.corsPolicy.exposeHeaders[0]`,
  ],
  ['part of a second', route('corsPolicy: {maxAge: 1.5s}'), `E ${R}.corsPolicy.maxAge`],

  [
    'faults',
    route(
      'fault: {abort: {httpStatus: 600, percentage: {value: 0.0001}}, delay: {fixedDelay: 1s, percentage: {value: 100}}}',
    ),
  ],
  ['no fault', route('fault: {}'), `E ${R}.fault`],
  [
    'a small percentage',
    route(
      'fault: {abort: {httpStatus: 200, percentage: {value: 0.00001}}, delay: {fixedDelay: 1s, percentage: {value: 101}}}',
    ),
    `E ${R}.fault.abort.percentage.value`,
    `E ${R}.fault.delay.percentage.value`,
  ],
  ['bad statuses', route('fault: {abort: {httpStatus: 601}}'), `E ${R}.fault.abort.httpStatus`],
  ['status 199', route('fault: {abort: {httpStatus: 199}}'), `E ${R}.fault.abort.httpStatus`],
  ['a status of gRPC', route('fault: {abort: {grpcStatus: UNAVAILABLE}}')],
  [
    'an unknown status of gRPC',
    route('fault: {abort: {grpcStatus: unavailable}}'),
    `E ${R}.fault.abort.grpcStatus`,
  ],
  ['http2Error', route('fault: {abort: {http2Error: x}}'), `E ${R}.fault.abort.http2Error`],
  ['an abort of nothing', route('fault: {abort: {}}'), `W ${R}.fault.abort`],
  ['a bad delay', route('fault: {delay: {fixedDelay: 0s}}'), `E ${R}.fault.delay.fixedDelay`],
  [
    'an exponential delay',
    route('fault: {delay: {exponentialDelay: 1s}}'),
    `E ${R}.fault.delay.exponentialDelay`,
  ],

  [
    'mirrors',
    route('mirrors: [{destination: {host: m, subset: s, port: {number: 80}}, percentage: {value: 50.5}}]'),
  ],
  ['mirrorPercent', route('mirror: {host: m}, mirrorPercent: 100'), `W ${R}.mirrorPercent`],
  [
    'mirrorPercent 101',
    route('mirror: {host: m}, mirrorPercent: 101'),
    `W ${R}.mirrorPercent`,
    `E ${R}.mirrorPercent`,
  ],
  [
    'mirrorPercentage',
    route('mirror: {host: m}, mirrorPercentage: {value: 100.1}'),
    `E ${R}.mirrorPercentage.value`,
  ],
  ['a bad mirror', route('mirror: {host: "*"}'), `E ${R}.mirror.host`],
  [
    'a mirror without a destination',
    route('mirrors: [{percentage: {value: -1}}]'),
    `E ${R}.mirrors[0]`,
    `E ${R}.mirrors[0].percentage.value`,
  ],

  [
    'a redirect',
    http(
      'match: [{uri: {prefix: /a}}, {port: 80}], redirect: {prefixRewrite: /b, redirectCode: 399, scheme: https, port: 80}',
    ),
  ],
  ['a derived port', http('redirect: {derivePort: FROM_REQUEST_PORT}')],
  ['an empty redirect', http('redirect: {redirectCode: 200}'), `E ${R}.redirect`],
  ['two URIs', http('redirect: {uri: /, prefixRewrite: /}'), `E ${R}.redirect`],
  [
    'a prefix of an exact match',
    http('match: [{uri: {exact: /a}}], redirect: {prefixRewrite: /b}'),
    `E ${R}.redirect.prefixRewrite`,
  ],
  ['code 200', http('redirect: {uri: /, redirectCode: 200, scheme: ftp}'), `E ${R}.redirect.redirectCode`],
  ['another scheme', http('redirect: {uri: /, scheme: ftp, port: 0}'), `E ${R}.redirect.scheme`],
  ['a bad port', http('redirect: {uri: /, port: 65536}'), `E ${R}.redirect.port`],

  ['a response', http('directResponse: {status: 600, body: {string: x}}')],
  ['status 601', http('directResponse: {status: 601}'), `E ${R}.directResponse.status`],
  ['no status', http('directResponse: {body: {string: x}}'), `E ${R}.directResponse`],
  [
    'a large body',
    http(`directResponse: {status: 200, body: {string: ${'x'.repeat(102_401)}}}`),
    `W ${R}.directResponse.body`,
  ],
  ['a body of 100 KiB', http(`directResponse: {status: 200, body: {string: ${'x'.repeat(102_400)}}}`)],
  [
    'a too large body',
    http(`directResponse: {status: 200, body: {string: ${'x'.repeat(1_048_577)}}}`),
    `E ${R}.directResponse.body`,
  ],
  [
    'a body of bytes',
    http(`directResponse: {status: 200, body: {bytes: ${'eHh4'.repeat(34_134)}}}`),
    `W ${R}.directResponse.body`,
  ],

  [
    'retries',
    route(
      'retries: {attempts: 3, perTryTimeout: 1s, retryOn: "5xx,503,reset-before-request", backoff: 25ms}',
    ),
  ],
  ['no retries', route('retries: {attempts: 0}')],
  ['negative attempts', route('retries: {attempts: -1}'), `E ${R}.retries.attempts`],
  ['conditions without attempts', route('retries: {retryOn: 5xx}'), `E ${R}.retries.retryOn`],
  [
    'localities without attempts',
    route('retries: {retryRemoteLocalities: false}'),
    `E ${R}.retries.retryRemoteLocalities`,
  ],
  ['a blank', route('retries: {attempts: 1, retryOn: "5xx, reset"}'), `E ${R}.retries.retryOn`],
  ['unknown conditions', route('retries: {attempts: 1, retryOn: "x,306"}'), `E ${R}.retries.retryOn`],
  [
    'bad durations',
    route('retries: {attempts: 1, perTryTimeout: 0s, backoff: 0s}'),
    `E ${R}.retries.perTryTimeout`,
    `E ${R}.retries.backoff`,
  ],

  ['a rewrite', route('rewrite: {uriRegexRewrite: {match: "a(.*)", rewrite: "\\\\1"}, authority: a}')],
  ['an empty rewrite', route('rewrite: {}'), `E ${R}.rewrite`],
  ['two rewrites', route('rewrite: {uri: /, uriRegexRewrite: {match: a, rewrite: b}}'), `E ${R}.rewrite`],
  ['half a rewrite', route('rewrite: {uriRegexRewrite: {match: "("}}'), `E ${R}.rewrite.uriRegexRewrite`],
  [
    'a bad expression',
    route('rewrite: {uriRegexRewrite: {match: "(", rewrite: b}}'),
    `E ${R}.rewrite.uriRegexRewrite.match`,
  ],
  [
    'the authority twice',
    route('rewrite: {authority: a}, headers: {request: {set: {host: b}}}'),
    `E ${R}.headers.request.set.host`,
  ],
  [
    'the authority by headers',
    route('headers: {request: {set: {host: b}, add: {":authority": c}}}'),
    `E ${R}.headers.request.add[":authority"]`,
  ],

  ['weights', http('route: [{destination: {host: a}, weight: 0}, {destination: {host: b}, weight: 1}]')],
  ['no destination', destination('weight: 1'), `E ${R}.route[0]`],
  ['no host', destination('destination: {subset: a}'), `E ${R}.route[0].destination`],
  ['any host', destination('destination: {host: "*"}'), `E ${R}.route[0].destination.host`],
  [
    'a bad destination',
    destination('destination: {host: a_b, subset: v.1, port: {number: 0}}'),
    `E ${R}.route[0].destination.host`,
    `E ${R}.route[0].destination.subset`,
    `E ${R}.route[0].destination.port.number`,
  ],
  ['a negative weight', destination('destination: {host: a}, weight: -1'), `E ${R}.route[0].weight`],
  ['no weights', http('route: [{destination: {host: a}}, {destination: {host: b}}]'), `E ${R}.route`],
  ['a timeout of 0', route('timeout: 0s'), `E ${R}.timeout`],

  [
    'SNI',
    sni(
      'sniHosts: [a.b, "*.c.b"], destinationSubnets: [10.0.0.0/8], port: 443, sourceLabels: {a: b}, gateways: [mesh]',
    ),
  ],
  ['no match', tls(TO), 'E spec.tls[0]'],
  ['no SNI', sni('port: 443'), 'E spec.tls[0].match[0]'],
  ['a bad SNI', sni('sniHosts: [a_b.b]'), 'E spec.tls[0].match[0].sniHosts[0]'],
  [
    'an IP as SNI',
    tls(`match: [{sniHosts: [1.2.3.4]}], ${TO}`, '1.2.3.4'),
    'W spec.tls[0].match[0].sniHosts[0]',
  ],
  ['a SNI that is none of the hosts', sni('sniHosts: [a.c]'), 'E spec.tls[0].match[0].sniHosts[0]'],
  [
    'a wildcard over one host',
    tls(`match: [{sniHosts: ["*.b"]}], ${TO}`, 'a.b'),
    'E spec.tls[0].match[0].sniHosts[0]',
  ],
  [
    'bad parts of a TLS match',
    sni('sniHosts: [a.b], destinationSubnets: [x], port: 65536, sourceLabels: {"-": b}, gateways: [gw.ns]'),
    'E spec.tls[0].match[0].destinationSubnets[0]',
    'E spec.tls[0].match[0].port',
    'E spec.tls[0].match[0].sourceLabels["-"]',
    'W spec.tls[0].match[0].gateways[0]',
  ],
  ['no TLS route', tls('match: [{sniHosts: [a.b]}]'), 'E spec.tls[0]'],
  [
    'a bad TLS destination',
    tls('match: [{sniHosts: [a.b]}], route: [{destination: {host: "*"}}]'),
    'E spec.tls[0].route[0].destination.host',
  ],
  ['TCP', tcp(TO)],
  [
    'bad parts of a TCP match',
    tcp(`match: [{destinationSubnets: [x], port: 65536, sourceLabels: {"-": b}, gateways: [g_w]}], ${TO}`),
    'E spec.tcp[0].match[0].destinationSubnets[0]',
    'E spec.tcp[0].match[0].port',
    'E spec.tcp[0].match[0].sourceLabels["-"]',
    'E spec.tcp[0].match[0].gateways[0]',
  ],
  ['no TCP route', tcp('match: [{port: 80}]'), 'E spec.tcp[0]'],
  ['exported', `{hosts: [a.b], http: [{${TO}}], exportTo: ["*"]}`],
  [
    'exported twice',
    `{hosts: [a.b], http: [{${TO}}], exportTo: [., here, "~"]}`,
    'E spec.exportTo[1]',
    'E spec.exportTo[2]',
  ],
]);

const rules = (...texts: string[]): string =>
  `{hosts: [a.b], http: [${texts.map((text) => `{${text}, ${TO}}`).join(', ')}]}`;
const prefixes = (first: string, later: string): string =>
  rules(`match: [{${first}}]`, `match: [{${later}}]`);

describe('rules that are never reached', () => {
  it.each([
    ['a rule after a catch-all', rules('name: x', 'name: y'), ['IST0130 spec.http[1]']],
    [
      'a match after a catch-all',
      rules('name: x', 'match: [{port: 80}, {port: 81}]', 'name: z'),
      ['IST0130 spec.http[1]', 'IST0130 spec.http[2]'],
    ],
    ['a catch-all at the end', rules('match: [{port: 80}]', 'name: y'), []],
    [
      'the same match in one rule',
      rules('match: [{name: x, port: 80}, {name: y, port: 80}]'),
      ['IST0131 spec.http[0].match[1]'],
    ],
    [
      'the same match in another rule',
      rules('match: [{port: 80, uri: {exact: /}}]', 'match: [{port: 81}, {uri: {exact: /}, port: 80}]'),
      ['IST0131 spec.http[1].match[1]'],
    ],
    [
      'only repeated matches',
      rules('match: [{port: 80}]', 'match: [{port: 80}]'),
      ['IST0131 spec.http[1].match[0]', 'IST0130 spec.http[1]'],
    ],
    [
      'a longer prefix',
      prefixes('uri: {prefix: /a}', 'uri: {prefix: /a/b}'),
      ['IST0131 spec.http[1].match[0]'],
    ],
    ['a shorter prefix', prefixes('uri: {prefix: /a/b}', 'uri: {prefix: /a}'), []],
    ['an exact path', prefixes('uri: {prefix: /a}', 'uri: {exact: /a/b}'), []],
    ['another port', prefixes('uri: {prefix: /a}, port: 80', 'uri: {prefix: /a/b}'), []],
    [
      'another method',
      prefixes('uri: {prefix: /a}, method: {exact: GET}', 'uri: {prefix: /a/b}, method: {exact: POST}'),
      [],
    ],
    [
      'the method GET is the default',
      prefixes('uri: {prefix: /a}', 'uri: {prefix: /a/b}, method: {exact: GET}'),
      ['IST0131 spec.http[1].match[0]'],
    ],
    [
      'an authority that only the first asks for',
      prefixes('uri: {prefix: /a}, authority: {exact: x}', 'uri: {prefix: /a/b}'),
      ['IST0131 spec.http[1].match[0]'],
    ],
    [
      'an authority that only the later asks for',
      prefixes('uri: {prefix: /a}', 'uri: {prefix: /a/b}, authority: {exact: x}'),
      [],
    ],
    ['more headers', prefixes('uri: {prefix: /a}', 'uri: {prefix: /a/b}, headers: {x: {exact: y}}'), []],
    [
      'other headers',
      prefixes(
        'uri: {prefix: /a}, headers: {x: {exact: y}}',
        'uri: {prefix: /a/b}, headers: {z: {exact: y}}',
      ),
      [],
    ],
    [
      'the same headers',
      prefixes(
        'uri: {prefix: /a}, headers: {x: {exact: y}}, queryParams: {q: {exact: r}}',
        'uri: {prefix: /a/b}, headers: {x: {exact: y}}, queryParams: {q: {exact: r}}',
      ),
      ['IST0131 spec.http[1].match[0]'],
    ],
    [
      'other values',
      prefixes(
        'uri: {prefix: /a}, withoutHeaders: {x: {exact: y}}',
        'uri: {prefix: /a/b}, withoutHeaders: {x: {exact: z}}',
      ),
      [],
    ],
    ['TCP', `{hosts: [a.b], tcp: [{${TO}}, {${TO}}]}`, ['IST0130 spec.tcp[1]']],
    [
      'TLS',
      `{hosts: [a.b], tls: [{match: [{sniHosts: [a.b]}], ${TO}}, {match: [{sniHosts: [a.b]}], ${TO}}]}`,
      ['IST0131 spec.tls[1].match[0]', 'IST0130 spec.tls[1]'],
    ],
    ['each protocol on its own', `{hosts: [a.b], tcp: [{${TO}}], http: [{${TO}}]}`, []],
  ])('%s', (_title, spec, expected) => {
    expect(problemsOf(VIRTUAL_SERVICE, spec)).toEqual(expected);
  });
});
