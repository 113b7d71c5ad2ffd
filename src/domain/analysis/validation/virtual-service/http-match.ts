/** `http[].match[]` (facts 6.3). */
import { isJwtClaimHeader } from '../../semantics/jwt-claim.ts';
import { checkDnsLabel } from '../blocks/domain.ts';
import { isHeaderName } from '../blocks/header.ts';
import { checkLabels } from '../blocks/labels.ts';
import { checkPort } from '../blocks/port.ts';
import { checkStringMatch } from '../blocks/string-match.ts';
import type { StringMatchOptions } from '../blocks/string-match.ts';
import { child, entries, error, has, isSet, numberAt } from '../field.ts';
import type { Field } from '../field.ts';
import { checkGatewayNames } from './gateways.ts';

const PSEUDO_HEADERS: ReadonlySet<string> = new Set([':method', ':scheme', ':authority', ':path', ':status']);

export function checkHttpMatch(match: Field): void {
  checkHeaders(child(match, 'headers'), {});
  checkHeaders(child(match, 'withoutHeaders'), { starRegex: true });
  for (const name of ['scheme', 'method', 'authority']) {
    const field = child(match, name);
    if (isSet(field)) checkStringMatch(field);
  }
  for (const parameter of entries(child(match, 'queryParams'))) checkStringMatch(parameter);
  const uri = child(match, 'uri');
  if (isSet(uri)) checkStringMatch(uri, { emptyPrefix: true });
  if (numberAt(match, 'port') !== 0) checkPort(child(match, 'port'));
  checkLabels(child(match, 'sourceLabels'));
  checkGatewayNames(match);
  if (has(match, 'sourceNamespace')) checkDnsLabel(child(match, 'sourceNamespace'));
}

function checkHeaders(headers: Field, options: StringMatchOptions): void {
  for (const header of entries(headers)) {
    const name = String(header.key);
    if (!isJwtClaimHeader(name) && !PSEUDO_HEADERS.has(name) && !isHeaderName(name))
      error(
        header,
        name === '' ? 'the name of a header must not be empty' : `"${name}" is not the name of a header`,
      );
    checkStringMatch(header, options);
  }
}

/** Claims are known to gateways alone: the reference to one elsewhere never matches. */
export function checkNoJwtClaims(match: Field): void {
  for (const name of ['headers', 'withoutHeaders']) {
    for (const header of entries(child(match, name))) {
      if (isJwtClaimHeader(String(header.key)))
        error(
          header,
          `"${header.key}": routing by claims of a JWT only works with gateways, and without "mesh"`,
        );
    }
  }
}
