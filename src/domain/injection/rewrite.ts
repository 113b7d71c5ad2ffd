/** Values of a YAML document replaced in its text: what stands around them keeps its comments and layout. */
import { getAt, isEqual, isObject } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import { readSpots, readYaml } from '../../lib/yaml-fast.ts';
import type { YamlSpot } from '../../lib/yaml-fast.ts';
import { printYaml } from '../../lib/yaml-print.ts';
import { applySplices, editValue } from './text-edits.ts';
import type { Splice } from './text-edits.ts';

export interface Replacement {
  readonly path: readonly (string | number)[];
  readonly value: JsonValue;
}

/** The JSON document with `replacements`; undefined when the text is none. */
export function rewriteJson(text: string, replacements: readonly Replacement[]): string | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  let root: JsonValue;
  try {
    root = JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
  const wanted = replacements.reduce((value, change) => withValue(value, change.path, change.value), root);
  return `${JSON.stringify(wanted, null, 2)}\n`;
}

/** The document with `replacements`, none of which lies inside another. Where the text does not allow it, it is printed anew. */
export function rewriteYaml(text: string, replacements: readonly Replacement[]): string {
  const read = readYaml(text);
  const old = 'value' in read ? read.value : null;
  const wanted = replacements.reduce((root, { path, value }) => withValue(root, path, value), old);
  for (const splices of [smallSplices(text, old, replacements), largeSplices(text, replacements)]) {
    const changed = splices && applySplices(text, splices);
    const again = changed === undefined ? undefined : readYaml(changed);
    if (changed !== undefined && again && 'value' in again && isEqual(again.value, wanted)) return changed;
  }
  return `${leadingComments(text)}${printYaml(wanted)}`;
}

function withValue(root: JsonValue, path: Replacement['path'], value: JsonValue): JsonValue {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const inner = withValue(getAt(root, [key]) ?? null, rest, value);
  if (Array.isArray(root)) return root.map((item, index) => (index === key ? inner : item));
  if (!isObject(root)) return root;
  const entries = Object.entries(root);
  return Object.fromEntries(
    Object.hasOwn(root, String(key))
      ? entries.map(([name, item]) => [name, name === key ? inner : item])
      : [...entries, [String(key), inner]],
  );
}

/** Inside of the replaced values only what differs changes. */
function smallSplices(
  text: string,
  old: JsonValue,
  replacements: readonly Replacement[],
): Splice[] | undefined {
  return collect(text, replacements, (spot, { path, value }) =>
    editValue(text, spot, getAt(old, path) ?? null, value),
  );
}

/** The values as a whole. */
function largeSplices(text: string, replacements: readonly Replacement[]): Splice[] | undefined {
  return collect(text, replacements, (spot, { value }) => {
    if (spot.isFlow || spot.isAlias || !spot.entries) return undefined;
    const column = spot.start - (text.lastIndexOf('\n', spot.start - 1) + 1);
    const lines = printYaml(value).trimEnd().split('\n');
    const indented = lines.map((line, index) =>
      index === 0 || line === '' ? line : ' '.repeat(column) + line,
    );
    const end = spot.start + text.slice(spot.start, spot.end).trimEnd().length;
    return [{ start: spot.start, end, text: indented.join('\n') }];
  });
}

/** undefined as soon as one replacement can not be made: its place is in brackets, an alias, or not there. */
function collect(
  text: string,
  replacements: readonly Replacement[],
  splicesOf: (spot: YamlSpot, replacement: Replacement) => readonly Splice[] | undefined,
): Splice[] | undefined {
  const root = readSpots(text);
  const all: Splice[] = [];
  for (const replacement of replacements) {
    const spot = root && findSpot(root, replacement.path);
    const splices = spot && splicesOf(spot, replacement);
    if (!splices) return undefined;
    all.push(...splices);
  }
  return all;
}

function findSpot(root: YamlSpot, path: Replacement['path']): YamlSpot | undefined {
  let spot: YamlSpot | undefined = root;
  for (const key of path) {
    if (!spot || spot.isFlow || spot.isAlias) return undefined;
    spot =
      typeof key === 'number'
        ? spot.items?.[key]
        : spot.entries?.findLast((entry) => entry.key === key)?.value;
  }
  return spot;
}

/** Comments and empty lines before the first key, and the `---` that a document may begin with. */
function leadingComments(text: string): string {
  if (/^---\s/.test(text)) return '---\n';
  return /^(?:[ \t]*(?:#[^\n]*)?\n)*/.exec(text)?.[0] ?? '';
}
