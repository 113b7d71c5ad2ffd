/** `{exact: …}`, `{prefix: …}`, `{regex: …}`. */
import { child, error, isSet, textOf } from '../field.ts';
import type { Field } from '../field.ts';
import { checkRegex } from './regex.ts';

export interface StringMatchOptions {
  /** Every text begins with it: useful for a URI only. */
  readonly emptyPrefix?: boolean;
  /** The text `*` as a regular expression, though it is none: "is there at all", for headers that must be missing. */
  readonly starRegex?: boolean;
}

export function checkStringMatch(field: Field, options: StringMatchOptions = {}): void {
  const prefix = child(field, 'prefix');
  if (isSet(prefix)) {
    if (textOf(prefix) === '' && !options.emptyPrefix) error(prefix, 'must not be empty');
    return;
  }
  const regex = child(field, 'regex');
  if (isSet(regex) && !(options.starRegex && textOf(regex) === '*')) checkRegex(regex);
}
