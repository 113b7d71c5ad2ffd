/** Port numbers. */
import { error, numberOf } from '../field.ts';
import type { Field } from '../field.ts';

const MAX_PORT = 65535;

export function isPort(value: number): boolean {
  return value >= 1 && value <= MAX_PORT;
}

/** 1 to 65535; a field without a value counts as 0. */
export function checkPort(field: Field): boolean {
  const value = numberOf(field);
  if (isPort(value)) return true;
  error(field, `must be a port number from 1 to ${MAX_PORT}, not ${value}`);
  return false;
}
