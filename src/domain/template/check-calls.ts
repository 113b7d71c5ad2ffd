/** Types of functions, methods and macros. */
import { overlaps } from './check-operators.ts';
import { bindName, sourceOf } from './check-scope.ts';
import type { CheckScope, ExpressionCheck } from './check-scope.ts';
import {
  alternatives,
  BOOL,
  DYN,
  formatType,
  INT,
  listOf,
  mergeTypes,
  NEVER,
  OPEN_MAP,
  optionalOf,
  orAnything,
  recordOf,
  STRING,
  unionOf,
  unwrapType,
} from './check-types.ts';
import type { CheckType, MapType } from './check-types.ts';
import { libraryFunctions, variableName } from './expression.ts';
import type { CelNode, LibraryFunction } from './expression.ts';

type CallNode = Extract<CelNode, { op: 'call' }>;
type MethodNode = Extract<CelNode, { op: 'rcall' }>;

/** The type of `name(args)`. */
export function inferCall(node: CallNode, scope: CheckScope, check: ExpressionCheck): CheckType {
  const [name, args] = node.args;
  const types = args.map((argument) => check.infer(argument, scope));
  const [first = DYN, second = DYN] = types;
  switch (name) {
    case 'has':
      return BOOL;
    case 'type':
      return { kind: 'type' };
    case 'dyn':
      return DYN;
    case 'unlessEmpty':
      return optionalOf(withoutNull(unwrapType(first)));
    case 'intOrString':
      return intOrStringType(first);
    case 'merge':
      return mergeTypes(mapOperand(first, args[0], name, check), mapOperand(second, args[1], name, check));
    case 'compact':
      return mapOperand(first, args[0], name, check);
    case 'texts': {
      const map = mapOperand(first, args[0], name, check);
      return recordOf(new Map(map.names.map((key) => [key, STRING])), map.rest ? STRING : undefined);
    }
    case 'keys':
      mapOperand(first, args[0], name, check);
      return listOf(STRING);
    default:
      return resolve(node, name, undefined, types, check);
  }
}

/** The type of `receiver.name(args)`. */
export function inferMethod(node: MethodNode, scope: CheckScope, check: ExpressionCheck): CheckType {
  const [name, receiver, args] = node.args;
  if (receiver.op === 'id' && receiver.args === 'optional') {
    const [of] = args.map((argument) => check.infer(argument, scope));
    return optionalOf(of ?? NEVER);
  }
  if (receiver.op === 'id' && receiver.args === 'cel') return inferBind(args, scope, check);
  const type = check.infer(receiver, scope);
  switch (name) {
    case 'map':
    case 'filter':
    case 'all':
    case 'exists':
    case 'exists_one':
      return inferComprehension(node, type, scope, check);
    case 'or':
    case 'orValue':
    case 'optMap':
    case 'optFlatMap':
    case 'value':
    case 'hasValue':
      return inferOptionalMethod(node, type, scope, check);
    case 'sort':
    case 'distinct':
      resolve(node, name, type, [], check);
      return unionOf(alternatives(type).filter(({ kind }) => kind === 'list' || kind === 'dyn'));
    default:
      return resolve(
        node,
        name,
        type,
        args.map((argument) => check.infer(argument, scope)),
        check,
      );
  }
}

function withoutNull(type: CheckType): CheckType {
  return unionOf(alternatives(type).filter(({ kind }) => kind !== 'null'));
}

function intOrStringType(argument: CheckType): CheckType {
  const numberOrText = unionOf([INT, STRING]);
  return argument.kind === 'optional' ? optionalOf(numberOrText) : numberOrText;
}

/** The argument as a map; an absent value and null count as an empty one. */
function mapOperand(
  type: CheckType,
  node: CelNode | undefined,
  name: string,
  check: ExpressionCheck,
): MapType {
  const kinds = alternatives(unwrapType(type));
  if (kinds.some(({ kind }) => kind === 'dyn')) return OPEN_MAP;
  const maps = kinds.filter((kind) => kind.kind === 'map');
  if (maps.length === 0 && node && kinds.some(({ kind }) => kind !== 'null')) {
    check.report(node.start, `${name}() needs a map, got ${formatType(type)}`);
    return OPEN_MAP;
  }
  const [first, ...others] = maps;
  return first ? others.reduce(mergeTypes, first) : recordOf(new Map());
}

function inferBind(args: readonly CelNode[], scope: CheckScope, check: ExpressionCheck): CheckType {
  const [variable, value, body] = args;
  if (variable?.op !== 'id' || !value || !body) return DYN;
  return check.infer(body, bindName(scope, variableName(variable.args), check.infer(value, scope)));
}

