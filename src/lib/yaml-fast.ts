/**
 * The only place that knows the `js-yaml` library: values first, places on demand, several times as fast as `yaml.ts`. Reads as
 * the API server and istioctl do (go-yaml 2: YAML 1.1 booleans and octals, the last of several equal keys wins).
 */
import {
  COLLECTION_STYLE,
  CORE_SCHEMA,
  defineScalarTag,
  EVENT_ID,
  getScalarValue,
  load,
  mergeTag,
  NOT_RESOLVED,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
} from 'js-yaml';
import type { Event, MappingEvent, ScalarEvent, SequenceEvent } from 'js-yaml';
import type { JsonValue } from './json.ts';

const BOOLEANS: ReadonlyMap<string, boolean> = new Map(
  [true, false].flatMap((value) =>
    (value ? ['y', 'yes', 'true', 'on'] : ['n', 'no', 'false', 'off']).flatMap((word) =>
      [word, word.charAt(0).toUpperCase() + word.slice(1), word.toUpperCase()].map(
        (text) => [text, value] as const,
      ),
    ),
  ),
);

const booleanTag = defineScalarTag<boolean>('tag:yaml.org,2002:bool', {
  implicit: true,
  implicitFirstChars: Array.from('yYnNtTfFoO'),
  resolve: (source) => BOOLEANS.get(source) ?? NOT_RESOLVED,
  identify: (data) => typeof data === 'boolean',
});

const INTEGER = /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)$/;

const integerTag = defineScalarTag<number>('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: Array.from('-+0123456789'),
  resolve: (source) => (INTEGER.test(source) ? toInteger(source) : NOT_RESOLVED),
  identify: (data) => Number.isInteger(data),
});

function toInteger(source: string): number {
  const digits = source.includes('_') ? source.replaceAll('_', '') : source;
  const sign = digits.startsWith('-') ? -1 : 1;
  const magnitude = /^[-+]/.test(digits) ? digits.slice(1) : digits;
  return sign * Number(/^0[0-7]+$/.test(magnitude) ? `0o${magnitude.slice(1)}` : magnitude);
}

const SCHEMA = CORE_SCHEMA.withTags(booleanTag, integerTag, mergeTag);
/** Enough for people. What aliases stand for may be this much more than the text itself. */
const MAX_MORE_VALUES = 1_000_000;
const START = { line: 1, column: 1 };
const OPTIONS = { schema: SCHEMA, json: true, maxAliases: 1000, maxDepth: 200 };

