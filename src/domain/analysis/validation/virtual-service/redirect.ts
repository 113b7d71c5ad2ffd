/** `redirect`, `rewrite` and `directResponse` of an HTTP route (facts 6.3). */
import { isAuthority } from '../blocks/header.ts';
import { checkRange } from '../blocks/number.ts';
import { isPort } from '../blocks/port.ts';
import { checkRegex } from '../blocks/regex.ts';
import { child, entries, error, has, isSet, itemsOf, numberAt, textAt, warn } from '../field.ts';
import type { Field } from '../field.ts';

/** Stops at the first error. */
export function checkRedirect(route: Field): void {
  const redirect = child(route, 'redirect');
  if (!isSet(redirect)) return;
  const parts = ['uri', 'prefixRewrite', 'authority', 'port', 'derivePort', 'scheme'];
  const code = numberAt(redirect, 'redirectCode');
  const scheme = textAt(redirect, 'scheme');
  const port = child(redirect, 'port');
  if (has(redirect, 'uri') && has(redirect, 'prefixRewrite'))
    error(redirect, 'give only one of uri and prefixRewrite');
  else if (has(redirect, 'prefixRewrite') && !matchesPrefixes(route))
    error(
      child(redirect, 'prefixRewrite'),
      'replaces a prefix, so each match of a uri must be one of a prefix',
    );
  else if (!parts.some((part) => has(redirect, part)))
    error(redirect, 'needs one of uri, prefixRewrite, authority, port and scheme');
  else if (code !== 0 && (code < 300 || code > 399))
    error(child(redirect, 'redirectCode'), `must be an HTTP status from 300 to 399, not ${code}`);
  else if (!['', 'http', 'https'].includes(scheme))
    error(child(redirect, 'scheme'), `must be http or https, not "${scheme}"`);
  else if (isSet(port) && !isPort(numberAt(redirect, 'port')))
    error(port, `must be a port number from 1 to 65535, not ${numberAt(redirect, 'port')}`);
}

function matchesPrefixes(route: Field): boolean {
  return itemsOf(route, 'match').every((match) => {
    const uri = child(match, 'uri');
    return !isSet(uri) || isSet(child(uri, 'prefix'));
  });
}

/** Stops at the first error. */
export function checkRewrite(rewrite: Field): void {
  const regex = child(rewrite, 'uriRegexRewrite');
  if (has(rewrite, 'uri') && isSet(regex)) error(rewrite, 'give only one of uri and uriRegexRewrite');
  else if (!has(rewrite, 'uri') && !isSet(regex) && !has(rewrite, 'authority'))
    error(rewrite, 'needs one of uri, uriRegexRewrite and authority');
  else if (isSet(regex)) {
    if (!has(regex, 'match') || !has(regex, 'rewrite')) error(regex, 'needs match and rewrite');
    else checkRegex(child(regex, 'match'));
  }
}

/** `rewrite.authority` and the headers `:authority` and `host` are one and the same. */
export function checkAuthorityIsSetOnce(route: Field): void {
  const places = has(child(route, 'rewrite'), 'authority')
    ? [child(child(route, 'rewrite'), 'authority')]
    : [];
  const request = child(child(route, 'headers'), 'request');
  for (const operation of ['set', 'add']) {
    for (const entry of entries(child(request, operation)))
      if (isAuthority(String(entry.key))) places.push(entry);
  }
  const [, second] = places;
  if (second) error(second, 'the authority of the request is already set in this route');
}

const MAX_BODY_BYTES = 1024 * 1024;
const LARGE_BODY_BYTES = 100 * 1024;

export function checkDirectResponse(response: Field): void {
  const status = child(response, 'status');
  checkRange(isSet(status) ? status : response, 200, 600, 'an HTTP status');
  const body = child(response, 'body');
  const bytes = Math.max(
    new TextEncoder().encode(textAt(body, 'string')).length,
    countBase64Bytes(textAt(body, 'bytes')),
  );
  if (bytes > MAX_BODY_BYTES) error(body, `must have at most ${MAX_BODY_BYTES} bytes, but has ${bytes}`);
  else if (bytes > LARGE_BODY_BYTES)
    warn(
      body,
      `is sent to every proxy: ${bytes} bytes are a lot; more than ${LARGE_BODY_BYTES} slow down the mesh`,
    );
}

function countBase64Bytes(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return Math.floor(((text.length - padding) * 3) / 4);
}
