/** Character classes and escapes of RE2: the part of `re2.ts` that looks at single characters. */

const POSIX: ReadonlySet<string> = new Set(
  'alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit'.split(' '),
);
const SIMPLE_ESCAPES = 'aftnrv';
const MAX_CODE_POINT = 0x10ffff;

/** Index after the class that begins at `start` with `[`, or what is wrong with it. */
export function readClass(text: string, start: number): number | string {
  let at = text[start + 1] === '^' ? start + 2 : start + 1;
  let first = true;
  while (at < text.length && (text[at] !== ']' || first)) {
    first = false;
    const named = readNamedSet(text, at);
    if (typeof named === 'string') return named;
    if (named !== undefined) {
      at = named;
      continue;
    }
    const low = readClassCharacter(text, at);
    if (typeof low === 'string') return low;
    at = low.end;
    if (text[at] !== '-' || at + 1 >= text.length || text[at + 1] === ']') continue;
    const high = readClassCharacter(text, at + 1);
    if (typeof high === 'string') return high;
    if (high.code < low.code)
      return `the range of characters in "${text.slice(start, high.end)}" is turned around`;
    at = high.end;
  }
  return at < text.length ? at + 1 : 'a class of characters is not closed: "]" is missing';
}

/** `[:alpha:]`, `\d`, `\pL`: index after it; undefined: something else stands there. */
function readNamedSet(text: string, at: number): number | string | undefined {
  if (text.startsWith('[:', at)) {
    const close = text.indexOf(':]', at + 2);
    if (close < 0) return undefined;
    const name = text.slice(at + 2, close).replace(/^\^/, '');
    return POSIX.has(name) ? close + 2 : `there is no class "${text.slice(at, close + 2)}"`;
  }
  const next = text[at + 1] ?? '';
  if (text[at] !== '\\' || next === '') return undefined;
  if ('dDsSwW'.includes(next)) return at + 2;
  if (next === 'p' || next === 'P') return readEscape(text, at) ?? findEscapeProblem(text, at);
  return undefined;
}

function readClassCharacter(text: string, at: number): { code: number; end: number } | string {
  const code = text.codePointAt(at) ?? 0;
  if (text[at] !== '\\') return { code, end: at + (code > 0xffff ? 2 : 1) };
  const end = readEscape(text, at);
  if (end === undefined) return findEscapeProblem(text, at);
  return { code: escapedCode(text.slice(at + 1, end)), end };
}

/** The character that an escape (without its backslash) stands for. */
function escapedCode(escape: string): number {
  const first = escape[0] ?? '';
  if (first === 'x') return Number.parseInt(escape.slice(1).replace(/[{}]/g, ''), 16);
  if (/[0-7]/.test(first)) return Number.parseInt(escape, 8);
  const simple = SIMPLE_ESCAPES.indexOf(first);
  return simple < 0 ? (escape.codePointAt(0) ?? 0) : ([7, 12, 9, 10, 13, 11][simple] ?? 0);
}

const UNICODE_CLASS = /\\[pP](?:\{\^?([A-Za-z_]+)\}|([A-Z]))/y;
const HEX = /\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,8})\})/y;
const OCTAL = /\\(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/y;

/** Index after the escape of one character or Unicode class at `at`, or undefined when RE2 has no such escape. */
export function readEscape(text: string, at: number): number | undefined {
  const next = text[at + 1] ?? '';
  if (next === 'p' || next === 'P') {
    UNICODE_CLASS.lastIndex = at;
    const match = UNICODE_CLASS.exec(text);
    return match && isUnicodeClass(match[1] ?? match[2] ?? '') ? at + match[0].length : undefined;
  }
  if (next === 'x') {
    HEX.lastIndex = at;
    const match = HEX.exec(text);
    const code = match ? Number.parseInt(match[1] ?? match[2] ?? '', 16) : Infinity;
    return match && code <= MAX_CODE_POINT ? at + match[0].length : undefined;
  }
  if (/\d/.test(next)) {
    OCTAL.lastIndex = at;
    const match = OCTAL.exec(text);
    return match ? at + match[0].length : undefined;
  }
  if (next !== '' && SIMPLE_ESCAPES.includes(next)) return at + 2;
  // Every other sign of ASCII may be escaped; letters may not, so that they can get a meaning.
  return /[!-/:-@[-`{-~ ]/.test(next) || (next !== '' && next < ' ') ? at + 2 : undefined;
}

export function findEscapeProblem(text: string, at: number): string {
  if (at + 1 >= text.length) return 'a backslash stands at the end';
  if (/[1-9]/.test(text[at + 1] ?? '')) return `the backreference "\\${text[at + 1] ?? ''}" is not supported`;
  return `there is no escape "${text.slice(at, at + 2)}"`;
}

const unicodeClasses = new Map<string, boolean>([['Any', true]]);

/** General categories and scripts, as the JavaScript engine knows them: both follow the Unicode standard. */
function isUnicodeClass(name: string): boolean {
  let known = unicodeClasses.get(name);
  if (known === undefined) {
    known = name.length <= 2 ? compiles(`\\p{gc=${name}}`) : compiles(`\\p{sc=${name}}`);
    unicodeClasses.set(name, known);
  }
  return known;
}

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
}
