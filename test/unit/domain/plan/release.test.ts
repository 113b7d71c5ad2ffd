import { describe, expect, test } from '@jest/globals';
import { digestOf, partsOf, readRelease, releaseSecrets } from '../../../../src/domain/plan/release.ts';
import type { Release } from '../../../../src/domain/plan/release.ts';

const release: Release = {
  revision: 'canary',
  namespace: 'istio-system',
  profile: 'demo',
  istioVersion: '1.31.4',
  config: {
    files: [{ name: 'a.yaml', text: 'spec: {} # ü' }],
    sets: [{ flag: '--set', text: 'profile=demo' }],
  },
  operator: { spec: { profile: 'demo' } },
  origins: { '/spec/profile': '--set profile=demo' },
  namespaces: [],
  desired: [
    {
      component: 'Pilot',
      stage: 'foundations',
      object: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'istio', namespace: 'istio-system' },
        // Random enough that it does not compress to nothing.
        data: { noise: Array.from({ length: 4000 }, (_, index) => Math.imul(index, 2654435761)).join(',') },
      },
    },
  ],
};

describe('release', () => {
  test('one Secret gives back what was put in', async () => {
    const secrets = await releaseSecrets(release, 7);
    expect(secrets).toHaveLength(1);
    expect(secrets[0]?.metadata.name).toBe('mesh-release-canary-v7');
    expect(await readRelease(secrets)).toEqual(release);
  });

  test('what is too long for one Secret is cut into several', async () => {
    const secrets = await releaseSecrets(release, 7, 5000);
    expect(secrets.length).toBeGreaterThan(2);
    expect(secrets[2]?.metadata.name).toBe('mesh-release-canary-v7-part2');
    expect(secrets[0] && partsOf(secrets[0])).toBe(secrets.length);
    expect(await readRelease(secrets)).toEqual(release);
    await expect(readRelease(secrets.slice(0, -1))).rejects.toMatchObject({ code: 'conflict' });
  });

  test('a Secret of another format is refused by name', async () => {
    const [secret] = await releaseSecrets(release, 7);
    const broken = { ...secret, data: { release: btoa('nothing') } } as never;
    await expect(readRelease([broken])).rejects.toThrow('mesh-release-canary-v7');
  });

  test('the digest changes with everything that matters', async () => {
    const digest = await digestOf(release);
    expect(await digestOf({ ...release })).toBe(digest);
    expect(await digestOf({ ...release, config: { files: [], sets: [] } })).not.toBe(digest);
  });
});
