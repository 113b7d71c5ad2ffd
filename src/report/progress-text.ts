/** Progress events as lines. */
import type { ProgressEvent } from '../app/ports.ts';
import { formatRef } from '../domain/manifest/ref.ts';
import { componentTitle } from './component-names.ts';
import type { Style } from '../lib/style.ts';

/** A line for the event; undefined for what only a spinner or `--verbose` shows. */
export function formatProgress(event: ProgressEvent, style: Style, verbose: boolean): string | undefined {
  switch (event.type) {
    case 'stage':
      return `${componentTitle(event.component)}: ${event.message}`;
    case 'object':
      return verbose ? style.dim(`  ${formatRef(event.ref)} ${event.action}`) : undefined;
    case 'waiting':
      return style.dim(
        `  ${componentTitle(event.component)}: ${event.ready} of ${event.total} ready, ${event.reason}`,
      );
    case 'done':
      return `${style.green('✔')} ${componentTitle(event.component)}: ${event.message}`;
    case 'failed':
      return `${style.red('✘')} ${componentTitle(event.component)}: ${event.message}`;
    case 'warning':
      return `${style.yellow('!')} ${event.message}`;
  }
}

/** The text beside a spinner: who works, and what is waited for. */
export function formatSpinner(waiting: ReadonlyMap<string, ProgressEvent>): string {
  const parts = [...waiting.values()].map((event) =>
    event.type === 'waiting'
      ? `${componentTitle(event.component)} ${event.ready}/${event.total} (${event.reason})`
      : '',
  );
  return parts.filter((part) => part !== '').join(' · ') || 'applying';
}
