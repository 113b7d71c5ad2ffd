/** Identities of callers, as AuthorizationPolicy matches them. */
import { error, items, textOf } from '../field.ts';
import type { Field } from '../field.ts';

const MAX_ACCOUNTS = 16;
const MAX_ACCOUNT_LENGTH = 320;

/** `account` or `namespace/account`, literally. */
export function checkServiceAccounts(list: Field): void {
  const accounts = items(list);
  if (accounts.length > MAX_ACCOUNTS)
    error(list, `must have at most ${MAX_ACCOUNTS} entries, but has ${accounts.length}`);
  for (const account of accounts) {
    const text = textOf(account);
    // Callers report an empty text.
    const parts = text.split('/');
    if (text.length > MAX_ACCOUNT_LENGTH)
      error(account, `must have at most ${MAX_ACCOUNT_LENGTH} characters, but has ${text.length}`);
    else if (text.includes('*')) error(account, `"${text}" must not contain a wildcard (*)`);
    else if (text !== '' && (parts.length > 2 || parts.includes('')))
      error(account, `"${text}" must be a service account or namespace/service-account`);
  }
}

/** At most one `*`, at the start or the end. */
export function checkTrustDomain(field: Field): void {
  const text = textOf(field);
  const star = text.indexOf('*');
  if (text.includes('/')) error(field, `"${text}" must be a trust domain, without a path`);
  else if (star >= 0 && (star !== text.lastIndexOf('*') || (star !== 0 && star !== text.length - 1)))
    error(field, `"${text}" may have one wildcard (*), at the start or the end`);
}
