import { expect, test } from '@jest/globals';
import { checkVersionPath } from '../../../../src/domain/plan/version-path.ts';

test.each([
  ['1.31.2', '1.31.4'],
  ['1.30.7', '1.31.4'],
  ['1.31.4', '1.31.4'],
  ['latest', '1.31.4'],
  ['', '1.31.4'],
])('%s → %s is supported', (from, to) => {
  expect(checkVersionPath(from, to)).toBeUndefined();
});

test.each([
  ['1.29.2', '1.31.4', /one minor version at a time/, /go to 1\.30 first, install 1\.31\.4 beside it/],
  ['1.32.0', '1.31.4', /older than the 1\.32\.0 that is installed/, /mesh rollback/],
  ['2.0.0', '1.31.4', /can not be upgraded/, undefined],
])('%s → %s is not', (from, to, message, hint) => {
  const problem = checkVersionPath(from, to);
  expect(problem?.message).toMatch(message);
  if (hint) expect(problem?.hint).toMatch(hint);
});
