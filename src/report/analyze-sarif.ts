/** Findings as SARIF 2.1.0, as GitHub's and other code scanners read it. */
import { CODES, documentationUrl, levelOf, SEVERITY } from '../domain/analysis/codes.ts';
import { createLineTable } from '../domain/analysis/documents.ts';
import type { LineTable } from '../domain/analysis/documents.ts';
import { replacementOf } from '../domain/analysis/fix.ts';
import type { Level, Message } from '../domain/analysis/types.ts';
import type { Problem, SourcePosition } from '../lib/errors.ts';
import type { JsonObject, JsonValue } from '../lib/json.ts';

/** GitHub takes no more results than this in one run. */
const MAX_RESULTS = 5000;
const LEVELS: Readonly<Record<Level, string>> = { Error: 'error', Warning: 'warning', Info: 'note' };

export interface SarifInput {
  readonly messages: readonly Message[];
  readonly problems: readonly Problem[];
  /** Version of mesh. */
  readonly version: string;
  /** Working folder with a slash at its end: absolute names below it become relative. */
  readonly folder: string;
}

/** The whole log as JSON text. Of more than 5000 findings the worst are kept, and a notification says so. */
export function formatAnalysisSarif(input: SarifInput): string {
  const messages = [...input.messages].sort((a, b) => SEVERITY[a.level] - SEVERITY[b.level]);
  const kept = messages.slice(0, MAX_RESULTS);
  const codes = [...new Set(kept.map(({ code }) => code))].sort();
  const lines = createLines();
  const hash = createHasher(lines);
  const run: JsonObject = {
    tool: {
      driver: {
        name: 'mesh',
        semanticVersion: input.version,
        informationUri: 'https://istio.io/latest/docs/reference/config/analysis/',
        rules: codes.map(toRule),
      },
    },
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        executionSuccessful: input.problems.length === 0,
        toolExecutionNotifications: notifications(input, messages.length - kept.length),
      },
    ],
    results: kept.map((message) => ({
      ...toResult(message, codes.indexOf(message.code), hash, input.folder),
      ...toFixes(message, lines, input.folder),
    })),
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function toRule(code: string): JsonObject {
  const info = CODES.get(code);
  return {
    id: code,
    name: info?.name ?? code,
    shortDescription: { text: info?.summary ?? code },
    helpUri: documentationUrl(code),
    defaultConfiguration: { level: LEVELS[levelOf(code)] },
  };
}

type Hash = (message: Message) => string;

function toResult(message: Message, ruleIndex: number, hash: Hash, folder: string): JsonObject {
  const hint = message.suggestion ? ` (${message.suggestion.text})` : '';
  const location: JsonObject = {};
  if (message.position) location['physicalLocation'] = physicalLocation(message.position, folder);
  if (message.origin !== undefined)
    location['logicalLocations'] = [{ fullyQualifiedName: message.origin, kind: 'resource' }];
  return {
    ruleId: message.code,
    ruleIndex,
    level: LEVELS[message.level],
    message: { text: `${message.message}${hint}` },
    ...(Object.keys(location).length > 0 && { locations: [location] }),
    partialFingerprints: { primaryLocationLineHash: hash(message) },
  };
}

/** The safe repair, for tools that can apply it. */
function toFixes(message: Message, lines: Lines, folder: string): JsonObject {
  const replacement = replacementOf(message);
  const table = lines(message);
  if (!replacement || !table || !message.position) return {};
  const start = table.placeOf(replacement.start);
  const end = table.placeOf(replacement.end);
  const deletedRegion = {
    startLine: start.line,
    startColumn: start.column,
    endLine: end.line,
    endColumn: end.column,
  };
  const change = {
    artifactLocation: artifactLocation(message.position.file, folder),
    replacements: [{ deletedRegion, insertedContent: { text: replacement.text } }],
  };
  return { fixes: [{ description: { text: message.suggestion?.text ?? '' }, artifactChanges: [change] }] };
}

function physicalLocation({ file, line, column }: SourcePosition, folder: string): JsonObject {
  const region: JsonObject = { startLine: line ?? 1 };
  if (column !== undefined) region['startColumn'] = column;
  return { artifactLocation: artifactLocation(file, folder), region };
}

/** Relative to the root of the sources where possible: that is what scanners can show. */
function artifactLocation(file: string, folder: string): JsonObject {
  if (file === '-') return { uri: 'stdin' };
  const slashed = file.replaceAll('\\', '/');
  const root = folder.replaceAll('\\', '/');
  const relative = slashed.startsWith(root) ? slashed.slice(root.length) : slashed.replace(/^(?:\.\/)+/, '');
  const uri = relative.split('/').map(encodeURIComponent).join('/');
  if (/^[A-Za-z]:/.test(relative)) return { uri: `file:///${uri.replace('%3A', ':')}` };
  return relative.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: '%SRCROOT%' };
}

function notifications({ problems, folder }: SarifInput, dropped: number): JsonValue[] {
  const list: JsonValue[] = problems.map(({ message, position }) => ({
    level: 'error',
    message: { text: message },
    ...(position && { locations: [{ physicalLocation: physicalLocation(position, folder) }] }),
  }));
  if (dropped > 0)
    list.push({ level: 'warning', message: { text: `${dropped} further findings were left out` } });
  return list;
}

/** The lines of the file of a finding. */
type Lines = (message: Message) => LineTable | undefined;

function createLines(): Lines {
  const tables = new Map<string, LineTable>();
  return ({ position, resource }) => {
    if (position?.line === undefined || !resource?.source) return undefined;
    let table = tables.get(position.file);
    if (!table) tables.set(position.file, (table = createLineTable(resource.source.text())));
    return table;
  };
}

/** A text that stays the same when lines above change: of code, object and line, with a count for equal ones. */
function createHasher(lines: Lines): Hash {
  const counts = new Map<string, number>();
  return (message) => {
    const line = (lines(message)?.line(message.position?.line ?? 0) ?? '').trim();
    const hash = hashText([message.code, message.origin ?? '', line].join('\n'));
    const count = (counts.get(hash) ?? 0) + 1;
    counts.set(hash, count);
    return `${hash}:${count}`;
  };
}

/** FNV-1a with 64 bits, as hexadecimal digits. Not for secrets. */
function hashText(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}
