import { describe, expect, test } from '@jest/globals';
import { describeDomains } from '../../../../src/domain/proxy/route-domains.ts';
import { describeRouteAction, describeRouteMatch } from '../../../../src/domain/proxy/route-match.ts';
import { routeRows, selectRoutes, virtualHostCount } from '../../../../src/domain/proxy/route.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { parsedCapture } from '../../../support/envoy-captures.ts';

const dump = parsedCapture('config_dump.json');

describe('routes of the capture', () => {
  test('all configurations: ports by number, then names, those without a name first among them', () => {
    expect(selectRoutes(dump).map(({ name }) => name)).toEqual([
      '80',
      '8080',
      '15010',
      '15014',
      undefined,
      undefined,
      'InboundPassthroughCluster',
      'InboundPassthroughCluster',
      'inbound|8080||',
      'inbound|8080||',
      'istio-ingressgateway.istio-system.svc.cluster.local:15021',
    ]);
  });

  test('one by its whole name, with its rows', () => {
    const [route, ...others] = selectRoutes(dump, { name: '8080' });
    expect(others).toEqual([]);
    expect(virtualHostCount(route!)).toBe(4);
    const host = {
      name: '8080',
      virtualHost: 'web-svc.default.svc.cluster.local:8080',
      domains: [
        'web-svc.default.svc.cluster.local',
        'web-svc.default.svc.cluster.local.',
        'web-svc',
        'web-svc.default.svc',
        'web-svc.default',
        '10.96.198.219',
      ],
      virtualService: 'web-svc-vs.default',
    };
    expect(routeRows(route!).filter(({ virtualService }) => virtualService !== '')).toEqual([
      { ...host, match: '/app1*', destination: 'outbound|8080||httpd-1-svc.default.svc.cluster.local' },
      {
        ...host,
        match: '/*',
        destination:
          'outbound|8080||httpd-1-svc.default.svc.cluster.local 20%, outbound|8080||httpd-2-svc.default.svc.cluster.local 80%',
      },
    ]);
  });

  test('a name is no part of a name', () => {
    expect(selectRoutes(dump, { name: '808' })).toEqual([]);
  });
});

test('a virtual host without routes answers 404', () => {
  expect(routeRows({ name: 'x', virtualHosts: [{ name: 'empty', domains: ['a'] }] })).toEqual([
    { name: 'x', virtualHost: 'empty', domains: ['a'], match: '/*', virtualService: '404', destination: '' },
  ]);
});

test.each<[JsonObject, string]>([
  [{ prefix: '/' }, '/*'],
  [{ prefix: '/a' }, '/a*'],
  [{ path: '/a' }, '/a'],
  [{ pathSeparatedPrefix: '/a' }, 'PathPrefix:/a'],
  [{ safeRegex: { regex: '/a.*' } }, 'regex /a.*'],
  [{ connectMatcher: {} }, 'CONNECT'],
  [{ pathMatchPolicy: { typedConfig: { pathTemplate: '/a/{*}' } } }, 'template /a/{*}'],
])('match %j', (match, expected) => {
  expect(describeRouteMatch({ match })).toBe(expected);
});

test.each<[JsonObject, string]>([
  [{ route: { cluster: 'a' } }, 'a'],
  [{ route: { clusterHeader: 'x-to' } }, 'cluster of header x-to'],
  [
    {
      route: {
        weightedClusters: { clusters: [{ name: 'a', weight: 2 }, { name: 'b', weight: 1 }, { name: 'c' }] },
      },
    },
    'a 66.7%, b 33.3%, c 0%',
  ],
  [{ redirect: { httpsRedirect: true } }, 'redirect https://*'],
  [
    { redirect: { schemeRedirect: 'https', hostRedirect: 'b', portRedirect: 8443, pathRedirect: '/c' } },
    'redirect https://b:8443/c',
  ],
  [{ redirect: { prefixRewrite: '/n' } }, 'redirect /n'],
  [{ directResponse: { status: 503 } }, '503'],
  [{}, ''],
])('action %j', (route, expected) => {
  expect(describeRouteAction(route)).toBe(expected);
});

test.each<[string[], string]>([
  [[], ''],
  [['*'], '*'],
  [['a.b.svc.cluster.local'], 'a.b.svc.cluster.local'],
  [
    ['a.b.svc.cluster.local', 'a.b.svc.cluster.local:80', 'a', 'a:80', 'a.b.svc', 'a.b', '10.0.0.1'],
    'a, a.b + 1 more...',
  ],
  [['a.b.svc.cluster.local', 'a.b.svc.cluster.local.', 'a.b'], 'a.b'],
  [['host.example', 'host.example:*'], 'host.example'],
  [['[fd00::1]', '[fd00::1]:80', 'fd00::2'], '[fd00::1], fd00::2'],
  [['x.svc', 'y.svc.cluster.local'], 'x.svc, y.svc.cluster.local'],
])('domains %j', (domains, expected) => {
  expect(describeDomains(domains)).toBe(expected);
});
