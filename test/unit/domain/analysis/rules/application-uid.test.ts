import { expect, test } from '@jest/globals';
import { applicationUid } from '../../../../../src/domain/analysis/rules/application-uid.ts';
import { check, linesOf } from '../../../../support/analysis.ts';

test('every place that sets the user is found', () => {
  const yaml = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: front}
spec:
  template:
    spec:
      securityContext: {runAsUser: 1337}
      containers: [null, {name: front, securityContext: {runAsUser: 1337}}, {name: log, securityContext: {runAsUser: "1337"}}]
`;
  expect(linesOf(check(applicationUid, yaml))).toEqual([
    'IST0144 | Deployment default/front | spec.template.spec.securityContext.runAsUser | Deployment default/front runs its pods as user 1337, whose traffic passes by the proxy',
    'IST0144 | Deployment default/front | spec.template.spec.containers.1.securityContext.runAsUser | Deployment default/front runs container front as user 1337, whose traffic passes by the proxy',
  ]);
});

test('a resource without a pod', () => {
  expect(check(applicationUid, '{apiVersion: apps/v1, kind: Deployment, metadata: {name: front}}')).toEqual(
    [],
  );
});
