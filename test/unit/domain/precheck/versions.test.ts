import { describe, expect, test } from '@jest/globals';
import { kubernetesVersion } from '../../../../src/domain/precheck/kubernetes-version.ts';
import { minorsBehind, parseMinor } from '../../../../src/domain/precheck/semver.ts';
import type { RunningVersions } from '../../../../src/domain/precheck/types.ts';
import { upgradeNotes } from '../../../../src/domain/precheck/upgrade-notes.ts';
import { versions } from '../../../../src/domain/precheck/versions.ts';
import { findingsOf, hintsOf, objectsOf, specOf, targetOf } from '../../../support/precheck.ts';

const running = (
  version: string,
  revision = 'default',
  proxies: Record<string, number> = {},
): RunningVersions => ({
  controlPlane: [{ revision, namespace: 'istio-system', version }],
  dataPlane: Object.entries(proxies).map(([proxy, count]) => ({ version: proxy, proxies: count })),
});

test.each([
  ['v1.36.1-gke.100', { major: 1, minor: 36 }],
  ['1.31', { major: 1, minor: 31 }],
  ['1.9.0+k3s1', { major: 1, minor: 9 }],
  ['latest', undefined],
  ['', undefined],
  ['1', undefined],
  ['2f3a', undefined],
])('parseMinor(%j)', (text, minor) => {
  expect(parseMinor(text)).toEqual(minor);
});

test('another major version is far away in either direction', () => {
  expect(minorsBehind({ major: 1, minor: 31 }, { major: 2, minor: 0 })).toBeGreaterThan(100);
  expect(minorsBehind({ major: 2, minor: 0 }, { major: 1, minor: 31 })).toBeLessThan(-100);
});

describe('kubernetes-version', () => {
  test.each([
    ['v1.32.0', []],
    ['v1.36.9', []],
    ['unknown', []],
    ['v1.31.9', ['IST0142 | - | the cluster runs Kubernetes v1.31.9, but Istio 1.31.4 needs 1.32 or newer']],
    ['v1.40.0', ['MESH0103 | - | the cluster runs Kubernetes v1.40.0; Istio 1.31.4 was tested up to 1.36']],
  ])('%s', (kubernetes, expected) => {
    expect(findingsOf(kubernetesVersion, { kubernetes })).toEqual(expected);
  });
});

describe('versions', () => {
  test.each<[string, RunningVersions, string[]]>([
    ['nothing runs', { controlPlane: [], dataPlane: [] }, []],
    ['the same', running('1.31.0'), []],
    ['one behind', running('1.30.2'), []],
    ['a development build', running('latest'), []],
    [
      'two behind in place',
      running('1.29.2'),
      [
        'MESH0181 | - | from revision default (1.29.2) to 1.31.4 it is 2 minor versions, more than one step in place',
      ],
    ],
    ['two behind, another revision', running('1.29.2', 'old'), []],
    [
      'three behind, another revision',
      running('1.28.0', 'old'),
      [
        'MESH0181 | - | from revision old (1.28.0) to 1.31.4 it is 3 minor versions, more than may run beside each other',
      ],
    ],
    [
      'newer',
      running('1.32.0'),
      ['MESH0182 | - | revision default (1.32.0) is newer than 1.31.4: this would be a downgrade'],
    ],
    [
      'proxies too old and too new',
      running('1.30.0', 'default', { '1.28.1': 1, '1.30.0': 5, '1.32.0': 2, latest: 1 }),
      [
        'MESH0183 | - | 3 proxies are outside of what a control plane 1.31.4 supports: 1 of 1.28.1 and 2 of 1.32.0',
      ],
    ],
    ['proxies stay with their own revision', running('1.30.0', 'old', { '1.28.1': 1 }), []],
  ])('%s', (_name, facts, expected) => {
    expect(findingsOf(versions, { running: facts })).toEqual(expected);
  });

  test('the way is told', () => {
    expect(hintsOf(versions, { running: running('1.29.0') })).toEqual([
      'go by way of 1.30, or install beside it with --revision NAME',
    ]);
    expect(hintsOf(versions, { running: running('1.25.0') })).toEqual(['go by way of 1.26']);
    expect(hintsOf(versions, { running: running('1.25.0', 'old') })).toEqual([
      'upgrade that revision to 1.27 first',
    ]);
    expect(hintsOf(versions, { running: running('1.34.0') })[0]).toMatch(/^go by way of 1\.33/);
  });

  test('--from-version counts instead of what runs', () => {
    const target = targetOf('', { fromVersion: '1.28' });
    expect(findingsOf(versions, { running: running('1.31.0') }, target)).toEqual([
      'MESH0181 | - | from Istio 1.28 to 1.31.4 it is 3 minor versions, more than one step in place',
    ]);
  });
});

describe('upgrade-notes', () => {
  const changedDefaults = { '1.30': ['pilot.env.A', 'pilot.env.B'], '1.31': ['pilot.env.C'] };

  test('defaults that change since what runs in place', () => {
    const target = targetOf('', { changedDefaults });
    const expected = ['MESH0184 | - | from 1.30 to 1.31 2 defaults change: pilot.env.A and pilot.env.B'];
    expect(findingsOf(upgradeNotes, { running: running('1.30.1') }, target)).toEqual(expected);
    expect(findingsOf(upgradeNotes, { running: running('1.31.1') }, target)).toEqual([]);
    expect(findingsOf(upgradeNotes, { running: running('1.30.1', 'other') }, target)).toEqual([]);
    const kept = specOf({ values: { compatibilityVersion: '1.30' } });
    expect(findingsOf(upgradeNotes, { running: running('1.30.1') }, { ...target, spec: kept })).toEqual([]);
  });

  test('the default tracer of 1.21', () => {
    const live = objectsOf(
      `{apiVersion: v1, kind: Service, metadata: {name: zipkin, namespace: istio-system}}`,
    );
    expect(findingsOf(upgradeNotes, { live }, targetOf('', { fromVersion: '1.21' }))).toEqual([
      expect.stringContaining('IST0169 | Service istio-system/zipkin'),
    ]);
    expect(findingsOf(upgradeNotes, { live }, targetOf('', { fromVersion: '1.22' }))).toEqual([]);
  });
});
