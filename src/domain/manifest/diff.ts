/**
 * Compares two sets of objects as data: matched by kind, namespace and name, key order and document order do not
 * count, and YAML or JSON inside ConfigMaps is compared as what it says.
 */
import { isEqual, isObject, sortKeys } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { diffTexts } from '../../lib/text-diff.ts';
import { parseYamlDocuments } from '../../lib/yaml.ts';
import { printYaml } from '../../lib/yaml-print.ts';
import { matchesPattern, renameRef } from './object-filter.ts';
import type { ObjectPattern, Rename } from './object-filter.ts';
import { formatRef, refOf } from './ref.ts';
import type { KubeObject, ObjectRef } from './types.ts';

/** One place where two objects differ; a side that lacks it has no value. */
export interface FieldChange {
  /** `spec.replicas`, list items as `[0]`, dots in keys as `\.`. */
  readonly path: string;
  readonly from?: JsonValue | undefined;
  readonly to?: JsonValue | undefined;
}

export type ObjectDifference =
  | { readonly change: 'added' | 'removed'; readonly ref: ObjectRef; readonly diff: string }
  | {
      readonly change: 'changed';
      readonly ref: ObjectRef;
      readonly diff: string;
      readonly fields: readonly FieldChange[];
    };

export interface DiffOptions {
  readonly fromName: string;
  readonly toName: string;
  /** Only objects that one of these matches; empty: all. */
  readonly select: readonly ObjectPattern[];
  readonly ignore: readonly ObjectPattern[];
  readonly renames: readonly Rename[];
  readonly contextLines: number;
}

/** What differs, by identity; empty when the sets say the same. */
export function diffObjects(
  from: readonly KubeObject[],
  to: readonly KubeObject[],
  options: DiffOptions,
): ObjectDifference[] {
  const left = indexObjects(from, options, options.renames);
  const right = indexObjects(to, options, []);
  const keys = [...new Set([...left.keys(), ...right.keys()])].sort();
  return keys.flatMap((key) => compareOne(key, left.get(key), right.get(key), options));
}

function indexObjects(
  objects: readonly KubeObject[],
  options: DiffOptions,
  renames: readonly Rename[],
): Map<string, { readonly ref: ObjectRef; readonly data: JsonObject }> {
  const index = new Map<string, { readonly ref: ObjectRef; readonly data: JsonObject }>();
  for (const object of objects) {
    const ref = renameRef(refOf(object), renames);
    const isSelected =
      options.select.length === 0 || options.select.some((pattern) => matchesPattern(ref, pattern));
    if (!isSelected || options.ignore.some((pattern) => matchesPattern(ref, pattern))) continue;
    index.set(`${ref.kind}:${ref.namespace ?? ''}:${ref.name}`, {
      ref,
      data: readEmbedded(renamed(object, ref)),
    });
  }
  return index;
}

function renamed(object: KubeObject, ref: ObjectRef): KubeObject {
  const namespace = ref.namespace === undefined ? {} : { namespace: ref.namespace };
  return { ...object, kind: ref.kind, metadata: { ...object.metadata, name: ref.name, ...namespace } };
}

/** Texts in a ConfigMap that hold a map or a list become that map or list. */
function readEmbedded(object: KubeObject): JsonObject {
  const { data } = object;
  if (object.kind !== 'ConfigMap' || !isObject(data)) return object;
  return {
    ...object,
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, readText(value)])),
  };
}

function readText(value: JsonValue): JsonValue {
  if (typeof value !== 'string' || !/[:{[]/.test(value)) return value;
  try {
    const documents = parseYamlDocuments(value, 'embedded');
    const [only] = documents;
    return documents.length === 1 && only && typeof only.value === 'object' ? only.value : value;
  } catch {
    return value;
  }
}

interface Side {
  readonly ref: ObjectRef;
  readonly data: JsonObject;
}

function compareOne(
  key: string,
  left: Side | undefined,
  right: Side | undefined,
  options: DiffOptions,
): ObjectDifference[] {
  const ref = left?.ref ?? right?.ref;
  if (!ref || (left && right && isEqual(left.data, right.data))) return [];
  const text = (side: Side | undefined): string => (side ? printYaml(sortKeys(side.data)) : '');
  const diff = diffTexts(text(left), text(right), {
    fromName: `${options.fromName} ${formatRef(ref)}`,
    toName: `${options.toName} ${formatRef(ref)}`,
    contextLines: options.contextLines,
  });
  if (!left) return [{ change: 'added', ref, diff }];
  if (!right) return [{ change: 'removed', ref, diff }];
  return [{ change: 'changed', ref, diff, fields: listChanges(left.data, right.data, '') }];
}

/** Every leaf that differs, in the order of paths. */
export function listChanges(
  from: JsonValue | undefined,
  to: JsonValue | undefined,
  path: string,
): FieldChange[] {
  if (isEqual(from, to)) return [];
  if (isObject(from) && isObject(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
    return keys.flatMap((key) =>
      listChanges(from[key], to[key], `${path}${path ? '.' : ''}${key.replaceAll('.', '\\.')}`),
    );
  }
  if (Array.isArray(from) && Array.isArray(to)) {
    return Array.from({ length: Math.max(from.length, to.length) }, (_, index) => index).flatMap((index) =>
      listChanges(from[index], to[index], `${path}[${index}]`),
    );
  }
  return [{ path, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }];
}
