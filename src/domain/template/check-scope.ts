/** Names that an expression sees while it is checked, and what the checker carries along. */
import type { CheckType } from './check-types.ts';
import type { CelNode } from './expression.ts';

/** A name with its type; `used` becomes true when an expression reads it. */
export interface Binding {
  readonly type: CheckType;
  used: boolean;
}

export interface CheckScope {
  readonly bindings: ReadonlyMap<string, Binding>;
  readonly outer: CheckScope | undefined;
}

/** One expression that is being checked. */
export interface ExpressionCheck {
  readonly cel: string;
  infer(node: CelNode, scope: CheckScope): CheckType;
  /** `offset` is where in the expression. */
  report(offset: number, message: string, hint?: string): void;
}

export function findBinding(scope: CheckScope, name: string): Binding | undefined {
  for (let current: CheckScope | undefined = scope; current; current = current.outer) {
    const binding = current.bindings.get(name);
    if (binding) return binding;
  }
  return undefined;
}

export function scopeNames(scope: CheckScope): string[] {
  return [...scope.bindings.keys(), ...(scope.outer ? scopeNames(scope.outer) : [])];
}

/** `outer` with one more name. */
export function bindName(outer: CheckScope, name: string, type: CheckType): CheckScope {
  return { bindings: new Map([[name, { type, used: false }]]), outer };
}

/** The text of a part of the expression. */
export function sourceOf(check: ExpressionCheck, node: CelNode): string {
  return check.cel.slice(node.start, node.end);
}
