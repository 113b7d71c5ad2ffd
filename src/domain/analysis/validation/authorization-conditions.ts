/** `when` of an AuthorizationPolicy: a key, and values that depend on it (facts 6.12). */
import { checkServiceAccounts, checkTrustDomain } from './blocks/identity.ts';
import { checkSubnet } from './blocks/ip.ts';
import { checkPortText } from './blocks/port-text.ts';
import { child, error, has, itemsOf, textAt, textOf } from './field.ts';
import type { Field } from './field.ts';

type CheckValues = (values: Field, each: readonly Field[]) => void;

const anyText: CheckValues = () => undefined;
const eachOne =
  (check: (value: Field) => unknown): CheckValues =>
  (_, each) =>
    each.forEach((value) => void check(value));

const KEYS: Readonly<Record<string, CheckValues>> = {
  'source.ip': eachOne(checkSubnet),
  'remote.ip': eachOne(checkSubnet),
  'destination.ip': eachOne(checkSubnet),
  'destination.port': eachOne(checkPortText),
  'source.namespace': anyText,
  'source.serviceAccount': checkServiceAccounts,
  'source.principal': anyText,
  'source.trustDomain': eachOne(checkTrustDomain),
  'request.auth.principal': anyText,
  'request.auth.audiences': anyText,
  'request.auth.presenter': anyText,
  'connection.sni': anyText,
};
/** Keys with an argument: `request.headers[x-id]`. */
const INDEXED_KEYS = ['request.headers', 'request.auth.claims', 'experimental.envoy.filters.'];

export function checkCondition(condition: Field): void {
  const key = textAt(condition, 'key');
  if (key === '') error(condition, 'needs a key');
  if (!has(condition, 'values') && !has(condition, 'notValues'))
    error(condition, 'needs values or notValues');
  const check = findCheck(key);
  if (!check && key !== '') error(child(condition, 'key'), describeKey(key));
  for (const name of ['values', 'notValues']) {
    const values = itemsOf(condition, name);
    for (const value of values) if (textOf(value) === '') error(value, 'must not be empty');
    check?.(
      child(condition, name),
      values.filter((value) => textOf(value) !== ''),
    );
  }
}

function findCheck(key: string): CheckValues | undefined {
  if (INDEXED_KEYS.some((prefix) => key.startsWith(prefix)))
    return /^[^[\]]+\[.+\]$/.test(key) ? anyText : undefined;
  return Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
}

function describeKey(key: string): string {
  const indexed = INDEXED_KEYS.find((prefix) => key.startsWith(prefix));
  if (indexed) return `"${key}" must end with a name in brackets, such as request.headers[x-id]`;
  return `there is no condition "${key}"; there are request.headers[...], request.auth.claims[...], ${Object.keys(KEYS).join(', ')}`;
}
