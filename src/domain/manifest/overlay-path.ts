/**
 * Paths of overlay patches: `spec.template.spec.containers.[name:discovery].args.[0]`.
 * Dots separate, `\.` is a dot inside a key, inside brackets dots are plain text.
 */
import { MeshError } from '../../lib/errors.ts';

export type OverlaySegment =
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'index'; readonly index: number }
  /** First list item that is a map in which `key` has this value, compared as text. */
  | { readonly type: 'match'; readonly key: string; readonly value: string }
  /** First scalar item that is this text, else that the text matches as a regular expression. */
  | { readonly type: 'scalar'; readonly pattern: string };

/** Takes a path apart. Throws a `config` MeshError for an empty segment and an unclosed bracket. */
export function parseOverlayPath(path: string): OverlaySegment[] {
  const segments: OverlaySegment[] = [];
  let index = 0;
  while (index < path.length) {
    if (path[index] === '[') {
      const end = path.indexOf(']', index);
      if (end === -1) throw new MeshError('config', `the overlay path "${path}" has a [ without ]`);
      segments.push(parseBracket(path.slice(index + 1, end), path));
      index = end + 1;
      if (index < path.length && path[index] !== '.' && path[index] !== '[') {
        throw new MeshError('config', `the overlay path "${path}" goes on after ] without a dot`);
      }
      if (path[index] === '.') index += 1;
      continue;
    }
    let key = '';
    while (index < path.length && path[index] !== '.' && path[index] !== '[') {
      if (
        path[index] === '\\' &&
        index + 1 < path.length &&
        (path[index + 1] === '.' || path[index + 1] === '[')
      )
        index += 1;
      key += path[index] ?? '';
      index += 1;
    }
    if (key === '') throw new MeshError('config', `the overlay path "${path}" has an empty segment`);
    segments.push({ type: 'key', key });
    if (path[index] === '.') index += 1;
  }
  if (segments.length === 0) throw new MeshError('config', 'an overlay patch has an empty path');
  return segments;
}

function parseBracket(text: string, path: string): OverlaySegment {
  if (/^-?\d+$/.test(text)) return { type: 'index', index: Number(text) };
  const plain = text.replaceAll('\\.', '.');
  const colon = plain.indexOf(':');
  if (colon > 0) return { type: 'match', key: plain.slice(0, colon), value: plain.slice(colon + 1) };
  const pattern = colon === 0 ? plain.slice(1) : plain;
  if (pattern === '') throw new MeshError('config', `the overlay path "${path}" has empty brackets`);
  return { type: 'scalar', pattern };
}

/** A segment as it is written in a path. */
export function formatSegment(segment: OverlaySegment): string {
  switch (segment.type) {
    case 'key':
      return segment.key.replaceAll('.', '\\.');
    case 'index':
      return `[${segment.index}]`;
    case 'match':
      return `[${segment.key}:${segment.value}]`;
    case 'scalar':
      return `[:${segment.pattern}]`;
  }
}
