/**
 * CEL in Istio's API: conditions of access logs, and the rules of the resource definitions. The only place of the analysis
 * that knows the library; the environment is made when it is first needed, and an expression is parsed once.
 */
import { Environment } from '@marcbachmann/cel-js';
import type { ParseResult } from '@marcbachmann/cel-js';
import type { JsonValue } from '../../../lib/json.ts';
import { parseUrl } from './blocks/uri.ts';

/** A URL inside an expression. */
class CelUrl {
  readonly scheme: string;

  constructor(scheme: string) {
    this.scheme = scheme;
  }
}

let environment: Environment | undefined;

/** With the functions that Kubernetes adds to CEL and Istio's rules use. */
function getEnvironment(): Environment {
  environment ??= new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false })
    .registerType('net.URL', CelUrl)
    .registerFunction('isURL(string): bool', (text: string) => readUrl(text) !== undefined)
    .registerFunction('url(string): net.URL', (text: string) => {
      const url = readUrl(text);
      if (!url) throw new Error('not a URL');
      return url;
    })
    .registerFunction('net.URL.getScheme(): string', (url: CelUrl) => url.scheme);
  return environment;
}

/** An absolute URL or an absolute path, as Kubernetes asks for. */
function readUrl(text: string): CelUrl | undefined {
  const url = parseUrl(text);
  return url && (url.scheme !== '' || text.startsWith('/')) ? new CelUrl(url.scheme) : undefined;
}

/** Verdicts by text: the same condition is repeated over many resources. */
const verdicts = new Map<string, string | undefined>();
const MAX_VERDICTS = 1000;

/** What is wrong with the syntax of an expression, or undefined. Names and types are not checked. */
export function findCelProblem(expression: string): string | undefined {
  if (verdicts.has(expression)) return verdicts.get(expression);
  const problem = parseProblem(expression);
  if (verdicts.size >= MAX_VERDICTS) verdicts.clear();
  verdicts.set(expression, problem);
  return problem;
}

function parseProblem(expression: string): string | undefined {
  try {
    const { ast } = getEnvironment().parse(expression);
    return hasBadHas(ast) ? 'has() takes a field, such as has(request.headers)' : undefined;
  } catch (error) {
    if (error instanceof RangeError) return 'it is nested too deeply';
    const text = error instanceof Error ? error.message : String(error);
    // The lines after the first one draw the place.
    return text.split('\n')[0] ?? text;
  }
}

/** Whether `has` is asked for something other than a field: Istio's parser refuses it, the library does so only later. */
function hasBadHas(part: unknown): boolean {
  if (Array.isArray(part)) return part.some(hasBadHas);
  if (!isNode(part)) return false;
  const { op, args } = part;
  if (op === 'call' && Array.isArray(args) && args[0] === 'has') {
    const asked = args[1] as readonly unknown[];
    if (asked.length === 1 && !(isNode(asked[0]) && asked[0].op === '.')) return true;
  }
  return hasBadHas(args);
}

/** A node of the syntax tree: its operator, and its operands in lists of nodes and plain values. */
function isNode(part: unknown): part is { readonly op: string; readonly args: unknown } {
  return typeof part === 'object' && part !== null && 'op' in part && 'args' in part;
}

/** A rule of a resource definition: whether a value keeps it. */
export type CelRule = (self: JsonValue) => boolean;

/** The rule that `expression` states about `self`. A rule that cannot be evaluated counts as broken, as in Kubernetes. */
export function compileCelRule(expression: string): CelRule {
  let program: ParseResult | undefined;
  // Durations and ports repeat; there is no need to evaluate 5s a thousand times.
  const known = new Map<JsonValue, boolean>();
  return (self) => {
    const isScalar = typeof self !== 'object';
    const before = isScalar ? known.get(self) : undefined;
    if (before !== undefined) return before;
    program ??= getEnvironment().parse(expression);
    const holds = evaluate(program, self);
    if (isScalar) {
      if (known.size >= MAX_VERDICTS) known.clear();
      known.set(self, holds);
    }
    return holds;
  };
}

function evaluate(program: ParseResult, self: JsonValue): boolean {
  try {
    // CEL tells whole numbers from fractions.
    return program({ self: Number.isInteger(self) ? BigInt(self as number) : self }) === true;
  } catch {
    return false;
  }
}
