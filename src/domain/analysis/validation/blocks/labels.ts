/** Labels as Kubernetes takes them. */
import { entries, error, textOf } from '../field.ts';
import type { Field } from '../field.ts';

const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX =
  /^[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?)*$/;
const MAX_PREFIX_LENGTH = 253;

function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  if (slash < 0) return NAME.test(key);
  return slash <= MAX_PREFIX_LENGTH && PREFIX.test(key.slice(0, slash)) && NAME.test(key.slice(slash + 1));
}

/** A map of labels; not to be there is fine. */
export function checkLabels(field: Field): void {
  for (const entry of entries(field)) {
    if (!isLabelKey(String(entry.key))) {
      error(
        entry,
        `the key "${entry.key}" must be a label: letters, digits and inner - _ . with an optional DNS prefix/`,
      );
    }
    const value = textOf(entry);
    if (value !== '' && !NAME.test(value)) {
      error(entry, `the value "${value}" must be at most 63 letters, digits and inner - _ .`);
    }
  }
}
