/** Puts one `--set` into a merged IstioOperator: lists and gateways that the profile brings can be reached. */
import type { Problem } from '../../lib/errors.ts';
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { mergeValue } from './merge.ts';
import { normalize } from './normalize.ts';
import type { Normalized } from './normalize.ts';
import { formatSetting } from './paths.ts';
import type { PathSegment, TreePath } from './paths.ts';
import { canonicalKey, childNode, describeExpected, FREE, resolveNode } from './schema.ts';
import type { Schema, SchemaNode } from './schema.ts';
import { describeValue } from './schema-check.ts';
import type { Assignment } from './set-flag.ts';
import { describeSetForm, readSetValue, readUntyped } from './set-value.ts';
import { explainUnknown } from './setting-problem.ts';

export interface SetOutcome {
  readonly operator: JsonObject;
  /** Where in `operator` the value stands. */
  readonly path: TreePath;
  /** The value that was merged there. */
  readonly value: JsonValue;
  /** What the schema does not take; the value is there all the same, as text or untyped. */
  readonly problems: readonly Problem[];
  readonly fractions: Normalized['fractions'];
}

/** A flag that cannot be applied at all. */
export interface SetFailure {
  readonly failure: Problem;
}

/**
 * `operator` (a whole IstioOperator, left as it is) with the assignment made in its spec.
 * Map keys and list items on the way are created; maps merge with what is there, everything else is replaced.
 */
export function applySet(operator: JsonObject, set: Assignment, schema: Schema): SetOutcome | SetFailure {
  const spec = childNode(schema, resolveNode(schema, schema.root), 'spec') ?? FREE;
  const found = resolvePath(operator['spec'] ?? {}, spec, set, schema);
  if ('failure' in found) return found;
  const { path, node, problems } = found;
  const { value, problem, fractions, twice } = readValue(set, schema, node, path);
  if (problem) problems.push(problem);
  for (const place of twice)
    problems.push({
      message: `${formatSetting(place)} is given in two spellings, in ${set.flag} ${set.text}`,
    });
  return {
    operator: { ...operator, spec: assignAt(operator['spec'], path.slice(1), value) },
    path,
    value,
    problems,
    fractions,
  };
}

interface Place {
  readonly path: TreePath;
  readonly node: SchemaNode;
  readonly problems: Problem[];
}

/** Follows the path through tree and schema; match segments and gateway names become indexes. */
function resolvePath(
  root: JsonValue,
  rootNode: SchemaNode,
  set: Assignment,
  schema: Schema,
): Place | SetFailure {
  const path: (string | number)[] = ['spec'];
  const problems: Problem[] = [];
  let current: JsonValue | undefined = root;
  let node = rootNode;
  for (const [depth, segment] of set.path.entries()) {
    const step = chooseKey(current, node, segment, path, set);
    if (typeof step === 'object') return step;
    const child = childNode(schema, node, step);
    path.push(step);
    if (!child && problems.length === 0) {
      const whole = [
        ...path,
        ...set.path.slice(depth + 1).map((rest) => (rest.type === 'key' ? rest.key : 0)),
      ];
      problems.push(explainUnknown(schema, whole, node, ` in ${set.flag}`, path.length - 1));
    }
    node = child ?? FREE;
    current = stepInto(current, step);
  }
  return { path, node, problems };
}

function stepInto(value: JsonValue | undefined, key: string | number): JsonValue | undefined {
  if (typeof key === 'number') return Array.isArray(value) ? value[key] : undefined;
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The key or index that a segment means in `current`. */
function chooseKey(
  current: JsonValue | undefined,
  node: SchemaNode,
  segment: PathSegment,
  path: TreePath,
  set: Assignment,
): string | number | SetFailure {
  const fail = (what: string, hint?: string): SetFailure => ({
    failure: { message: `${formatSetting(path)} ${what}, in ${set.flag} ${set.text}`, hint },
  });
  const isNothing = current === undefined || current === null;
  if (segment.type === 'key') {
    if (Array.isArray(current)) return findByName(current, segment.key, fail);
    if (isNothing || isObject(current)) return canonicalKey(node, segment.key);
    return fail(`is ${describeValue(current)}, nothing can be set below it`);
  }
  if (!isNothing && !Array.isArray(current)) return fail(`is ${describeValue(current)}, not a list`);
  const list = Array.isArray(current) ? current : [];
  if (segment.type === 'index') {
    if (segment.index <= list.length) return segment.index;
    const size = list.length === 1 ? '1 item' : `${list.length} items`;
    return fail(`has ${size}, [${segment.index}] is beyond its end`, `[${list.length}] appends an item`);
  }
  return findItem(list, segment.key, segment.value, fail);
}

type Fail = (what: string, hint?: string) => SetFailure;

function findByName(list: readonly JsonValue[], name: string, fail: Fail): number | SetFailure {
  if (/^\d+$/.test(name)) return fail('is a list', `write [${name}] for its item ${name}`);
  return findItem(list, 'name', name, fail);
}

function findItem(list: readonly JsonValue[], key: string, value: string, fail: Fail): number | SetFailure {
  const textOf = (item: JsonValue): string | undefined => {
    const found = isObject(item) && Object.hasOwn(item, key) ? item[key] : undefined;
    return found === undefined || found === null || typeof found === 'object' ? undefined : String(found);
  };
  const matches = [...list.keys()].filter((index) => textOf(list[index] ?? null) === value);
  const [first] = matches;
  if (matches.length > 1) {
    return fail(`has ${matches.length} items with ${key} ${value}`, `write [${matches.join('] or [')}]`);
  }
  if (first !== undefined) return first;
  const known = list.map(textOf).filter((text) => text !== undefined);
  const hint = known.length === 0 ? 'the list has no such items' : `there is ${known.join(', ')}`;
  return fail(`has no item with ${key} ${value}`, `${hint}; [${list.length}] appends an item`);
}

function readValue(
  set: Assignment,
  schema: Schema,
  node: SchemaNode,
  path: TreePath,
): Normalized & { readonly problem?: Problem } {
  // A value of the wrong JSON type is found by the check of the whole tree.
  if (set.value.type === 'json') return normalize(set.value.value, schema, node, path);
  const { text } = set.value;
  const reading = readSetValue(text, schema, node);
  if (reading) return normalize(reading.value, schema, node, path);
  const message = `${formatSetting(path)} must be ${describeExpected(node)}, found ${describeValue(text)}, in ${set.flag} ${set.text}`;
  return {
    ...normalize(readUntyped(text), schema, node, path),
    problem: { message, hint: describeSetForm(node) },
  };
}

/** A copy of `tree` with `value` merged in at `path`; what is null or missing on the way becomes a map or list. */
function assignAt(tree: JsonValue | undefined, path: TreePath, value: JsonValue): JsonValue {
  const [key, ...rest] = path;
  if (key === undefined) return mergeValue(tree, value);
  if (typeof key === 'number') {
    const list = Array.isArray(tree) ? [...tree] : [];
    list[key] = assignAt(list[key], rest, value);
    return list;
  }
  const map = isObject(tree) ? tree : {};
  return { ...map, [key]: assignAt(Object.hasOwn(map, key) ? map[key] : undefined, rest, value) };
}
