/** Ends of waiting: a deadline together with the callers' wish to stop. */
import { MeshError } from '../../lib/errors.ts';

export type Signals = readonly (AbortSignal | undefined)[];

export interface Deadline {
  /** Aborts when the time is over or a caller's signal aborts. */
  readonly signal: AbortSignal;
  /** Time is over, and no caller wanted to stop. */
  isOver(): boolean;
  /** From now on only the callers' signals count. */
  stopClock(): void;
  /** Must be called, or the timer keeps the process alive. */
  end(): void;
}

/** `timeoutMs` 0: no deadline, only the signals. Throws `cancelled` when one has aborted already. */
export function startDeadline(timeoutMs: number, signals: Signals): Deadline {
  throwIfAborted(signals);
  const controller = new AbortController();
  let over = false;
  const abort = (): void => controller.abort();
  const timer =
    timeoutMs > 0
      ? setTimeout(() => {
          over = !isAborted(signals);
          controller.abort();
        }, timeoutMs)
      : undefined;
  for (const signal of signals) signal?.addEventListener('abort', abort);
  return {
    signal: controller.signal,
    isOver: () => over,
    stopClock: () => clearTimeout(timer),
    end: () => {
      clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener('abort', abort);
    },
  };
}

export function isAborted(signals: Signals): boolean {
  return signals.some((signal) => signal?.aborted);
}

function throwIfAborted(signals: Signals): void {
  if (isAborted(signals)) throw cancelledError();
}

export function cancelledError(): MeshError {
  return new MeshError('cancelled', 'stopped');
}

/** Resolves after `ms`, or rejects with `cancelled`. */
export async function sleep(ms: number, signals: Signals): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await withSignals(passed, signals);
  } finally {
    clearTimeout(timer);
  }
}

/** `promise`, or `cancelled` as soon as a signal aborts; what it does goes on unheard. */
export async function withSignals<T>(promise: Promise<T>, signals: Signals): Promise<T> {
  promise.catch(() => undefined);
  throwIfAborted(signals);
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(cancelledError());
  });
  for (const signal of signals) signal?.addEventListener('abort', onAbort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    for (const signal of signals) signal?.removeEventListener('abort', onAbort);
  }
}
