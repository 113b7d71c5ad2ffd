/**
 * Ctrl-C and SIGTERM: the first one asks the running work to stop cleanly, the second one ends the process at once.
 */
import { EXIT } from './exit-codes.ts';

let controller: AbortController | undefined;

/** The one signal of this process; handlers are installed when it is first asked for. */
export function interruptSignal(): AbortSignal {
  if (controller) return controller.signal;
  const made = new AbortController();
  controller = made;
  const stop = (): void => {
    if (made.signal.aborted) endProcess(EXIT.interrupted);
    made.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return made.signal;
}

/** The only call of `process.exit`: open sockets and watches must not keep a finished command alive. */
export function endProcess(code: number): never {
  // eslint-disable-next-line n/no-process-exit
  process.exit(code);
}
