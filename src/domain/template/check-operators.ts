/** Which types CEL's operators take. */
import { alternatives, DYN, listOf, NEVER, unionOf } from './check-types.ts';
import type { CheckType } from './check-types.ts';

const NUMBERS = new Set(['int', 'uint', 'double']);

/** Whether some value can be of both types. */
export function overlaps(a: CheckType, b: CheckType): boolean {
  return somePair(a, b, (left, right) => {
    if (left.kind !== right.kind) return false;
    if (left.kind !== 'list' || right.kind !== 'list') return true;
    return isEmpty(left.item) || isEmpty(right.item) || overlaps(left.item, right.item);
  });
}

function isEmpty(type: CheckType): boolean {
  return alternatives(type).length === 0;
}

function somePair(a: CheckType, b: CheckType, test: (left: CheckType, right: CheckType) => boolean): boolean {
  return alternatives(a).some((left) =>
    alternatives(b).some((right) => left.kind === 'dyn' || right.kind === 'dyn' || test(left, right)),
  );
}

/** Numbers of all kinds can be equal, and everything may be compared with null. Nothing is equal to no value at all. */
export function canBeEqual(a: CheckType, b: CheckType): boolean {
  if (isEmpty(a) || isEmpty(b)) return true;
  return (
    overlaps(a, b) ||
    somePair(
      a,
      b,
      (left, right) =>
        (NUMBERS.has(left.kind) && NUMBERS.has(right.kind)) || left.kind === 'null' || right.kind === 'null',
    )
  );
}

export function canCompare(a: CheckType, b: CheckType): boolean {
  return somePair(
    a,
    b,
    (left, right) =>
      (NUMBERS.has(left.kind) && NUMBERS.has(right.kind)) ||
      (left.kind === right.kind && (left.kind === 'string' || left.kind === 'bool')),
  );
}

/** The type of `a op b`, `NEVER` itself when no values of these types can be combined. */
export function arithmeticType(op: '+' | '-' | '*' | '/' | '%', a: CheckType, b: CheckType): CheckType {
  const results = alternatives(a).flatMap((left) =>
    alternatives(b).flatMap((right) => combine(op, left, right) ?? []),
  );
  return results.length === 0 ? NEVER : unionOf(results);
}

function combine(op: string, left: CheckType, right: CheckType): CheckType | undefined {
  if (left.kind === 'dyn' || right.kind === 'dyn') {
    const other = left.kind === 'dyn' ? right : left;
    if (other.kind === 'dyn' || other.kind === 'list') return DYN;
    return takes(op, other.kind) ? other : undefined;
  }
  if (left.kind !== right.kind || !takes(op, left.kind)) return undefined;
  if (left.kind === 'list' && right.kind === 'list') return listOf(unionOf([left.item, right.item]));
  return left;
}

function takes(op: string, kind: CheckType['kind']): boolean {
  if (kind === 'double') return op !== '%';
  if (NUMBERS.has(kind)) return true;
  return op === '+' && (kind === 'string' || kind === 'list' || kind === 'bytes');
}
