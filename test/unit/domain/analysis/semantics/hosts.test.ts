import { describe, expect, test } from '@jest/globals';
import { hostsOverlap, isHostSubset } from '../../../../../src/domain/analysis/semantics/host-overlap.ts';
import {
  exportedTo,
  fullHost,
  serviceScopes,
  splitHost,
  visibilityScopes,
} from '../../../../../src/domain/analysis/semantics/hosts.ts';
import { isJwtClaimHeader } from '../../../../../src/domain/analysis/semantics/jwt-claim.ts';
import { findHost } from '../../../../../src/domain/analysis/semantics/known-hosts.ts';
import { contextOf, resourcesOf } from '../../../../support/analysis.ts';

test.each([
  ['reviews', 'reviews.prod.svc.cluster.local'],
  ['reviews.prod', 'reviews.prod'],
  ['*', '*'],
  ['*.com', '*.com'],
  ['', '.prod.svc.cluster.local'],
])('the full host of %j is %j', (host, expected) => {
  expect(fullHost(host, 'prod')).toBe(expected);
});

test.each([
  ['a.b.svc.cluster.local', { name: 'a', namespace: 'b' }],
  ['x.a.b.svc.cluster.local', { name: 'x.a', namespace: 'b' }],
  ['a', { name: 'a', namespace: 'own' }],
  ['a.b', { name: 'a.b', namespace: 'own' }],
  ['.svc.cluster.local', { name: '.svc.cluster.local', namespace: 'own' }],
])('%j splits into %j', (host, expected) => {
  expect(splitHost(host, 'own')).toEqual(expected);
});

test('scopes: everywhere unless exportTo says otherwise, `.` is the own namespace', () => {
  expect(visibilityScopes({}, 'own')).toEqual(['*']);
  expect(visibilityScopes({ exportTo: ['a', '*'] }, 'own')).toEqual(['*']);
  expect(visibilityScopes({ exportTo: ['.', 'a', 3] }, 'own')).toEqual(['own', 'a']);
  expect(exportedTo({}, 'own')).toEqual([]);
  const [service] = resourcesOf(
    '{apiVersion: v1, kind: Service, metadata: {name: s, annotations: {networking.istio.io/exportTo: "., b"}}}',
  );
  expect(serviceScopes(service!)).toEqual(['default', 'b']);
});

describe('overlap and subset', () => {
  test.each<[string, string, boolean, boolean]>([
    ['a.com', 'a.com', true, true],
    ['a.com', 'b.com', false, false],
    ['a.com', '*.com', true, true],
    ['*.com', 'a.com', true, false],
    ['foo.com', '*.foo.com', false, false],
    ['*.foo.com', '*.com', true, true],
    ['*.com', '*.foo.com', true, false],
    ['*', '*.foo.com', true, false],
    ['a.com', '*', true, true],
    ['*a.com', '*b.com', false, false],
  ])('%s and %s', (a, b, overlaps, isSubset) => {
    expect(hostsOverlap(a, b)).toBe(overlaps);
    expect(hostsOverlap(b, a)).toBe(overlaps);
    expect(isHostSubset(a, b)).toBe(isSubset);
  });
});

test.each<[string, boolean]>([
  ['@request.auth.claims.sub', true],
  ['@Request.Auth.Claims[a][b]', true],
  ['@request.auth.claims', false],
  ['@request.auth.claims.', false],
  ['@request.auth.claims[]', false],
  ['x-@request.auth.claims.sub', false],
])('JWT claim header %s: %s', (key, expected) => {
  expect(isJwtClaimHeader(key)).toBe(expected);
});

describe('findHost', () => {
  const context = contextOf(`apiVersion: v1
kind: Service
metadata: {name: open, namespace: a}
spec: {ports: [{port: 80}, {port: 443}]}
---
apiVersion: v1
kind: Service
metadata: {name: closed, namespace: a, annotations: {networking.istio.io/exportTo: .}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: out, namespace: a}
spec: {hosts: [open.a.svc.cluster.local, api.example.com, '*.wild.com', '*.deep.wild.com'], ports: [{number: 1, name: a, protocol: TCP}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: own, namespace: b}
spec: {hosts: ['*.own.com', short], exportTo: ['.']}
`);
  const from = (namespace: string, exportTo = '[]'): Parameters<typeof findHost>[2] =>
    resourcesOf(
      `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: v, namespace: ${namespace}}, spec: {exportTo: ${exportTo}}}`,
    )[0]!;

  test.each<[string, string, string | undefined]>([
    ['a', 'open', 'Service'],
    ['b', 'open', undefined],
    ['b', 'open.a.svc.cluster.local', 'Service'],
    ['b', 'open.a', undefined],
    ['a', 'closed', 'Service'],
    ['b', 'closed.a.svc.cluster.local', undefined],
    ['b', 'api.example.com', 'ServiceEntry'],
    ['c', 'x.wild.com', 'ServiceEntry'],
    ['c', 'x.own.com', undefined],
    ['b', 'x.own.com', 'ServiceEntry'],
    ['b', 'short', 'ServiceEntry'],
  ])('from %s: %s is a %s', (namespace, host, kind) => {
    expect(findHost(context, host, from(namespace))?.resource.kind).toBe(kind);
  });

  test('looks where the mentioning resource is exported, takes the nearest wildcard, knows the ports', () => {
    expect(findHost(context, 'closed.a.svc.cluster.local', from('b', '[a]'))?.resource.name).toBe('closed');
    expect(findHost(context, 'x.deep.wild.com', from('c'))?.host).toBe('*.deep.wild.com');
    expect(findHost(context, 'open', from('a'))?.ports).toEqual([80, 443]);
  });
});
