/** Finds the expressions in a text: `${...}`, where braces and quotes inside CEL do not end it; `$${` is a literal `${`. */

export type RawPart = string | { readonly cel: string; readonly start: number };

export interface Interpolation {
  /** Text and expressions alternating, empty texts left out. `start` is where the CEL begins in the text. */
  readonly parts: readonly RawPart[];
  /** Where an expression begins that has no end. */
  readonly unclosedAt?: number;
}

/** Takes a text apart. */
export function splitInterpolation(text: string): Interpolation {
  const parts: RawPart[] = [];
  let literal = '';
  let at = 0;
  for (;;) {
    const next = text.indexOf('${', at);
    if (next < 0) break;
    if (text[next - 1] === '$' && next - 1 >= at) {
      literal += `${text.slice(at, next - 1)}\${`;
      at = next + 2;
      continue;
    }
    const end = findEnd(text, next + 2);
    if (end < 0) return { parts, unclosedAt: next };
    literal += text.slice(at, next);
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push({ cel: text.slice(next + 2, end), start: next + 2 });
    at = end + 1;
  }
  literal += text.slice(at);
  if (literal !== '') parts.push(literal);
  return { parts };
}

/** Offset of the brace that closes an expression beginning at `start`, or -1. */
function findEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const character = text[at];
    if (character === '}') {
      if (depth === 0) return at;
      depth -= 1;
    } else if (character === '{') {
      depth += 1;
    } else if (character === "'" || character === '"') {
      at = skipString(text, at, character);
      continue;
    }
    at += 1;
  }
  return -1;
}

/** Offset behind a CEL string, single or triple quoted; the end of the text when it is not closed. */
function skipString(text: string, start: number, quote: string): number {
  const triple = quote.repeat(3);
  const delimiter = text.startsWith(triple, start) ? triple : quote;
  let at = start + delimiter.length;
  while (at < text.length) {
    if (text.startsWith(delimiter, at)) return at + delimiter.length;
    // A backslash guards the quote in raw strings too: so the CEL library reads them.
    at += text[at] === '\\' ? 2 : 1;
  }
  return at;
}
