import { expect, test } from '@jest/globals';
import { envoyFilterPatch } from '../../../../../src/domain/analysis/rules/envoy-filter-patch.ts';
import { check, linesOf } from '../../../../support/analysis.ts';

const filter = (name: string, patches: string): string =>
  `---\n{apiVersion: networking.istio.io/v1alpha3, kind: EnvoyFilter, metadata: {name: ${name}}, spec: {configPatches: ${patches}}}\n`;

test('a patch by numbers instead of names, and without an operation or target', () => {
  const yaml = filter(
    'numbers',
    '[{applyTo: 4, patch: {operation: 4}}, {patch: {operation: REPLACE}}, {patch: {}}]',
  );
  expect(linesOf(check(envoyFilterPatch, yaml))).toEqual([
    'IST0151 | EnvoyFilter default/numbers | spec.configPatches.0.patch.operation | EnvoyFilter default/numbers uses INSERT_BEFORE without a priority, so that its result depends on the order of EnvoyFilters',
    'IST0152 | EnvoyFilter default/numbers | spec.configPatches.1.patch.operation | EnvoyFilter default/numbers replaces in INVALID, which does not know the operation REPLACE, so that the patch has no effect',
  ]);
});

test('a patch for some versions counts for other EnvoyFilters behind it, by empty names too, but not for itself', () => {
  const versioned =
    '{applyTo: HTTP_FILTER, match: {proxy: {proxyVersion: "^1"}}, patch: {operation: REMOVE}}';
  const yaml =
    filter('first', `[${versioned}]`) +
    filter('second', '[{applyTo: HTTP_FILTER, patch: {operation: REMOVE}}]');
  expect(check(envoyFilterPatch, yaml).map(({ code }) => code)).toEqual(['IST0151', 'IST0155']);
});
