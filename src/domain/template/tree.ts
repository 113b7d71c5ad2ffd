/**
 * Expressions as they are kept in compiled templates: small, plain JSON, ready to be evaluated. `at` is the offset in
 * the text of the expression of what an error is about.
 */

/** Operators with two operands of which both are always evaluated. */
export type BinaryOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%';
export type Loop = 'map' | 'filter' | 'all' | 'exists' | 'exists_one';

export type Tree =
  | { readonly op: 'const'; readonly value: string | boolean | null }
  /** Text when the number is not exact in JSON. */
  | { readonly op: 'int'; readonly value: number | string }
  | { readonly op: 'double'; readonly value: number }
  | { readonly op: 'name'; readonly name: string; readonly at: number }
  | { readonly op: 'type'; readonly name: string }
  | { readonly op: 'none' }
  | Access
  | { readonly op: 'has'; readonly of: Access }
  | { readonly op: 'list'; readonly items: readonly Tree[] }
  | {
      readonly op: 'record';
      readonly entries: readonly (readonly [key: Tree, value: Tree])[];
      readonly at: number;
    }
  | { readonly op: 'if'; readonly if: Tree; readonly then: Tree; readonly else: Tree; readonly at: number }
  | { readonly op: '&&' | '||'; readonly left: Tree; readonly right: Tree; readonly at: number }
  | { readonly op: '!' | 'negate'; readonly of: Tree; readonly at: number }
  | { readonly op: BinaryOperator; readonly left: Tree; readonly right: Tree; readonly at: number }
  | { readonly op: 'call'; readonly name: string; readonly args: readonly Tree[]; readonly at: number }
  | {
      readonly op: 'method';
      readonly name: string;
      readonly of: Tree;
      readonly args: readonly Tree[];
      readonly at: number;
    }
  | LoopTree
  | { readonly op: 'bind'; readonly as: string; readonly value: Tree; readonly body: Tree }
  | {
      readonly op: 'optMap' | 'optFlatMap';
      readonly of: Tree;
      readonly as: string;
      readonly body: Tree;
      readonly at: number;
    }
  | { readonly op: 'or' | 'orValue'; readonly of: Tree; readonly other: Tree; readonly at: number };

/** `of.key`, `of[key]`; `optional` for `.?key` and `[?key]`. */
export interface Access {
  readonly op: 'get';
  readonly of: Tree;
  readonly key: string | Tree;
  readonly optional?: true;
  readonly at: number;
}

export interface LoopTree {
  readonly op: 'loop';
  readonly loop: Loop;
  readonly over: Tree;
  readonly as: string;
  /** Of `map(x, where, body)`. */
  readonly where?: Tree;
  readonly body: Tree;
  readonly at: number;
}
