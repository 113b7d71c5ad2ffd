/**
 * CEL in Istio's API: conditions of access logs, and the rules of the resource definitions. The only place of the analysis
 * that knows the library; the environment is made when it is first needed.
 */
import { Environment } from '@marcbachmann/cel-js';

let environment: Environment | undefined;

function getEnvironment(): Environment {
  environment ??= new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false });
  return environment;
}

/** Verdicts by text: the same condition is repeated over many resources. */
const verdicts = new Map<string, string | undefined>();
const MAX_VERDICTS = 1000;

/** What is wrong with the syntax of an expression, or undefined. Names and types are not checked. */
export function findCelProblem(expression: string): string | undefined {
  if (verdicts.has(expression)) return verdicts.get(expression);
  let problem: string | undefined;
  try {
    getEnvironment().parse(expression);
  } catch (error) {
    problem = summarise(error);
  }
  if (verdicts.size >= MAX_VERDICTS) verdicts.clear();
  verdicts.set(expression, problem);
  return problem;
}

/** The first line of the library's message; the others draw the place. */
function summarise(error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deeply';
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? text;
}
