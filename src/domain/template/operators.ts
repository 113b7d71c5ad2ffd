/** CEL's operators on values. */
import { describeType, getKey, isCelMap, isOptional, typeOf, typeValueName, unwrap } from './cel-values.ts';
import type { CelValue } from './cel-values.ts';
import { FunctionError } from './function-types.ts';
import { checkInt } from './standard-functions.ts';
import type { BinaryOperator } from './tree.ts';

/** `left op right`. Throws `FunctionError` for types that the operator does not take. */
export function applyOperator(op: BinaryOperator, left: CelValue, right: CelValue): CelValue {
  switch (op) {
    case '==':
      return isEqual(left, right);
    case '!=':
      return !isEqual(left, right);
    case 'in':
      return isIn(left, right);
    case '<':
      return compare(op, left, right) < 0;
    case '<=':
      return compare(op, left, right) <= 0;
    case '>':
      return compare(op, left, right) > 0;
    case '>=':
      return compare(op, left, right) >= 0;
    default:
      return calculate(op, left, right);
  }
}

/** Numbers are equal by value; lists and maps by what is in them; values of different types are not equal. */
function isEqual(left: CelValue, right: CelValue): boolean {
  if (left === right) return true;
  if (isNumber(left) && isNumber(right)) return left == right;
  const type = typeOf(left);
  if (type !== typeOf(right)) return false;
  if (Array.isArray(left) && Array.isArray(right)) {
    return (
      left.length === right.length && left.every((item, index) => isEqual(item, right[index] as CelValue))
    );
  }
  if (isCelMap(left) && isCelMap(right)) {
    const keys = Object.keys(left);
    if (keys.length !== Object.keys(right).length) return false;
    return keys.every(
      (key) => Object.hasOwn(right, key) && isEqual(left[key] as CelValue, right[key] as CelValue),
    );
  }
  if (isOptional(left) && isOptional(right)) {
    const [a, b] = [unwrap(left), unwrap(right)];
    return a === undefined || b === undefined ? a === b : isEqual(a, b);
  }
  return type === 'type' && typeValueName(left as never) === typeValueName(right as never);
}

function isNumber(value: CelValue): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}

function isIn(left: CelValue, right: CelValue): boolean {
  if (Array.isArray(right)) return right.some((item) => isEqual(left, item));
  if (!isCelMap(right)) throw noOperator('in', left, right);
  return typeof left === 'string' && unwrap(getKey(right, left)) !== undefined;
}

function compare(op: BinaryOperator, left: CelValue, right: CelValue): number {
  const comparable =
    (isNumber(left) && isNumber(right)) ||
    (typeof left === typeof right && (typeof left === 'string' || typeof left === 'boolean'));
  if (!comparable) throw noOperator(op, left, right);
  return (left as number) < (right as number) ? -1 : (left as number) > (right as number) ? 1 : 0;
}

function calculate(op: '+' | '-' | '*' | '/' | '%', left: CelValue, right: CelValue): CelValue {
  if (typeof left === 'bigint' && typeof right === 'bigint') return calculateInt(op, left, right);
  if (typeof left === 'number' && typeof right === 'number' && op !== '%')
    return calculateDouble(op, left, right);
  if (op === '+') {
    if (typeof left === 'string' && typeof right === 'string') return left + right;
    if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
  }
  throw noOperator(op, left, right);
}

function calculateInt(op: '+' | '-' | '*' | '/' | '%', left: bigint, right: bigint): bigint {
  switch (op) {
    case '+':
      return checkInt(left + right);
    case '-':
      return checkInt(left - right);
    case '*':
      return checkInt(left * right);
    default:
      if (right === 0n) throw new FunctionError('division by zero');
      return op === '/' ? checkInt(left / right) : left % right;
  }
}

function calculateDouble(op: '+' | '-' | '*' | '/', left: number, right: number): number {
  switch (op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
  }
}

function noOperator(op: BinaryOperator, left: CelValue, right: CelValue): FunctionError {
  return new FunctionError(`there is no ${describeType(left)} ${op} ${describeType(right)}`);
}
