/** Names of hosts: DNS labels, fully qualified names, wildcards. */
import { error, textOf } from '../field.ts';
import type { Field } from '../field.ts';
import { isIp } from './ip.ts';

const LABEL = /^[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
const MAX_LENGTH = 255;

/** 1 to 63 letters, digits and inner dashes. */
export function isDnsLabel(text: string): boolean {
  return LABEL.test(text);
}

/** What is wrong with the dot separated labels of `text`, if anything is. */
function findLabelProblem(text: string): string | undefined {
  const labels = text.split('.');
  const last = labels.length - 1;
  if (/^[+-]?\d+$/.test(labels[last] ?? '')) return `its last part "${labels[last] ?? ''}" is a number`;
  for (let index = 0; index <= last; index += 1) {
    const label = labels[index] ?? '';
    if (index === last && label === '' && last > 0) return undefined;
    if (!LABEL.test(label)) return `its part "${label}" is not made of letters, digits and inner dashes`;
  }
  return undefined;
}

function findLengthProblem(text: string): string | undefined {
  if (text === '') return 'it is empty';
  return text.length > MAX_LENGTH ? `it is longer than ${MAX_LENGTH} characters` : undefined;
}

/** Why `text` is no fully qualified domain name, or undefined. */
export function findFqdnProblem(text: string): string | undefined {
  return findLengthProblem(text) ?? findLabelProblem(text);
}

/** Why `text` is neither a domain name nor one whose first label is `*`, `*x` or `*-x`; or undefined. */
export function findWildcardDomainProblem(text: string): string | undefined {
  const length = findLengthProblem(text);
  if (length) return length;
  const dot = text.indexOf('.');
  const first = dot < 0 ? text : text.slice(0, dot);
  if (!isWildcardLabel(first))
    return first.includes('*')
      ? `a wildcard is only allowed as the start of the first part, and its first part is "${first}"`
      : `its part "${first}" is not made of letters, digits and inner dashes`;
  return dot < 0 ? undefined : findLabelProblem(text.slice(dot + 1));
}

function isWildcardLabel(label: string): boolean {
  if (!label.startsWith('*')) return LABEL.test(label);
  return label === '*' || LABEL.test(label.slice(label.startsWith('*-') ? 2 : 1));
}

export function checkDnsLabel(field: Field): boolean {
  const text = textOf(field);
  if (isDnsLabel(text)) return true;
  error(field, `"${text}" must be a DNS label: 1 to 63 letters, digits and inner dashes`);
  return false;
}

export function checkFqdn(field: Field): boolean {
  return report(field, 'a domain name', findFqdnProblem(textOf(field)));
}

export function checkWildcardDomain(field: Field): boolean {
  return report(field, 'a domain name', findWildcardDomainProblem(textOf(field)));
}

export function checkWildcardDomainOrIp(field: Field): boolean {
  const text = textOf(field);
  return isIp(text) || report(field, 'a domain name or an IP address', findWildcardDomainProblem(text));
}

export function checkFqdnOrIp(field: Field): boolean {
  const text = textOf(field);
  return isIp(text) || report(field, 'a domain name or an IP address', findFqdnProblem(text));
}

function report(field: Field, what: string, problem: string | undefined): boolean {
  if (!problem) return true;
  error(field, `"${textOf(field)}" must be ${what}, but ${problem}`);
  return false;
}
