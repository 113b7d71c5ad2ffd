/** What an installation would put into the cluster, for the checks before it. */
import type { ResolvedSpec } from '../domain/config/types.ts';
import type { Bundle } from '../domain/manifest/bundle.ts';
import { withDefaultTag } from '../domain/manifest/default-tag.ts';
import { namespacesOf } from '../domain/manifest/namespaces.ts';
import { renderSpec } from '../domain/manifest/render.ts';
import { desiredObjects } from '../domain/plan/desired.ts';
import type { PrecheckTarget } from '../domain/precheck/types.ts';
import { isObject } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';

/**
 * Renders without asking the cluster. Whether the revision takes the tag `default` is not known yet: a revision without a name
 * always does, another one is checked without.
 */
export function precheckTarget(
  spec: ResolvedSpec,
  bundle: Bundle,
  options: { readonly kubernetesVersion: string; readonly fromVersion?: string | undefined },
): PrecheckTarget {
  const kubernetesVersion = options.kubernetesVersion.replace(/^v/, '');
  const plain = renderSpec(spec, bundle, { kubernetesVersion });
  const rendered = spec.revision === '' ? withDefaultTag(plain, spec, bundle, { kubernetesVersion }) : plain;
  return describeTarget(
    spec,
    desiredObjects(spec, rendered, bundle.istio),
    namespacesOf(spec, rendered),
    bundle,
    options,
  );
}

/** For objects that are rendered already. */
export function describeTarget(
  spec: ResolvedSpec,
  desired: PrecheckTarget['desired'],
  namespaces: PrecheckTarget['namespaces'],
  bundle: Bundle,
  options: { readonly fromVersion?: string | undefined } = {},
): PrecheckTarget {
  return {
    spec,
    desired,
    namespaces,
    istioVersion: bundle.istio,
    oldestKubernetes: bundle.kubernetes,
    changedDefaults: changedDefaults(bundle),
    fromVersion: options.fromVersion,
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
