/** Durations: Go's text form, with what Istio asks of them. */
import { error, isSet, textOf } from '../field.ts';
import type { Field } from '../field.ts';

const UNIT_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
};
const PART = /(?:(\d+)(?:\.(\d*))?|\.(\d+))(ns|us|µs|μs|ms|s|m|h)/y;
const MS_NS = 1e6;
const SECOND_NS = 1e9;

/** Nearly every duration of a mesh; it needs no more looking at. */
const PLAIN = /^[1-9]\d{0,8}(?:ms|s|m|h)$/;

/**
 * Nanoseconds, or undefined for a text that is no duration. Exact for whole milliseconds; seconds and fractions are added
 * apart, because `1.005 * 1000` is not 1005.
 */
export function parseNanoseconds(text: string): number | undefined {
  const negative = text.startsWith('-');
  const rest = negative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return 0;
  if (rest === '') return undefined;
  let sum = 0;
  PART.lastIndex = 0;
  let end = 0;
  while (end < rest.length) {
    const match = PART.exec(rest);
    if (!match) return undefined;
    const [, whole = '0', fraction = match[3] ?? '', , unit = ''] = match;
    const unitNs = UNIT_NS[unit] ?? 0;
    sum += Number(whole) * unitNs;
    const digits = fraction.slice(0, 15);
    if (digits !== '') sum += Math.trunc(Number(digits) * (unitNs / 10 ** digits.length));
    end = PART.lastIndex;
  }
  return negative ? -sum : sum;
}

function check(field: Field, options: { zero?: boolean; wholeSeconds?: boolean }): void {
  if (!isSet(field)) return;
  const text = textOf(field);
  if (PLAIN.test(text) && !options.wholeSeconds) return;
  const ns = parseNanoseconds(text);
  if (ns === undefined) error(field, `"${text}" is not a duration; write for example 5s or 250ms`);
  else if (ns === 0 && options.zero) return;
  else if (ns < MS_NS) error(field, `must be a duration of 1ms or more, not ${text}`);
  else if (ns % MS_NS !== 0) error(field, `must be a whole number of milliseconds, not ${text}`);
  else if (options.wholeSeconds && ns % SECOND_NS !== 0)
    error(field, `must be a whole number of seconds, not ${text}`);
}

/** At least 1 ms, in whole milliseconds. */
export function checkDuration(field: Field): void {
  check(field, {});
}

/** A duration, or 0 for "never". */
export function checkDurationOrZero(field: Field): void {
  check(field, { zero: true });
}

/** A duration without a part of a second. */
export function checkWholeSeconds(field: Field): void {
  check(field, { wholeSeconds: true });
}
