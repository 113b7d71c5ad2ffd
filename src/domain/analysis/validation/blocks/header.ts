/** Names and values of HTTP headers, and the operations on them. */
import { child, entries, error, isSet, items, textOf } from '../field.ts';
import type { Field } from '../field.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** A token of HTTP: letters, digits and some signs. */
export function isHeaderName(text: string): boolean {
  return TOKEN.test(text);
}

/** `headers` of a route or a destination: what is set, added and removed. */
export function checkHeaderOperations(headers: Field): void {
  const request = child(headers, 'request');
  const response = child(headers, 'response');
  if (isSet(request)) checkOperations(request, true);
  if (isSet(response)) checkOperations(response, false);
}

/** The `:authority` of a request may be written, but not removed; no other pseudo header may be touched. */
function checkOperations(operations: Field, authorityIsWritable: boolean): void {
  for (const operation of ['set', 'add']) {
    for (const entry of entries(child(operations, operation))) {
      checkOperationName(entry, String(entry.key), authorityIsWritable);
      checkHeaderValue(entry);
    }
  }
  for (const name of items(child(operations, 'remove'))) checkOperationName(name, textOf(name), false);
}

function checkOperationName(field: Field, name: string, authorityIsWritable: boolean): void {
  if (name === '') error(field, 'the name of a header must not be empty');
  else if (authorityIsWritable && isAuthority(name)) return;
  else if (isAuthority(name) || name.startsWith(':'))
    error(field, `the header "${name}" cannot be changed here`);
}

/** Whether a header operation on `name` changes the authority of the request. */
export function isAuthority(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === ':authority' || lower === 'host';
}

function checkHeaderValue(field: Field): void {
  const problem = findHeaderValueProblem(textOf(field));
  if (problem) error(field, `"${textOf(field)}" cannot be the value of a header: ${problem}`);
}

const CONTROL = /[\u0000-\u0008\u000A-\u001F\u007F]/;

/** A variable of Envoy after its `%`: a name, perhaps arguments, the closing `%`. */
const VARIABLE =
  /[^%(]*(?:\(\s*(?:\[\s*"(?:[^"\\]|\\.)*"(?:\s*,\s*"(?:[^"\\]|\\.)*")*\s*\]\s*|[^)[\s][^)]*)?\)[^%]*)?%/y;

/** A `%` is either doubled or opens a variable that is closed: `%START_TIME%`, `%REQ(x-id)%`, `%META(["a","b"])%`. */
export function findHeaderValueProblem(value: string): string | undefined {
  if (CONTROL.test(value)) return 'it has control characters';
  for (let at = value.indexOf('%'); at >= 0; at = value.indexOf('%', at)) {
    if (value[at + 1] === '%') {
      at += 2;
      continue;
    }
    VARIABLE.lastIndex = at + 1;
    if (!VARIABLE.test(value))
      return `the variable that "%" opens is not closed; write %% for the sign itself`;
    at = VARIABLE.lastIndex;
  }
  return undefined;
}
