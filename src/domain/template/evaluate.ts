/** Evaluates expressions as CEL's specification says. What it does not know of, `tree-of.ts` refuses when compiling. */
import { nearestName } from '../../lib/suggest.ts';
import {
  ABSENT,
  describeType,
  getKey,
  insideOf,
  isCelMap,
  isOptional,
  optionalOf,
  setKey,
  typeValue,
  unwrap,
} from './cel-values.ts';
import type { CelMap, CelValue, TypeName } from './cel-values.ts';
import { ExpressionError } from './expression-errors.ts';
import { callFunction } from './function-table.ts';
import { FunctionError } from './function-types.ts';
import { applyOperator } from './operators.ts';
import type { Access, BinaryOperator, LoopTree, Tree } from './tree.ts';
import { readVariable, variableNames, withVariable } from './variables.ts';
import type { Variables } from './variables.ts';

/** The value of an expression; an optional stays one. Throws `ExpressionError`. */
export function evaluateTree(tree: Tree, variables: Variables): CelValue {
  switch (tree.op) {
    case 'const':
    case 'double':
      return tree.value;
    case 'int':
      return BigInt(tree.value);
    case 'type':
      return typeValue(tree.name as TypeName);
    case 'none':
      return ABSENT;
    case 'name':
      return readName(tree, variables);
    case 'get':
      return readMember(tree, variables);
    case 'has':
      return hasMember(tree.of, variables);
    case 'list':
      return tree.items.map((item) => evaluateTree(item, variables));
    case 'record':
      return makeRecord(tree, variables);
    case 'if':
      return evaluateTree(isTrue(tree.if, variables, tree.at, '? :') ? tree.then : tree.else, variables);
    case '&&':
    case '||':
      return evaluateLogic(tree, variables);
    case '!':
      return !isTrue(tree.of, variables, tree.at, '!');
    case 'negate':
      return negate(tree, variables);
    case 'call':
      return call(tree, undefined, evaluateAll(tree.args, variables));
    case 'method':
      return call(tree, evaluateTree(tree.of, variables), evaluateAll(tree.args, variables));
    case 'loop':
      return evaluateLoop(tree, variables);
    case 'bind':
      return evaluateTree(tree.body, withVariable(variables, tree.as, evaluateTree(tree.value, variables)));
    case 'optMap':
    case 'optFlatMap': {
      const inner = insideOptional(tree, variables);
      if (inner === undefined) return ABSENT;
      const result = evaluateTree(tree.body, withVariable(variables, tree.as, inner));
      return tree.op === 'optFlatMap' && isOptional(result) ? result : optionalOf(result);
    }
    case 'or':
    case 'orValue':
      return evaluateOr(tree, variables);
    default:
      return calculate(tree, evaluateTree(tree.left, variables), evaluateTree(tree.right, variables));
  }
}

function evaluateAll(trees: readonly Tree[], variables: Variables): CelValue[] {
  return trees.map((tree) => evaluateTree(tree, variables));
}

function calculate(tree: Extract<Tree, { op: BinaryOperator }>, left: CelValue, right: CelValue): CelValue {
  try {
    return applyOperator(tree.op, left, right);
  } catch (error) {
    throw located(error, tree.at);
  }
}

/** An error of an operator or function as one of the expression; anything else is a bug and stays as it is. */
function located(error: unknown, at: number): unknown {
  if (!(error instanceof FunctionError)) return error;
  const { message, isFailCall } = error;
  const hint =
    !isFailCall && message.includes('optional') ? 'write .orValue(x) behind the optional' : undefined;
  return new ExpressionError(message, at, { isFailCall, hint, cause: error });
}

function readName(tree: Extract<Tree, { op: 'name' }>, variables: Variables): CelValue {
  const value = readVariable(variables, tree.name);
  if (value !== undefined) return value;
  const near = nearestName(tree.name, variableNames(variables));
  throw new ExpressionError(`unknown name ${tree.name}`, tree.at, { hint: near && `did you mean ${near}?` });
}

function readMember(tree: Access, variables: Variables): CelValue {
  const outer = evaluateTree(tree.of, variables);
  const key = typeof tree.key === 'string' ? tree.key : evaluateTree(tree.key, variables);
  const isAsked = tree.optional === true || isOptional(outer);
  const container = unwrap(outer);
  const member = container === undefined ? undefined : memberOf(container, key);
  if (isAsked) return optionalOf(member);
  if (member === undefined) throw noMember(tree, container, key);
  return member;
}

/** The value behind a key or an index, undefined when there is none. */
function memberOf(container: CelValue, key: CelValue): CelValue | undefined {
  if (Array.isArray(container)) {
    return typeof key === 'bigint' || typeof key === 'number' ? container[Number(key)] : undefined;
  }
  return typeof key === 'string' && isCelMap(container) ? getKey(container, key) : undefined;
}

function noMember(tree: Access, container: CelValue | undefined, key: CelValue): ExpressionError {
  const shown =
    typeof key === 'string' ? key : typeof key === 'bigint' ? `[${key.toString()}]` : describeType(key);
  if (Array.isArray(container) && typeof key === 'bigint') {
    return new ExpressionError(
      `index ${key.toString()} is out of range, the list has ${container.length} items`,
      tree.at,
    );
  }
  if (!isCelMap(container)) {
    return new ExpressionError(`a ${describeType(container)} has no key ${shown}`, tree.at);
  }
  const near = typeof key === 'string' ? nearestName(key, Object.keys(container)) : undefined;
  const hint = near ? `did you mean ${near}?` : 'write .?key for a key that may be absent';
  return new ExpressionError(`there is no key ${shown}`, tree.at, { hint });
}

