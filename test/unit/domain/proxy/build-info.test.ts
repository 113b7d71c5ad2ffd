import { expect, test } from '@jest/globals';
import { parseBuildInfo } from '../../../../src/domain/proxy/build-info.ts';

const GIT = 'f3c2a1b0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4';

test.each<[string, string, string, string]>([
  [`1.31.4-${GIT}-Clean`, '1.31.4', GIT, 'Clean'],
  [`1.31-alpha.1a2b3c4d-${GIT}-Modified\n`, '1.31-alpha.1a2b3c4d', GIT, 'Modified'],
  ['1.31.4-unknown-unknown', '1.31.4', 'unknown', 'unknown'],
  ['1.31.4', '1.31.4', '', ''],
  ['1.31.4-rc.1', '1.31.4-rc.1', '', ''],
  [JSON.stringify({ version: '1.31.4', revision: GIT, status: 'Clean', tag: 'x' }), '1.31.4', GIT, 'Clean'],
])('%s', (text, version, gitRevision, buildStatus) => {
  expect(parseBuildInfo(text)).toEqual({ version, gitRevision, buildStatus });
});

test.each(['', '<html>', '{}', '[]', 'null', 'not found'])('%j is no version', (text) => {
  expect(parseBuildInfo(text)).toBeUndefined();
});
