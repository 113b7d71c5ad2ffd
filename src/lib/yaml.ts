/**
 * The only place that knows the `yaml` library. Reads YAML as Kubernetes does (sigs.k8s.io/yaml, which is YAML 1.1:
 * `yes`, `on` and `0644` are a boolean, a boolean and 420). `yaml-print.ts` writes.
 */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { Document, Node, Scalar, ScalarTag } from 'yaml';
import { MeshError } from './errors.ts';
import type { SourcePosition } from './errors.ts';
import type { JsonObject, JsonPrimitive, JsonValue } from './json.ts';
import { readDoubleQuoted } from './yaml-quoted.ts';

/** One document of a YAML stream, with the way back from data to text. */
export interface YamlDocument {
  readonly value: JsonValue;
  /** Position in its file where the document begins. */
  readonly start: SourcePosition;
  /**
   * Position of the value at `path`, or of the deepest ancestor that exists.
   * With `key`, the position of the map key instead of its value.
   */
  locate(path: readonly (string | number)[], what?: 'key' | 'value'): SourcePosition;
}

const TRUE = /^(?:y|yes|true|on)$/i;

/** YAML 1.1 as go-yaml reads it: no sexagesimal numbers, no timestamps, `y` and `n` stay strings. */
const booleanTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  identify: (value) => typeof value === 'boolean',
  test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => TRUE.test(text),
};

const integerTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  identify: (value) => typeof value === 'number' && Number.isInteger(value),
  test: /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)$/,
  resolve: (text) => {
    const digits = text.replaceAll('_', '');
    const sign = digits.startsWith('-') ? -1 : 1;
    const magnitude = digits.replace(/^[-+]/, '');
    return sign * Number(/^0[0-7]+$/.test(magnitude) ? `0o${magnitude.slice(1)}` : magnitude);
  },
};

const readOptions = {
  version: '1.2' as const,
  schema: 'core' as const,
  merge: true,
  customTags: (tags: unknown) => [booleanTag, integerTag, ...(tags as ScalarTag[])],
  maxAliasCount: 1000,
  keepSourceTokens: false,
};

/**
 * All documents of a YAML stream, empty ones left out.
 * Throws a `config` MeshError with file, line and column for text that is not YAML, and for keys given twice.
 */
export function parseYamlDocuments(text: string, file: string): YamlDocument[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { ...readOptions, lineCounter: lines });
  const documents = 'empty' in parsed ? [] : (parsed as Document.Parsed[]);
  const position = (offset: number): SourcePosition => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error) {
      throw new MeshError('config', `not valid YAML: ${firstLine(error.message)}`, {
        position: position(error.pos[0]),
        cause: error,
      });
    }
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
      return [];
    return [toYamlDocument(document, position)];
  });
}

function toYamlDocument(
  document: Document.Parsed,
  position: (offset: number) => SourcePosition,
): YamlDocument {
  let value: JsonValue;
  const start = position(document.contents?.range[0] ?? 0);
  try {
    value = document.toJS({ maxAliasCount: 1000 }) as JsonValue;
  } catch (error) {
    throw new MeshError('config', `not valid YAML: ${firstLine((error as Error).message)}`, {
      position: start,
      cause: error,
    });
  }
  return {
    value,
    start,
    locate: (path, what = 'value') => {
      const offset = offsetOf(document, path, what);
      return offset === undefined ? start : position(offset);
    },
  };
}

function offsetOf(
  document: Document.Parsed,
  path: readonly (string | number)[],
  what: 'key' | 'value',
): number | undefined {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0];
  for (const [index, key] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    let next: unknown;
    let keyNode: unknown;
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => String(isScalar(item.key) ? item.key.value : item.key) === String(key),
      );
      next = pair?.value;
      keyNode = pair?.key;
    } else if (isSeq(node)) {
      next = node.items[Number(key)];
    }
    if (what === 'key' && index === path.length - 1 && isNode(keyNode)) return keyNode.range?.[0] ?? offset;
    if (!isNode(next)) return isNode(keyNode) ? (keyNode.range?.[0] ?? offset) : offset;
    node = next;
    offset = node.range?.[0] ?? offset;
  }
  return offset;
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? text).replace(/ at line \d+, column \d+:?$/, '');
}

/** Exactly one document whose root is a map. Throws `config` MeshErrors, also for an empty text and for several documents. */
export function parseYamlObject(text: string, file: string): YamlDocument & { readonly value: JsonObject } {
  const [document, second] = parseYamlDocuments(text, file);
  if (!document) throw new MeshError('config', 'the file is empty', { position: { file } });
  if (second) {
    throw new MeshError('config', 'the file holds several YAML documents, expected one', {
      position: second.start,
    });
  }
  if (typeof document.value !== 'object' || document.value === null || Array.isArray(document.value)) {
    throw new MeshError('config', 'expected a map at the top of the file', { position: document.start });
  }
  return document as YamlDocument & { readonly value: JsonObject };
}

