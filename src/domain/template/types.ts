/** The manifest language, compiled: plain JSON, so that built-in templates are compiled when mesh is built. */
import type { SourcePosition } from '../../lib/errors.ts';
import type { JsonPrimitive, JsonValue } from '../../lib/json.ts';
import type { Tree } from './tree.ts';

/** Line and column of a node in its file, counting from 1. */
export type Place = readonly [line: number, column: number];

/** A CEL expression with its place. */
export interface Expression {
  readonly cel: string;
  /** Place of the first character of `cel`. */
  readonly at: Place;
  /** true: YAML escapes or line folds inside, so that columns within `cel` are not columns of the file. */
  readonly folded?: true;
}

/**
 * A node of a template.
 * - `literal`: a scalar without expression.
 * - `expression`: a scalar that is one `${...}`: keeps its type, absent removes the key or item.
 * - `text`: text and expressions alternating, joined to a string.
 * - `list`, `map`; a map may be a control node by its directives: `if`, `let` (in order), `each`/`as`.
 *   `merge` expressions are merged over the map's own entries, in order of appearance.
 */
export type TemplateNode =
  | { readonly type: 'literal'; readonly value: JsonPrimitive }
  | { readonly type: 'expression'; readonly value: Expression }
  | { readonly type: 'text'; readonly parts: readonly TextPart[] }
  | { readonly type: 'list'; readonly items: readonly TemplateNode[]; readonly at: Place }
  | MapNode;

export type TextPart = string | Expression;

export interface MapNode {
  readonly type: 'map';
  readonly at: Place;
  readonly entries: readonly MapEntry[];
  readonly let?: readonly LetBinding[];
  readonly if?: Expression;
  /** `as` is absent when the items themselves are spliced in. */
  readonly each?: { readonly over: Expression; readonly as?: string; readonly asAt?: Place };
}

export interface LetBinding {
  readonly name: string;
  readonly value: TemplateNode;
  readonly at: Place;
}

/** An entry of a map: a key (that may hold expressions) with a value, or a `$merge`. */
export type MapEntry =
  | { readonly key: string | readonly TextPart[]; readonly value: TemplateNode; readonly at: Place }
  | { readonly merge: Expression; readonly at: Place };

/** One file: its documents in order. */
export interface CompiledTemplate {
  readonly file: string;
  readonly documents: readonly TemplateNode[];
  /** The trees of all its expressions, by their text. */
  readonly trees: Readonly<Record<string, Tree>>;
}

/** Variables that expressions see, by name. */
export type Scope = Readonly<Record<string, JsonValue | undefined>>;

/** Something wrong with a template, found by compiling, checking or evaluating it. */
export interface TemplateProblem {
  readonly message: string;
  readonly expression?: string | undefined;
  readonly position: SourcePosition;
  readonly hint?: string | undefined;
}
