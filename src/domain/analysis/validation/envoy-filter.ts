/** EnvoyFilter (facts 6.9). What is known of Envoy's own messages is in `envoy-filter/patch-value.ts`. */
import { findRegexProblem, MAX_REGEX_LENGTH } from './blocks/regex.ts';
import { checkWorkloadSelector } from './blocks/selector.ts';
import { HTTP_CONNECTION_MANAGERS, warnOfOldName } from './envoy-filter/filter-names.ts';
import { checkPatchValue } from './envoy-filter/patch-value.ts';
import { child, error, has, isSet, itemsOf, rootField, textAt, textOf, warn } from './field.ts';
import type { Field } from './field.ts';
import type { Resource } from '../types.ts';
import type { ValidationProblem } from './problem.ts';

const LISTENER_PARTS: ReadonlySet<string> = new Set([
  'LISTENER',
  'FILTER_CHAIN',
  'NETWORK_FILTER',
  'HTTP_FILTER',
]);
const ROUTE_PARTS: ReadonlySet<string> = new Set(['ROUTE_CONFIGURATION', 'VIRTUAL_HOST', 'HTTP_ROUTE']);
const MATCHES = ['listener', 'routeConfiguration', 'cluster', 'waypoint'];

export function validateEnvoyFilter({ spec }: Pick<Resource, 'spec'>): ValidationProblem[] {
  const root = rootField(spec);
  if (
    !checkWorkloadSelector(root, 'it selects every workload of the namespace; leave it out if this is meant')
  )
    return root.problems;
  warn(
    root,
    'changes the configuration of Envoy itself, which is no stable interface: check it at every upgrade',
  );
  for (const patch of itemsOf(root, 'configPatches')) {
    if (textAt(child(patch, 'match'), 'context') !== 'WAYPOINT') checkPatch(patch);
  }
  return root.problems;
}

/** Ends at the first error, but for matches of another kind than routes and clusters. */
function checkPatch(entry: Field): void {
  const applyTo = textAt(entry, 'applyTo');
  const patch = child(entry, 'patch');
  const operation = textAt(patch, 'operation');
  const value = child(patch, 'value');
  if (applyTo === '' || applyTo === 'INVALID') error(entry, 'needs applyTo');
  else if (!isSet(patch)) error(entry, 'needs a patch');
  else if (operation === '' || operation === 'INVALID') error(patch, 'needs an operation');
  else if (operation !== 'REMOVE' && !isSet(value)) error(patch, `the operation ${operation} needs a value`);
  else if (checkProxyVersion(entry) && checkMatch(entry, applyTo)) {
    if (isSet(value)) checkPatchValue(value, applyTo);
  }
}

function checkProxyVersion(entry: Field): boolean {
  const proxy = child(child(entry, 'match'), 'proxy');
  if (!has(proxy, 'proxyVersion')) return true;
  const version = child(proxy, 'proxyVersion');
  const text = textOf(version);
  if (text.length > MAX_REGEX_LENGTH) {
    warn(version, `is not looked at: it has more than ${MAX_REGEX_LENGTH} characters`);
    return true;
  }
  const problem = findRegexProblem(text);
  if (!problem) return true;
  error(version, `"${text}" is not a regular expression of RE2: ${problem}`);
  return false;
}

/** Whether nothing is wrong that ends the patch. */
function checkMatch(entry: Field, applyTo: string): boolean {
  const match = child(entry, 'match');
  const kind = MATCHES.find((name) => isSet(child(match, name)));
  const refuse = (name: string): void => {
    if (kind !== undefined && kind !== name)
      error(child(match, kind), `${applyTo} is matched by ${name}, not by ${kind}`);
  };
  if (LISTENER_PARTS.has(applyTo)) {
    refuse('listener');
    if (kind !== undefined && kind !== 'listener') return false;
    const filter = child(child(child(match, 'listener'), 'filterChain'), 'filter');
    return !isSet(filter) || checkFilterMatch(filter, applyTo);
  }
  if (ROUTE_PARTS.has(applyTo)) refuse('routeConfiguration');
  else if (applyTo === 'CLUSTER') refuse('cluster');
  return true;
}

function checkFilterMatch(filter: Field, applyTo: string): boolean {
  const subFilter = child(filter, 'subFilter');
  const name = textAt(filter, 'name');
  if (applyTo === 'LISTENER' || applyTo === 'FILTER_CHAIN') warn(filter, `has no effect with ${applyTo}`);
  if (name === '') {
    error(filter, 'needs a name');
    return false;
  }
  if (isSet(subFilter)) {
    if (applyTo !== 'HTTP_FILTER') error(subFilter, `only goes with HTTP_FILTER, not with ${applyTo}`);
    else if (!HTTP_CONNECTION_MANAGERS.includes(name))
      error(subFilter, `only the filter ${HTTP_CONNECTION_MANAGERS[0]} has filters inside, not "${name}"`);
    else if (textAt(subFilter, 'name') === '') error(subFilter, 'needs a name');
    else {
      warnOfOldName(child(filter, 'name'));
      warnOfOldName(child(subFilter, 'name'));
      return true;
    }
    return false;
  }
  warnOfOldName(child(filter, 'name'));
  return true;
}
