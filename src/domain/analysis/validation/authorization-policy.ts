/** AuthorizationPolicy (facts 6.12). Conditions (`when`) are in `authorization-conditions.ts`. */
import { checkCondition } from './authorization-conditions.ts';
import { checkServiceAccounts, checkTrustDomain } from './blocks/identity.ts';
import { checkSubnet } from './blocks/ip.ts';
import { checkPortText } from './blocks/port-text.ts';
import { checkPathTemplate } from './blocks/path-template.ts';
import { checkAttachment } from './blocks/selector.ts';
import { child, error, has, isSet, items, itemsOf, rootField, textAt, textOf, warn } from './field.ts';
import type { Field } from './field.ts';
import type { Resource } from '../types.ts';
import type { ValidationProblem } from './problem.ts';

const POSITIVE_SOURCES = [
  'principals',
  'requestPrincipals',
  'namespaces',
  'serviceAccounts',
  'trustDomains',
  'ipBlocks',
  'remoteIpBlocks',
];
const SOURCES = POSITIVE_SOURCES.flatMap((name) => [name, negate(name)]);
const OPERATIONS = ['hosts', 'ports', 'methods', 'paths'].flatMap((name) => [name, negate(name)]);

/** Known from the connection alone. */
const L4_SOURCES = ['principals', 'namespaces', 'ipBlocks', 'remoteIpBlocks', 'serviceAccounts'].flatMap(
  (name) => [name, negate(name)],
);
/** Identities that a CUSTOM rule cannot ask for: the external authorizer is asked before they are known. */
const NOT_CUSTOM_SOURCES = [
  'namespaces',
  'serviceAccounts',
  'trustDomains',
  'principals',
  'requestPrincipals',
].flatMap((name) => [name, negate(name)]);
const NOT_CUSTOM_CONDITIONS = [
  'source.namespace',
  'source.serviceAccount',
  'source.trustDomain',
  'source.principal',
];

/** `notPrincipals` of `principals`. */
function negate(name: string): string {
  return `not${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

export function validateAuthorizationPolicy({ spec }: Pick<Resource, 'spec'>): ValidationProblem[] {
  const root = rootField(spec);
  checkAttachment(root);
  checkAction(root);
  const isDeny = textAt(root, 'action') === 'DENY';
  for (const rule of itemsOf(root, 'rules')) {
    for (const from of itemsOf(rule, 'from')) checkFrom(from);
    for (const to of itemsOf(rule, 'to')) checkTo(to);
    for (const condition of itemsOf(rule, 'when')) checkCondition(condition);
    if (isDeny) warnOfTcp(rule);
  }
  return root.problems;
}

function checkAction(root: Field): void {
  const action = textAt(root, 'action');
  const provider = child(root, 'provider');
  if (action !== 'CUSTOM') {
    if (isSet(provider)) error(provider, 'only goes with the action CUSTOM');
    if (action === 'DENY' && !has(root, 'rules'))
      error(root, 'the action DENY without rules has no effect; write rules: [{}] to deny everything');
    return;
  }
  if (!has(root, 'rules')) error(root, 'the action CUSTOM needs rules');
  if (textAt(provider, 'name') === '')
    error(isSet(provider) ? provider : root, 'the action CUSTOM needs provider.name');
  for (const rule of itemsOf(root, 'rules')) checkCustomRule(rule);
}

function checkCustomRule(rule: Field): void {
  for (const from of itemsOf(rule, 'from')) {
    const source = child(from, 'source');
    for (const name of NOT_CUSTOM_SOURCES) {
      if (has(source, name)) error(child(source, name), 'cannot be used with the action CUSTOM');
    }
  }
  for (const condition of itemsOf(rule, 'when')) {
    const key = textAt(condition, 'key');
    if (NOT_CUSTOM_CONDITIONS.includes(key) || key.startsWith('request.auth.'))
      error(child(condition, 'key'), `"${key}" cannot be used with the action CUSTOM`);
  }
}

function checkFrom(from: Field): void {
  const source = child(from, 'source');
  if (!isSet(source)) {
    error(from, 'needs a source');
    return;
  }
  if (!SOURCES.some((name) => has(source, name)))
    error(source, 'is empty; leave "from" out to allow every source');
  const byAccount = ['serviceAccounts', 'notServiceAccounts'].some((name) => has(source, name));
  const byName = ['principals', 'notPrincipals', 'namespaces', 'notNamespaces'].some((name) =>
    has(source, name),
  );
  if (byAccount && byName)
    error(source, 'serviceAccounts cannot be used together with principals or namespaces');
  for (const name of ['ipBlocks', 'notIpBlocks', 'remoteIpBlocks', 'notRemoteIpBlocks']) {
    for (const block of itemsOf(source, name)) if (textOf(block) !== '') checkSubnet(block);
  }
  for (const name of SOURCES) checkNoEmpty(child(source, name));
  for (const name of ['serviceAccounts', 'notServiceAccounts']) checkServiceAccounts(child(source, name));
  for (const name of ['trustDomains', 'notTrustDomains']) {
    for (const domain of itemsOf(source, name)) checkTrustDomain(domain);
  }
}

function checkTo(to: Field): void {
  const operation = child(to, 'operation');
  if (!isSet(operation)) {
    error(to, 'needs an operation');
    return;
  }
  if (!OPERATIONS.some((name) => has(operation, name)))
    error(operation, 'is empty; leave "to" out to allow every operation');
  for (const name of ['ports', 'notPorts']) {
    for (const port of itemsOf(operation, name)) if (textOf(port) !== '') checkPortText(port);
  }
  for (const name of OPERATIONS) checkNoEmpty(child(operation, name));
  for (const name of ['paths', 'notPaths']) {
    for (const path of itemsOf(operation, name)) checkPathTemplate(path);
  }
}

function checkNoEmpty(list: Field): void {
  for (const item of items(list)) if (textOf(item) === '') error(item, 'must not be empty');
}

/** What a rule asks of HTTP is unknown on a TCP port, and there a DENY rule then denies everything. */
function warnOfTcp(rule: Field): void {
  const from = itemsOf(rule, 'from');
  const to = itemsOf(rule, 'to');
  const needsHttp =
    to.length > 0
      ? !to.some(
          (entry) => has(child(entry, 'operation'), 'ports') || has(child(entry, 'operation'), 'notPorts'),
        )
      : from.length > 0 &&
        !from.some((entry) => L4_SOURCES.some((name) => has(child(entry, 'source'), name)));
  if (needsHttp)
    warn(
      rule,
      'denies everything on TCP ports, because all it asks for is part of HTTP; name the ports in "to"',
    );
}
