/** `http[].corsPolicy` (facts 6.3). */
import { checkWholeSeconds } from '../blocks/duration.ts';
import { isHeaderName } from '../blocks/header.ts';
import { checkRegex } from '../blocks/regex.ts';
import { child, error, has, isSet, itemsOf, textOf } from '../field.ts';
import type { Field } from '../field.ts';

const METHODS: ReadonlySet<string> = new Set(
  'GET HEAD POST PUT PATCH DELETE CONNECT OPTIONS TRACE *'.split(' '),
);

export function checkCors(cors: Field): void {
  for (const origin of itemsOf(cors, 'allowOrigins')) checkOrigin(origin);
  for (const method of itemsOf(cors, 'allowMethods')) {
    if (!METHODS.has(textOf(method)))
      error(method, `"${textOf(method)}" must be one of ${[...METHODS].join(', ')}`);
  }
  for (const list of ['allowHeaders', 'exposeHeaders']) {
    for (const header of itemsOf(cors, list)) {
      const name = textOf(header);
      if (name !== '*' && !isHeaderName(name)) error(header, `"${name}" must be the name of a header, or *`);
    }
  }
  checkWholeSeconds(child(cors, 'maxAge'));
}

function checkOrigin(origin: Field): void {
  if (!['exact', 'prefix', 'regex'].some((kind) => has(origin, kind)))
    error(origin, 'needs one of exact, prefix and regex, which must not be empty');
  const regex = child(origin, 'regex');
  if (isSet(regex) && textOf(regex) !== '') checkRegex(regex);
}
