/** A port that is written as text, 0 included. */
import { error, textOf } from '../field.ts';
import type { Field } from '../field.ts';

const MAX_PORT = 65_535;

export function checkPortText(field: Field): void {
  const text = textOf(field);
  if (!/^\d{1,10}$/.test(text) || Number(text) > MAX_PORT)
    error(field, `"${text}" must be a port number from 0 to ${MAX_PORT}`);
}
