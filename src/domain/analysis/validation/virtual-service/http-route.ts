/** `http[]` (facts 6.3). */
import { checkDestination } from '../blocks/destination.ts';
import { checkDuration } from '../blocks/duration.ts';
import { checkHeaderOperations } from '../blocks/header.ts';
import { checkPercent } from '../blocks/number.ts';
import { child, error, has, isSet, itemsOf, numberAt, warn } from '../field.ts';
import type { Field } from '../field.ts';
import { checkCors } from './cors.ts';
import { checkDestinations } from './destinations.ts';
import { checkFault } from './fault.ts';
import { checkHttpMatch } from './http-match.ts';
import { checkAuthorityIsSetOnce, checkDirectResponse, checkRedirect, checkRewrite } from './redirect.ts';
import { checkRetries } from './retries.ts';

/** `isDelegate`: the VirtualService has no hosts, and is only used by others. */
export function checkHttpRoute(route: Field, isDelegate: boolean): void {
  checkConflicts(route, isDelegate);
  for (const match of itemsOf(route, 'match')) checkHttpMatch(match);
  check(route, 'headers', checkHeaderOperations);
  check(route, 'corsPolicy', checkCors);
  check(route, 'fault', checkFault);
  checkMirrors(route);
  checkRedirect(route);
  check(route, 'directResponse', checkDirectResponse);
  check(route, 'retries', checkRetries);
  check(route, 'rewrite', checkRewrite);
  checkAuthorityIsSetOnce(route);
  checkDestinations(route);
  checkDuration(child(route, 'timeout'));
}

function check(route: Field, name: string, checkPart: (part: Field) => void): void {
  if (has(route, name)) checkPart(child(route, name));
}

function checkConflicts(route: Field, isDelegate: boolean): void {
  if (has(route, 'delegate') && !isDelegate) {
    exclude(route, 'delegate', ['redirect', 'route']);
    return;
  }
  if (has(route, 'delegate'))
    error(
      child(route, 'delegate'),
      'a VirtualService without hosts is itself delegated to, and cannot delegate',
    );
  if (has(route, 'redirect')) exclude(route, 'redirect', ['route', 'fault', 'rewrite', 'directResponse']);
  else if (has(route, 'directResponse')) exclude(route, 'directResponse', ['route', 'fault', 'rewrite']);
  else if (!has(route, 'route')) error(route, 'needs a route, a redirect or a directResponse');
  if (has(route, 'mirror')) exclude(route, 'mirror', ['mirrors']);
}

function exclude(route: Field, name: string, others: readonly string[]): void {
  for (const other of others)
    if (has(route, other)) error(child(route, other), `cannot be used together with ${name}`);
}

function checkMirrors(route: Field): void {
  const percent = child(route, 'mirrorPercent');
  if (isSet(percent)) {
    warn(percent, 'is deprecated; use mirrorPercentage');
    if (numberAt(route, 'mirrorPercent') > 100) checkPercent(percent);
  }
  checkPercent(child(child(route, 'mirrorPercentage'), 'value'));
  checkDestination(child(route, 'mirror'));
  for (const mirror of itemsOf(route, 'mirrors')) {
    const destination = child(mirror, 'destination');
    if (isSet(destination)) checkDestination(destination);
    else error(mirror, 'needs a destination');
    checkPercent(child(child(mirror, 'percentage'), 'value'));
  }
}
