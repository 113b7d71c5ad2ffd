import { describe, expect, test } from '@jest/globals';
import { parseAdminAnswer } from '../../../../src/domain/proxy/config-dump.ts';
import { DIFF_VIEWS, diffDumps, isSame } from '../../../../src/domain/proxy/dump-diff.ts';
import type { DiffView } from '../../../../src/domain/proxy/dump-diff.ts';
import { isObject } from '../../../../src/lib/json.ts';
import type { JsonValue } from '../../../../src/lib/json.ts';
import { parsedCapture, readCapture } from '../../../support/envoy-captures.ts';

const dump = parsedCapture('config_dump.json');
const titles = { from: 'a', to: 'b' };
const changed = (change: (text: string) => string) =>
  parseAdminAnswer(change(readCapture('config_dump.json')), 'b');
const compare = (to: ReturnType<typeof changed>, ...views: DiffView[]) => diffDumps(dump, to, views, titles);

function reverseKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reverseKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reverseKeys(item)]),
  );
}

test('the same dump, keys in another order, delivered at another time', () => {
  const other = changed((text) =>
    JSON.stringify(reverseKeys(JSON.parse(text) as JsonValue)).replaceAll(
      '2026-11-23T18:17',
      '2026-11-24T01:02',
    ),
  );
  const views = DIFF_VIEWS.filter((view) => view !== 'bootstrap');
  const differences = compare(other, ...views);
  expect(differences.map(({ view, shared }) => [view, shared])).toEqual([
    ['cluster', 29],
    ['listener', 18],
    ['route', 11],
    ['endpoint', 22],
    ['secret', 2],
    ['ecds', 0],
  ]);
  expect(differences.every(isSame)).toBe(true);
});

describe('differences', () => {
  test('of what both have, as unified diffs', () => {
    const [difference] = compare(
      changed((text) => text.replaceAll('"weight": 80', '"weight": 70')),
      'route',
    );
    expect(difference).toMatchObject({ shared: 11, onlyInFrom: [], onlyInTo: [] });
    expect(difference?.different.map(({ name }) => name)).toEqual(['80', '8080']);
    expect(difference?.different[0]?.diff).toMatch(
      /^--- route 80 of a\n\+\+\+ route 80 of b\n@@ [^\n]+\n[^]*\n-\s+weight: 80\n\+\s+weight: 70\n/,
    );
  });

  test('what only one side has', () => {
    const [difference] = compare(
      changed((text) => text.replaceAll('"name": "agent"', '"name": "agent2"')),
      'cluster',
    );
    expect(difference).toMatchObject({
      shared: 28,
      onlyInFrom: ['agent'],
      onlyInTo: ['agent2'],
      different: [],
    });
  });

  test('of the views that are asked for only, in a fixed order', () => {
    const other = changed((text) => text.replaceAll('"name": "agent"', '"name": "agent2"'));
    expect(compare(other, 'listener').every(isSame)).toBe(true);
    expect(compare(other, 'secret', 'cluster').map(({ view }) => view)).toEqual(['cluster', 'secret']);
  });

  test('nothing at all against everything', () => {
    const [difference] = diffDumps({ configs: [] }, dump, ['route'], titles);
    expect(difference?.onlyInTo).toContain('inbound|8080|| (2)');
    expect(difference?.onlyInTo).toContain('unnamed (2)');
    expect(difference?.onlyInTo).toHaveLength(11);
  });
});
