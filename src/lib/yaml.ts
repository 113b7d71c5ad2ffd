/**
 * The only place that knows the `yaml` library. Reads YAML as Kubernetes does (sigs.k8s.io/yaml, which is YAML 1.1:
 * `yes`, `on` and `0644` are a boolean, a boolean and 420) and writes it so that such a reader gets the same data back.
 */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments, stringify } from 'yaml';
import type { Document, Node, ScalarTag } from 'yaml';
import { MeshError } from './errors.ts';
import type { SourcePosition } from './errors.ts';
import type { JsonObject, JsonValue } from './json.ts';

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

const BOOLEAN = /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
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
  const parsed = parseAllDocuments(text, { ...readOptions, lineCounter: lines } as never);
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
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) return [];
    return [toYamlDocument(document, position)];
  });
}

function toYamlDocument(document: Document.Parsed, position: (offset: number) => SourcePosition): YamlDocument {
  let value: JsonValue;
  const start = position(document.contents?.range[0] ?? 0);
  try {
    value = document.toJS({ maxAliasCount: 1000 }) as JsonValue;
  } catch (error) {
    throw new MeshError('config', `not valid YAML: ${firstLine((error as Error).message)}`, { position: start, cause: error });
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

function offsetOf(document: Document.Parsed, path: readonly (string | number)[], what: 'key' | 'value'): number | undefined {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0];
  for (const [index, key] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    let next: unknown;
    let keyNode: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => String(isScalar(item.key) ? item.key.value : item.key) === String(key));
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
    throw new MeshError('config', 'the file holds several YAML documents, expected one', { position: second.start });
  }
  if (typeof document.value !== 'object' || document.value === null || Array.isArray(document.value)) {
    throw new MeshError('config', 'expected a map at the top of the file', { position: document.start });
  }
  return document as YamlDocument & { readonly value: JsonObject };
}

/** Block style YAML, two spaces, keys as they come; strings that YAML 1.1 would misread are quoted. Ends with a newline. */
export function stringifyYaml(value: JsonValue): string {
  return stringify(value, {
    version: '1.2',
    compat: 'yaml-1.1',
    lineWidth: 0,
    aliasDuplicateObjects: false,
    indentSeq: false,
  } as never);
}

/** Whether a plain scalar would be read as a boolean by YAML 1.1. */
export function isYaml11Boolean(text: string): boolean {
  return BOOLEAN.test(text);
}
