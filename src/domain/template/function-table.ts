/** All functions by name, and how one is chosen and called. */
import { describeType, isOptional, optionalOf, typeOf, unwrap } from './cel-values.ts';
import type { CelValue } from './cel-values.ts';
import { FunctionError } from './function-types.ts';
import type { TemplateFunction } from './function-types.ts';
import { meshFunctions } from './functions.ts';
import { standardFunctions } from './standard-functions.ts';

let table: Map<string, TemplateFunction[]> | undefined;

/** The overloads of a function or method. */
export function functionsNamed(name: string): readonly TemplateFunction[] {
  if (!table) {
    table = new Map();
    for (const definition of [...standardFunctions, ...meshFunctions]) {
      const named = table.get(definition.name);
      if (named) named.push(definition);
      else table.set(definition.name, [definition]);
    }
  }
  return table.get(name) ?? [];
}

/** Calls `name(args)` or `receiver.name(args)`. Throws `FunctionError`, also when nothing takes values of these types. */
export function callFunction(
  name: string,
  receiver: CelValue | undefined,
  args: readonly CelValue[],
): CelValue {
  const definition = functionsNamed(name).find((candidate) => fits(candidate, receiver, args));
  if (definition) return run(definition, receiver, args);
  const inFront = receiver === undefined ? '' : `${describeType(receiver)}.`;
  throw new FunctionError(`there is no ${inFront}${name}(${args.map(describeType).join(', ')})`);
}

function fits(
  definition: TemplateFunction,
  receiver: CelValue | undefined,
  args: readonly CelValue[],
): boolean {
  if (definition.args.length !== args.length) return false;
  if ((definition.receiver === undefined) !== (receiver === undefined)) return false;
  if (receiver !== undefined && !isOf(receiver, definition.receiver ?? 'dyn')) return false;
  return definition.args.every((type, index) => isOf(args[index] as CelValue, type));
}

function isOf(value: CelValue, type: string): boolean {
  return type === 'dyn' || typeOf(value) === (type === 'optional' ? 'optional_type' : type);
}

/** A result that may be absent is an optional. */
function run(
  { handler, result, seesOptionals }: TemplateFunction,
  receiver: CelValue | undefined,
  args: readonly CelValue[],
): CelValue {
  const plain = seesOptionals
    ? args
    : args.map((argument) => (isOptional(argument) ? unwrap(argument) : argument));
  const value = receiver === undefined ? handler(...plain) : handler(receiver, ...plain);
  return result.startsWith('optional') || value === undefined ? optionalOf(value) : value;
}
