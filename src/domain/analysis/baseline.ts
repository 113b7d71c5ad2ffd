/** Findings that a project has accepted for now: only what is new is told. */
import { MeshError } from '../../lib/errors.ts';
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import type { Message } from './types.ts';

/** What makes two findings the same: lines may move. */
interface Entry {
  readonly code: string;
  readonly origin: string;
  readonly message: string;
}

export interface Baseline {
  /** `entryKey`s. */
  readonly keys: ReadonlySet<string>;
}

/** The text of a baseline file: sorted, one finding a line, so that it can be reviewed. */
export function formatBaseline(messages: readonly Message[]): string {
  const entries = [...new Set(messages.map((message) => JSON.stringify(entryOf(message))))].sort();
  const lines = entries.map((entry) => `    ${entry}`).join(',\n');
  return `{\n  "version": 1,\n  "findings": [${lines ? `\n${lines}\n  ` : ''}]\n}\n`;
}

/** Reads a baseline file. Throws a `config` MeshError for anything else. */
export function parseBaseline(text: string, file: string): Baseline {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    throw notABaseline(file, error);
  }
  const findings = isObject(value) && value['version'] === 1 ? value['findings'] : undefined;
  if (!Array.isArray(findings) || !findings.every(isEntry)) throw notABaseline(file);
  return { keys: new Set(findings.map(entryKey)) };
}

function notABaseline(file: string, cause?: unknown): MeshError {
  return new MeshError('config', `${file} is not a baseline`, {
    hint: `write one with mesh analyze --write-baseline ${file}`,
    cause,
  });
}

/** The messages that are not in the baseline, and how many of its entries were not found any more. */
export function subtractBaseline(
  messages: readonly Message[],
  baseline: Baseline,
): { readonly messages: readonly Message[]; readonly known: number; readonly gone: number } {
  const seen = new Set<string>();
  const kept = messages.filter((message) => {
    const key = entryKey(entryOf(message));
    if (!baseline.keys.has(key)) return true;
    seen.add(key);
    return false;
  });
  return { messages: kept, known: messages.length - kept.length, gone: baseline.keys.size - seen.size };
}

function entryOf(message: Message): Entry {
  const origin = [message.cluster, message.origin].filter((part) => part !== undefined).join(' ');
  return { code: message.code, origin, message: message.message };
}

function isEntry(value: JsonValue): value is JsonObject & Entry {
  return isObject(value) && ['code', 'origin', 'message'].every((field) => typeof value[field] === 'string');
}

function entryKey({ code, origin, message }: Entry): string {
  return [code, origin, message].join('\u0000');
}
