/**
 * Prints JSON data as YAML: block style, two spaces, lists not indented, as kubectl prints it. Only forms that every
 * reader (YAML 1.1 and 1.2) takes the same way are used: plain text where it can not be mistaken for anything else,
 * literal blocks for lines of text, else double quotes with JSON's escapes. Printing a mesh takes a library twenty
 * times as long, which was a third of `manifest generate`.
 */
import type { JsonObject, JsonValue } from './json.ts';

/** Words, paths, hosts, images, options: begins with a letter, `_` or `/` (after up to two dashes), and holds nothing that YAML gives a meaning. */
const PLAIN = /^-{0,2}[A-Za-z_/](?:[\w./@+=-]|:(?=[\w./@+=-])|,(?=[\w./@+=-])| (?=[\w(][\w./@+=-]))*$/;

/** Quantities, percentages, durations, versions and addresses: `500m`, `2048Mi`, `25%`, `30s`, `1.31.4`, `10.0.0.0/8`. */
const MEASURE =
  /^(?:\d+(?:\.\d+)?(?:m|k|M|G|T|[KMGTPE]i|%|ms|s|h)|\d+\.\d+\.\d+(?:-[a-z][a-z0-9.]*)?|\d+\.\d+\.\d+\.\d+(?:\/\d+)?)$/;

/** What some reader takes for a boolean, null, number (`e5`, `.inf`) or merge key. */
const MISTAKEN = /^-?(?:y|yes|n|no|true|false|on|off|null|nan|inf|infinity)$/i;

/** Ends with a newline. */
export function printYaml(value: JsonValue): string {
  const lines: string[] = [];
  printValue(value, '', '', lines);
  return `${lines.join('\n')}\n`;
}

/** `lead` stands in front of the first line (`key:` or `-`), `indent` in front of the following ones. */
function printValue(value: JsonValue, lead: string, indent: string, lines: string[]): void {
  if (Array.isArray(value)) printList(value, lead, indent, lines);
  else if (typeof value === 'object' && value !== null) printMap(value, lead, indent, lines);
  else if (typeof value === 'string') printText(value, lead, indent, lines);
  else lines.push(join(lead, String(value)));
}

function join(lead: string, text: string): string {
  return lead === '' ? text : `${lead} ${text}`;
}

function printMap(map: JsonObject, lead: string, indent: string, lines: string[]): void {
  const keys = Object.keys(map);
  if (keys.length === 0) {
    lines.push(join(lead, '{}'));
    return;
  }
  // Behind a dash the first entry stands on the same line; behind a key the map begins on the next one.
  let before = lead.endsWith('-') ? `${lead} ` : indent;
  if (lead !== '' && !lead.endsWith('-')) lines.push(lead);
  for (const key of keys) {
    const value = map[key] as JsonValue;
    const inner = Array.isArray(value) ? indent : `${indent}  `;
    printValue(value, `${before}${printKey(key)}:`, inner, lines);
    before = indent;
  }
}

function printList(list: readonly JsonValue[], lead: string, indent: string, lines: string[]): void {
  if (list.length === 0) {
    lines.push(join(lead, '[]'));
    return;
  }
  let before = lead.endsWith('-') ? `${lead} ` : indent;
  if (lead !== '' && !lead.endsWith('-')) lines.push(lead);
  for (const item of list) {
    printValue(item, `${before}-`, `${indent}  `, lines);
    before = indent;
  }
}

/** Keys over 1,024 characters would need the explicit form; Kubernetes has none that long. */
function printKey(key: string): string {
  return isPlain(key) && !key.includes(' ') ? key : JSON.stringify(key);
}

function printText(text: string, lead: string, indent: string, lines: string[]): void {
  if (isPlain(text)) lines.push(join(lead, text));
  else if (isBlock(text)) printBlock(text, lead, indent, lines);
  else lines.push(join(lead, quote(text)));
}

function isPlain(text: string): boolean {
  return text.length < 200 && ((PLAIN.test(text) && !MISTAKEN.test(text)) || MEASURE.test(text));
}

/** Lines of printable text; white space at the beginning of the first line would be taken for indentation. */
function isBlock(text: string): boolean {
  return (
    text.includes('\n') &&
    /^[^\s]/.test(text) &&
    /^[\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/.test(text) &&
    !/\u2028|\u2029/.test(text)
  );
}

function printBlock(text: string, lead: string, indent: string, lines: string[]): void {
  const body = text.replace(/\n+$/, '');
  const newlines = text.length - body.length;
  const chomping = newlines === 0 ? '-' : newlines === 1 ? '' : '+';
  lines.push(join(lead, `|${chomping}`));
  const padding = indent === '' ? '  ' : indent;
  for (const line of body.split('\n')) lines.push(line === '' ? '' : padding + line);
  for (let extra = 1; extra < newlines; extra += 1) lines.push('');
}

/** JSON's double quotes are YAML's, except that YAML wants some more characters escaped. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
