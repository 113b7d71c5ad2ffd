/** Paths of an AuthorizationPolicy: literal, or with the templates `{*}` (one segment) and `{**}` (any number of them). */
import { error, textOf } from '../field.ts';
import type { Field } from '../field.ts';

const LITERAL = /^[A-Za-z0-9\-._~%!$&'()+,;:@=]+$/;

export function checkPathTemplate(field: Field): void {
  const path = textOf(field);
  const problem = /[{}]/.test(path) ? findTemplateProblem(path) : undefined;
  if (problem) error(field, `"${path}" ${problem}`);
}

function findTemplateProblem(path: string): string | undefined {
  const segments = trimSlashes(path).split('/');
  const hasTemplate = segments.some((segment) => segment === '{*}' || segment === '{**}');
  let afterRest = false;
  for (const segment of segments) {
    if (segment === '{*}' || segment === '{**}') {
      if (afterRest) return 'must not have another template after {**}';
      afterRest = segment === '{**}';
    } else if (/[{}]/.test(segment)) {
      return `may have { and } only in {*} and {**}, which must be whole segments; "${segment}" is none`;
    } else if (hasTemplate && segment === '') {
      return 'must not have an empty segment beside a template';
    } else if (hasTemplate && !LITERAL.test(segment)) {
      return `has characters in "${segment}" that cannot stand beside a template`;
    }
  }
  return undefined;
}

function trimSlashes(path: string): string {
  let start = 0;
  let end = path.length;
  while (start < end && path[start] === '/') start += 1;
  while (end > start && path[end - 1] === '/') end -= 1;
  return path.slice(start, end);
}
