/** Every rule finds what its bad fixtures announce, and nothing in its good ones. The form is described in `fixture.ts`. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CODES } from '../../src/domain/analysis/codes.ts';
import { listRules } from '../../src/domain/analysis/registry.ts';
import type { Rule } from '../../src/domain/analysis/types.ts';
import { readFixtures, runFixture } from './fixture.ts';
import { listRuleFiles } from './rule-files.ts';
import { UNCOVERED_CODES } from './uncovered-codes.ts';

const folder = join(import.meta.dirname, 'fixtures');
const folders = existsSync(folder) ? readdirSync(folder) : [];
const files = await listRuleFiles();

describe.each([...files])('%s', (name, rules) => {
  const fixtures = readFixtures(join(folder, name));

  it('has a bad and a good fixture', () => {
    const canBeShown = rules.some((rule) => rule.codes.some((code) => !(code in UNCOVERED_CODES)));
    expect(fixtures.some((fixture) => fixture.expected.length > 0)).toBe(canBeShown);
    expect(fixtures.some((fixture) => fixture.expected.length === 0)).toBe(true);
    const misnamed = fixtures.filter(({ name, expected }) => name.startsWith('bad') !== expected.length > 0);
    expect(misnamed.map((fixture) => fixture.name)).toEqual([]);
  });

  it('shows every code in a bad fixture', () => {
    const shown = new Set(fixtures.flatMap(({ expected }) => expected.map((pair) => pair.split(' ')[1])));
    const missing = new Set(rules.flatMap((rule) => rule.codes));
    for (const code of [...missing]) if (shown.has(code) || code in UNCOVERED_CODES) missing.delete(code);
    expect([...missing]).toEqual([]);
  });

  if (fixtures.length > 0) {
    it.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (_name, fixture) => {
      expect(runFixture(fixture, rules).found).toEqual(fixture.expected);
    });
  }
});

describe('the rules', () => {
  it('are all in the registry, once, and stand in a file of their own', () => {
    const names = (rules: readonly Rule[]): string[] => rules.map((rule) => rule.name).sort();
    expect(names([...files.values()].flat())).toEqual(names(listRules()));
  });

  it('use only codes that exist', () => {
    const unknown = listRules().flatMap((rule) => rule.codes.filter((code) => !CODES.get(code)?.fromAnalyze));
    expect(unknown).toEqual([]);
  });

  it('together give every code that analyze can give', () => {
    const given = new Set(listRules().flatMap((rule) => rule.codes));
    const missing = [...CODES.values()].filter(({ code, fromAnalyze }) => fromAnalyze && !given.has(code));
    expect(missing.map(({ code }) => code)).toEqual([]);
  });

  it('have no fixtures without a rule', () => {
    expect(folders.filter((name) => !files.has(name))).toEqual([]);
  });
});
