/** The library's tree of an expression ─► the small one that is kept. Refuses what JSON values cannot need. */
import { ExpressionError } from './expression-errors.ts';
import { variableName } from './expression.ts';
import type { CelNode } from './expression.ts';
import { functionsNamed } from './function-table.ts';
import type { Access, Loop, Tree } from './tree.ts';

/** Deeper than any expression that a human would read, and shallow enough for recursion. */
const MAX_DEPTH = 250;

const TYPES = new Set(['string', 'bool', 'int', 'double', 'map', 'list', 'null_type', 'type']);

/** Converts a tree. Throws `ExpressionError` for bytes, unsigned numbers and expressions that are nested too deeply. */
export function treeOf(node: CelNode, depth = 0): Tree {
  if (depth > MAX_DEPTH) throw new ExpressionError('the expression is nested too deeply', node.start);
  const below = (child: CelNode): Tree => treeOf(child, depth + 1);
  switch (node.op) {
    case 'value':
      return constantOf(node);
    case 'id':
      return nameOf(node);
    case '.':
    case '.?':
    case '[]':
    case '[?]':
      return accessOf(node, below);
    case '?:': {
      const [condition, then, otherwise] = node.args;
      return {
        op: 'if',
        if: below(condition),
        then: below(then),
        else: below(otherwise),
        at: condition.start,
      };
    }
    case '!_':
    case '-_':
      return { op: node.op === '!_' ? '!' : 'negate', of: below(node.args), at: node.start };
    case 'list':
      return { op: 'list', items: node.args.map(below) };
    case 'map':
      return {
        op: 'record',
        entries: node.args.map(([key, value]) => [below(key), below(value)] as const),
        at: node.start,
      };
    case 'call':
      return callOf(node, below);
    case 'rcall':
      return methodOf(node, below);
    default: {
      const [left, right] = node.args;
      return { op: node.op, left: below(left), right: below(right), at: node.start };
    }
  }
}

type Below = (node: CelNode) => Tree;

function constantOf(node: Extract<CelNode, { op: 'value' }>): Tree {
  const value = node.args;
  switch (typeof value) {
    case 'bigint':
      return { op: 'int', value: Number.isSafeInteger(Number(value)) ? Number(value) : value.toString() };
    case 'number':
      return { op: 'double', value };
    case 'string':
    case 'boolean':
      return { op: 'const', value };
    default:
      if (value === null) return { op: 'const', value };
      throw new ExpressionError('bytes and unsigned numbers are not supported', node.start);
  }
}

function nameOf(node: Extract<CelNode, { op: 'id' }>): Tree {
  const name = variableName(node.args);
  return TYPES.has(name) ? { op: 'type', name } : { op: 'name', name, at: node.start };
}

type AccessNode = Extract<CelNode, { op: '.' | '.?' | '[]' | '[?]' }>;

function accessOf(node: AccessNode, below: Below): Access {
  const [left, key] = node.args;
  const isConstant = typeof key !== 'string' && key.op === 'value' && typeof key.args === 'string';
  return {
    op: 'get',
    of: below(left),
    key: typeof key === 'string' ? key : isConstant ? key.args : below(key),
    ...(node.op === '.?' || node.op === '[?]' ? { optional: true } : {}),
    at: node.pos,
  };
}

function callOf(node: Extract<CelNode, { op: 'call' }>, below: Below): Tree {
  const [name, args] = node.args;
  const [first] = args;
  if (name !== 'has' || !first) {
    requireFunction(name, false, args.length, node.start);
    return { op: 'call', name, args: args.map(below), at: node.start };
  }
  const access = below(first);
  if (access.op === 'get') return { op: 'has', of: access };
  throw new ExpressionError('has() needs a key: has(a.b)', first.start);
}

function methodOf(node: Extract<CelNode, { op: 'rcall' }>, below: Below): Tree {
  const [name, receiver, args] = node.args;
  const [first, second, third] = args;
  const at = node.start;
  if (receiver.op === 'id' && receiver.args === 'optional') {
    return name === 'of' && first
      ? { op: 'call', name: 'optional.of', args: [below(first)], at }
      : { op: 'none' };
  }
  const as = first?.op === 'id' ? variableName(first.args) : undefined;
  if (receiver.op === 'id' && receiver.args === 'cel' && name === 'bind' && as && second && third) {
    return { op: 'bind', as, value: below(second), body: below(third) };
  }
  const of = below(receiver);
  switch (name) {
    case 'or':
    case 'orValue':
      if (first) return { op: name, of, other: below(first), at };
      break;
    case 'optMap':
    case 'optFlatMap':
      if (as && second) return { op: name, of, as, body: below(second), at };
      break;
    case 'map':
    case 'filter':
    case 'all':
    case 'exists':
    case 'exists_one':
      if (as && second) return loopOf(name, of, as, below(second), third && below(third), at);
      break;
    default:
  }
  requireFunction(name, true, args.length, at);
  return { op: 'method', name, of, args: args.map(below), at };
}

/** The library knows functions for times, bytes and unsigned numbers, which manifests have not. */
function requireFunction(name: string, isMethod: boolean, count: number, at: number): void {
  const isKnown = functionsNamed(name).some(
    ({ receiver, args }) => (receiver !== undefined) === isMethod && args.length === count,
  );
  if (!isKnown) throw new ExpressionError(`function ${name}() is not supported`, at);
}

function loopOf(loop: Loop, over: Tree, as: string, second: Tree, third: Tree | undefined, at: number): Tree {
  return third
    ? { op: 'loop', loop, over, as, where: second, body: third, at }
    : { op: 'loop', loop, over, as, body: second, at };
}
