/** Documents that are almost right: texts with bytes changed, and objects with values of the wrong kind. Seeded. */
import type { JsonValue } from '../../src/lib/json.ts';
import { isObject } from '../../src/lib/json.ts';

export type Random = () => number;

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item;
}

const ODD_VALUES: readonly JsonValue[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '',
  ' ',
  '*',
  '*.',
  '~',
  '.',
  '/',
  'a/b/c',
  '-1s',
  '1h1m0.5ms',
  '${x}',
  '\u0000',
  '\ud800',
  '☃'.repeat(300),
  '('.repeat(200),
  'unix://',
  '::1/200',
  [],
  {},
  [[]],
  [null],
  [{}],
  { '': null },
  { __proto__: 1 },
  { constructor: { prototype: 1 }, toString: 'x', hasOwnProperty: [] },
];

/** A copy of `value` in which some parts are something else, gone, doubled, or under another name. */
export function mutateValue(value: JsonValue, random: Random, chance: number): JsonValue {
  if (random() < chance) return structuredClone(pick(random, ODD_VALUES));
  if (Array.isArray(value)) {
    const items = value.map((item) => mutateValue(item, random, chance));
    if (random() < chance) items.splice(Math.floor(random() * items.length), 1);
    if (items.length > 0 && random() < chance) items.push(structuredClone(pick(random, items)));
    return items;
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, item]): [string, JsonValue][] => {
    const roll = random();
    // Without a kind nobody looks at it.
    const isHead = key === 'kind' || key === 'apiVersion' || key === 'metadata' || key === 'spec';
    if (!isHead && roll < chance / 2) return [];
    const name = !isHead && roll < chance ? pick(random, [`${key}x`, key.toUpperCase(), '', '1']) : key;
    return [[name, isHead && !isObject(item) ? item : mutateValue(item, random, chance)]];
  });
  return Object.fromEntries(entries);
}

const PIECES = [
  ' ',
  '\n',
  '\t',
  ':',
  '- ',
  '[',
  '}',
  '"',
  "'",
  '|',
  '#',
  '&a ',
  '*a',
  '!!',
  '%',
  '---\n',
  '\u00e4',
  '0',
  '{x: ',
  '<<: ',
];

/** A copy of `text` with some characters gone, doubled, moved or added. */
export function mutateText(text: string, random: Random): string {
  let result = text;
  const changes = 1 + Math.floor(random() * 4);
  for (let index = 0; index < changes; index += 1) {
    const at = Math.floor(random() * result.length);
    const length = Math.floor(random() ** 3 * 40);
    const part = result.slice(at, at + length);
    switch (Math.floor(random() * 5)) {
      case 0:
        result = result.slice(0, at) + result.slice(at + length);
        break;
      case 1:
        result = result.slice(0, at) + part + result.slice(at);
        break;
      case 2:
        result = result.slice(0, at);
        break;
      default:
        result = result.slice(0, at) + pick(random, PIECES) + result.slice(at);
    }
  }
  return result;
}
