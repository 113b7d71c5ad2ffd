/** What the CEL library says is wrong, in words for the user. */
import { nearestName } from '../../lib/suggest.ts';

interface ExpressionErrorOptions {
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  readonly isFailCall?: boolean;
}

/** What went wrong with an expression, and where in its text (from 0). */
export class ExpressionError extends Error {
  readonly offset: number;
  readonly hint: string | undefined;
  /** Raised by `fail()`: the message is for the operator, about the values and not about the template. */
  readonly isFailCall: boolean;

  constructor(message: string, offset: number, options: ExpressionErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.offset = offset;
    this.hint = options.hint;
    this.isFailCall = options.isFailCall ?? false;
  }
}

/** The parts of the library's errors that are used. */
export interface LibraryError {
  readonly code: string;
  readonly summary: string;
  readonly range?: { readonly start: number } | undefined;
}

const TOKENS: Readonly<Record<string, string>> = {
  EOF: 'the end',
  IDENTIFIER: 'a name',
  NUMBER: 'a number',
  STRING: 'a string',
  LPAREN: '(',
  RPAREN: ')',
  LBRACKET: '[',
  RBRACKET: ']',
  LBRACE: '{',
  RBRACE: '}',
  DOT: '.',
  COMMA: ',',
  COLON: ':',
  QUESTION: '?',
  NOT: '!',
  PLUS: '+',
  MINUS: '-',
  MULTIPLY: '*',
  DIVIDE: '/',
  MODULO: '%',
  EQ: '==',
  NE: '!=',
  LT: '<',
  LE: '<=',
  GT: '>',
  GE: '>=',
  AND: '&&',
  OR: '||',
  IN: 'in',
};

/** The error with a hint where one is known. */
export function explain(error: LibraryError, functionNames: () => readonly string[]): ExpressionError {
  const { message, hint } = describe(error, functionNames);
  return new ExpressionError(message, error.range?.start ?? 0, { hint, cause: error });
}

function describe(
  { code, summary }: LibraryError,
  functionNames: () => readonly string[],
): { message: string; hint?: string | undefined } {
  switch (code) {
    case 'expected_token':
    case 'unexpected_token':
      return { message: summary.replace(/\b[A-Z]+\b/g, (token) => TOKENS[token] ?? token) };
    case 'limit_exceeded':
      return { message: `the expression is too large: ${summary}` };
    case 'incompatible_ternary_branches':
      return {
        message: summary,
        hint: summary.includes('optional<')
          ? 'write optional.of(x) for the other'
          : 'write dyn(x) around one of them',
      };
    case 'no_matching_overload': {
      const name = /'(?:[^'(]*\.)?(\w+)\(/.exec(summary)?.[1] ?? '';
      if (functionNames().includes(name)) return { message: summary, hint: optionalHint(summary) };
      const near = nearestName(name, functionNames());
      return { message: `unknown function ${name}()`, hint: near && `did you mean ${near}()?` };
    }
    default:
      return { message: summary, hint: optionalHint(summary) };
  }
}

function optionalHint(summary: string): string | undefined {
  return summary.includes('optional<') ? 'write .orValue(x) behind the optional' : undefined;
}
