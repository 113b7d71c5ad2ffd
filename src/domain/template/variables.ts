/** The variables that expressions see: a chain of names, which ends in the scope that was given from outside. */
import { toCel } from './cel-values.ts';
import type { CelValue } from './cel-values.ts';
import type { Scope } from './types.ts';

export type Variables = RootVariables | BoundVariable;

interface RootVariables {
  readonly outer: undefined;
  readonly scope: Scope;
  /** What was read so far, as CEL values. */
  readonly converted: Map<string, CelValue>;
}

interface BoundVariable {
  readonly outer: Variables;
  readonly name: string;
  /** Works the value out when the name is read for the first time. */
  readonly read: () => CelValue;
}

const roots = new WeakMap<Scope, RootVariables>();

/** The variables of a scope, converted to CEL when they are first read, once for all templates. */
export function scopeVariables(scope: Scope): Variables {
  let root = roots.get(scope);
  if (!root) roots.set(scope, (root = { outer: undefined, scope, converted: new Map() }));
  return root;
}

/** `outer` with one more name. */
export function withVariable(outer: Variables, name: string, value: CelValue): Variables {
  return { outer, name, read: () => value };
}

/** `outer` with one more name, whose value is worked out when it is first read. */
export function withLazyVariable(outer: Variables, name: string, make: () => CelValue): Variables {
  let value: CelValue | undefined;
  return { outer, name, read: () => (value === undefined ? (value = make()) : value) };
}

/** The value of a name, undefined when there is no such name. */
export function readVariable(variables: Variables, name: string): CelValue | undefined {
  let current = variables;
  while (current.outer) {
    if (current.name === name) return current.read();
    current = current.outer;
  }
  const known = current.converted.get(name);
  if (known !== undefined) return known;
  const given = Object.hasOwn(current.scope, name) ? current.scope[name] : undefined;
  if (given === undefined) return undefined;
  const converted = toCel(given);
  current.converted.set(name, converted);
  return converted;
}

export function variableNames(variables: Variables): string[] {
  return variables.outer ? [variables.name, ...variableNames(variables.outer)] : Object.keys(variables.scope);
}
