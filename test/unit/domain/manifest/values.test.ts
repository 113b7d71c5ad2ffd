import { describe, expect, test } from '@jest/globals';
import { resolveComponentValues } from '../../../../src/domain/manifest/values.ts';
import { MeshError } from '../../../../src/lib/errors.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';

const sets: Record<string, JsonObject> = {
  'profile-demo': {
    pilot: { traceSampling: 100 },
    a: 'profile',
    b: 'profile',
    c: 'profile',
    global: { variant: 'demo' },
    ztunnel: { resources: 'no' },
  },
  'compatibility-1.30': { b: 'compatibility', c: 'compatibility' },
  'platform-gke': { c: 'platform', resourceQuotas: { enabled: true } },
};

const pilot = {
  name: 'Pilot' as const,
  lift: 'pilot',
  defaults: { traceSampling: 1, a: 'default', list: [1, 2], map: { x: 1 } },
};

describe('component values', () => {
  test('defaults < profile < compatibility < platform < given', () => {
    const given = { profile: 'demo', compatibilityVersion: '1.30', global: { platform: 'gke' }, d: 'given' };
    const { values } = resolveComponentValues(pilot, sets, given);
    expect(values).toMatchObject({ a: 'profile', b: 'compatibility', c: 'platform', d: 'given' });
  });

  test('lists are replaced, maps merge, null overwrites', () => {
    const { values } = resolveComponentValues(pilot, sets, { list: [3], map: { y: 2 }, a: null });
    expect(values).toMatchObject({ list: [3], map: { x: 1, y: 2 }, a: null });
  });

  test('the own part is lifted over the root, wherever it comes from', () => {
    const { values, merged } = resolveComponentValues(pilot, sets, { profile: 'demo', traceSampling: 5 });
    expect(values['traceSampling']).toBe(100);
    expect(merged['traceSampling']).toBe(5);
  });

  test('ztunnel takes global settings as defaults and nothing of other components', () => {
    const ztunnel = {
      name: 'Ztunnel' as const,
      lift: 'global',
      defaults: { variant: '', hub: 'h', resources: 'yes', network: '' },
    };
    const given = {
      profile: 'demo',
      revision: 'r',
      meshConfig: { x: 1 },
      global: { network: 'n1', platform: 'gke' },
      ztunnel: { hub: 'mine' },
    };
    const { values } = resolveComponentValues(ztunnel, sets, given);
    expect(values).toMatchObject({
      variant: 'demo',
      hub: 'mine',
      resources: 'yes',
      network: 'n1',
      revision: 'r',
      resourceQuotas: { enabled: true },
    });
    expect(values['meshConfig']).toBeUndefined();
  });

  test.each([
    [{ profile: 'minimal' }, 'values.profile "minimal" is not known', 'demo'],
    [{ compatibilityVersion: '1.2' }, 'compatibilityVersion "1.2" is not known', '1.30'],
    [{ compatibilityVersion: 1.3 }, 'compatibilityVersion "1.3" is not known', '1.30'],
    [{ global: { platform: 'aks' } }, 'values.global.platform "aks" is not known', 'gke'],
  ])('%j is refused', (given, message, known) => {
    try {
      resolveComponentValues(pilot, sets, given);
      throw new Error('not refused');
    } catch (error) {
      expect(error).toBeInstanceOf(MeshError);
      expect((error as MeshError).message).toContain(message);
      expect((error as MeshError).hint).toContain(known);
    }
  });
});
