/**
 * Small repairs of one YAML or JSON document: only the text of the repaired value changes, comments, order and layout stay.
 * Every repair is checked by reading the result again; what cannot be done safely is not done.
 */
import { getAt, isEqual, isObject } from './json.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { readSpots, readYaml } from './yaml-fast.ts';
import type { YamlSpot, YamlSpotEntry } from './yaml-fast.ts';

/** The value at `path` becomes `value`, or its key becomes `rename`; with neither it is removed. */
export interface YamlEdit {
  readonly path: readonly (string | number)[];
  readonly value?: JsonValue | undefined;
  readonly rename?: string | undefined;
}

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with one repair made, or undefined when it cannot be made: the path does not exist, or leads through an alias. */
export function editYaml(text: string, edit: YamlEdit, isJson = false): string | undefined {
  const root = readSpots(text);
  const before = readYaml(text);
  if (!root || !('value' in before)) return undefined;
  const expected = applyEdit(before.value, edit);
  const splices = splicesOf(text, root, edit, isJson);
  if (expected === undefined || !splices) return undefined;
  const result = splices
    .toSorted((a, b) => b.start - a.start)
    .reduce(
      (changed, { start, end, text: piece }) => changed.slice(0, start) + piece + changed.slice(end),
      text,
    );
  const after = readYaml(result);
  return 'value' in after && isEqual(after.value, expected) ? result : undefined;
}

function splicesOf(text: string, root: YamlSpot, edit: YamlEdit, isJson: boolean): Splice[] | undefined {
  if (edit.rename !== undefined) return renaming(root, edit.path, edit.rename, isJson);
  return edit.value === undefined ? removal(text, root, edit) : replacement(text, root, edit, isJson);
}

/** The data with the edit made, or undefined when its path does not exist. */
function applyEdit(value: JsonValue, edit: YamlEdit): JsonValue | undefined {
  // Not structuredClone: aliases must not share what they stand for.
  const copy = JSON.parse(JSON.stringify(value)) as JsonValue;
  const parent = getAt(copy, edit.path.slice(0, -1));
  const key = edit.path.at(-1);
  if (isObject(parent) && typeof key === 'string' && Object.hasOwn(parent, key)) {
    const value = edit.rename === undefined ? edit.value : parent[key];
    if (edit.rename !== undefined || value === undefined) Reflect.deleteProperty(parent, key);
    if (value !== undefined) parent[edit.rename ?? key] = value;
    return copy;
  }
  if (Array.isArray(parent) && typeof key === 'number' && key < parent.length) {
    if (edit.value === undefined) parent.splice(key, 1);
    else parent[key] = edit.value;
    return copy;
  }
  return undefined;
}

/** The spot at `path`; undefined when it does not exist or stands behind an alias. */
function findSpot(root: YamlSpot, path: YamlEdit['path']): YamlSpot | undefined {
  let spot: YamlSpot | undefined = root;
  for (const key of path) {
    if (!spot || spot.isAlias) return undefined;
    spot = typeof key === 'number' ? spot.items?.[key] : entryOf(spot, key)?.value;
  }
  return spot?.isAlias ? undefined : spot;
}

function entryOf(spot: YamlSpot, key: string): YamlSpotEntry | undefined {
  return spot.entries?.findLast((entry) => entry.key === key);
}

function replacement(text: string, root: YamlSpot, edit: YamlEdit, isJson: boolean): Splice[] | undefined {
  const spot = findSpot(root, edit.path);
  const { value } = edit;
  if (!spot || value === undefined) return undefined;
  const old = readAt(text, edit.path);
  if (spot.entries && isObject(old) && isObject(value)) return entryChanges(spot.entries, old, value, isJson);
  // A key without a value has no text that could be replaced.
  if (spot.items || spot.entries || /^[|>]/.test(text.slice(spot.start, spot.end))) return undefined;
  return [{ start: spot.start, end: spot.end, text: formatFlow(value, isJson, text.charAt(spot.start)) }];
}

function readAt(text: string, path: YamlEdit['path']): JsonValue | undefined {
  const read = readYaml(text);
  return 'value' in read ? getAt(read.value, path) : undefined;
}

/** Entry by entry, where both maps have the same number of them: others keep their text. */
function entryChanges(
  entries: readonly YamlSpotEntry[],
  old: JsonObject,
  value: JsonObject,
  isJson: boolean,
): Splice[] | undefined {
  const pairs = Object.entries(value);
  if (pairs.length !== entries.length) return undefined;
  return entries.flatMap((entry, index) => {
    const [key = '', item = null] = pairs[index] ?? [];
    if (key === entry.key && isEqual(item, old[key])) return [];
    const text = `${formatKey(key, isJson)}: ${formatFlow(item, isJson)}`;
    return [{ start: entry.keyStart, end: entry.value.end, text }];
  });
}

function renaming(
  root: YamlSpot,
  path: YamlEdit['path'],
  name: string,
  isJson: boolean,
): Splice[] | undefined {
  const parent = findSpot(root, path.slice(0, -1));
  const key = path.at(-1);
  const entry = parent && typeof key === 'string' ? entryOf(parent, key) : undefined;
  return entry && [{ start: entry.keyStart, end: entry.keyEnd, text: formatKey(name, isJson) }];
}

function removal(text: string, root: YamlSpot, edit: YamlEdit): Splice[] | undefined {
  const parent = findSpot(root, edit.path.slice(0, -1));
  const key = edit.path.at(-1);
  if (!parent || parent.isFlow || typeof key !== 'string' || !parent.entries) return undefined;
  const index = parent.entries.findLastIndex((entry) => entry.key === key);
  const entry = parent.entries[index];
  if (!entry || entry.value.isAlias) return undefined;
  if (parent.entries.length === 1) return [{ start: entry.keyStart, end: entry.value.end, text: '{}' }];
  const lineStart = text.lastIndexOf('\n', entry.keyStart - 1) + 1;
  const next = parent.entries[index + 1];
  // The first key behind the `- ` of a list: the next one moves up.
  if (text.slice(lineStart, entry.keyStart).trim() !== '')
    return next && [{ start: entry.keyStart, end: next.keyStart, text: '' }];
  const lineEnd = text.indexOf('\n', Math.max(entry.value.end - 1, entry.keyStart));
  return [{ start: lineStart, end: lineEnd < 0 ? text.length : lineEnd + 1, text: '' }];
}

function formatKey(key: string, isJson: boolean): string {
  return isJson || !/^[A-Za-z_][\w./-]*$/.test(key) ? JSON.stringify(key) : key;
}

/** In one line; texts in the quotes that stood there, else in none where YAML needs none. */
function formatFlow(value: JsonValue, isJson: boolean, quote = ''): string {
  if (isJson) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => formatFlow(item, false)).join(', ')}]`;
  if (isObject(value)) {
    const pairs = Object.entries(value).map(
      ([key, item]) => `${formatKey(key, false)}: ${formatFlow(item, false)}`,
    );
    return `{${pairs.join(', ')}}`;
  }
  if (typeof value !== 'string') return String(value);
  if (quote === "'") return `'${value.replaceAll("'", "''")}'`;
  const read = readYaml(value);
  const isPlain = /^[A-Za-z_/][\w./-]*$/.test(value) && 'value' in read && read.value === value;
  return isPlain && quote !== '"' ? value : JSON.stringify(value);
}
