import { expect, test } from '@jest/globals';
import { clusterPath, routePath } from '../../../../src/domain/proxy/admin-paths.ts';

const CLUSTERS = '/config_dump?mask=static_clusters,dynamic_active_clusters,dynamic_warming_clusters';
const ROUTES = '/config_dump?mask=static_route_configs,dynamic_route_configs';
const regexOf = (path: string): string | null => new URL(path, 'http://x').searchParams.get('name_regex');

test('only the sections that are needed', () => {
  expect(clusterPath()).toBe(CLUSTERS);
  expect(clusterPath({ port: 80, direction: 'inbound' })).toBe(CLUSTERS);
  expect(routePath()).toBe(ROUTES);
});

test.each([
  ['reviews', '.*reviews.*'],
  ['a.b', '.*a\\.b.*'],
  ['*.example', '.*\\*\\.example.*'],
  ['é&x=1#', '.*é&x=1#.*'],
])('clusters by a part of their names: %s', (fqdn, expected) => {
  expect(regexOf(clusterPath({ fqdn }))).toBe(expected);
  expect(regexOf(clusterPath({ subset: fqdn }))).toBe(expected);
});

test('routes by their whole names', () => {
  expect(regexOf(routePath({ name: 'inbound|80||' }))).toBe('inbound\\|80\\|\\|');
});
