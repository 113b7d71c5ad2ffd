/** Values of a YAML document replaced in its text: what stands around them keeps its comments and layout. */
import { getAt, isEqual, isObject } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import { readSpots, readYaml } from '../../lib/yaml-fast.ts';
import type { YamlSpot } from '../../lib/yaml-fast.ts';
import { printYaml } from '../../lib/yaml-print.ts';

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
  const spliced = splice(text, replacements);
  if (spliced !== undefined) {
    const again = readYaml(spliced);
    if ('value' in again && isEqual(again.value, wanted)) return spliced;
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

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function splice(text: string, replacements: readonly Replacement[]): string | undefined {
  const root = readSpots(text);
  const splices = replacements.map((replacement) => root && spliceOf(text, root, replacement));
  let result = text;
  for (const part of splices.sort((a, b) => (b?.start ?? 0) - (a?.start ?? 0))) {
    if (!part) return undefined;
    result = result.slice(0, part.start) + part.text + result.slice(part.end);
  }
  return result;
}

/** undefined: the place is in brackets, an alias, or not there. */
function spliceOf(text: string, root: YamlSpot, { path, value }: Replacement): Splice | undefined {
  let spot: YamlSpot | undefined = root;
  for (const key of path) {
    if (spot.isFlow || spot.isAlias) return undefined;
    spot =
      typeof key === 'number'
        ? spot.items?.[key]
        : spot.entries?.findLast((entry) => entry.key === key)?.value;
    if (!spot) return undefined;
  }
  if (spot.isFlow || spot.isAlias || !spot.entries) return undefined;
  const column = spot.start - (text.lastIndexOf('\n', spot.start - 1) + 1);
  const lines = printYaml(value).trimEnd().split('\n');
  const indented = lines.map((line, index) =>
    index === 0 || line === '' ? line : ' '.repeat(column) + line,
  );
  const { start, end } = spot;
  const trailing = /\s*$/.exec(text.slice(start, end))?.[0].length ?? 0;
  return { start, end: end - trailing, text: indented.join('\n') };
}

/** Comments and empty lines before the first key, and the `---` that a document may begin with. */
function leadingComments(text: string): string {
  if (/^---\s/.test(text)) return '---\n';
  return /^(?:[ \t]*(?:#[^\n]*)?\n)*/.exec(text)?.[0] ?? '';
}
