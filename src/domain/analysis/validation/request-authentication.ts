/** RequestAuthentication (facts 6.11). */
import { checkDuration } from './blocks/duration.ts';
import { checkJwks } from './blocks/jwks.ts';
import { checkAttachment } from './blocks/selector.ts';
import { parseUrl } from './blocks/uri.ts';
import { child, error, has, itemsOf, rootField, textAt, textOf } from './field.ts';
import type { Field } from './field.ts';
import type { Resource } from '../types.ts';
import type { ValidationProblem } from './problem.ts';

export function validateRequestAuthentication({ spec }: Pick<Resource, 'spec'>): ValidationProblem[] {
  const root = rootField(spec);
  checkAttachment(root);
  for (const rule of itemsOf(root, 'jwtRules')) checkJwtRule(rule);
  return root.problems;
}

function checkJwtRule(rule: Field): void {
  if (textAt(rule, 'issuer') === '' && textAt(rule, 'jwksUri') === '')
    error(rule, 'needs an issuer or a jwksUri');
  checkNotEmpty(rule, 'audiences');
  if (has(rule, 'jwksUri')) checkJwksUri(child(rule, 'jwksUri'));
  if (has(rule, 'jwks')) checkJwks(child(rule, 'jwks'));
  for (const header of itemsOf(rule, 'fromHeaders')) {
    if (textAt(header, 'name') === '') error(header, 'needs the name of a header');
  }
  checkNotEmpty(rule, 'fromParams');
  checkNotEmpty(rule, 'fromCookies');
  for (const output of itemsOf(rule, 'outputClaimToHeaders')) checkClaimToHeader(output);
  checkDuration(child(rule, 'timeout'));
}

function checkNotEmpty(rule: Field, list: string): void {
  for (const item of itemsOf(rule, list)) {
    if (textOf(item) === '') error(item, 'must not be empty');
  }
}

/** The port needs no check of its own: Go refuses a URL whose port is no number. */
function checkJwksUri(field: Field): void {
  const url = parseUrl(textOf(field));
  if (!url) error(field, `"${textOf(field)}" is not a URL`);
  else if (url.scheme !== 'http' && url.scheme !== 'https')
    error(field, `"${textOf(field)}" must begin with http:// or https://`);
}

function checkClaimToHeader(output: Field): void {
  const header = textAt(output, 'header');
  if (header === '' || textAt(output, 'claim') === '') error(output, 'needs a header and a claim');
  if (header !== '' && !/^[-\w]+$/.test(header))
    error(child(output, 'header'), `"${header}" must be made of letters, digits, - and _`);
}
