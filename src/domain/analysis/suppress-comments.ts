/**
 * Suppressions that stand in the files: `# mesh-ignore IST0101 the reason`, several codes separated by commas, `*` for all.
 * At the end of a line the comment is about that line; alone on a line, about the key or list item below with all that
 * belongs to it; above the first line of a document, about the whole document. `until=2027-01-31` behind the codes ends it.
 */
import { openDocument, openFile } from './source.ts';
import { splitDocuments } from './documents.ts';
import type { LineTable } from './documents.ts';
import { isOver, matchesGlob } from './suppress.ts';
import type { Finding, Resource } from './types.ts';

const MARK = 'mesh-ignore';
const COMMENT = /(?:^|\s)#\s*mesh-ignore[:\s]\s*([A-Za-z0-9*]+(?:\s*,\s*[A-Za-z0-9*]+)*)(?:\s+until=(\S+))?/;

export interface CommentSuppression {
  readonly file: string;
  /** Where the comment stands. */
  readonly line: number;
  readonly codes: readonly string[];
  /** The last day on which it counts. */
  readonly until: string | undefined;
  /** First and last line that it is about. */
  readonly from: number;
  readonly to: number;
}

/** All comments in a file. */
export function readCommentSuppressions(file: string, text: string): CommentSuppression[] {
  if (!text.includes(MARK)) return [];
  const open = openFile({ name: file, text });
  const lines = open.lines();
  return splitDocuments(text).flatMap((range) => {
    if (!text.slice(range.start, range.end).includes(MARK)) return [];
    const first = lines.placeOf(openDocument(open, range).firstOffset()).line;
    const last = lines.placeOf(Math.max(range.end - 1, range.start)).line;
    const found: CommentSuppression[] = [];
    let isHead = true;
    for (let line = first; line <= last; line += 1) {
      const content = lines.line(line) ?? '';
      const isComment = /^\s*(?:#|$)/.test(content);
      if (!isComment) isHead = false;
      const [, list, until] = COMMENT.exec(content) ?? [];
      if (list === undefined) continue;
      const codes = list.split(',').map((code) => code.trim());
      const comment = { file, line, codes, until };
      if (isHead) found.push({ ...comment, from: first, to: last });
      else if (isComment) {
        const from = nextContentLine(lines, line, last);
        found.push({ ...comment, from, to: lastLineOfNode(lines, from, last) });
      } else found.push({ ...comment, from: line, to: line });
    }
    return found;
  });
}

function nextContentLine(lines: LineTable, from: number, last: number): number {
  for (let line = from + 1; line <= last; line += 1) {
    if (!/^\s*(?:#|$)/.test(lines.line(line) ?? '')) return line;
  }
  return from;
}

/** The last line of the block that begins at `first`: what is indented deeper, and the items of a list right below a key. */
function lastLineOfNode(lines: LineTable, first: number, last: number): number {
  const [, indent = '', dash] = /^( *)(-?)/.exec(lines.line(first) ?? '') ?? [];
  let end = first;
  for (let line = first + 1; line <= last; line += 1) {
    const content = lines.line(line) ?? '';
    if (/^\s*(?:#|$)/.test(content)) continue;
    const [, deep = '', item] = /^( *)(-?)/.exec(content) ?? [];
    if (deep.length < indent.length || (deep.length === indent.length && (dash !== '' || item === ''))) break;
    end = line;
  }
  return end;
}

/** A test for findings in the files of `resources` at `nowMs`, which remembers the comments that matched. */
export function createCommentSuppressor(
  resources: readonly Resource[],
  nowMs: number,
): {
  suppresses(finding: Finding): boolean;
  unused(): readonly CommentSuppression[];
  /** Those that count no more. */
  readonly over: readonly CommentSuppression[];
} {
  const byFile = new Map<string, CommentSuppression[]>();
  const over: CommentSuppression[] = [];
  for (const { source } of resources) {
    if (!source || byFile.has(source.file)) continue;
    const valid: CommentSuppression[] = [];
    for (const comment of readCommentSuppressions(source.file, source.text()))
      (isOver(comment.until, nowMs) ? over : valid).push(comment);
    byFile.set(source.file, valid);
  }
  const used = new Set<CommentSuppression>();
  return {
    over,
    suppresses: (finding) => {
      const source = finding.resource?.source;
      const comments = source && byFile.get(source.file);
      if (!comments || comments.length === 0) return false;
      const line = finding.path ? (source.locate(finding.path).line ?? 0) : source.line;
      const hits = comments.filter(
        ({ codes, from, to }) =>
          line >= from && line <= to && codes.some((code) => matchesGlob(code, finding.code)),
      );
      for (const hit of hits) used.add(hit);
      return hits.length > 0;
    },
    unused: () => [...byFile.values()].flat().filter((comment) => !used.has(comment)),
  };
}
