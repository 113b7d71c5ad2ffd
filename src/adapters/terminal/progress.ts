/** Shows progress on stderr: a spinner on a terminal, plain lines elsewhere, nothing when quiet. */
import type { Ora } from 'ora';
import type { ProgressEvent, ReportProgress } from '../../app/ports.ts';
import { formatProgress, formatSpinner } from '../../report/progress-text.ts';
import type { Style } from '../../report/style.ts';

export interface Progress {
  readonly report: ReportProgress;
  /** Takes the spinner away; always call it. */
  stop(): void;
}

export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  readonly style: Style;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/** The spinner library is loaded only where a spinner is shown. */
export async function createProgress(options: ProgressOptions): Promise<Progress> {
  if (options.quiet) return { report: () => undefined, stop: () => undefined };
  const isLive =
    options.stream.isTTY && !options.env['CI'] && options.env['TERM'] !== 'dumb' && !options.verbose;
  if (!isLive) return { report: plainReporter(options), stop: () => undefined };
  const { default: ora } = await import('ora');
  const spinner = ora({ stream: options.stream, text: 'planning', discardStdin: false }).start();
  return { report: spinnerReporter(spinner, options), stop: () => void spinner.stop() };
}

function plainReporter({ stream, style, verbose }: ProgressOptions): ReportProgress {
  return (event) => {
    const line = formatProgress(event, style, verbose);
    if (line !== undefined) stream.write(`${line}\n`);
  };
}

function spinnerReporter(spinner: Ora, { stream, style }: ProgressOptions): ReportProgress {
  const waiting = new Map<string, ProgressEvent>();
  return (event) => {
    if (event.type === 'waiting') waiting.set(event.component, event);
    if (event.type === 'done' || event.type === 'failed') waiting.delete(event.component);
    if (event.type === 'done' || event.type === 'failed' || event.type === 'warning') {
      spinner.clear();
      stream.write(`${formatProgress(event, style, false) ?? ''}\n`);
    }
    const room = Math.max(20, stream.columns - 4);
    const text = event.type === 'stage' ? event.message : formatSpinner(waiting);
    spinner.text = text.length > room ? `${text.slice(0, room - 1)}…` : text;
    spinner.render();
  };
}
