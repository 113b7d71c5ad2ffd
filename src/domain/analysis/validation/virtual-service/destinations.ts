/** `route` of an HTTP, TLS or TCP rule (facts 6.3). */
import { checkDestination } from '../blocks/destination.ts';
import { checkHeaderOperations } from '../blocks/header.ts';
import { checkNotNegative } from '../blocks/number.ts';
import { child, error, isSet, itemsOf, numberAt } from '../field.ts';
import type { Field } from '../field.ts';

/** Callers report a rule without destinations. */
export function checkDestinations(rule: Field): void {
  const routes = itemsOf(rule, 'route');
  let total = 0;
  for (const route of routes) {
    const destination = child(route, 'destination');
    if (isSet(destination)) checkDestination(destination);
    else error(route, 'needs a destination');
    checkNotNegative(child(route, 'weight'));
    total += numberAt(route, 'weight');
    const headers = child(route, 'headers');
    if (isSet(headers)) checkHeaderOperations(headers);
  }
  if (routes.length > 1 && total === 0)
    error(child(rule, 'route'), 'several destinations need weights, one of them more than 0');
}
