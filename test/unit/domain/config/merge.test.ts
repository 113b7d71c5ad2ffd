import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mergeAll, mergeTrees, mergeValue } from '../../../../src/domain/config/merge.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';

describe('mergeTrees', () => {
  test.each([
    ['maps merge', { a: { b: 1, c: 2 } }, { a: { c: 3, d: 4 } }, { a: { b: 1, c: 3, d: 4 } }],
    ['lists are replaced', { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ['an empty list replaces too', { a: [1] }, { a: [] }, { a: [] }],
    ['lists of maps are replaced', { a: [{ n: 1, x: 1 }] }, { a: [{ n: 1 }] }, { a: [{ n: 1 }] }],
    [
      'scalars are replaced, by false and empty text too',
      { a: true, b: 'x' },
      { a: false, b: '' },
      { a: false, b: '' },
    ],
    ['null overwrites', { a: { b: 1 } }, { a: null }, { a: null }],
    ['a map replaces null', { a: null }, { a: { b: 1 } }, { a: { b: 1 } }],
    ['an empty map changes nothing', { a: { b: 1 } }, { a: {} }, { a: { b: 1 } }],
    ['a map replaces a scalar', { a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
  ] as [string, JsonObject, JsonObject, JsonObject][])('%s', (_name, base, over, merged) => {
    expect(mergeTrees(base, over)).toEqual(merged);
  });

  // Maps only hold maps under these keys and scalars under those, as in a typed tree.
  const typed: fc.Arbitrary<JsonObject> = fc.letrec<{ tree: JsonObject }>((tie) => ({
    tree: fc
      .dictionary(fc.constantFrom('map1', 'map2', 'list', 'scalar1', 'scalar2'), fc.constant(null), {
        depthIdentifier: 'tree',
      })
      .chain((keys) =>
        fc.record(
          Object.fromEntries(
            Object.keys(keys).map((key) => [
              key,
              key.startsWith('map')
                ? fc.oneof({ maxDepth: 3 }, fc.constant({}), tie('tree'))
                : key === 'list'
                  ? fc.array(fc.integer())
                  : fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null)),
            ]),
          ),
        ),
      ),
  })).tree;

  test('is associative where a key has one kind of value', () => {
    fc.assert(
      fc.property(typed, typed, typed, (a, b, c) => {
        expect(mergeTrees(mergeTrees(a, b), c)).toEqual(mergeTrees(a, mergeTrees(b, c)));
      }),
    );
  });

  test('has the empty map as its identity, and is idempotent', () => {
    fc.assert(
      fc.property(typed, (tree) => {
        expect(mergeTrees({}, tree)).toEqual(tree);
        expect(mergeTrees(tree, {})).toEqual(tree);
        expect(mergeTrees(tree, tree)).toEqual(tree);
      }),
    );
  });

  test('leaves its inputs as they are, and shares no map with them', () => {
    fc.assert(
      fc.property(typed, typed, (base, over) => {
        const before = JSON.stringify([base, over]);
        const merged = mergeTrees(base, over);
        scribble(merged);
        expect(JSON.stringify([base, over])).toBe(before);
      }),
    );
  });
});

function scribble(tree: JsonObject): void {
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) scribble(value);
    tree[key] = 'changed';
  }
}

test('mergeAll: the last one wins', () => {
  expect(mergeAll([{ a: 1, b: 1 }, { b: 2, c: 2 }, { c: 3 }])).toEqual({ a: 1, b: 2, c: 3 });
  expect(mergeAll([])).toEqual({});
});

test('mergeValue merges only maps', () => {
  const cases: [JsonValue | undefined, JsonValue, JsonValue][] = [
    [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    [[1], { b: 2 }, { b: 2 }],
    [{ a: 1 }, [2], [2]],
    [undefined, 1, 1],
    [{ a: 1 }, null, null],
  ];
  for (const [base, over, merged] of cases) expect(mergeValue(base, over)).toEqual(merged);
});
