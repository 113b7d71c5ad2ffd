/**
 * The only place that knows the CEL library: it parses expressions and says whether they are valid CEL. Evaluating is
 * done by `evaluate.ts`, from trees that are made when a template is compiled, so that rendering needs no library.
 */
import { Environment, EvaluationError, ParseError, TypeError as CelTypeError } from '@marcbachmann/cel-js';
import type { ASTNode, ParseResult } from '@marcbachmann/cel-js';
import { explain, ExpressionError } from './expression-errors.ts';
import { meshFunctions } from './functions.ts';

/** The library's tree of an expression; places count from 0. Names are as the library reads them: see `variableName`. */
export type CelNode = ASTNode;

let environment: Environment | undefined;
const programs = new Map<string, ParseResult>();

/**
 * `namespace` is reserved in CEL (for a package syntax that was never made), but it is the natural name of a variable
 * of Kubernetes manifests. It is read under a name of the same length, so that places in the text stay right.
 */
const NAMESPACE_ALIAS = 'namespac_';
const STRINGS_AND_NAMESPACE =
  /'''[^]*?'''|"""[^]*?"""|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|(?:\.\??\s*)?\bnamespace\b/g;

function aliasNamespace(cel: string): string {
  if (!cel.includes('namespace')) return cel;
  return cel.replace(STRINGS_AND_NAMESPACE, (token) => (token === 'namespace' ? NAMESPACE_ALIAS : token));
}

/** The name that the user wrote for a variable of a tree. */
export function variableName(key: string): string {
  return key === NAMESPACE_ALIAS ? 'namespace' : key;
}

function getEnvironment(): Environment {
  if (environment) return environment;
  environment = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
  });
  for (const { name, receiver, args, result } of meshFunctions) {
    const signature = `${receiver ? `${receiver}.` : ''}${name}(${args.join(', ')}): ${result}`;
    environment.registerFunction(signature, isNeverCalled);
  }
  return environment
    .registerFunction('optional.optMap(ast, ast): optional<dyn>', optionalMacro)
    .registerFunction('optional.optFlatMap(ast, ast): optional<dyn>', optionalMacro);
}

function isNeverCalled(): never {
  throw new Error('expressions are evaluated by evaluate.ts');
}

/** The macros `optMap(x, ...)` and `optFlatMap(x, ...)` of CEL's optional library, which this library lacks. */
function optionalMacro({ args: [variable, body], receiver }: MacroCall): object {
  if (variable?.op !== 'id') {
    throw new ParseError({
      code: 'invalid_macro_argument',
      message: 'the first argument must be a name',
      node: variable as never,
    });
  }
  return {
    evaluate: isNeverCalled,
    typeCheck(checker: MacroChecker, _macro: unknown, scope: MacroScope): MacroType {
      const type = checker.check(receiver, scope);
      const inside = type.kind === 'optional' ? type.valueType : type;
      const result = checker.check(body, scope.forkWithVariable(variable.args, inside));
      return checker.registry.getOptionalType(result.kind === 'optional' ? result.valueType : result);
    },
  };
}

/** The parts of the library's macro interface that are used; the library has no types for them. */
interface MacroCall {
  readonly args: readonly CelNode[];
  readonly receiver: CelNode;
}
interface MacroType {
  readonly kind: string;
  readonly valueType: MacroType;
}
interface MacroScope {
  forkWithVariable(name: string, type: MacroType): MacroScope;
}
interface MacroChecker {
  check(node: CelNode | undefined, scope: MacroScope): MacroType;
  readonly registry: { getOptionalType(type: MacroType): MacroType };
}

function parse(cel: string): ParseResult {
  let program = programs.get(cel);
  if (!program) {
    try {
      program = getEnvironment().parse(aliasNamespace(cel));
    } catch (error) {
      throw toExpressionError(error);
    }
    programs.set(cel, program);
  }
  return program;
}

/** The tree of an expression. Throws `ExpressionError` for what is no CEL. */
export function parseTree(cel: string): CelNode {
  return parse(cel).ast;
}

/** Syntax, functions and the types of literals; variables may be anything. Gives what is wrong, if something is. */
export function checkExpression(cel: string): ExpressionError | undefined {
  try {
    const result = parse(cel).check();
    return result.valid ? undefined : describeError(result.error);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
}

function toExpressionError(error: unknown): unknown {
  return describeError(error) ?? error;
}

/** Undefined for an error of the library itself, such as two overloads of which it cannot choose one. */
function describeError(error: unknown): ExpressionError | undefined {
  if (error instanceof EvaluationError || error instanceof ParseError || error instanceof CelTypeError) {
    const { code, range } = error;
    const summary = error.summary.replaceAll(NAMESPACE_ALIAS, 'namespace');
    return explain({ code, summary, range }, () => libraryFunctions().map(({ name }) => name));
  }
  // The library recurses: what is nested too deeply for it ends in a RangeError.
  return error instanceof RangeError
    ? new ExpressionError('the expression is nested too deeply', 0, { cause: error })
    : undefined;
}

/** `int`, `string`, ...: names that stand for types in expressions. */
export function isTypeName(name: string): boolean {
  return /^(?:string|bool|int|uint|double|map|list|bytes|null_type|type)$/.test(name);
}

export interface LibraryFunction {
  readonly name: string;
  readonly receiver: string | undefined;
  readonly args: readonly string[];
  readonly result: string;
  readonly signature: string;
}

let functions: LibraryFunction[] | undefined;

/** All functions and methods, the library's and ours, with the names of their types. */
export function libraryFunctions(): readonly LibraryFunction[] {
  functions ??= getEnvironment()
    .getDefinitions()
    .functions.map(({ name, receiverType, params, returnType, signature }) => ({
      name,
      receiver: receiverType ?? undefined,
      args: params.map(({ type }) => type),
      result: returnType,
      signature: signature.replaceAll('<dyn>', '').replaceAll('<dyn, dyn>', ''),
    }));
  return functions;
}
