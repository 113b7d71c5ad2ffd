/**
 * Paths of settings, as `--set` has them: `values.pilot.env.FOO`, `list[0].x`, `list.[0].x`, `list[name:foo].x`,
 * and `a\.b` for a key that holds a dot.
 */
import { MeshError } from '../../lib/errors.ts';
import { isObject } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';

export type PathSegment =
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'index'; readonly index: number }
  /** The list item in which `key` has this value, compared as text. */
  | { readonly type: 'match'; readonly key: string; readonly value: string };

/** Keys of maps and indexes of lists: a place in a tree. */
export type TreePath = readonly (string | number)[];

/** A key is not taken when it would reach into JavaScript's own objects instead of the tree. */
function isForbiddenKey(key: string): boolean {
  return key in Object.prototype;
}

/** Deeper than any setting; keeps recursion off the end of the stack. */
const MAX_DEPTH = 200;

/** What keeps a tree from being configuration: a key that reaches into JavaScript's objects, or depth. */
export function findHostilePart(
  value: JsonValue,
  path: TreePath = [],
): { readonly path: TreePath; readonly what: string } | undefined {
  if (path.length > MAX_DEPTH)
    return { path: path.slice(0, 3), what: `is nested deeper than ${MAX_DEPTH} levels` };
  if (!Array.isArray(value) && !isObject(value)) return undefined;
  const entries: Iterable<[string | number, JsonValue]> = Array.isArray(value)
    ? value.entries()
    : Object.entries(value);
  for (const [key, item] of entries) {
    const place = [...path, key];
    if (typeof key === 'string' && isForbiddenKey(key))
      return { path: place, what: 'cannot be the name of a setting' };
    const found = findHostilePart(item, place);
    if (found) return found;
  }
  return undefined;
}

/**
 * Takes a path apart. `\.`, `\[` and `\]` stand for the bare character, other backslashes stay; inside brackets a dot
 * is plain text. Throws a `config` MeshError for an empty path or segment, an open bracket, and brackets that hold
 * neither an index nor `key:value`.
 */
export function parseSetPath(text: string): PathSegment[] {
  if (text === '') throw pathError(text, 'is empty', 'write for example values.global.logAsJson');
  const segments: PathSegment[] = [];
  let position = 0;
  while (position < text.length) {
    const start = position;
    if (text[position] === '[') {
      const end = findBracketEnd(text, position);
      segments.push(parseBracket(text, text.slice(position + 1, end)));
      position = end + 1;
      const next = text[position];
      if (next !== undefined && next !== '.' && next !== '[') {
        throw pathError(text, 'goes on after ] without a dot', 'write list[0].key');
      }
    } else {
      const { key, end } = readKey(text, position);
      if (key === '')
        throw pathError(text, 'has an empty part', 'remove the dot, or write \\. for a dot in a key');
      if (isForbiddenKey(key)) throw pathError(text, `names "${key}", which cannot be a setting`);
      segments.push({ type: 'key', key });
      position = end;
    }
    if (text[position] === '.') {
      position += 1;
      if (position === text.length) throw pathError(text, 'ends with a dot', `write ${text.slice(0, -1)}`);
    }
    if (position === start) throw pathError(text, 'cannot be read');
  }
  if (segments.length > MAX_DEPTH) throw pathError(text.slice(0, 40), `has more than ${MAX_DEPTH} parts`);
  return segments;
}

function readKey(text: string, start: number): { readonly key: string; readonly end: number } {
  let key = '';
  let position = start;
  for (; position < text.length && text[position] !== '.' && text[position] !== '['; position += 1) {
    if (isEscape(text, position)) position += 1;
    key += text[position] ?? '';
  }
  return { key, end: position };
}

function findBracketEnd(text: string, start: number): number {
  for (let position = start; position < text.length; position += 1) {
    if (isEscape(text, position)) position += 1;
    else if (text[position] === ']') return position;
  }
  throw pathError(text, 'has a [ without ]', 'write list[0], or \\[ for a bracket in a key');
}

function isEscape(text: string, position: number): boolean {
  return text[position] === '\\' && /^[.[\]]$/.test(text[position + 1] ?? '');
}

function parseBracket(path: string, inside: string): PathSegment {
  if (/^\d+$/.test(inside)) return { type: 'index', index: Number(inside) };
  const plain = inside.replace(/\\([.[\]])/g, '$1');
  const colon = plain.indexOf(':');
  if (colon > 0) return { type: 'match', key: plain.slice(0, colon), value: plain.slice(colon + 1) };
  if (/^-\d+$/.test(inside)) {
    throw pathError(path, `has the index ${inside}`, 'indexes count from 0; the length of the list appends');
  }
  throw pathError(path, `has [${inside}]`, 'brackets hold an index, [0], or a key and its value, [name:foo]');
}

function pathError(path: string, what: string, hint?: string): MeshError {
  return new MeshError('config', `the path "${path}" ${what}`, { hint });
}

/** A path as text; `parseSetPath` reads it back (a key that ends with a backslash excepted). */
export function formatSetPath(segments: readonly PathSegment[]): string {
  return segments.reduce((path, segment) => {
    const part = formatSegment(segment);
    return path === '' || segment.type !== 'key' ? path + part : `${path}.${part}`;
  }, '');
}

function formatSegment(segment: PathSegment): string {
  switch (segment.type) {
    case 'key':
      return segment.key.replace(/[.[\]]/g, '\\$&');
    case 'index':
      return `[${segment.index}]`;
    case 'match':
      return `[${`${segment.key}:${segment.value}`.replace(/[[\]]|(?<=\\)\./g, '\\$&')}]`;
  }
}

/** A place in an IstioOperator as `--set` names it: relative to `spec`, lists with `[i]`. */
export function formatSetting(path: TreePath): string {
  const relative = path[0] === 'spec' && path.length > 1 ? path.slice(1) : path;
  return formatSetPath(
    relative.map((key) => (typeof key === 'number' ? { type: 'index', index: key } : { type: 'key', key })),
  );
}

/** JSON pointer (RFC 6901) of a place. */
export function toPointer(path: TreePath): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
