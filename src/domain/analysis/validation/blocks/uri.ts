/** URLs as Go's `net/url` reads them, which is what istiod uses; the rules of browsers are others. */

export interface ParsedUrl {
  /** Lower case; empty for a reference without one. */
  readonly scheme: string;
  /** Without user, port and brackets. */
  readonly host: string;
  /** Digits; empty without one. */
  readonly port: string;
  readonly path: string;
}

const CONTROL = /[\u0000-\u001F\u007F]/;
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
const SCHEME = /^([A-Za-z][A-Za-z0-9+\-.]*):/;

/** undefined: Go refuses the text. */
export function parseUrl(text: string): ParsedUrl | undefined {
  if (CONTROL.test(text)) return undefined;
  const hash = text.indexOf('#');
  if (hash >= 0 && BAD_ESCAPE.test(text.slice(hash))) return undefined;
  const whole = hash < 0 ? text : text.slice(0, hash);
  if (whole.startsWith(':')) return undefined;
  const scheme = SCHEME.exec(whole)?.[1]?.toLowerCase() ?? '';
  let rest = scheme === '' ? whole : whole.slice(scheme.length + 1);
  const query = rest.indexOf('?');
  if (query >= 0) rest = rest.slice(0, query);
  if (!rest.startsWith('/')) {
    // `mailto:x` is opaque: nothing in it is read.
    if (scheme !== '') return { scheme, host: '', port: '', path: rest };
    const slash = rest.indexOf('/');
    if ((slash < 0 ? rest : rest.slice(0, slash)).includes(':')) return undefined;
  }
  if (!rest.startsWith('//') || (scheme === '' && rest.startsWith('///')))
    return BAD_ESCAPE.test(rest) ? undefined : { scheme, host: '', port: '', path: rest };
  const slash = rest.indexOf('/', 2);
  const authority = rest.slice(2, slash < 0 ? undefined : slash);
  const path = slash < 0 ? '' : rest.slice(slash);
  const place = parseAuthority(authority);
  return place && !BAD_ESCAPE.test(path) ? { scheme, ...place, path } : undefined;
}

function parseAuthority(authority: string): { host: string; port: string } | undefined {
  const at = authority.lastIndexOf('@');
  if (
    at >= 0 &&
    (BAD_ESCAPE.test(authority.slice(0, at)) || !/^[\w\-.:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at)))
  )
    return undefined;
  const place = authority.slice(at + 1);
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(place);
  if (!match) return undefined;
  const host = match[1] ?? '';
  if (host.startsWith('[')) {
    if (!/^\[[^\]\s<>"]*\]$/.test(host)) return undefined;
    return { host: host.slice(1, -1), port: match[2] ?? '' };
  }
  // Unlike in a path, only escapes of bytes beyond ASCII may stand in a host.
  if (/[ <>"\\^`{|}\]]/.test(host) || /%(?![89A-Fa-f][0-9A-Fa-f])/.test(host)) return undefined;
  return { host, port: match[2] ?? '' };
}
