/** Findings as annotations of GitHub Actions: https://docs.github.com/actions/reference/workflow-commands. */
import { CODES } from '../domain/analysis/codes.ts';
import type { Level, Message } from '../domain/analysis/types.ts';
import type { Problem } from '../lib/errors.ts';

const COMMANDS: Readonly<Record<Level, string>> = { Error: 'error', Warning: 'warning', Info: 'notice' };

/** One workflow command a line: unreadable documents, then findings. */
export function formatAnalysisGithub(messages: readonly Message[], problems: readonly Problem[]): string {
  const lines = [
    ...problems.map(({ message, position }) =>
      command('error', { ...position, title: 'not readable' }, message),
    ),
    ...messages.map((message) => {
      const title = `${message.code} ${CODES.get(message.code)?.name ?? ''}`.trim();
      const origin = message.origin === undefined ? '' : `${message.origin}: `;
      const hint = message.suggestion ? `\n${message.suggestion.text}` : '';
      const text = `${origin}${message.message}${hint}\n${message.documentationUrl}`;
      return command(COMMANDS[message.level], { ...message.position, title }, text);
    }),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

interface Properties {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly title: string;
}

function command(name: string, { file, line, column, title }: Properties, text: string): string {
  const place: readonly (readonly [string, string | number | undefined])[] = [
    ['file', file === '-' ? undefined : file],
    ['line', line],
    ['col', column],
    ['title', title],
  ];
  const properties = place.flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${escapeProperty(String(value))}`],
  );
  return `::${name} ${properties.join(',')}::${escapeText(text)}`;
}

function escapeText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeText(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
