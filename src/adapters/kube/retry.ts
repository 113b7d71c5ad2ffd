/**
 * Repeats what is safe to repeat: answers that say "not now" and broken connections, with jittered exponential pauses
 * that respect `Retry-After`, a few times, within a total time.
 */
import { sleep } from './deadline.ts';
import type { Signals } from './deadline.ts';
import { NetworkError } from './network-errors.ts';
import type { Answer, Transport } from './transport.ts';

/** `always`: doing it twice is doing it once. `unsent`: only when the server has certainly not done it. */
export type Repeat = 'always' | 'unsent';

export interface RetryOptions {
  readonly maxRetries: number;
  /** The first pause; each further one is twice as long, up to 10 s. */
  readonly firstPauseMs: number;
  /** No try begins later than this after the first one. 0: no such limit. */
  readonly totalMs: number;
  /** From 0 (included) to 1 (excluded). */
  readonly random: () => number;
  readonly now: () => number;
}

const LONGEST_PAUSE_MS = 10_000;
/** Tries that may run into their deadline. */
export const MOST_SILENCES = 2;
const TRANSIENT = new Set([429, 500, 502, 503, 504]);

export interface Outcome {
  readonly answer: Answer;
  readonly tries: number;
  /** An earlier try may have done the work: its answer was cut, too late or a server error. */
  readonly maybeDone: boolean;
}

/**
 * The first answer that is not transient, or the last one. `isTransient` may add to what is repeated.
 * A try that ran into its deadline is repeated once, by a server that has answered before: one connection may hang while
 * others live, but two silences are the server's. Throws the last NetworkError, with the number of tries in its details,
 * and at once whatever else is thrown.
 */
export async function repeat(
  send: () => Promise<Answer>,
  mode: Repeat,
  transport: Pick<Transport, 'hasAnswered'>,
  options: RetryOptions,
  signals: Signals,
  isTransient: (answer: Answer) => boolean = () => false,
): Promise<Outcome> {
  const startMs = options.now();
  let maybeDone = false;
  let silences = 0;
  for (let tries = 1; ; tries += 1) {
    let result: Answer | NetworkError;
    try {
      result = await send();
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      result = error;
      if (error.failure === 'deadline') silences += 1;
    }
    const again =
      result instanceof NetworkError
        ? mayRepeatFailure(result, mode, transport, silences)
        : mayRepeatAnswer(result, mode) || isTransient(result);
    const pauseMs = pauseBefore(tries, result, options);
    const isLate = options.totalMs > 0 && options.now() - startMs + pauseMs > options.totalMs;
    if (!again || tries > options.maxRetries || isLate) {
      if (result instanceof NetworkError) throw tries > 1 ? withTries(result, tries) : result;
      return { answer: result, tries, maybeDone };
    }
    maybeDone ||= result instanceof NetworkError ? leavesOpen(result) : result.status >= 500;
    await sleep(pauseMs, signals);
  }
}

/** The server may have done the work, or not. */
export function leavesOpen(error: NetworkError): boolean {
  return error.failure === 'cut' || error.failure === 'deadline';
}

function mayRepeatAnswer(answer: Answer, mode: Repeat): boolean {
  if (answer.status === 429) return true;
  return mode === 'always' && TRANSIENT.has(answer.status) && !isSchemaError(answer);
}

/** The API server answers a server-side apply of fields that its schema does not have with 500, which no repetition mends. */
function isSchemaError(answer: Answer): boolean {
  return answer.status === 500 && answer.text.includes('failed to create typed patch object');
}

function mayRepeatFailure(
  error: NetworkError,
  mode: Repeat,
  transport: Pick<Transport, 'hasAnswered'>,
  silences: number,
): boolean {
  switch (error.failure) {
    case 'connect':
      return transport.hasAnswered();
    case 'cut':
      return mode === 'always';
    case 'deadline':
      return mode === 'always' && silences < MOST_SILENCES && transport.hasAnswered();
    case 'final':
      return false;
  }
}

/** Between half and all of the exponential pause, at least what `Retry-After` asks for. */
function pauseBefore(tries: number, result: Answer | NetworkError, options: RetryOptions): number {
  const exponential = Math.min(LONGEST_PAUSE_MS, options.firstPauseMs * 2 ** (tries - 1));
  const pauseMs = exponential * (0.5 + options.random() / 2);
  return result instanceof NetworkError ? pauseMs : Math.max(pauseMs, retryAfterMs(result, options.now()));
}

/** `Retry-After` is seconds or a date. */
export function retryAfterMs(answer: Pick<Answer, 'headers'>, nowMs: number): number {
  const value = [answer.headers['retry-after']].flat()[0];
  if (value === undefined) return 0;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - nowMs);
}

function withTries(error: NetworkError, tries: number): NetworkError {
  return new NetworkError(error.code, error.failure, error.message, {
    hint: error.hint,
    details: [...error.details, `tried ${tries} times`],
    cause: error.cause,
  });
}
