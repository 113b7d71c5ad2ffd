/** The log levels of Envoy's loggers, as text of the admin port and as users write them. */
import { MeshError } from '../../lib/errors.ts';
import type { Problem } from '../../lib/errors.ts';
import { throwProblems } from '../../lib/errors.ts';
import { nearestName } from '../../lib/suggest.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** What should change: first all loggers, then single ones. */
export interface LevelChange {
  readonly all?: LogLevel | undefined;
  readonly loggers: Readonly<Record<string, LogLevel>>;
}

/**
 * `debug`, `http:debug`, `warning,http:debug,rbac:trace`. The last one wins. Throws a `usage` MeshError for what is no
 * level; whether loggers exist only Envoy knows (`checkLoggers`).
 */
export function parseLevels(texts: readonly string[]): LevelChange {
  const problems: Problem[] = [];
  let all: LogLevel | undefined;
  const loggers: Record<string, LogLevel> = {};
  const parts = texts.flatMap((text) => text.split(',')).map((text) => text.trim());
  for (const part of parts.filter((text) => text !== '')) {
    const colon = part.lastIndexOf(':');
    const level = readLevel(part.slice(colon + 1));
    if (level === undefined) problems.push(unknownLevel(part.slice(colon + 1)));
    else if (colon < 0) all = level;
    else loggers[part.slice(0, colon)] = level;
  }
  throwProblems('usage', problems, `${problems.length} log levels are wrong`);
  if (all === undefined && Object.keys(loggers).length === 0)
    throw new MeshError('usage', '--level is empty', {
      hint: 'write LEVEL or LOGGER:LEVEL, such as http:debug',
    });
  return { all, loggers };
}

/** A level by its name or by the names that other programs have for it; undefined for anything else. */
export function readLevel(text: string): LogLevel | undefined {
  const name = text.toLowerCase();
  const known = { warn: 'warning', err: 'error', fatal: 'critical', none: 'off' }[name] ?? name;
  return LOG_LEVELS.find((level) => level === known);
}

function unknownLevel(text: string): Problem {
  const near = nearestName(text, LOG_LEVELS);
  return {
    message: `"${text}" is no log level`,
    hint: near === undefined ? `use one of ${LOG_LEVELS.join(', ')}` : `did you mean ${near}?`,
  };
}

/** Levels by logger, from the text that Envoy answers. */
export function parseLoggers(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^ +(\S+): (\S+)$/gm)].map(([, name = '', level = '']) => [name, level]),
  );
}

/** Throws a `usage` MeshError when Envoy has none of a name. */
export function checkLoggers(change: LevelChange, known: readonly string[]): void {
  const problems = Object.keys(change.loggers)
    .filter((name) => !known.includes(name))
    .map((name): Problem => {
      const near = nearestName(name, known);
      return {
        message: `the proxy has no logger "${name}"`,
        hint: near === undefined ? 'mesh proxy-config log POD lists them' : `did you mean ${near}?`,
      };
    });
  throwProblems('usage', problems, `the proxy does not have ${problems.length} of the loggers`);
}

/** The requests (POST) that make a change. Several loggers are one request, which changes all of them or none. */
export function levelPaths(change: LevelChange): string[] {
  const names = Object.keys(change.loggers);
  const [only = ''] = names;
  const all = change.all === undefined ? [] : [`/logging?level=${change.all}`];
  if (names.length === 0) return all;
  const pairs = names.map((name) => `${encodeURIComponent(name)}:${change.loggers[name] ?? ''}`);
  const single = `/logging?${encodeURIComponent(only)}=${change.loggers[only] ?? ''}`;
  return [...all, names.length === 1 ? single : `/logging?paths=${pairs.join(',')}`];
}