/** `has(a.b)`: only the last key may be absent. */
function hasMember(tree: Access, variables: Variables): boolean {
  const outer = evaluateTree(tree.of, variables);
  const container = unwrap(outer);
  if (container === undefined) return false;
  return unwrap(memberOf(container, tree.key as string)) !== undefined;
}

function makeRecord(tree: Extract<Tree, { op: 'record' }>, variables: Variables): CelMap {
  const map: CelMap = {};
  for (const [keyTree, valueTree] of tree.entries) {
    const key = evaluateTree(keyTree, variables);
    if (typeof key !== 'string') {
      throw new ExpressionError(`a key must be a string, got ${describeType(key)}`, tree.at);
    }
    setKey(map, key, evaluateTree(valueTree, variables));
  }
  return map;
}

function isTrue(tree: Tree, variables: Variables, at: number, where: string): boolean {
  return asBool(evaluateTree(tree, variables), at, where);
}

function asBool(value: CelValue, at: number, where: string): boolean {
  if (typeof value === 'boolean') return value;
  const hint = 'write truthy(x)';
  throw new ExpressionError(`${where} needs true or false, got ${describeType(value)}`, at, { hint });
}

/** Either side may decide alone, even when the other one fails: so CEL has it. `fail()` always stops. */
function evaluateLogic(tree: Extract<Tree, { op: '&&' | '||' }>, variables: Variables): boolean {
  const deciding = tree.op === '||';
  let failure: ExpressionError | undefined;
  try {
    if (isTrue(tree.left, variables, tree.at, tree.op) === deciding) return deciding;
  } catch (error) {
    if (!(error instanceof ExpressionError) || error.isFailCall) throw error;
    failure = error;
  }
  if (isTrue(tree.right, variables, tree.at, tree.op) === deciding) return deciding;
  if (failure) throw failure;
  return !deciding;
}

function negate(tree: Extract<Tree, { op: '!' | 'negate' }>, variables: Variables): CelValue {
  const value = evaluateTree(tree.of, variables);
  if (typeof value === 'bigint' || typeof value === 'number') return -value;
  throw new ExpressionError(`- needs a number, got ${describeType(value)}`, tree.at);
}

function call(
  tree: Extract<Tree, { op: 'call' | 'method' }>,
  receiver: CelValue | undefined,
  args: readonly CelValue[],
): CelValue {
  try {
    return callFunction(tree.name, receiver, args);
  } catch (error) {
    throw located(error, tree.at);
  }
}

function evaluateLoop(tree: LoopTree, variables: Variables): CelValue {
  const over = evaluateTree(tree.over, variables);
  if (!Array.isArray(over) && !isCelMap(over)) {
    const hint = isOptional(over) ? 'write .orValue([]) in front of it' : undefined;
    throw new ExpressionError(`.${tree.loop}() needs a list or a map, got ${describeType(over)}`, tree.at, {
      hint,
    });
  }
  const items = Array.isArray(over) ? over : Object.keys(over).sort();
  const where = `the condition of .${tree.loop}()`;
  const holds = (condition: Tree, item: CelValue): boolean =>
    isTrue(condition, withVariable(variables, tree.as, item), tree.at, where);
  switch (tree.loop) {
    case 'map': {
      const { where: condition } = tree;
      const chosen = condition ? items.filter((item) => holds(condition, item)) : items;
      return chosen.map((item) => evaluateTree(tree.body, withVariable(variables, tree.as, item)));
    }
    case 'filter':
      return items.filter((item) => holds(tree.body, item));
    case 'exists_one':
      return items.filter((item) => holds(tree.body, item)).length === 1;
    case 'all':
      return !findDeciding(items, (item) => !holds(tree.body, item));
    case 'exists':
      return findDeciding(items, (item) => holds(tree.body, item));
  }
}

/** Whether one item decides. As with `||`, an item that fails does not matter when another one decides. */
function findDeciding(items: readonly CelValue[], decides: (item: CelValue) => boolean): boolean {
  let failure: ExpressionError | undefined;
  for (const item of items) {
    try {
      if (decides(item)) return true;
    } catch (error) {
      if (!(error instanceof ExpressionError) || error.isFailCall) throw error;
      failure ??= error;
    }
  }
  if (failure) throw failure;
  return false;
}

function insideOptional(
  tree: Extract<Tree, { op: 'optMap' | 'optFlatMap' | 'or' | 'orValue' }>,
  variables: Variables,
): CelValue | undefined {
  const optional = evaluateTree(tree.of, variables);
  if (isOptional(optional)) return insideOf(optional);
  const hint = 'write .?key instead of .key in front of it';
  throw new ExpressionError(`.${tree.op}() needs an optional, got ${describeType(optional)}`, tree.at, {
    hint,
  });
}

function evaluateOr(tree: Extract<Tree, { op: 'or' | 'orValue' }>, variables: Variables): CelValue {
  const inner = insideOptional(tree, variables);
  if (tree.op === 'orValue') return inner === undefined ? evaluateTree(tree.other, variables) : inner;
  if (inner !== undefined) return optionalOf(inner);
  const other = evaluateTree(tree.other, variables);
  if (isOptional(other)) return other;
  const hint = 'write .orValue(x)';
  throw new ExpressionError(`.or() needs an optional, got ${describeType(other)}`, tree.at, { hint });
}
