/** Output of `mesh proxy-config diff`. */
import { isSame } from '../domain/proxy/dump-diff.ts';
import type { DiffNames, ViewDifference } from '../domain/proxy/dump-diff.ts';
import type { Style } from '../lib/style.ts';
import { formatDiff } from './diff-text.ts';

/** A line for each view, below it what only one side has and unified diffs of what both have. */
export function formatDumpDiff(
  differences: readonly ViewDifference[],
  titles: DiffNames,
  style: Style,
): string {
  return differences.map((difference) => formatView(difference, titles, style)).join('');
}

export function dumpDiffData(differences: readonly ViewDifference[], titles: DiffNames): unknown {
  return { ...titles, equal: differences.every(isSame), views: differences };
}

function formatView(difference: ViewDifference, titles: DiffNames, style: Style): string {
  const { view, shared, onlyInFrom, onlyInTo, different } = difference;
  if (isSame(difference)) return `${view}: ${shared} alike\n`;
  const counts = [
    different.length > 0 ? `${different.length} of ${shared} differ` : `${shared} alike`,
    onlyInFrom.length > 0 ? `${onlyInFrom.length} only in ${titles.from}` : '',
    onlyInTo.length > 0 ? `${onlyInTo.length} only in ${titles.to}` : '',
  ];
  return [
    `${style.bold(`${view}: ${counts.filter((count) => count !== '').join(', ')}`)}\n`,
    ...onlyInFrom.map((name) => `${style.red(`- ${name}`)}\n`),
    ...onlyInTo.map((name) => `${style.green(`+ ${name}`)}\n`),
    ...different.map(({ diff }) => formatDiff(diff, style)),
  ].join('');
}
