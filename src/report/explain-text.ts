/** Output of `mesh explain`. */
import type { ExplainedCode } from '../app/explain.ts';
import type { Example } from '../domain/analysis/explanations/types.ts';
import type { Level } from '../domain/analysis/types.ts';
import type { JsonValue } from '../lib/json.ts';
import { isPrecheckCode } from '../domain/precheck/codes.ts';
import type { Style } from '../lib/style.ts';
import { printYaml } from '../lib/yaml-print.ts';
import { formatTable } from './table.ts';

const WIDTH = 80;

/** Pages one after the other; as JSON and YAML a list. */
export function formatExplanations(
  pages: readonly ExplainedCode[],
  output: 'text' | 'json' | 'yaml',
  style: Style,
): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(pages, null, 2)}\n`;
    case 'yaml':
      return printYaml(pages as unknown as JsonValue);
    case 'text':
      return pages.map((page) => formatPage(page, style)).join('\n');
  }
}

/** One line a code; as JSON and YAML a list without the pages. */
export function formatCodes(
  pages: readonly ExplainedCode[],
  output: 'text' | 'json' | 'yaml',
  style: Style,
): string {
  const rows = pages.map(({ code, name, level, summary, documentationUrl }) => ({
    code,
    name,
    level,
    summary,
    documentationUrl,
  }));
  if (output !== 'text') return formatExplanations(rows, output, style);
  return formatTable(
    ['CODE', 'LEVEL', 'NAME', 'SUMMARY'],
    rows.map(({ code, name, level, summary }) => [code, colourOf(level, style)(level), name, summary]),
    style,
  );
}

function reporterOf(code: string): string {
  return isPrecheckCode(code) ? 'mesh precheck reports it.' : 'mesh analyze does not report it.';
}

function formatPage(page: ExplainedCode, style: Style): string {
  const { code, name, level, summary, meaning, when, fix, bad, good, documentationUrl } = page;
  const head = `${style.bold(code)} ${name} (${colourOf(level, style)(level)})\n`;
  const part = (title: string, text: string): string => `\n${style.bold(title)}\n${text}`;
  const link = part('More', `${documentationUrl}\n`);
  if (meaning === undefined || when === undefined || fix === undefined || !bad || !good)
    return `${head}\n${wrap(`${summary} ${reporterOf(code)}`)}${link}`;
  return [
    head,
    `\n${wrap(meaning)}`,
    part('When it happens', wrap(when)),
    part('What to do', wrap(fix)),
    part('Bad', formatExample(bad, style)),
    part('Good', formatExample(good, style)),
    link,
  ].join('');
}

/** Not indented, so that it can be copied. */
function formatExample({ yaml, meshConfig, meshNetworks, otherCluster }: Example, style: Style): string {
  const more = (title: string, text: string | undefined): string =>
    text === undefined ? '' : `${style.dim(`# ${title}:`)}\n${text}`;
  return [
    yaml,
    more('with the mesh config', meshConfig),
    more('with the mesh networks', meshNetworks),
    more('and in another cluster', otherCluster),
  ].join('');
}

function colourOf(level: Level, style: Style): (text: string) => string {
  return { Error: style.red, Warning: style.yellow, Info: style.cyan }[level];
}

/** Lines of at most 80 columns. */
function wrap(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return `${[...lines, line].join('\n')}\n`;
}