function inferComprehension(
  node: MethodNode,
  type: CheckType,
  scope: CheckScope,
  check: ExpressionCheck,
): CheckType {
  const [name, receiver, args] = node.args;
  const items = alternatives(type).flatMap((kind): CheckType[] => {
    if (kind.kind === 'list') return [kind.item];
    return kind.kind === 'map' ? [STRING] : kind.kind === 'dyn' ? [DYN] : [];
  });
  if (items.length === 0) {
    const hint = type.kind === 'optional' ? `write ${sourceOf(check, receiver)}.orValue([])` : undefined;
    check.report(node.start, `.${name}() needs a list or a map, got ${formatType(type)}`, hint);
  }
  const item = orAnything(unionOf(items));
  const [variable, ...steps] = args;
  if (variable?.op !== 'id') return DYN;
  const inner = bindName(scope, variableName(variable.args), item);
  const types = steps.map((step) => check.infer(step, inner));
  for (const [index, step] of steps.entries()) {
    const isCondition = name !== 'map' || (steps.length === 2 && index === 0);
    const stepType = types[index] ?? DYN;
    if (isCondition && !overlaps(stepType, BOOL)) {
      check.report(
        step.start,
        `the condition of .${name}() must be a bool, got ${formatType(stepType)}`,
        `write truthy(${sourceOf(check, step)})`,
      );
    }
  }
  if (name === 'filter') return listOf(item);
  return name === 'map' ? listOf(types.at(-1) ?? DYN) : BOOL;
}

function inferOptionalMethod(
  node: MethodNode,
  type: CheckType,
  scope: CheckScope,
  check: ExpressionCheck,
): CheckType {
  const [name, , args] = node.args;
  const kinds = alternatives(type);
  const isDyn = kinds.some(({ kind }) => kind === 'dyn');
  if (!isDyn && !kinds.some(({ kind }) => kind === 'optional')) {
    check.report(
      node.start,
      `.${name}() needs an optional, got ${formatType(type)}`,
      'write .?key instead of .key in front of it',
    );
  }
  const inside = isDyn ? DYN : unwrapType(type);
  if (name === 'hasValue') return BOOL;
  if (name === 'value') return inside;
  const [first, body] = args;
  if (name === 'optMap' || name === 'optFlatMap') {
    if (first?.op !== 'id' || !body) return DYN;
    return optionalOf(unwrapType(check.infer(body, bindName(scope, variableName(first.args), inside))));
  }
  const other = first ? check.infer(first, scope) : DYN;
  if (name === 'orValue') return unionOf([inside, other]);
  if (!alternatives(other).some(({ kind }) => kind === 'optional' || kind === 'dyn')) {
    check.report(node.start, `.or() needs an optional, got ${formatType(other)}`, 'write .orValue(x)');
  }
  return optionalOf(unionOf([inside, unwrapType(other)]));
}

/** Finds the overloads that can take these types; the result is one of theirs. */
function resolve(
  node: CelNode,
  name: string,
  receiver: CheckType | undefined,
  args: readonly CheckType[],
  check: ExpressionCheck,
): CheckType {
  const named = libraryFunctions().filter(
    (candidate) => candidate.name === name && !candidate.receiver === !receiver,
  );
  const counted = named.filter((candidate) => candidate.args.length === args.length);
  const fitting = counted.filter((candidate) => fits(candidate, receiver, args));
  if (fitting.length > 0) return unionOf(fitting.map((candidate) => typeOfName(candidate.result)));
  const shown = `${receiver ? `${formatType(receiver)}.` : ''}${name}(${args.map(formatType).join(', ')})`;
  const known = named.map((candidate) => candidate.signature).slice(0, 4);
  const optional = [receiver, ...args].some((type) => type?.kind === 'optional');
  const hint = optional ? 'write .orValue(x) behind the optional' : `there is ${known.join(', ')}`;
  check.report(node.start, `there is no ${shown}`, hint);
  return DYN;
}

function fits(
  candidate: LibraryFunction,
  receiver: CheckType | undefined,
  args: readonly CheckType[],
): boolean {
  if (receiver && candidate.receiver && !overlaps(receiver, typeOfName(candidate.receiver))) return false;
  return candidate.args.every(
    (type, index) => type === 'dyn' || overlaps(args[index] ?? DYN, typeOfName(type)),
  );
}

/** A type as the library's signatures name it. */
function typeOfName(name: string): CheckType {
  const inner = /^(list|map|optional)(?:<(.*)>)?$/.exec(name);
  switch (inner?.[1]) {
    case 'list':
      return listOf(typeOfName(inner[2] ?? 'dyn'));
    case 'map':
      return OPEN_MAP;
    case 'optional':
      return optionalOf(typeOfName(inner[2] ?? 'dyn'));
    default:
  }
  switch (name) {
    case 'bool':
    case 'int':
    case 'uint':
    case 'double':
    case 'string':
    case 'bytes':
    case 'type':
    case 'null':
      return { kind: name };
    default:
      return DYN;
  }
}
