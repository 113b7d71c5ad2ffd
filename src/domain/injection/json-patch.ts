/** JSON Patch (RFC 6902), the form in which admission webhooks answer. */
import { MeshError } from '../../lib/errors.ts';
import { isEqual, isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';

/**
 * A changed copy of `root`; the parts that the patch does not touch are shared. Throws a `cluster` MeshError for a patch that
 * is none, or that does not fit.
 */
export function applyJsonPatch(root: JsonValue, patch: JsonValue): JsonValue {
  if (!Array.isArray(patch)) throw misfit('it is no list of operations');
  let result = root;
  for (const [index, operation] of patch.entries()) {
    if (!isObject(operation)) throw misfit(`operation ${index} is no map`);
    result = applyOperation(result, operation);
  }
  return result;
}

function applyOperation(root: JsonValue, operation: JsonObject): JsonValue {
  const { op } = operation;
  const path = pointerOf(operation, 'path');
  switch (op) {
    case 'add':
      return change(root, path, valueOf(operation), 'add');
    case 'replace':
      return change(root, path, valueOf(operation), 'replace');
    case 'remove':
      return change(root, path, undefined, 'remove');
    case 'copy':
      return change(root, path, read(root, pointerOf(operation, 'from')), 'add');
    case 'move': {
      const from = pointerOf(operation, 'from');
      return change(change(root, from, undefined, 'remove'), path, read(root, from), 'add');
    }
    case 'test':
      if (isEqual(read(root, path), valueOf(operation))) return root;
      throw misfit(`the test of ${formatPointer(path)} fails`);
    default:
      throw misfit(`there is no operation ${JSON.stringify(op)}`);
  }
}

function valueOf(operation: JsonObject): JsonValue {
  // Go leaves out a value that is null.
  return operation['value'] ?? null;
}

/** `/a/b~1c` → `a`, `b/c`; the empty text is the whole document. */
function pointerOf(operation: JsonObject, field: 'path' | 'from'): readonly string[] {
  const text = operation[field];
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/')))
    throw misfit(`${field} ${JSON.stringify(text)} is no JSON pointer`);
  return text
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function formatPointer(path: readonly string[]): string {
  return path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('') || 'the document';
}

function read(root: JsonValue, path: readonly string[]): JsonValue {
  let current: JsonValue | undefined = root;
  for (const key of path) {
    if (Array.isArray(current)) current = current[indexOf(current, key, path)];
    else current = isObject(current) && Object.hasOwn(current, key) ? current[key] : undefined;
  }
  if (current === undefined) throw missing(path);
  return current;
}

type Mode = 'add' | 'replace' | 'remove';

function change(
  node: JsonValue,
  path: readonly string[],
  value: JsonValue | undefined,
  mode: Mode,
  depth = 0,
): JsonValue {
  const key = path[depth];
  if (key === undefined) return value ?? null;
  const isLast = depth === path.length - 1;
  if (Array.isArray(node)) {
    const index = isLast && mode === 'add' && key === '-' ? node.length : indexOf(node, key, path);
    const length = node.length + (isLast && mode === 'add' ? 1 : 0);
    if (index >= length) throw missing(path);
    const copy = [...node];
    if (!isLast) copy[index] = change(node[index] ?? null, path, value, mode, depth + 1);
    else copy.splice(index, mode === 'add' ? 0 : 1, ...(value === undefined ? [] : [value]));
    return copy;
  }
  if (!isObject(node)) throw missing(path);
  const old = Object.hasOwn(node, key) ? node[key] : undefined;
  if (old === undefined && (!isLast || mode !== 'add')) throw missing(path);
  const others = Object.entries(node).filter(([name]) => name !== key);
  if (isLast && value === undefined) return Object.fromEntries(others);
  const next = isLast ? (value ?? null) : change(old ?? null, path, value, mode, depth + 1);
  if (old === undefined) return Object.fromEntries([...others, [key, next]]);
  // In its place; fromEntries makes own properties, also of a key "__proto__".
  return Object.fromEntries(Object.entries(node).map(([name, item]) => [name, name === key ? next : item]));
}

function indexOf(list: readonly JsonValue[], key: string, path: readonly string[]): number {
  const index = /^(?:0|[1-9]\d*)$/.test(key) ? Number(key) : -1;
  if (index < 0 || index > list.length) throw missing(path);
  return index;
}

function missing(path: readonly string[]): MeshError {
  return misfit(`there is nothing at ${formatPointer(path)}`);
}

function misfit(reason: string): MeshError {
  return new MeshError('cluster', `the patch of the injector can not be applied: ${reason}`);
}
