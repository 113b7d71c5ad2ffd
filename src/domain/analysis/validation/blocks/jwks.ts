/** Keys for JWTs, as JSON text: one key or a set (RFC 7517). */
import { isObject } from '../../../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../lib/json.ts';
import { error, textOf, warn } from '../field.ts';
import type { Field } from '../field.ts';

/** What a key of each type must have. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
  oct: ['k'],
};
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

export function checkJwks(field: Field): void {
  let value: unknown;
  try {
    value = JSON.parse(textOf(field));
  } catch {
    error(field, 'must be a JSON Web Key or a set of them, but is not JSON');
    return;
  }
  if (!isObject(value)) {
    error(field, 'must be a JSON Web Key or a set of them, but is not a JSON object');
    return;
  }
  const keys: readonly JsonValue[] | undefined = !Object.hasOwn(value, 'keys')
    ? [value]
    : Array.isArray(value['keys'])
      ? value['keys']
      : undefined;
  if (!keys) error(field, '"keys" must be a list');
  for (const [index, key] of (keys ?? []).entries()) {
    const problem = isObject(key) ? findKeyProblem(key) : 'is not a JSON object';
    if (problem) error(field, `key ${index} ${problem}`);
    else if (isObject(key)) warnOfSecret(field, key, index);
  }
}

function findKeyProblem(key: JsonObject): string | undefined {
  const type = typeof key['kty'] === 'string' ? key['kty'] : '';
  const members = Object.hasOwn(MEMBERS, type) ? MEMBERS[type] : undefined;
  if (!members) return `has the type (kty) "${type}", which is none of ${Object.keys(MEMBERS).join(', ')}`;
  const missing = members.find((member) => textMember(key, member) === '');
  if (missing) return `of type ${type} has no "${missing}"`;
  const bad = members.find((member) => member !== 'crv' && !BASE64.test(textMember(key, member)));
  return bad ? `has a "${bad}" that is not base64url` : undefined;
}

function textMember(key: JsonObject, member: string): string {
  const value = key[member];
  return typeof value === 'string' ? value : '';
}

function warnOfSecret(field: Field, key: JsonObject, index: number): void {
  const name = typeof key['kid'] === 'string' ? `key "${key['kid']}"` : `key ${index}`;
  if (key['kty'] === 'oct') warn(field, `${name} is symmetric: whoever reads it can sign tokens`);
  else if (Object.hasOwn(key, 'd'))
    warn(field, `${name} contains its private part; give only the public one`);
}
