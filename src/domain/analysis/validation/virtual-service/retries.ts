/** `http[].retries` (facts 6.3). */
import { checkDuration } from '../blocks/duration.ts';
import { isHttpStatus } from '../blocks/http-status.ts';
import { checkNotNegative } from '../blocks/number.ts';
import { child, error, has, isSet, numberAt, textOf } from '../field.ts';
import type { Field } from '../field.ts';

const CONDITIONS: ReadonlySet<string> = new Set(
  (
    '5xx gateway-error reset reset-before-request connect-failure retriable-4xx refused-stream ' +
    'retriable-status-codes retriable-headers envoy-ratelimited http3-post-connect-failure cancelled ' +
    'deadline-exceeded internal resource-exhausted unavailable'
  ).split(' '),
);

/** More are told once these are mended. */
const MAX_NAMED = 5;

export function checkRetries(retries: Field): void {
  checkNotNegative(child(retries, 'attempts'));
  if (numberAt(retries, 'attempts') === 0) {
    const used = ['perTryTimeout', 'retryOn', 'retryRemoteLocalities'].find((name) => has(retries, name));
    if (used) error(child(retries, used), 'has no effect without attempts');
  }
  checkDuration(child(retries, 'perTryTimeout'));
  checkDuration(child(retries, 'backoff'));
  const retryOn = child(retries, 'retryOn');
  if (!isSet(retryOn) || textOf(retryOn) === '') return;
  // Not trimmed: istiod refuses blanks too.
  const unknown = new Set(
    textOf(retryOn)
      .split(',')
      .filter((condition) => !CONDITIONS.has(condition) && !isHttpStatus(condition)),
  );
  if (unknown.size === 0) return;
  const names = [...unknown].slice(0, MAX_NAMED).map((condition) => `"${condition}"`);
  error(
    retryOn,
    `${names.join(', ')} must be an HTTP status or one of ${[...CONDITIONS].join(',')}, without blanks`,
  );
}