/** What is wrong with a text: line and column count from 1. */
export interface YamlSyntaxError {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

export type FastResult = { readonly value: JsonValue } | { readonly error: YamlSyntaxError };

/** The value of one document (null for one without content), or what is wrong with it. */
export function readYaml(text: string): FastResult {
  try {
    const value = load(text, OPTIONS) as JsonValue;
    // Aliases share what they stand for: a bomb is small until somebody walks through it.
    if (text.includes('&') && text.includes('*')) {
      const size = unfoldedSize(value, new Map());
      if (size === Infinity) return { error: { message: 'an alias stands for what it is in', ...START } };
      if (size > text.length + MAX_MORE_VALUES)
        return { error: { message: 'its aliases unfold to too many values', ...START } };
    }
    return { value };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    if (error.mark === undefined && error.reason.includes('input is empty')) return { value: null };
    return { error: { message: error.reason, ...placeOf(text, error.mark?.position ?? 0) } };
  }
}

/** The library also counts lines that end with a carriage return alone; nobody else does. */
function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** Values in `value` when each alias is replaced by what it stands for; infinite for one that contains itself. */
function unfoldedSize(value: JsonValue, known: Map<object, number>): number {
  if (typeof value !== 'object' || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  known.set(value, Infinity);
  const items: readonly JsonValue[] = Array.isArray(value) ? value : Object.values(value);
  const size = items.reduce<number>((sum, item) => sum + unfoldedSize(item, known), 1);
  known.set(value, size);
  return size;
}

/** A value of a document with the place of its text: offsets, the end exclusive. */
export interface YamlSpot {
  readonly start: number;
  readonly end: number;
  /** Of a map: every pair as written, later ones win. */
  readonly entries?: readonly YamlSpotEntry[];
  readonly items?: readonly YamlSpot[];
  /** In brackets or braces. */
  readonly isFlow?: boolean;
  /** `*name`: entries and items are those of the anchor, start and end are its own. */
  readonly isAlias?: boolean;
}

export interface YamlSpotEntry {
  readonly key: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: YamlSpot;
}

/** Where everything of one document stands; undefined for a text that `readYaml` refuses. */
export function readSpots(text: string): YamlSpot | undefined {
  let events: Event[];
  try {
    events = parseEvents(text, { maxDepth: OPTIONS.maxDepth });
  } catch {
    return undefined;
  }
  let at = 1;
  const anchors = new Map<string, YamlSpot>();

  /** The next value; one that is missing stands at `fallback`. */
  const next = (fallback: number): YamlSpot => {
    const event = events[at];
    at += 1;
    if (!event || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP)
      return { start: fallback, end: fallback };
    if (event.type === EVENT_ID.ALIAS) {
      const target = anchors.get(text.slice(event.anchorStart, event.anchorEnd));
      const start = Math.max(event.anchorStart - 1, 0);
      return { ...target, start, end: event.anchorEnd, isAlias: true };
    }
    const spot = event.type === EVENT_ID.SCALAR ? scalarSpot(text, event, fallback) : collection(event);
    if (event.anchorStart >= 0) anchors.set(text.slice(event.anchorStart, event.anchorEnd), spot);
    return spot;
  };

  const isEnd = (): boolean => at >= events.length || events[at]?.type === EVENT_ID.POP;

  const collection = (event: SequenceEvent | MappingEvent): YamlSpot => {
    const { start } = event;
    const isFlow = event.style === COLLECTION_STYLE.FLOW;
    let last = isFlow ? start + 1 : start;
    const grow = (value: YamlSpot): YamlSpot => {
      last = Math.max(last, value.end);
      return value;
    };
    const items: YamlSpot[] = [];
    const entries: YamlSpotEntry[] = [];
    while (!isEnd()) {
      if (event.type === EVENT_ID.SEQUENCE) {
        items.push(grow(next(last)));
        continue;
      }
      const keyEvent = events[at];
      const key = next(last);
      const name = keyEvent?.type === EVENT_ID.SCALAR ? keyText(text, keyEvent) : '';
      grow(key);
      entries.push({ key: name, keyStart: key.start, keyEnd: key.end, value: grow(valueAfter(key)) });
    }
    at += 1;
    const end = isFlow ? afterBracket(text, last) : last;
    return event.type === EVENT_ID.SEQUENCE ? { start, end, isFlow, items } : { start, end, isFlow, entries };
  };

  /** A missing value of a key has the place of the key. */
  const valueAfter = (key: YamlSpot): YamlSpot => {
    const value = next(key.start);
    return value.start === key.start ? { ...value, end: key.end } : value;
  };

  return next(0);
}

/** The offset behind the bracket that closes a collection whose last item ends at `from`. */
function afterBracket(text: string, from: number): number {
  const [between = ''] = /^(?:[\s,:]|#[^\n]*)*[\]}]/.exec(text.slice(from)) ?? [];
  return from + between.length;
}

/** A key as it comes out of `readYaml`: `on` is `true`, `010` is `8`. */
function keyText(text: string, event: ScalarEvent): string {
  const key = getScalarValue(text, event);
  if (event.style !== SCALAR_STYLE.PLAIN) return key;
  return String(BOOLEANS.get(key) ?? (INTEGER.test(key) ? toInteger(key) : key));
}

/** From its quote, its `|` or `>`, or its first character on; a missing one stands at `fallback`, its key. */
function scalarSpot(text: string, event: ScalarEvent, fallback: number): YamlSpot {
  const { style, valueStart, valueEnd } = event;
  switch (style) {
    case SCALAR_STYLE.SINGLE_QUOTED:
    case SCALAR_STYLE.DOUBLE_QUOTED:
      return { start: valueStart - 1, end: valueEnd + 1 };
    case SCALAR_STYLE.PLAIN:
      return valueEnd > valueStart
        ? { start: valueStart, end: valueEnd }
        : { start: fallback, end: fallback };
    default: {
      const lineEnd = text.lastIndexOf('\n', valueStart - 1);
      const lineStart = text.lastIndexOf('\n', lineEnd - 1) + 1;
      const indicator = text.slice(lineStart, lineEnd).search(/[|>][-+0-9]*\s*(?:#.*)?$/);
      return { start: indicator < 0 ? fallback : lineStart + indicator, end: valueEnd };
    }
  }
}
