/** One `--set path=value` or `--set-json path=json`, taken apart. */
import { MeshError, messageOf } from '../../lib/errors.ts';
import type { JsonValue } from '../../lib/json.ts';
import { findHostilePart, formatSetting, parseSetPath } from './paths.ts';
import type { PathSegment } from './paths.ts';
import type { SetFlag } from './types.ts';

/** What a flag assigns: a text that still has to be given a type, or a value. */
export interface Assignment {
  /** Relative to `spec`. */
  readonly path: readonly PathSegment[];
  readonly value:
    { readonly type: 'text'; readonly text: string } | { readonly type: 'json'; readonly value: JsonValue };
  readonly flag: SetFlag['flag'];
  /** What the flag was given, as typed: `a.b=c`. */
  readonly text: string;
}

/**
 * Splits at the first `=`, trims both sides, drops a leading `spec.`.
 * Throws a `config` MeshError for a text without `=`, a path that cannot be read, and JSON that is none.
 */
export function parseSetFlag({ flag, text }: SetFlag): Assignment {
  const source = `${flag} ${shorten(text)}`;
  const equals = text.indexOf('=');
  if (equals === -1) {
    throw new MeshError('config', `${source} has no =`, {
      hint: `write ${flag} ${text.trim() || 'path'}=VALUE`,
    });
  }
  const path = readPath(text.slice(0, equals).trim(), source);
  const value = text.slice(equals + 1).trim();
  if (flag === '--set') return { path, value: { type: 'text', text: value }, flag, text };
  return { path, value: { type: 'json', value: parseJson(value, source) }, flag, text };
}

function readPath(text: string, source: string): PathSegment[] {
  let path: PathSegment[];
  try {
    path = parseSetPath(text);
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    throw new MeshError('config', `${error.message}, in ${source}`, { hint: error.hint });
  }
  const [first] = path;
  return path.length > 1 && first?.type === 'key' && first.key === 'spec' ? path.slice(1) : path;
}

function parseJson(text: string, source: string): JsonValue {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new MeshError('config', `${source} is not valid JSON: ${messageOf(error)}`, {
      hint: 'quote texts, and the whole flag from the shell: --set-json \'values.revisionTags=["prod"]\'',
    });
  }
  const hostile = findHostilePart(value);
  if (!hostile) return value;
  throw new MeshError('config', `${formatSetting(hostile.path)} ${hostile.what}, in ${source}`);
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
