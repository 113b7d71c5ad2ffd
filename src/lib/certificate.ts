/** The little of X.509 that is needed to say whether a certificate can be used: its form and its dates (RFC 5280, section 4.1). */

export interface Validity {
  /** Milliseconds since 1970. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const VERSION = 0xa0;

export interface Certificate extends Validity {
  /** Hexadecimal, lower case, as Envoy and openssl print it. */
  readonly serialNumber: string;
}

/** The dates of the certificate in the first block of a PEM text; undefined for a text or block that is no certificate. */
export function readValidity(pem: string): Validity | undefined {
  const certificate = readBlock(pem, 0)?.certificate;
  return certificate && { notBeforeMs: certificate.notBeforeMs, notAfterMs: certificate.notAfterMs };
}

/** All certificates of a PEM text in their order; undefined stands for a block that is none. */
export function readCertificates(pem: string): (Certificate | undefined)[] {
  const certificates: (Certificate | undefined)[] = [];
  for (let block = readBlock(pem, 0); block; block = readBlock(pem, block.end))
    certificates.push(block.certificate);
  return certificates;
}

/** The first PEM block from `from` on, and where it ends. */
function readBlock(
  pem: string,
  from: number,
): { readonly certificate: Certificate | undefined; readonly end: number } | undefined {
  const begin = /-----BEGIN [^-\n]+-----\r?\n/g;
  begin.lastIndex = from;
  const match = begin.exec(pem);
  if (!match) return undefined;
  const start = match.index + match[0].length;
  const end = pem.indexOf('-----END ', start);
  if (end < 0) return undefined;
  const bytes = decodeBase64(pem.slice(start, end));
  return { certificate: bytes && readCertificate(bytes), end };
}

/** The bytes of a base64 text, white space left out; undefined when it is none. */
export function decodeBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text.replace(/\s+/g, '')), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function readCertificate(bytes: Uint8Array): Certificate | undefined {
  const [certificate, ...behind] = readElements(bytes) ?? [];
  if (certificate?.tag !== SEQUENCE || behind.length > 0) return undefined;
  const [body, algorithm, signature] = readElements(certificate.content) ?? [];
  if (body?.tag !== SEQUENCE || algorithm?.tag !== SEQUENCE || signature?.tag !== BIT_STRING)
    return undefined;
  const fields = readElements(body.content) ?? [];
  if (fields[0]?.tag === VERSION) fields.shift();
  const [serial, signing, issuer, validity, subject, key] = fields;
  const sequences = [signing, issuer, validity, subject, key];
  if (serial?.tag !== INTEGER || sequences.some((field) => field?.tag !== SEQUENCE)) return undefined;
  const [before, after] = (validity && readElements(validity.content)) ?? [];
  const notBeforeMs = before && readTime(before);
  const notAfterMs = after && readTime(after);
  if (notBeforeMs === undefined || notAfterMs === undefined) return undefined;
  return { serialNumber: hexOf(serial.content), notBeforeMs, notAfterMs };
}

/** Without the zeros in front, which DER needs for a sign. */
function hexOf(bytes: Uint8Array): string {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return digits.replace(/^0+(?=.)/, '');
}

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** The DER elements that follow each other in `bytes`; undefined when they do not fill it exactly. */
function readElements(bytes: Uint8Array): Element[] | undefined {
  const elements: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1];
    if (length === undefined) return undefined;
    at += 2;
    if (length >= 0x80) {
      const count = length - 0x80;
      if (count === 0 || count > 4) return undefined;
      length = 0;
      for (const byte of bytes.subarray(at, at + count)) length = length * 256 + byte;
      at += count;
    }
    if (at + length > bytes.length) return undefined;
    elements.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return elements;
}

/** UTCTime has two digits of the year, of which 50 and more are of the last century. */
function readTime({ tag, content }: Element): number | undefined {
  if ((tag !== UTC_TIME && tag !== GENERALIZED_TIME) || content.length > 'YYYYMMDDhhmmssZ'.length)
    return undefined;
  const text = String.fromCharCode(...content);
  const full = tag === GENERALIZED_TIME ? text : `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}`;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full);
  if (!match) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
