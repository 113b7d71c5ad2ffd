/** Ranges of numbers. */
import { error, numberOf } from '../field.ts';
import type { Field } from '../field.ts';

/** A whole or fractional percentage from 0 to 100. */
export function checkPercent(field: Field): void {
  const value = numberOf(field);
  if (value < 0 || value > 100) error(field, `must be a percentage from 0 to 100, not ${value}`);
}

export function checkNotNegative(field: Field): void {
  const value = numberOf(field);
  if (value < 0) error(field, `must not be negative, but is ${value}`);
}

export function checkRange(field: Field, min: number, max: number, what = 'a number'): void {
  const value = numberOf(field);
  if (value < min || value > max) error(field, `must be ${what} from ${min} to ${max}, not ${value}`);
}
