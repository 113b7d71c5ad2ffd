/** Cuts a YAML stream into documents and finds lines, without parsing. */

/** A document as a part of its file: offsets of its text. */
export interface DocumentRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The documents of `text`, empty ones included. A line that begins with `---` and goes on with white space, a comment or
 * nothing separates them (the reference overlooks the comment and loses a document). Content behind `---` belongs to the
 * document that begins there.
 */
export function splitDocuments(text: string): DocumentRange[] {
  const ranges: DocumentRange[] = [];
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  let at = text.startsWith('---', start) ? start : nextMarker(text, start);
  while (at >= 0) {
    const after = text.charCodeAt(at + 3);
    if (Number.isNaN(after) || after === 10 || after === 13 || after === 32 || after === 9) {
      if (!isOnlyDirectives(text.slice(start, at))) {
        ranges.push({ start, end: at });
        start = contentAfter(text, at);
      }
    }
    at = nextMarker(text, at + 3);
  }
  ranges.push({ start, end: text.length });
  return ranges;
}

function nextMarker(text: string, from: number): number {
  const found = text.indexOf('\n---', from);
  return found < 0 ? -1 : found + 1;
}

/** The next line after a bare marker; the marker itself when content follows it on its line. */
function contentAfter(text: string, marker: number): number {
  const lineEnd = text.indexOf('\n', marker);
  const rest = text.slice(marker + 3, lineEnd < 0 ? text.length : lineEnd).trim();
  if (rest !== '' && !rest.startsWith('#')) return marker;
  return lineEnd < 0 ? text.length : lineEnd + 1;
}

/** `%YAML 1.1` before a marker belongs to the document behind it. */
function isOnlyDirectives(text: string): boolean {
  return (
    text.includes('%') &&
    /^%/m.test(text) &&
    text.split('\n').every((line) => line.trim() === '' || /^[%#]/.test(line))
  );
}

/** Lines of a text by offset; made when a place is first asked for. */
export interface LineTable {
  /** Line and column, both counting from 1. */
  placeOf(offset: number): { readonly line: number; readonly column: number };
  /** The text of a line, without its end. */
  line(number: number): string | undefined;
  readonly count: number;
}

export function createLineTable(text: string): LineTable {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return {
    count: starts.length,
    placeOf: (offset) => {
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((starts[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
    },
    line: (number) => {
      const start = starts[number - 1];
      if (start === undefined) return undefined;
      return text.slice(start, starts[number] ?? text.length).replace(/\r?\n$/, '');
    },
  };
}
