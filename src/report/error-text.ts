/** How an error is told: what, where, details one a line, what to type. */
import { formatPosition, MeshError, messageOf } from '../lib/errors.ts';
import type { Style } from '../lib/style.ts';

/** Text for stderr, ending with a newline. `verbose` adds the chain of causes. */
export function formatError(error: unknown, style: Style, verbose = false): string {
  if (!(error instanceof MeshError)) return formatBug(error, style);
  const place = error.position ? `${formatPosition(error.position)}: ` : '';
  const lines = [`${style.red(style.bold('error:'))} ${place}${error.message}`];
  for (const detail of error.details) lines.push(`  ${detail}`);
  if (error.hint) lines.push(`${style.cyan('hint:')} ${error.hint}`);
  if (verbose) lines.push(...causesOf(error).map((cause) => style.dim(`cause: ${cause}`)));
  return `${lines.join('\n')}\n`;
}

function formatBug(error: unknown, style: Style): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
  return [
    `${style.red(style.bold('error:'))} mesh itself failed: ${messageOf(error)}`,
    style.dim(stack),
    `${style.cyan('hint:')} this is a bug of mesh; please report it with the lines above`,
    '',
  ].join('\n');
}

function causesOf(error: Error): string[] {
  const causes: string[] = [];
  let cause = error.cause;
  while (cause instanceof Error && causes.length < 8) {
    causes.push(messageOf(cause));
    cause = cause.cause;
  }
  return causes;
}
