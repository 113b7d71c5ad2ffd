/**
 * Rules of a VirtualService that never apply, because an earlier one takes their traffic: IST0130 and IST0131.
 * The conditions are those of facts 6.3 to the letter, also where they are generous: what is not looked at (scheme, source
 * labels, gateways) does not save a match, and a regular expression counts as no condition.
 */
import { sortKeys } from '../../../../lib/json.ts';
import type { JsonObject } from '../../../../lib/json.ts';
import { createBeginnings } from '../blocks/beginnings.ts';
import { child, has, itemsOf, mapOf, numberAt, pathOf, rootField, textAt } from '../field.ts';
import type { Field } from '../field.ts';
import type { FieldPath } from '../../types.ts';

export interface UnreachableRule {
  /** IST0130: the rule as a whole. IST0131: one match of it. */
  readonly code: 'IST0130' | 'IST0131';
  readonly message: string;
  readonly path: FieldPath;
}

type Protocol = 'http' | 'tcp' | 'tls';

export function findUnreachableRules(spec: JsonObject): UnreachableRule[] {
  const root = rootField(spec);
  const found: UnreachableRule[] = [];
  for (const protocol of ['http', 'tcp', 'tls'] as const) {
    const rules = itemsOf(root, protocol);
    if (rules.length > 1 || itemsOf(rules[0] ?? root, 'match').length > 1) checkRules(protocol, rules, found);
  }
  return found;
}

/** A match that is not the repetition of another one. */
interface Candidate {
  readonly match: Field;
  readonly rule: Field;
}

function checkRules(protocol: Protocol, rules: readonly Field[], found: UnreachableRule[]): void {
  let catchAll: Field | undefined;
  const rulesByMatch = new Map<string, Field>();
  const candidates: Candidate[] = [];
  for (const rule of rules) {
    const matches = itemsOf(rule, 'match');
    if (catchAll) {
      const message = `${protocol} rule ${nameOf(rule)} is never reached: rule ${nameOf(catchAll)} before it takes everything`;
      found.push({ code: 'IST0130', message, path: pathOf(rule) });
    }
    if (matches.length === 0) catchAll = rule;
    if (catchAll) continue;
    let repeated = 0;
    for (const match of matches) {
      const key = keyOf(match);
      const earlier = rulesByMatch.get(key);
      if (earlier) {
        repeated += 1;
        const message = `match ${nameOf(match)} of ${protocol} rule ${nameOf(rule)} has no effect: rule ${nameOf(earlier)} has the same`;
        found.push({ code: 'IST0131', message, path: pathOf(match) });
      } else {
        rulesByMatch.set(key, rule);
        candidates.push({ match, rule });
      }
    }
    if (repeated === matches.length) {
      const message = `${protocol} rule ${nameOf(rule)} is never reached: all its matches are those of earlier rules`;
      found.push({ code: 'IST0130', message, path: pathOf(rule) });
    }
  }
  if (protocol === 'http') checkPrefixes(candidates, found);
}

/** `"name"`, or `#index` where there is none. */
function nameOf(field: Field): string {
  const name = textAt(field, 'name');
  return name === '' ? `#${field.key}` : `"${name}"`;
}

/** All of a match but its name, the same for the same conditions. */
function keyOf(match: Field): string {
  return JSON.stringify(sortKeys({ ...mapOf(match), name: '' }));
}

/** Conditions besides the prefix, as texts that can be compared. */
interface PrefixMatch extends Candidate {
  readonly order: number;
  readonly prefix: string;
  readonly port: number;
  readonly values: readonly string[];
  readonly maps: readonly ReadonlyMap<string, string>[];
}

/** Of the rules that take a match away more are not told: a thousand prefixes of each other are half a million pairs. */
const MAX_TOLD = 20;

function checkPrefixes(candidates: readonly Candidate[], found: UnreachableRule[]): void {
  const earlier = createBeginnings<PrefixMatch[]>();
  for (const [order, candidate] of candidates.entries()) {
    const later = toPrefixMatch(candidate, order);
    if (!later) continue;
    const covering = earlier
      .ofBeginnings(later.prefix)
      .flat()
      .filter((first) => covers(first, later))
      .sort((a, b) => a.order - b.order);
    for (const first of covering.slice(0, MAX_TOLD)) {
      const match = `match ${nameOf(later.match)} of http rule ${nameOf(later.rule)} (prefix ${later.prefix})`;
      const message = `${match} has no effect: rule ${nameOf(first.rule)} already takes the prefix ${first.prefix}`;
      found.push({ code: 'IST0131', message, path: pathOf(later.match) });
    }
    const same = earlier.get(later.prefix);
    if (same) same.push(later);
    else earlier.set(later.prefix, [later]);
  }
}

function toPrefixMatch(candidate: Candidate, order: number): PrefixMatch | undefined {
  const { match } = candidate;
  const prefix = textAt(child(match, 'uri'), 'prefix');
  if (prefix === '') return undefined;
  const method = has(match, 'method') ? conditionText(child(match, 'method')) : 'exact:GET';
  return {
    ...candidate,
    order,
    prefix,
    port: numberAt(match, 'port'),
    values: [method, conditionText(child(match, 'authority'))],
    maps: ['headers', 'queryParams', 'withoutHeaders'].map((name) => conditionTexts(child(match, name))),
  };
}

function conditionText(condition: Field): string {
  const exact = textAt(condition, 'exact');
  if (exact !== '') return `exact:${exact}`;
  const prefix = textAt(condition, 'prefix');
  return prefix === '' ? '' : `prefix:${prefix}`;
}

function conditionTexts(conditions: Field): ReadonlyMap<string, string> {
  return new Map(Object.keys(mapOf(conditions)).map((key) => [key, conditionText(child(conditions, key))]));
}

/** For a `later` whose prefix begins with that of `first`. */
function covers(first: PrefixMatch, later: PrefixMatch): boolean {
  return (
    first.prefix !== later.prefix &&
    first.port === later.port &&
    first.values.every((text, index) => isCovered(text, later.values[index] ?? '')) &&
    first.maps.every((map, index) => areCovered(map, later.maps[index] ?? new Map()))
  );
}

function isCovered(first: string, later: string): boolean {
  return first === later || first.startsWith(later);
}

function areCovered(first: ReadonlyMap<string, string>, later: ReadonlyMap<string, string>): boolean {
  if (first.size !== later.size) return false;
  for (const [key, text] of first) {
    const other = later.get(key);
    if (other === undefined || !isCovered(text, other)) return false;
  }
  return true;
}
