import { expect, test } from '@jest/globals';
import { serviceEntryConflictingProtocol } from '../../../../../src/domain/analysis/rules/service-entry-conflicting-protocol.ts';
import { check, codesOf, linesOf } from '../../../../support/analysis.ts';

const entry = (name: string, spec: string): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: default}
spec: {hosts: [api.test], ${spec}}
---`;

test('names host, port, protocols and the other entries', () => {
  const yaml =
    entry('a', 'ports: [{number: 80, protocol: http}]') +
    entry('b', 'ports: [{number: 80}, {number: 81, protocol: TCP}]');
  expect(linesOf(check(serviceEntryConflictingProtocol, yaml))).toEqual([
    'IST0177 | ServiceEntry default/a | metadata.name | ServiceEntry default/a and ServiceEntry default/b give port 80 of host api.test different protocols: HTTP and no protocol',
    'IST0177 | ServiceEntry default/b | metadata.name | ServiceEntry default/b and ServiceEntry default/a give port 80 of host api.test different protocols: HTTP and no protocol',
  ]);
});

test.each([
  ['exportTo: ["."]', 'exportTo: [default]', 2],
  ['exportTo: ["."]', 'exportTo: [other]', 0],
  ['exportTo: ["."]', 'exportTo: ["*"]', 2],
  ['exportTo: [other, third]', 'exportTo: [third]', 2],
])('%s and %s: %i', (one, two, count) => {
  const yaml =
    entry('a', `${one}, ports: [{number: 80, protocol: HTTP}]`) +
    entry('b', `${two}, ports: [{number: 80, protocol: TCP}]`);
  expect(codesOf(check(serviceEntryConflictingProtocol, yaml))).toHaveLength(count);
});
