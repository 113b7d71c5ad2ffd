/** Shows progress on stderr: a spinner on a terminal, plain lines elsewhere, nothing when quiet. */
import type { Ora } from 'ora';
import type { ProgressEvent, ReportProgress } from '../../app/ports.ts';

export interface Progress {
  readonly report: ReportProgress;
  /** Takes the spinner away; always call it. */
  stop(): void;
}

export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  /** The line for an event; undefined for none. */
  readonly formatEvent: (event: ProgressEvent) => string | undefined;
  /** The text beside the spinner. */
  readonly formatSpinner: (waiting: ReadonlyMap<string, ProgressEvent>) => string;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/** The spinner library is loaded only where a spinner is shown. */
export async function createProgress(options: ProgressOptions): Promise<Progress> {
  if (options.quiet) return { report: () => undefined, stop: () => undefined };
  const isLive = isLiveTerminal(options) && !options.verbose;
  if (!isLive) return { report: plainReporter(options), stop: () => undefined };
  const { default: ora } = await import('ora');
  const spinner = ora({ stream: options.stream, text: 'planning', discardStdin: false }).start();
  return { report: spinnerReporter(spinner, options), stop: () => void spinner.stop() };
}

/** A spinner rewrites its line, which needs a terminal that knows its width (a bare pty has 0 columns). */
function isLiveTerminal({ stream, env }: ProgressOptions): boolean {
  return stream.isTTY && stream.columns >= 20 && !env['CI'] && env['TERM'] !== 'dumb';
}

/** What is waited for is told when it has taken this long, and then again and again. */
const PATIENCE_MS = 5_000;

function plainReporter({ stream, formatEvent, verbose }: ProgressOptions): ReportProgress {
  const told = new Map<string, number>();
  return (event) => {
    if (event.type === 'waiting' && !verbose) {
      const now = Date.now();
      const last = told.get(event.component) ?? now;
      told.set(event.component, last);
      if (now - last < PATIENCE_MS) return;
      told.set(event.component, now);
    }
    const line = formatEvent(event);
    if (line !== undefined) stream.write(`${line}\n`);
  };
}

function spinnerReporter(
  spinner: Ora,
  { stream, formatEvent, formatSpinner }: ProgressOptions,
): ReportProgress {
  const waiting = new Map<string, ProgressEvent>();
  return (event) => {
    if (event.type === 'waiting') waiting.set(event.component, event);
    if (event.type === 'done' || event.type === 'failed') waiting.delete(event.component);
    if (event.type === 'done' || event.type === 'failed' || event.type === 'warning') {
      spinner.clear();
      stream.write(`${formatEvent(event) ?? ''}\n`);
    }
    const room = Math.max(20, stream.columns - 4);
    const text = event.type === 'stage' ? event.message : formatSpinner(waiting);
    spinner.text = text.length > room ? `${text.slice(0, room - 1)}…` : text;
    spinner.render();
  };
}
