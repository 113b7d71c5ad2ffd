/** The variables that expressions see. A scope is a prototype chain that ends in null, so that no name of Object is seen. */
import type { JsonValue } from '../../lib/json.ts';
import { toCel } from './cel-values.ts';
import type { CelValue } from './cel-values.ts';
import { variableKey } from './expression.ts';
import type { Variables } from './expression.ts';
import type { Scope } from './types.ts';

const converted = new WeakMap<Scope, Variables>();

/** The variables of a scope, converted to CEL when they are first read, once for all templates. */
export function scopeVariables(scope: Scope): Variables {
  const known = converted.get(scope);
  if (known) return known;
  const variables = Object.create(null) as Record<string, CelValue>;
  for (const name of Object.keys(scope)) {
    const value = scope[name];
    if (value !== undefined) defineLazily(variables, name, value);
  }
  converted.set(scope, variables);
  return variables;
}

function defineLazily(variables: Record<string, CelValue>, name: string, value: JsonValue): void {
  let result: CelValue | undefined;
  Object.defineProperty(variables, variableKey(name), {
    enumerable: true,
    get: () => (result ??= toCel(value)),
  });
}

/** A scope inside `outer` with one more name. */
export function withVariable(outer: Variables, name: string, value: CelValue): Variables {
  return Object.create(outer, { [variableKey(name)]: { value, enumerable: true } }) as Variables;
}
