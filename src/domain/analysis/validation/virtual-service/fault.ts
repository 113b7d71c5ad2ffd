/** `http[].fault` (facts 6.3). */
import { checkDuration } from '../blocks/duration.ts';
import { checkRange } from '../blocks/number.ts';
import { child, error, isSet, numberAt, textOf, warn } from '../field.ts';
import type { Field } from '../field.ts';

const GRPC_STATUSES: ReadonlySet<string> = new Set(
  (
    'OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED ' +
    'RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS ' +
    'UNAUTHENTICATED'
  ).split(' '),
);
/** Envoy counts in millionths. */
const MIN_PERCENT = 0.0001;

export function checkFault(fault: Field): void {
  const abort = child(fault, 'abort');
  const delay = child(fault, 'delay');
  if (!isSet(abort) && !isSet(delay)) error(fault, 'needs abort or delay');
  if (isSet(abort)) checkAbort(abort);
  if (isSet(delay)) checkDelay(delay);
}

function checkAbort(abort: Field): void {
  checkPercentage(abort);
  const httpStatus = child(abort, 'httpStatus');
  const grpcStatus = child(abort, 'grpcStatus');
  const http2Error = child(abort, 'http2Error');
  if (isSet(httpStatus)) checkRange(httpStatus, 200, 600, 'an HTTP status');
  else if (isSet(grpcStatus)) {
    if (!GRPC_STATUSES.has(textOf(grpcStatus)))
      error(grpcStatus, `"${textOf(grpcStatus)}" must be one of ${[...GRPC_STATUSES].join(', ')}`);
  } else if (isSet(http2Error)) error(http2Error, 'is not supported; use httpStatus or grpcStatus');
  else warn(abort, 'aborts nothing: give httpStatus or grpcStatus');
}

function checkDelay(delay: Field): void {
  checkPercentage(delay);
  checkDuration(child(delay, 'fixedDelay'));
  const exponential = child(delay, 'exponentialDelay');
  if (!isSet(exponential)) return;
  checkDuration(exponential);
  error(exponential, 'is not supported; use fixedDelay');
}

function checkPercentage(fault: Field): void {
  const percentage = child(fault, 'percentage');
  const value = numberAt(percentage, 'value');
  if (value < 0 || value > 100 || (value > 0 && value < MIN_PERCENT))
    error(child(percentage, 'value'), `must be 0, or a percentage from ${MIN_PERCENT} to 100, not ${value}`);
}
