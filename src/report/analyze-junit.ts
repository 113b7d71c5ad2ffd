/** Findings as JUnit XML: a suite a file, a case a finding; a case fails at or above the failure threshold. */
import { SEVERITY } from '../domain/analysis/codes.ts';
import { lineOf } from '../domain/analysis/run-rules.ts';
import type { Level, Message } from '../domain/analysis/types.ts';
import { formatProblem } from '../lib/errors.ts';
import type { Problem } from '../lib/errors.ts';

export interface JunitInput {
  readonly messages: readonly Message[];
  readonly problems: readonly Problem[];
  /** Names of all files that were read: one without a finding is a suite with one passed case. */
  readonly inputs: readonly string[];
  readonly failureThreshold: Level;
}

interface Case {
  readonly name: string;
  readonly className: string;
  readonly body: string;
  readonly kind: 'passed' | 'failure' | 'error';
}

/** The whole document, with a newline at the end. */
export function formatAnalysisJunit(input: JunitInput): string {
  const suites = new Map<string, Case[]>(input.inputs.map((name) => [name, []]));
  const add = (suite: string, entry: Case): void => {
    const cases = suites.get(suite);
    if (cases) cases.push(entry);
    else suites.set(suite, [entry]);
  };
  for (const problem of input.problems) {
    const body = element('error', { message: problem.message, type: 'unreadable' }, formatProblem(problem));
    add(problem.position?.file ?? 'files', { name: 'document', className: 'load', body, kind: 'error' });
  }
  for (const message of input.messages)
    add(message.position?.file ?? 'cluster', toCase(message, input.failureThreshold));
  if (suites.size === 0) suites.set('cluster', []);
  const parts = [...suites].map(([name, cases]) => formatSuite(name, cases));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="mesh analyze">\n${parts.join('')}</testsuites>\n`;
}

function toCase(message: Message, threshold: Level): Case {
  const name = `${message.code} ${message.origin ?? ''}`.trim();
  const isFailure = SEVERITY[message.level] <= SEVERITY[threshold];
  const text = [lineOf(message), message.suggestion?.text, message.documentationUrl]
    .filter((line) => line !== undefined)
    .join('\n');
  const body = isFailure
    ? element('failure', { message: message.message, type: message.level }, text)
    : element('system-out', {}, text);
  return { name, className: message.rule, body, kind: isFailure ? 'failure' : 'passed' };
}

function formatSuite(name: string, cases: readonly Case[]): string {
  const listed: readonly Case[] =
    cases.length > 0 ? cases : [{ name: 'no findings', className: 'analyze', body: '', kind: 'passed' }];
  const count = (kind: Case['kind']): number => listed.filter((entry) => entry.kind === kind).length;
  const attributes = attributesOf({
    name,
    tests: String(listed.length),
    failures: String(count('failure')),
    errors: String(count('error')),
  });
  const lines = listed.map((entry) => {
    const open = `    <testcase${attributesOf({ name: entry.name, classname: entry.className })}`;
    return entry.body === '' ? `${open}/>\n` : `${open}>\n      ${entry.body}\n    </testcase>\n`;
  });
  return `  <testsuite${attributes}>\n${lines.join('')}  </testsuite>\n`;
}

function element(name: string, attributes: Readonly<Record<string, string>>, text: string): string {
  return `<${name}${attributesOf(attributes)}>${escapeXml(text)}</${name}>`;
}

function attributesOf(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(value).replaceAll('\n', '&#10;')}"`)
    .join('');
}

/** Characters that XML does not allow at all are replaced. */
function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}
