/** Regular expressions of the API: RE2, not empty, of limited length. */
import { error, textOf } from '../field.ts';
import type { Field } from '../field.ts';
import { findRe2Problem } from './re2.ts';

export const MAX_REGEX_LENGTH = 1024;

/** Verdicts by expression: a mesh repeats a few of them in thousands of routes. */
const verdicts = new Map<string, string | undefined>();
const MAX_VERDICTS = 10_000;

/** Why `text` is not RE2, or undefined; of any length. */
export function findRegexProblem(text: string): string | undefined {
  if (verdicts.has(text)) return verdicts.get(text);
  const problem = findRe2Problem(text);
  if (verdicts.size >= MAX_VERDICTS) verdicts.clear();
  verdicts.set(text, problem);
  return problem;
}

export function checkRegex(field: Field): boolean {
  const text = textOf(field);
  if (text === '') error(field, 'must be a regular expression, but is empty');
  else if (text.length > MAX_REGEX_LENGTH)
    error(field, `must have at most ${MAX_REGEX_LENGTH} characters, but has ${text.length}`);
  else {
    const problem = findRegexProblem(text);
    if (!problem) return true;
    error(field, `"${text}" is not a regular expression of RE2: ${problem}`);
  }
  return false;
}
