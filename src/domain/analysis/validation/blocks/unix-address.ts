/** Addresses of Unix sockets: `unix:///path` or `unix://@name`. */
import { error, textOf } from '../field.ts';
import type { Field } from '../field.ts';

const PREFIX = 'unix://';

export function isUnixAddress(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** An absolute path of a file, or an abstract name. */
export function checkUnixAddress(field: Field): boolean {
  const path = textOf(field).slice(PREFIX.length);
  if (path.startsWith('@')) return true;
  if (path.startsWith('/') && !path.endsWith('/')) return true;
  error(
    field,
    path.startsWith('/')
      ? 'a Unix socket is a file: its path must not end in /'
      : 'a Unix socket needs an absolute path (unix:///...) or an abstract name (unix://@...)',
  );
  return false;
}
