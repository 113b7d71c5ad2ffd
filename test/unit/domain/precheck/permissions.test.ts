import { describe, expect, test } from '@jest/globals';
import {
  accessesFor,
  accessKey,
  findInDefinitions,
  needsOfObjects,
} from '../../../../src/domain/precheck/access.ts';
import { permissions } from '../../../../src/domain/precheck/permissions.ts';
import { findingsOf, hintsOf, objectsOf } from '../../../support/precheck.ts';

const answer = (verb: string, resource: string, allowed: boolean, namespace?: string, group = '') => ({
  verb,
  resource,
  allowed,
  group,
  ...(namespace === undefined ? {} : { namespace }),
});

const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: oxen.farm.example.com}
spec: {group: farm.example.com, scope: Namespaced, names: {kind: Ox, plural: oxen}}
`;

describe('accessesFor', () => {
  test('each question once, and by definitions of the plan where discovery knows nothing', () => {
    const ref = { apiVersion: 'farm.example.com/v1', kind: 'Ox', namespace: 'a' };
    const needs = [
      { ref, verbs: ['create', 'patch'] },
      { ref, verbs: ['patch'] },
      { ref: { apiVersion: 'v1', kind: 'Service', namespace: 'b' }, verbs: ['get'] },
      { ref: { apiVersion: 'x/v1', kind: 'GatewayClass' }, verbs: ['get'] },
      { ref: { apiVersion: 'x/v1', kind: 'NetworkPolicy' }, verbs: ['get'] },
    ];
    expect(accessesFor(needs, findInDefinitions(objectsOf(DEFINITION))).map(accessKey)).toEqual([
      '/services/b/get',
      'farm.example.com/oxen/a/create',
      'farm.example.com/oxen/a/patch',
      'x/gatewayclasses//get',
      'x/networkpolicies//get',
    ]);
  });
});

test('needsOfObjects: what is waited for is watched, definitions and namespaces are never deleted', () => {
  const objects = objectsOf(`${DEFINITION}---
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: sys}
`);
  const namespaces = objectsOf('{apiVersion: v1, kind: Namespace, metadata: {name: sys}}');
  const keys = accessesFor(needsOfObjects(objects, namespaces, 'sys', new Set()), findInDefinitions([])).map(
    accessKey,
  );
  expect(keys).toContain('apps/deployments/sys/watch');
  expect(keys).toContain('apps/deployments/sys/delete');
  expect(keys).toContain('/pods/sys/list');
  expect(keys).toContain('/secrets/sys/update');
  expect(keys).toContain('coordination.k8s.io/leases/sys/create');
  expect(keys.filter((key) => /(namespaces|customresourcedefinitions).*delete/.test(key))).toEqual([]);
});

test('needsOfObjects: what exists is changed, not created; namespaces are left as they are', () => {
  const objects = objectsOf('{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: sys}}');
  const namespaces = objectsOf('{apiVersion: v1, kind: Namespace, metadata: {name: sys}}');
  const existing = new Set(['/ConfigMap/sys/a', '/Namespace//sys']);
  const keys = accessesFor(needsOfObjects(objects, namespaces, 'sys', existing), findInDefinitions([])).map(
    accessKey,
  );
  expect(keys.filter((key) => /configmaps|namespaces/.test(key))).toEqual([
    '/configmaps/sys/delete',
    '/configmaps/sys/get',
    '/configmaps/sys/patch',
    '/namespaces//get',
  ]);
});

describe('permissions', () => {
  const answers = [
    answer('create', 'configmaps', false, 'sys'),
    answer('get', 'configmaps', true, 'sys'),
    answer('patch', 'configmaps', false, 'sys'),
    answer('create', 'services', false, 'sys'),
    answer('patch', 'services', false, 'sys'),
    answer('create', 'namespaces', false),
    answer('delete', 'deployments', false, 'sys', 'apps'),
    answer('list', 'secrets', false),
  ];

  test('one finding for each rule that is missing', () => {
    const access = { answers, escalations: [] };
    expect(findingsOf(permissions, { access })).toEqual([
      'IST0141 | - | you may not create and patch configmaps and services in the namespace sys',
      'IST0141 | - | you may not create namespaces',
      'MESH0101 | - | you may not delete deployments.apps in the namespace sys, which pruning and uninstalling need',
      'MESH0101 | - | you may not list secrets, which pruning and uninstalling need',
    ]);
    expect(hintsOf(permissions, { access })[0]).toBe(
      'let an administrator add to a Role of yours in sys the rule {apiGroups: [""], resources: ["configmaps", "services"], verbs: ["create", "patch"]}',
    );
    expect(hintsOf(permissions, { access })[1]).toContain('a ClusterRole of yours');
  });

  test('roles that grant more than the user has', () => {
    const [object] = objectsOf(
      '{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: istiod}}',
    );
    const access = { answers: [], escalations: [{ object: object!, reason: '{APIGroups:[""]}' }] };
    expect(findingsOf(permissions, { access })).toEqual([
      'MESH0102 | ClusterRole istiod | you may not create ClusterRole istiod, because it grants more than you have yourself: {APIGroups:[""]}',
    ]);
  });

  test('nothing is missing', () => {
    expect(
      findingsOf(permissions, { access: { answers: [answer('*', '*', true)], escalations: [] } }),
    ).toEqual([]);
  });
});
