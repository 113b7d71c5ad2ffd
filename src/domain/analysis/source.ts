/** Where a resource stands in a file: found when it is asked for, by reading the one document again. */
import type { SourcePosition } from '../../lib/errors.ts';
import { isObject } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import { readSpots } from '../../lib/yaml-fast.ts';
import type { YamlSpot } from '../../lib/yaml-fast.ts';
import { createLineTable } from './documents.ts';
import type { DocumentRange, LineTable } from './documents.ts';
import type { FieldPath, ResourceSource } from './types.ts';

/** A file with its text. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** A file and its line table, which is shared by all its documents. */
export interface OpenFile extends SourceFile {
  lines(): LineTable;
}

export function openFile(file: SourceFile): OpenFile {
  let lines: LineTable | undefined;
  return { name: file.name, text: file.text, lines: () => (lines ??= createLineTable(file.text)) };
}

/** One document of a file. */
export interface OpenDocument {
  readonly file: OpenFile;
  readonly range: DocumentRange;
  /** Offset of its first line that holds anything; a comment counts. */
  firstOffset(): number;
  /** undefined for a text that is no YAML. */
  spots(): YamlSpot | undefined;
}

export function openDocument(file: OpenFile, range: DocumentRange): OpenDocument {
  let spots: { readonly root: YamlSpot | undefined } | undefined;
  return {
    file,
    range,
    firstOffset: () => {
      const text = file.text.slice(range.start, range.end);
      const blank = /^(?:[ \t\r]*\n)*/.exec(text)?.[0].length ?? 0;
      return range.start + blank;
    },
    spots: () => (spots ??= { root: readSpots(file.text.slice(range.start, range.end)) }).root,
  };
}

/** The source of the object at `base` of a document (empty, or an item of a list); `raw` is that object. */
export function createSource(document: OpenDocument, raw: JsonValue, base: FieldPath): ResourceSource {
  const { file, range } = document;
  const position = (offset: number): SourcePosition => ({ file: file.name, ...file.lines().placeOf(offset) });
  const locate = (path: FieldPath, what: 'key' | 'value' = 'value'): SourcePosition => {
    const root = document.spots();
    if (!root) return position(document.firstOffset());
    return position(range.start + findSpot(root, [...base, ...asWritten(raw, path)], what));
  };
  return {
    file: file.name,
    get line() {
      return base.length > 0 ? (locate([]).line ?? 1) : file.lines().placeOf(document.firstOffset()).line;
    },
    locate,
    text: () => file.text,
    document: { ...range, base },
  };
}

function findSpot(root: YamlSpot, path: FieldPath, what: 'key' | 'value'): number {
  let spot = root;
  for (const [index, key] of path.entries()) {
    if (typeof key === 'number' && spot.items) {
      const item = spot.items[key];
      if (!item) return spot.start;
      spot = item;
      continue;
    }
    const entry = spot.entries?.findLast((candidate) => candidate.key === String(key));
    if (!entry) return spot.start;
    if (what === 'key' && index === path.length - 1) return entry.keyStart;
    spot = entry.value;
  }
  return spot.start;
}

/** `path` with the names that stand in the file: `cors_policy` where it was not written `corsPolicy`. */
export function asWritten(raw: JsonValue, path: FieldPath): FieldPath {
  let value: JsonValue | undefined = raw;
  return path.map((key) => {
    let written = key;
    if (typeof key === 'string' && isObject(value) && !Object.hasOwn(value, key)) {
      const snake = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      if (Object.hasOwn(value, snake)) written = snake;
    }
    if (typeof written === 'number') value = Array.isArray(value) ? value[written] : undefined;
    else value = isObject(value) ? value[written] : undefined;
    return written;
  });
}
