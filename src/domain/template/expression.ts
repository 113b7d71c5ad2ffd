/** The only place that knows the CEL library. Parses expressions once by their text and evaluates them. */
import {
  Environment,
  EvaluationError,
  Optional,
  ParseError,
  TypeError as CelTypeError,
} from '@marcbachmann/cel-js';
import type { ASTNode, ParseResult } from '@marcbachmann/cel-js';
import { explain, ExpressionError, FAIL_CALL } from './expression-errors.ts';
import { isOptional, unwrap } from './cel-values.ts';
import type { CelValue } from './cel-values.ts';
import { FailCall, FunctionError, templateFunctions } from './functions.ts';
import type { TemplateFunction } from './functions.ts';

/** Variables by name; the prototype chain is the chain of scopes, and ends in null. */
export type Variables = Readonly<Record<string, CelValue>>;

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

/** The name under which the library looks for a variable. */
export function variableKey(name: string): string {
  return name === 'namespace' ? NAMESPACE_ALIAS : name;
}

/** Made on first use, for it costs more than a whole template. */
function getEnvironment(): Environment {
  if (environment) return environment;
  environment = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
  });
  for (const definition of templateFunctions) {
    environment.registerFunction(definition.signature, wrapHandler(definition), { async: false } as never);
  }
  environment
    .registerFunction(
      'optional.optMap(ast, ast): optional<dyn>',
      optionalMap((value) => Optional.of(value)),
    )
    .registerFunction(
      'optional.optFlatMap(ast, ast): optional<dyn>',
      optionalMap((value) => value),
    );
  return environment;
}

/**
 * The macros `optMap` and `optFlatMap` of CEL's optional library, which this library lacks: the variable is bound to
 * the value inside the optional with `cel.bind`, whose tree is built by the parser from its own text form.
 */
function optionalMap(wrap: (value: unknown) => unknown): (macro: MacroCall) => Macro {
  return ({ args: [variable, body], receiver }) => {
    if (variable?.op !== 'id') {
      throw new ParseError({
        code: 'invalid_macro_argument',
        message: 'the first argument must be a name',
        node: variable as never,
      });
    }
    const name = variable.args as string;
    let inner: Fork | undefined;
    return {
      async: false,
      typeCheck(checker, _macro, context) {
        const type = checker.check(receiver, context);
        inner = context.forkWithVariable(name, type.kind === 'optional' ? type.valueType : type);
        const result = checker.check(body, inner);
        return checker.registry.getOptionalType(result.kind === 'optional' ? result.valueType : result);
      },
      evaluate(evaluator, _macro, context) {
        const optional = evaluator.run(receiver, context);
        if (!isOptional(optional)) {
          throw new EvaluationError({
            code: 'optional_expected',
            message: 'optMap() needs an optional',
            node: receiver as never,
          });
        }
        if (!optional.hasValue() || !inner) return Optional.none();
        return wrap(
          evaluator.run(body, inner.reuse(context).setIterValue(optional.orValue(undefined), evaluator)),
        );
      },
    };
  };
}

/** The parts of the library's macro interface that `optionalMap` uses; the library has no types for them. */
interface MacroCall {
  readonly args: readonly MacroNode[];
  readonly receiver: MacroNode;
}
interface MacroNode {
  readonly op: string;
  readonly args: unknown;
}
interface CheckedType {
  readonly kind: string;
  readonly valueType: CheckedType;
}
interface Fork {
  forkWithVariable(name: string, type: CheckedType): Fork;
  reuse(context: Fork): Fork;
  setIterValue(value: unknown, evaluator: unknown): Fork;
}
interface Macro {
  readonly async: false;
  typeCheck(
    checker: {
      check(node: MacroNode | undefined, context: Fork): CheckedType;
      readonly registry: { getOptionalType(type: CheckedType): CheckedType };
    },
    macro: unknown,
    context: Fork,
  ): CheckedType;
  evaluate(
    evaluator: { run(node: MacroNode | undefined, context: Fork): unknown },
    macro: unknown,
    context: Fork,
  ): unknown;
}

/** Optionals become plain values on the way in, and results become optionals where the signature says so. */
function wrapHandler({ signature, handler }: TemplateFunction): (...args: CelValue[]) => unknown {
  const gives = signature.slice(signature.lastIndexOf(':') + 1).trim();
  return (...args) => {
    try {
      const result = handler(...args.map((argument) => (isOptional(argument) ? unwrap(argument) : argument)));
      return gives.startsWith('optional') || result === undefined ? Optional.of(result) : result;
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      const code = error instanceof FailCall ? FAIL_CALL : 'function_error';
      throw new EvaluationError({ code, message: error.message, cause: error });
    }
  };
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

/** Syntax, functions and the types of literals; variables may be anything. Gives what is wrong, if something is. */
export function checkExpression(cel: string): ExpressionError | undefined {
  try {
    const result = parse(cel).check();
    return result.valid ? undefined : toExpressionError(result.error);
  } catch (error) {
    return toExpressionError(error);
  }
}

/** The value of an expression; an optional stays one. Throws `ExpressionError`. */
export function evaluateExpression(cel: string, variables: Variables): CelValue {
  const program = parse(cel);
  try {
    return program(variables) as CelValue;
  } catch (error) {
    throw toExpressionError(error, variables);
  }
}

function toExpressionError(error: unknown, variables: Variables = {}): ExpressionError {
  if (error instanceof ExpressionError) return error;
  if (error instanceof EvaluationError || error instanceof ParseError || error instanceof CelTypeError) {
    const { code, range } = error;
    const summary = error.summary.replaceAll(NAMESPACE_ALIAS, 'namespace');
    return explain(
      { code, summary, range },
      { variables: () => variableNames(variables), functions: functionNames },
    );
  }
  // The library recurses: what is nested too deeply for it ends in a RangeError, as do texts that grow too long.
  if (error instanceof RangeError)
    return new ExpressionError('the expression is too large', 0, { cause: error });
  throw error;
}

function variableNames(variables: Variables): string[] {
  const names: string[] = [];
  for (const key in variables) names.push(variableName(key));
  return names;
}

function functionNames(): string[] {
  return libraryFunctions().map(({ name }) => name);
}

/** The tree of an expression that compiles; places count from 0. Names are as the library reads them: see `variableName`. */
export type CelNode = ASTNode;

export function parseTree(cel: string): CelNode {
  return parse(cel).ast;
}

/** The name that the user wrote for a variable of a tree. */
export function variableName(key: string): string {
  return key === NAMESPACE_ALIAS ? 'namespace' : key;
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

/** The absent value. */
export function absent(): CelValue {
  return Optional.none();
}
