/**
 * The smallest changes of a YAML text that turn one value into another: what is new is put beside what was there, which keeps
 * its comments and layout. Only block style is edited; everything else is for the caller to print anew.
 */
import { isEqual, isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import type { YamlSpot, YamlSpotEntry } from '../../lib/yaml-fast.ts';
import { printYaml } from '../../lib/yaml-print.ts';

export interface Splice {
  readonly start: number;
  /** Exclusive; the same as `start` inserts. */
  readonly end: number;
  readonly text: string;
}

/** Where several insert at the same place they come in the order of the list. None overlaps another. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, text: part } of splices.toSorted((a, b) => a.start - b.start)) {
    parts.push(text.slice(at, start), part);
    at = end;
  }
  return parts.join('') + text.slice(at);
}

/** undefined: the text at `spot` has to be replaced as a whole. */
export function editValue(
  text: string,
  spot: YamlSpot,
  before: JsonValue,
  after: JsonValue,
): Splice[] | undefined {
  if (isEqual(before, after)) return [];
  if (spot.isFlow || spot.isAlias) return undefined;
  if (spot.entries && isObject(before) && isObject(after)) return editMap(text, spot.entries, before, after);
  if (spot.items && Array.isArray(before) && Array.isArray(after))
    return editList(text, spot.items, before, after);
  return undefined;
}

function editMap(
  text: string,
  entries: readonly YamlSpotEntry[],
  before: JsonObject,
  after: JsonObject,
): Splice[] | undefined {
  const [first] = entries;
  const last = entries.at(-1);
  const isPlain =
    entries.length === Object.keys(before).length && entries.every(({ key }) => Object.hasOwn(before, key));
  if (!first || !last || !isPlain || entries.some(({ key }) => !Object.hasOwn(after, key))) return undefined;
  const column = columnOf(text, first.keyStart);
  const splices = entries.flatMap(({ key, keyStart, value }): Splice[] => {
    const [old = null, next = null] = [before[key], after[key]];
    return (
      editValue(text, value, old, next) ?? [
        { start: keyStart, end: contentEnd(text, value), text: block({ [key]: next }, column) },
      ]
    );
  });
  const added = Object.entries(after).filter(([key]) => !Object.hasOwn(before, key));
  if (added.length > 0) {
    const at = lineEnd(text, contentEnd(text, last.value));
    splices.push({
      start: at,
      end: at,
      text: `\n${' '.repeat(column)}${block(Object.fromEntries(added), column)}`,
    });
  }
  return splices;
}

function editList(
  text: string,
  items: readonly YamlSpot[],
  before: readonly JsonValue[],
  after: readonly JsonValue[],
): Splice[] | undefined {
  const places = matchItems(before, after);
  const dashes = items.map((item) => text.lastIndexOf('-', item.start - 1));
  const isOwnLine = dashes.every(
    (dash) => dash >= 0 && text.slice(lineStart(text, dash), dash).trim() === '',
  );
  const [firstDash] = dashes;
  const last = items.at(-1);
  if (!places || !isOwnLine || firstDash === undefined || !last || items.length !== before.length)
    return undefined;
  const column = columnOf(text, firstDash);
  const splices: Splice[] = [];
  for (const [index, item] of items.entries()) {
    const place = places[index] ?? 0;
    const added = after.slice((places[index - 1] ?? -1) + 1, place);
    const dash = dashes[index] ?? 0;
    if (added.length > 0) {
      const at = aboveComments(text, lineStart(text, dash));
      splices.push({ start: at, end: at, text: `${' '.repeat(column)}${block([...added], column)}\n` });
    }
    const [old = null, next = null] = [before[index], after[place]];
    splices.push(
      ...(editValue(text, item, old, next) ?? [
        { start: dash, end: contentEnd(text, item), text: block([next], column) },
      ]),
    );
  }
  const rest = after.slice((places.at(-1) ?? -1) + 1);
  if (rest.length > 0) {
    const at = lineEnd(text, contentEnd(text, last));
    splices.push({ start: at, end: at, text: `\n${' '.repeat(column)}${block([...rest], column)}` });
  }
  return splices;
}

/** Fields by which Kubernetes merges lists. */
const IDENTITIES = ['name', 'mountPath', 'containerPort', 'key'];

/** Where each old item is in the new list, in rising order; undefined when one is gone or they have changed places. */
function matchItems(before: readonly JsonValue[], after: readonly JsonValue[]): number[] | undefined {
  const places: number[] = [];
  for (const item of before) {
    const from = (places.at(-1) ?? -1) + 1;
    const place = after.findIndex((other, index) => index >= from && isSame(item, other));
    if (place < 0) return undefined;
    places.push(place);
  }
  return places;
}

function isSame(a: JsonValue, b: JsonValue): boolean {
  if (!isObject(a) || !isObject(b)) return isEqual(a, b);
  const key = IDENTITIES.find((name) => a[name] !== undefined);
  return key === undefined ? isEqual(a, b) : isEqual(a[key], b[key]);
}

/** Printed as it stands at `column`, without indentation of its first line and without its last newline. */
function block(value: JsonValue, column: number): string {
  const lines = printYaml(value).trimEnd().split('\n');
  return lines
    .map((line, index) => (index === 0 || line === '' ? line : ' '.repeat(column) + line))
    .join('\n');
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function columnOf(text: string, at: number): number {
  return at - lineStart(text, at);
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** Behind the last character of a value that is no white space. */
function contentEnd(text: string, { start, end }: YamlSpot): number {
  return start + text.slice(start, end).trimEnd().length;
}

/** The comments right above a line belong to it. */
function aboveComments(text: string, start: number): number {
  let at = start;
  while (at > 0 && /^[ \t]*#/.test(text.slice(lineStart(text, at - 1), at))) at = lineStart(text, at - 1);
  return at;
}
