/** Where each character of a double-quoted YAML scalar stands in the file. */

const ESCAPE_LENGTHS: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };
const ESCAPED: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};

export interface QuotedScalar {
  readonly value: string;
  /** For each UTF-16 unit of `value`, and its end: the offset in `source`. */
  readonly offsets: readonly number[];
}

/** Reads a double-quoted scalar; `source` includes the quotes. The text must be valid YAML. */
export function readDoubleQuoted(source: string): QuotedScalar {
  let value = '';
  const offsets: number[] = [];
  const end = source.endsWith('"') && source.length > 1 ? source.length - 1 : source.length;
  let at = 1;
  const add = (text: string, length: number): void => {
    for (let unit = 0; unit < text.length; unit++) offsets.push(at);
    value += text;
    at += length;
  };
  while (at < end) {
    const character = source[at] as string;
    if (character === '\\') readEscape(source, at, add);
    else if (character === '\n' || character === '\r' || character === ' ' || character === '\t')
      readSpace(source, at, end, add);
    else add(character, 1);
  }
  offsets.push(end);
  return { value, offsets };
}

function readEscape(source: string, at: number, add: (text: string, length: number) => void): void {
  const kind = source[at + 1] ?? '';
  if (kind === '\n' || kind === '\r') {
    const skipped = /^\\\r?\n[ \t]*/.exec(source.slice(at))?.[0].length ?? 2;
    add('', skipped);
    return;
  }
  const length = ESCAPE_LENGTHS[kind];
  if (length === undefined) add(ESCAPED[kind] ?? kind, 2);
  else add(String.fromCodePoint(Number.parseInt(source.slice(at + 2, at + length), 16)), length);
}

/** White space stays as it is, unless it contains line breaks: one folds to a space, n to n - 1 line breaks. */
function readSpace(
  source: string,
  at: number,
  end: number,
  add: (text: string, length: number) => void,
): void {
  const space = /^[ \t\r\n]+/.exec(source.slice(at, end))?.[0] ?? ' ';
  const breaks = space.split('\n').length - 1;
  if (breaks === 0) add(space[0] as string, 1);
  else add(breaks === 1 ? ' ' : '\n'.repeat(breaks - 1), space.length);
}
