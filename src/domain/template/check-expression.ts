/** Infers the type of a CEL expression. Reports only what cannot work for any value that the types allow. */
import { nearestName } from '../../lib/suggest.ts';
import { inferCall, inferMethod } from './check-calls.ts';
import { arithmeticType, canBeEqual, canCompare, overlaps } from './check-operators.ts';
import { findBinding, scopeNames, sourceOf } from './check-scope.ts';
import type { CheckScope, ExpressionCheck } from './check-scope.ts';
import {
  alternatives,
  BOOL,
  DYN,
  entryType,
  formatType,
  INT,
  listOf,
  NEVER,
  orAnything,
  optionalOf,
  recordOf,
  STRING,
  typeOfLiteral,
  unionOf,
  unwrapType,
} from './check-types.ts';
import type { CheckType } from './check-types.ts';
import { isTypeName, parseTree, variableName } from './expression.ts';
import type { CelNode } from './expression.ts';

/** Reports what is wrong; `offset` is where in the expression. */
export type ReportProblem = (offset: number, message: string, hint?: string) => void;

/** The type of an expression; `dyn` where something is wrong with it. The expression must have compiled. */
export function inferExpression(cel: string, scope: CheckScope, report: ReportProblem): CheckType {
  const check: ExpressionCheck = {
    cel,
    infer: (node, inner) => infer(node, inner, check),
    report,
  };
  return infer(parseTree(cel), scope, check);
}

function infer(node: CelNode, scope: CheckScope, check: ExpressionCheck): CheckType {
  switch (node.op) {
    case 'value':
      return typeOfConstant(node.args);
    case 'id':
      return inferName(node, scope, check);
    case '.':
    case '.?':
    case '[]':
    case '[?]':
      return inferAccess(node, scope, check);
    case '?:': {
      expectBool(node.args[0], scope, check, 'the condition of ? :');
      return unionOf([infer(node.args[1], scope, check), infer(node.args[2], scope, check)]);
    }
    case '&&':
    case '||':
      for (const side of node.args) expectBool(side, scope, check, node.op);
      return BOOL;
    case '!_':
      expectBool(node.args, scope, check, '!');
      return BOOL;
    case '-_':
      return inferNegation(node.args, scope, check);
    case 'list':
      return listOf(unionOf(node.args.map((item) => infer(item, scope, check))));
    case 'map':
      return inferMap(node.args, scope, check);
    case 'call':
      return inferCall(node, scope, check);
    case 'rcall':
      return inferMethod(node, scope, check);
    default:
      return inferBinary(node, scope, check);
  }
}

function typeOfConstant(value: unknown): CheckType {
  if (typeof value === 'bigint') return INT;
  if (typeof value === 'number') return { kind: 'double' };
  if (value instanceof Uint8Array) return { kind: 'bytes' };
  return typeof value === 'object' && value !== null
    ? { kind: 'uint' }
    : typeOfLiteral(value as string | boolean | null);
}

function inferName(
  node: Extract<CelNode, { op: 'id' }>,
  scope: CheckScope,
  check: ExpressionCheck,
): CheckType {
  const name = variableName(node.args);
  const binding = findBinding(scope, name);
  if (binding) {
    binding.used = true;
    return binding.type;
  }
  if (isTypeName(name)) return { kind: 'type' };
  const near = nearestName(name, scopeNames(scope));
  check.report(node.start, `unknown name ${name}`, near && `did you mean ${near}?`);
  return DYN;
}

type AccessNode = Extract<CelNode, { op: '.' | '.?' | '[]' | '[?]' }>;

function inferAccess(node: AccessNode, scope: CheckScope, check: ExpressionCheck): CheckType {
  const [left, right] = node.args;
  const outer = infer(left, scope, check);
  const key = typeof right === 'string' ? right : constantKey(right);
  const keyType = typeof right === 'string' ? STRING : infer(right, scope, check);
  const isOptional =
    node.op === '.?' || node.op === '[?]' || alternatives(outer).some(({ kind }) => kind === 'optional');
  const found = alternatives(unwrapType(outer)).map((type) => memberType(type, key, keyType));
  const types = found.filter((type) => type !== undefined);
  if (types.length === 0) {
    reportMissing(node, outer, key, check);
    return DYN;
  }
  const result = unionOf(types);
  return isOptional ? optionalOf(unwrapType(result)) : result;
}

function constantKey(node: CelNode): string | undefined {
  return node.op === 'value' && typeof node.args === 'string' ? node.args : undefined;
}

