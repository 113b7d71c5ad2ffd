/**
 * Whether a text is a regular expression that RE2 takes, which is what Envoy and Istio use: no lookaround, no
 * backreferences, repeat counts up to 1000. One pass over the text without backtracking.
 * Source: the syntax that the RE2 project documents, as Go's `regexp/syntax` reads it.
 */
import { findEscapeProblem, readClass, readEscape } from './re2-class.ts';

const MAX_REPEAT = 1000;
const MAX_DEPTH = 1000;

/** An open group, or the whole expression. */
interface Group {
  /** Largest product of nested counted repeats inside. */
  cost: number;
}

interface Scan {
  readonly text: string;
  /** Where the next token starts. */
  at: number;
  readonly groups: Group[];
  readonly names: Set<string>;
  /** Whether something stands before a repeat operator, and its cost. */
  canRepeat: boolean;
  cost: number;
  /** Whether the last token was a repeat operator: a second one is refused. */
  afterRepeat: boolean;
}

/** Why `text` is no RE2 expression, or undefined. */
export function findRe2Problem(text: string): string | undefined {
  const scan: Scan = {
    text,
    at: 0,
    groups: [{ cost: 1 }],
    names: new Set(),
    canRepeat: false,
    cost: 1,
    afterRepeat: false,
  };
  while (scan.at < text.length) {
    const problem = readToken(scan);
    if (problem) return problem;
  }
  return scan.groups.length > 1 ? 'a group is not closed: ")" is missing' : undefined;
}

function readToken(scan: Scan): string | undefined {
  const { text, at } = scan;
  switch (text[at]) {
    case '(':
      return openGroup(scan);
    case ')':
      return closeGroup(scan);
    case '|':
      scan.at += 1;
      scan.canRepeat = false;
      scan.afterRepeat = false;
      return undefined;
    case '[': {
      const end = readClass(text, at);
      return typeof end === 'string' ? end : finishAtom(scan, end);
    }
    case '\\':
      return readBackslash(scan);
    case '*':
    case '+':
    case '?':
      return repeat(scan, at + 1, 1);
    case '{':
      return readCount(scan);
    default:
      return finishAtom(scan, at + 1);
  }
}

function finishAtom(scan: Scan, end: number, cost = 1): string | undefined {
  scan.at = end;
  scan.canRepeat = true;
  scan.afterRepeat = false;
  scan.cost = cost;
  return undefined;
}

function readBackslash(scan: Scan): string | undefined {
  const { text, at } = scan;
  const next = text[at + 1] ?? '';
  if (next === 'Q') {
    const close = text.indexOf('\\E', at + 2);
    const end = close < 0 ? text.length : close;
    if (end > at + 2) finishAtom(scan, end);
    scan.at = close < 0 ? end : close + 2;
    return undefined;
  }
  // `\E` ends a quotation that never began; Go drops it as an unknown escape.
  if (next !== '' && 'AbBzCdDsSwW'.includes(next)) return finishAtom(scan, at + 2);
  const end = readEscape(text, at);
  return end === undefined ? findEscapeProblem(text, at) : finishAtom(scan, end);
}

/** An operator that ends before `end`; `count` is what it multiplies. */
function repeat(scan: Scan, end: number, count: number): string | undefined {
  const operator = scan.text.slice(scan.at, end);
  if (!scan.canRepeat) return `nothing stands before "${operator}" that could be repeated`;
  if (scan.afterRepeat) return `"${operator}" repeats a repeat`;
  const cost = scan.cost * Math.max(count, 1);
  if (count > 1 && cost > MAX_REPEAT) return `nested repeats multiply to more than ${MAX_REPEAT}`;
  scan.cost = cost;
  const group = scan.groups[scan.groups.length - 1];
  if (group && cost > group.cost) group.cost = cost;
  scan.at = scan.text[end] === '?' ? end + 1 : end;
  scan.afterRepeat = true;
  return undefined;
}

const COUNT = /\{(0|[1-9]\d{0,9})(,(0|[1-9]\d{0,9})?)?\}/y;

function readCount(scan: Scan): string | undefined {
  COUNT.lastIndex = scan.at;
  const match = COUNT.exec(scan.text);
  // A brace that is no count stands for itself.
  if (!match) return finishAtom(scan, scan.at + 1);
  const min = Number(match[1]);
  const max = match[2] === undefined ? min : match[3] === undefined ? -1 : Number(match[3]);
  if (min > MAX_REPEAT || max > MAX_REPEAT || (max >= 0 && min > max))
    return `"${match[0]}" must count up to ${MAX_REPEAT}, the smaller number first`;
  return repeat(scan, scan.at + match[0].length, max >= 0 ? max : min);
}

const GROUP_NAME = /\((?:\?P?<)([A-Za-z0-9_]+)>/y;
const GROUP_FLAGS = /\(\?(?:[imsU]+(?:-[imsU]+)?|-[imsU]+)?([:)])/y;

function openGroup(scan: Scan): string | undefined {
  const { text, at } = scan;
  if (text[at + 1] !== '?') return pushGroup(scan, at + 1);
  GROUP_NAME.lastIndex = at;
  const named = GROUP_NAME.exec(text);
  if (named) {
    const name = named[1] ?? '';
    if (scan.names.has(name)) return `the group name "${name}" is used twice`;
    scan.names.add(name);
    return pushGroup(scan, at + named[0].length);
  }
  GROUP_FLAGS.lastIndex = at;
  const flags = GROUP_FLAGS.exec(text);
  if (flags?.[1] === ':') return pushGroup(scan, at + flags[0].length);
  // `(?i)` sets flags and holds nothing; `(?)` is refused.
  if (flags && flags[0].length > 3) {
    scan.at += flags[0].length;
    scan.afterRepeat = false;
    return undefined;
  }
  if (/^\(\?<?[=!]/.test(text.slice(at, at + 4))) return 'lookahead and lookbehind "(?" are not supported';
  return `the group "${text.slice(at, at + 4)}" is not supported`;
}

function pushGroup(scan: Scan, end: number): string | undefined {
  if (scan.groups.length > MAX_DEPTH) return `groups are nested more than ${MAX_DEPTH} deep`;
  scan.groups.push({ cost: 1 });
  scan.at = end;
  scan.canRepeat = false;
  scan.afterRepeat = false;
  return undefined;
}

function closeGroup(scan: Scan): string | undefined {
  if (scan.groups.length === 1) return '")" closes a group that was not opened';
  const inner = scan.groups.pop();
  const outer = scan.groups[scan.groups.length - 1];
  const cost = inner?.cost ?? 1;
  if (outer && cost > outer.cost) outer.cost = cost;
  return finishAtom(scan, scan.at + 1, cost);
}
