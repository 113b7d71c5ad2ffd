import { expect, test } from '@jest/globals';
import { statusConditions } from '../../../../../src/domain/analysis/rules/status-conditions.ts';
import { check, linesOf } from '../../../../support/analysis.ts';

test('the sentence says type, parent, reason and text; the suggestion the full kind', () => {
  const yaml = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
status: {parents: [{parentRef: {name: public}, conditions: [{type: ResolvedRefs, status: "False", reason: BackendNotFound, message: "backend(cart) not found."}]}]}
`;
  const found = check(statusConditions, yaml);
  expect(linesOf(found)).toEqual([
    'IST0171 | HTTPRoute default/shop | status.parents.0.conditions.0.status | Condition ResolvedRefs of HTTPRoute default/shop at parent public is False (BackendNotFound): backend(cart) not found',
  ]);
  expect(found[0]?.suggestion?.text).toBe(
    'kubectl describe httproute.gateway.networking.k8s.io -n default shop',
  );
});
