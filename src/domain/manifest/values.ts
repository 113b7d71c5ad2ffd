/**
 * The values a component's templates see: its defaults < profile set < compatibility set < platform set < what the
 * user and the profile gave; then the component's own part is lifted to the root
 * (Istio's charts do the same: `pilot.x` and `x` are one setting, and `pilot.x` wins).
 */
import { MeshError } from '../../lib/errors.ts';
import { getAt, isObject } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { mergeAll, mergeTrees } from '../config/merge.ts';
import type { BundleComponent } from './bundle.ts';

export interface ComponentValues {
  /** After lifting: what templates read as `values`. */
  readonly values: JsonObject;
  /** Before lifting. */
  readonly merged: JsonObject;
}

const SET_KINDS = [
  { prefix: 'profile', paths: [['profile'], ['global', 'profile']], setting: 'values.profile' },
  { prefix: 'compatibility', paths: [['compatibilityVersion']], setting: 'compatibilityVersion' },
  { prefix: 'platform', paths: [['platform'], ['global', 'platform']], setting: 'values.global.platform' },
] as const;

/**
 * Values of one component. `given` is the computed `spec.values` of the instance.
 * Throws a `config` MeshError for the name of a profile, platform or compatibility version that has no value set.
 */
export function resolveComponentValues(
  component: Pick<BundleComponent, 'name' | 'lift' | 'defaults'>,
  valueSets: Readonly<Record<string, JsonObject>>,
  given: JsonObject,
): ComponentValues {
  const sets = SET_KINDS.flatMap((kind) => selectValueSet(kind, valueSets, given));
  if (component.lift === 'global') return flattenZtunnel(component.defaults, sets, given);
  const merged = mergeAll([component.defaults, ...sets, given]);
  const lifted = component.lift === undefined ? undefined : merged[component.lift];
  return { merged, values: isObject(lifted) ? mergeTrees(merged, lifted) : merged };
}

function selectValueSet(
  kind: (typeof SET_KINDS)[number],
  valueSets: Readonly<Record<string, JsonObject>>,
  given: JsonObject,
): JsonObject[] {
  const name = kind.paths
    .map((path) => getAt(given, path))
    .find((value) => value !== undefined && value !== null && value !== '');
  if (name === undefined) return [];
  const set = typeof name === 'string' ? valueSets[`${kind.prefix}-${name}`] : undefined;
  if (set) return [set];
  const known = Object.keys(valueSets)
    .filter((key) => key.startsWith(`${kind.prefix}-`))
    .map((key) => key.slice(kind.prefix.length + 1));
  throw new MeshError(
    'config',
    `${kind.setting} "${typeof name === 'string' ? name : JSON.stringify(name)}" is not known`,
    {
      hint: `use one of ${known.join(', ')}`,
    },
  );
}

/**
 * ztunnel has its settings at the root, and takes every `global` setting there too, as a default: global settings
 * count less than direct ones. Of the user's values only `global`, scalars and `ztunnel` reach it; of the value sets
 * what stands at their root (a set's own `ztunnel` part does not, as in Istio's chart).
 */
function flattenZtunnel(
  defaults: JsonObject,
  sets: readonly JsonObject[],
  given: JsonObject,
): ComponentValues {
  const part = (tree: JsonObject, key: string): JsonObject => (isObject(tree[key]) ? tree[key] : {});
  const globals = mergeAll([defaults, ...sets, given].map((tree) => part(tree, 'global')));
  const scalars = Object.fromEntries(Object.entries(given).filter(([, value]) => !isObject(value)));
  const values = mergeAll([defaults, ...sets, globals, scalars, part(given, 'ztunnel'), { global: globals }]);
  return { values, merged: values };
}
