import { expect, test } from '@jest/globals';
import { deprecatedFields } from '../../../../../src/domain/analysis/rules/deprecated-fields.ts';
import { check } from '../../../../support/analysis.ts';

const virtualService = (delay: string): string =>
  `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: slow}, spec: {http: [{fault: {delay: ${delay}}}]}}`;

test('the repair keeps the other fields of the delay as they were written', () => {
  const [finding] = check(deprecatedFields, virtualService('{fixed_delay: 5s, percent: 50}'));
  expect(finding?.suggestion).toEqual({
    text: 'write "percentage: {value: 50}"',
    fix: {
      path: ['spec', 'http', 0, 'fault', 'delay'],
      value: { fixed_delay: '5s', percentage: { value: 50 } },
    },
  });
});

test('where both are written nothing is repaired, because they may contradict each other', () => {
  const [finding] = check(deprecatedFields, virtualService('{percentage: {value: 10}, percent: 50}'));
  expect(finding?.suggestion).toEqual({ text: 'write "percentage: {value: 50}"' });
});