/** The type behind a key or index, undefined when there cannot be such a member. */
function memberType(type: CheckType, key: string | undefined, keyType: CheckType): CheckType | undefined {
  switch (type.kind) {
    case 'dyn':
      return DYN;
    case 'map':
      if (key !== undefined) return type.field(key) ?? type.rest;
      return overlaps(keyType, STRING) ? orAnything(entryType(type)) : undefined;
    case 'list':
      return key === undefined && overlaps(keyType, INT) ? orAnything(type.item) : undefined;
    default:
      return undefined;
  }
}

function reportMissing(
  node: AccessNode,
  outer: CheckType,
  key: string | undefined,
  check: ExpressionCheck,
): void {
  const maps = alternatives(unwrapType(outer)).filter((type) => type.kind === 'map');
  const left = sourceOf(check, node.args[0]);
  if (key === undefined || maps.length === 0) {
    const what = key === undefined ? 'items' : `key ${key}`;
    check.report(node.pos, `${left} has no ${what}, it is ${formatType(outer)}`);
    return;
  }
  const names = maps.flatMap((map) => map.names);
  const near = nearestName(key, names);
  const known = names.length > 0 && names.length <= 12 ? `${left} has ${names.join(', ')}` : undefined;
  check.report(
    node.pos,
    `unknown key ${sourceOf(check, node).replace(/\.\?|\[\?/g, (text) => text.slice(0, 1))}`,
    near ? `did you mean ${near}?` : known,
  );
}

function inferNegation(operand: CelNode, scope: CheckScope, check: ExpressionCheck): CheckType {
  const type = infer(operand, scope, check);
  const numbers = alternatives(type).filter(
    ({ kind }) => kind === 'dyn' || kind === 'int' || kind === 'double',
  );
  if (numbers.length > 0) return unionOf(numbers);
  check.report(operand.start, `- needs a number, got ${formatType(type)}`);
  return DYN;
}

function inferMap(
  entries: readonly (readonly [CelNode, CelNode])[],
  scope: CheckScope,
  check: ExpressionCheck,
): CheckType {
  const fields = new Map<string, CheckType>();
  const others: CheckType[] = [];
  for (const [keyNode, valueNode] of entries) {
    const keyType = infer(keyNode, scope, check);
    if (!overlaps(keyType, STRING))
      check.report(keyNode.start, `a key must be a string, got ${formatType(keyType)}`);
    // An absent entry is left out of the finished map, but not before.
    const value = infer(valueNode, scope, check);
    const key = constantKey(keyNode);
    if (key === undefined) others.push(value);
    else fields.set(key, value);
  }
  return recordOf(fields, others.length > 0 ? unionOf(others) : undefined);
}

/** Reports an operand that cannot be a boolean. */
function expectBool(node: CelNode, scope: CheckScope, check: ExpressionCheck, where: string): void {
  const type = infer(node, scope, check);
  if (!overlaps(type, BOOL)) {
    check.report(
      node.start,
      `${where} needs a bool, got ${formatType(type)}`,
      `write truthy(${sourceOf(check, node)})`,
    );
  }
}

type BinaryNode = Extract<
  CelNode,
  { op: '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%' }
>;

function inferBinary(node: BinaryNode, scope: CheckScope, check: ExpressionCheck): CheckType {
  const left = infer(node.args[0], scope, check);
  const right = infer(node.args[1], scope, check);
  const complain = (verb: string): void => {
    const optional = [left, right].some((type) => type.kind === 'optional');
    check.report(
      node.start,
      `${verb} ${formatType(left)} ${node.op} ${formatType(right)}`,
      optional
        ? 'write .orValue(x) behind the optional'
        : node.op === '+'
          ? 'write text(x) to join texts'
          : undefined,
    );
  };
  switch (node.op) {
    case '==':
    case '!=':
      if (!canBeEqual(left, right)) complain('these can never be equal:');
      return BOOL;
    case '<':
    case '<=':
    case '>':
    case '>=':
      if (!canCompare(left, right)) complain('cannot compare');
      return BOOL;
    case 'in':
      if (!canBeIn(left, right)) complain('this can never be true:');
      return BOOL;
    default: {
      const type = arithmeticType(node.op, left, right);
      if (type === NEVER) complain('there is no');
      return type === NEVER ? DYN : type;
    }
  }
}

function canBeIn(left: CheckType, right: CheckType): boolean {
  return alternatives(right).some((type) => {
    if (type.kind === 'list') return canBeEqual(left, type.item);
    return type.kind === 'dyn' || (type.kind === 'map' && overlaps(left, STRING));
  });
}
