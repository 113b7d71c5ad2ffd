/** What an installation would put into the cluster, for the checks before it. */
import type { ResolvedSpec } from '../domain/config/types.ts';
import type { Bundle } from '../domain/manifest/bundle.ts';
import { namespacesOf } from '../domain/manifest/namespaces.ts';
import type { RenderedInstance } from '../domain/manifest/render.ts';
import { desiredObjects } from '../domain/plan/desired.ts';
import type { PrecheckTarget } from '../domain/precheck/types.ts';
import { isObject } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';

/** `rendered` as `renderForCluster` gives it. */
export function precheckTarget(
  spec: ResolvedSpec,
  rendered: readonly RenderedInstance[],
  bundle: Bundle,
  fromVersion?: string,
): PrecheckTarget {
  return {
    spec,
    desired: desiredObjects(spec, rendered, bundle.istio),
    namespaces: namespacesOf(spec, rendered),
    istioVersion: bundle.istio,
    // What is assumed without a cluster is the oldest version that is supported.
    oldestKubernetes: bundle.kubernetes,
    changedDefaults: changedDefaults(bundle),
    fromVersion,
  };
}

const PREFIX = 'compatibility-';

/** The settings that each `compatibility-<version>` value set holds back. */
function changedDefaults(bundle: Bundle): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(bundle.valueSets)
      .filter(([name]) => name.startsWith(PREFIX))
      .map(([name, values]) => [name.slice(PREFIX.length), leafPaths(values)]),
  );
}

function leafPaths(values: JsonObject, prefix = ''): string[] {
  return Object.entries(values).flatMap(([key, value]) =>
    isObject(value) ? leafPaths(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}