/** A node of a YAML document with its place; lines and columns count from 1. */
export type YamlNode =
  | (YamlPlace & {
      readonly kind: 'map';
      readonly entries: readonly { readonly key: YamlNode; readonly value: YamlNode }[];
    })
  | (YamlPlace & { readonly kind: 'list'; readonly items: readonly YamlNode[] })
  | YamlScalar;

export interface YamlScalar extends YamlPlace {
  readonly kind: 'scalar';
  readonly value: JsonPrimitive;
  readonly style: 'plain' | 'single' | 'double' | 'block';
  /** Place of the character at `index` of a double-quoted text; for other styles the place of the scalar. */
  placeAt(index: number): YamlPlace;
  /** Whether the text stands in the file exactly as it is, in one line. */
  readonly verbatim: boolean;
}

export interface YamlPlace {
  readonly line: number;
  readonly column: number;
}

/** Something wrong with a YAML text. */
export interface YamlProblem extends YamlPlace {
  readonly message: string;
  readonly hint?: string;
}

/**
 * The documents of a YAML stream as trees with places, empty documents left out, and all that is wrong with it.
 * Anchors, aliases, tags and merge keys are problems: the tree has no form for them. Keys given twice are kept.
 */
export function parseYamlTrees(text: string): { documents: YamlNode[]; problems: YamlProblem[] } {
  const lines = new LineCounter();
  const problems: YamlProblem[] = [];
  const place = (offset: number): YamlPlace => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const parsed = parseAllDocuments(text, { ...readOptions, uniqueKeys: false, lineCounter: lines });
  const documents: YamlNode[] = [];
  for (const document of 'empty' in parsed ? [] : (parsed as Document.Parsed[])) {
    // A text that is nested too deeply for the library leaves many errors behind, of which only one says so.
    const tooDeep = document.errors.find((error) => error.message.includes('Maximum call stack'));
    for (const error of tooDeep ? [tooDeep] : document.errors) {
      const message = tooDeep
        ? 'the text is nested too deeply'
        : `not valid YAML: ${firstLine(error.message)}`;
      problems.push({ message, ...place(error.pos[0]) });
    }
    const root = document.contents;
    if (document.errors.length > 0 || root === null || (isScalar(root) && root.value === null)) continue;
    documents.push(toTree(root, text, place, problems));
  }
  return { documents, problems };
}

function toTree(
  node: unknown,
  text: string,
  place: (offset: number) => YamlPlace,
  problems: YamlProblem[],
  fallback: YamlPlace = { line: 1, column: 1 },
): YamlNode {
  const range = isNode(node) ? node.range : undefined;
  const at = range ? place(range[0]) : fallback;
  if (isMap(node)) {
    const entries = node.items.map((pair) => {
      const key = toTree(pair.key, text, place, problems, at);
      return { key, value: toTree(pair.value, text, place, problems, key) };
    });
    return { kind: 'map', ...at, entries };
  }
  if (isSeq(node)) {
    return { kind: 'list', ...at, items: node.items.map((item) => toTree(item, text, place, problems, at)) };
  }
  if (isAlias(node)) {
    problems.push({ message: `alias *${node.source} is not supported`, hint: 'write the value out', ...at });
  }
  if (!isScalar(node)) return emptyScalar(at);
  return toScalar(node, text, at, place);
}

function emptyScalar(at: YamlPlace): YamlScalar {
  return { kind: 'scalar', ...at, value: null, style: 'plain', verbatim: false, placeAt: () => at };
}

const STYLES: Readonly<Record<string, YamlScalar['style']>> = {
  QUOTE_DOUBLE: 'double',
  QUOTE_SINGLE: 'single',
  BLOCK_LITERAL: 'block',
  BLOCK_FOLDED: 'block',
};

function toScalar(
  node: Scalar,
  text: string,
  at: YamlPlace,
  place: (offset: number) => YamlPlace,
): YamlScalar {
  // A merge key is read as the symbol `<<`.
  const value = (typeof node.value === 'symbol' ? '<<' : node.value) as JsonPrimitive;
  const style = STYLES[node.type ?? ''] ?? 'plain';
  const [start, end] = node.range ?? [0, 0];
  if (style !== 'double') return { kind: 'scalar', ...at, value, style, verbatim: false, placeAt: () => at };
  const source = text.slice(start, end);
  const verbatim = source === `"${String(value)}"`;
  return {
    kind: 'scalar',
    ...at,
    value,
    style,
    verbatim,
    placeAt: (index) =>
      place(start + (verbatim ? index + 1 : (readDoubleQuoted(source).offsets[index] ?? 0))),
  };
}
