/** Unified diffs of texts; the only place that knows the `diff` library. */
import { structuredPatch } from 'diff';

export interface TextDiffOptions {
  readonly fromName: string;
  readonly toName: string;
  /** Lines around a change. Default 3. */
  readonly contextLines?: number | undefined;
}

/** The unified diff, ending with a newline; empty when the texts are equal. */
export function diffTexts(from: string, to: string, options: TextDiffOptions): string {
  if (from === to) return '';
  const { hunks } = structuredPatch('', '', from, to, '', '', { context: options.contextLines ?? 3 });
  const lines = [`--- ${options.fromName}`, `+++ ${options.toName}`];
  for (const hunk of hunks) {
    lines.push(
      `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`,
      ...hunk.lines,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** A range without lines begins after the line before it: 0 in an empty text. The library counts from 1 there, too. */
function range(start: number, count: number): string {
  if (count === 0) return `${start - 1},0`;
  return count === 1 ? String(start) : `${start},${count}`;
}
