/** Output of `mesh proxy-status` in every format. */
import type { ProxyComparison } from '../app/proxy-status-one.ts';
import type { ProxyChange } from '../app/proxy-status-watch.ts';
import type { ResourceDifference, TypeDifference } from '../domain/proxy/sync-diff.ts';
import type { ProxyRow } from '../domain/proxy/sync-rows.ts';
import { sortKeys } from '../lib/json.ts';
import type { JsonValue } from '../lib/json.ts';
import type { Style } from '../lib/style.ts';
import { diffTexts } from '../lib/text-diff.ts';
import { printYaml } from '../lib/yaml-print.ts';
import { formatDiff } from './diff-text.ts';
import { oneLine } from './proxy-status-notes.ts';
import { formatProxyTable } from './proxy-status-table.ts';
import type { ProxyTableOptions } from './proxy-status-table.ts';

export const PROXY_STATUS_FORMATS = ['table', 'wide', 'json', 'yaml', 'jsonl', 'text'] as const;
export type ProxyStatusFormat = (typeof PROXY_STATUS_FORMATS)[number];

/** Every format has the same rows; machines get a list, an empty one too, people no table without rows. */
export function formatProxyStatus(
  rows: readonly ProxyRow[],
  format: ProxyStatusFormat,
  options: ProxyTableOptions,
): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(rows, null, 2)}\n`;
    case 'yaml':
      return printYaml(rows as unknown as JsonValue);
    case 'jsonl':
      return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    case 'table':
    case 'text':
      return rows.length === 0 ? '' : formatProxyTable(rows, options);
    case 'wide':
      return rows.length === 0 ? '' : formatProxyTable(rows, { ...options, wide: true });
  }
}

/** A line for each change of a watch: `2026-11-25T07:20:00Z web-0.shop SYNCED -> ERROR LDS: ...`, or a JSON object. */
export function formatChanges(changes: readonly ProxyChange[], format: ProxyStatusFormat, now: Date): string {
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z');
  return changes
    .map((change) =>
      format === 'json' || format === 'jsonl'
        ? `${JSON.stringify({ time, ...change })}\n`
        : `${time} ${changeText(change)}\n`,
    )
    .join('');
}

function changeText({ type, proxy, was }: ProxyChange): string {
  const name = `${proxy.name}.${proxy.namespace}`;
  if (type === 'GONE') return `${name} gone`;
  const types = proxy.sync
    .filter(({ state }) => state !== 'SYNCED')
    .map((one) => `${one.type} ${one.state}`)
    .join(', ');
  const status = was === undefined || was === proxy.status ? proxy.status : `${was} -> ${proxy.status}`;
  const why = oneLine(proxy.reason ?? types);
  return `${name} ${status}${why === '' ? '' : ` (${why})`}`;
}

/** The whole screen of a watch: `columns` × `rows` characters, nothing scrolls. */
export function formatScreen(
  head: string,
  body: readonly string[],
  screen: { readonly columns: number; readonly rows: number },
): string {
  const room = Math.max(1, screen.rows - 2);
  const lines = body.flatMap((text) => text.replace(/\n$/, '').split('\n'));
  const hidden = lines.length - room;
  const shown = hidden > 0 ? [...lines.slice(0, room - 1), `… and ${hidden + 1} more lines`] : lines;
  // Home, each line to its end, then the rest of the screen: no flicker.
  return `\u001b[H${[head, ...shown].map((line) => `${line}\u001b[K`).join('\r\n')}\u001b[J`;
}

/** Lines of a difference's surroundings: the reference shows seven. */
const CONTEXT_LINES = 7;

/** `Clusters Match (25)`, or what is different as unified diffs, resource by resource. */
export function formatComparison(
  comparison: ProxyComparison,
  format: ProxyStatusFormat,
  style: Style,
): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(comparison, null, 2)}\n`;
    case 'yaml':
      return printYaml(comparison as unknown as JsonValue);
    case 'jsonl':
      return `${JSON.stringify(comparison)}\n`;
    case 'table':
    case 'text':
    case 'wide':
      return comparison.types.map((type) => typeText(type, comparison.istiod, style)).join('');
  }
}

function typeText(type: TypeDifference, istiod: string, style: Style): string {
  const { updatedAt, version, rejected, warming } = type;
  const since = updatedAt === undefined ? '' : `, last change ${updatedAt}`;
  const facts = `${type.istiod}${version === undefined ? '' : `, version ${version}`}${since}`;
  const title = type.matches
    ? style.green(`${type.type} Match (${facts})`)
    : style.red(`${type.type} Don't Match (${type.istiod} at istiod, ${type.envoy} in Envoy${since})`);
  return [
    `${title}\n`,
    ...rejected.map((text) => `  refused by Envoy: ${oneLine(text)}\n`),
    ...warming.map((name) => `  not active yet: ${name}\n`),
    ...type.differences.map((difference) => formatDiff(resourceDiff(difference, type.type, istiod), style)),
  ].join('');
}

function resourceDiff({ name, istiod, envoy }: ResourceDifference, type: string, pod: string): string {
  const text = (value: JsonValue | undefined): string =>
    value === undefined ? '' : printYaml(sortKeys(value));
  return diffTexts(text(istiod), text(envoy), {
    fromName: istiod === undefined ? '/dev/null' : `${pod}: ${type.toLowerCase()}/${name}`,
    toName: envoy === undefined ? '/dev/null' : `Envoy: ${type.toLowerCase()}/${name}`,
    contextLines: CONTEXT_LINES,
  });
}
