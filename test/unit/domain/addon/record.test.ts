import { expect, test } from '@jest/globals';
import { addonRecordSecret, readAddonRecord } from '../../../../src/domain/addon/record.ts';
import type { AddonRecord } from '../../../../src/domain/addon/record.ts';
import { objectAt } from '../../../../src/lib/json.ts';
import { thrownBy } from '../../../support/thrown.ts';

const record: AddonRecord = {
  name: 'kiali',
  version: 'v1',
  namespace: 'mon',
  items: [
    { apiVersion: 'v1', kind: 'Service', name: 'kiali', namespace: 'mon' },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'kiali' },
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'kiali', namespace: 'mon' },
  ],
};

test('a Secret of its own, not one of a control plane', () => {
  const secret = addonRecordSecret(record);
  expect(secret.metadata).toEqual({
    name: 'mesh-addon-kiali',
    namespace: 'mon',
    labels: { 'app.kubernetes.io/managed-by': 'mesh', 'mesh.io/addon': 'kiali' },
  });
  expect(secret['type']).toBe('mesh.io/addon');
});

test('what was written is read; the order of the items does not matter', () => {
  const turned = { ...record, items: [...record.items].reverse() };
  expect(addonRecordSecret(turned)).toEqual(addonRecordSecret(record));
  const read = readAddonRecord(addonRecordSecret(record));
  expect(read).toMatchObject({ name: 'kiali', version: 'v1', namespace: 'mon' });
  expect(read.items).toHaveLength(3);
  expect(read.items).toEqual(expect.arrayContaining([...record.items]));
});

test.each([
  ['%%%', 'is not readable'],
  [btoa('[]'), 'is not readable'],
  [btoa('{"format":1}'), 'is not readable'],
  [btoa('{"format":2,"items":[]}'), 'was written by another version of mesh'],
])('%s is refused', (text, reason) => {
  const secret = addonRecordSecret(record);
  const damaged = { ...secret, data: { ...objectAt(secret, ['data']), record: text } };
  expect(thrownBy(() => readAddonRecord(damaged))).toMatchObject({
    code: 'conflict',
    message: `the record of an addon in Secret mon/mesh-addon-kiali ${reason}`,
  });
});
