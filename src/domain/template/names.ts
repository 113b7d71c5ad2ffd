/** Names that $let and $as may give. */

/** Reserved by CEL, or constants of the library that no variable can hide. */
const TAKEN = new Set(
  (
    'true false null in as break const continue else for function if import let loop package namespace return var void while ' +
    'prototype __proto__ string bool int uint double map list bytes null_type type dyn optional cel google'
  ).split(' '),
);

export function isUsableName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !TAKEN.has(name);
}
