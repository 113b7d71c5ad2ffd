/**
 * From what the user gave to a resolved spec. Lowest first: default profile, chosen profile, detected platform, hub and
 * tag of the release, files in order, `--set` in order, `--revision`; then translations into values.
 */
import { MeshError, throwProblems } from '../../lib/errors.ts';
import type { Problem } from '../../lib/errors.ts';
import { stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { applySet } from './apply-set.ts';
import { chooseProfile } from './choose-profile.ts';
import type { ChosenProfile } from './choose-profile.ts';
import { listInstances } from './instances.ts';
import { addLayer, NO_LAYERS, originsBelow, replaceAt } from './layers.ts';
import type { Layers } from './layers.ts';
import { loadOperatorFile, warnOfFractions } from './load-file.ts';
import type { OperatorFile } from './load-file.ts';
import { checkOperator } from './operator-checks.ts';
import { normalize } from './normalize.ts';
import { parseSetFlag } from './set-flag.ts';
import type { Assignment } from './set-flag.ts';
import { resolveNode, toSchema } from './schema.ts';
import type { Schema } from './schema.ts';
import { computeValues, toResolvedComponent } from './translate.ts';
import type { ConfigCatalog, ConfigInput, ResolvedSpec } from './types.ts';
import { reportChecks, reportFindings, sortProblems } from './report-problems.ts';

/**
 * Merges, checks and takes apart. Throws a `config` MeshError with all problems of the input; with `force`, settings
 * that the schema or a check refuses become warnings, while files and flags that cannot be read stay errors.
 */
export function resolveSpec(input: ConfigInput, catalog: ConfigCatalog): ResolvedSpec {
  const schema = toSchema(catalog.schema);
  const { files, sets } = readInputs(input, schema);
  const profile = chooseProfile(catalog.profiles, input.profile, files, sets);
  const merged = mergeLayers(input, catalog, profile, files, schema);
  const flagged = applySets(merged, sets, schema);
  const layers = withNamespace(withRevision(flagged.layers, input.revision));
  const instances = listInstances(layers.operator, (path) =>
    originsBelow(layers, path).every(({ layer }) => layer === 'detected'),
  );
  const findings = reportFindings(layers, schema, files, flagged.told);
  const checks = reportChecks(layers, checkOperator(layers.operator, instances), files);
  const problems = sortProblems([...flagged.problems, ...findings, ...checks.problems]);
  const fileWarnings = files.flatMap((file) => file.warnings);
  const warnings = [
    ...fileWarnings,
    ...flagged.warnings,
    ...warnOfNamespace(files, layers),
    ...checks.warnings,
  ];
  if (!input.force) throwProblems('config', problems, `${problems.length} settings are wrong`);
  const namespace = stringAt(layers.operator, ['metadata', 'namespace']);
  const values = computeValues(layers, namespace);
  const name = stringAt(layers.operator, ['metadata', 'name']);
  return {
    profile: profile.name,
    namespace,
    revision: stringAt(values, ['revision']),
    name: name === '' ? undefined : name,
    operator: layers.operator,
    values,
    components: instances.map((instance) => toResolvedComponent(instance, values)),
    origins: layers.origins,
    warnings: [...problems, ...warnings],
  };
}

/** Files and flags, read. Throws for those that cannot be: nothing sensible can be said of the rest then. */
function readInputs(
  input: ConfigInput,
  schema: Schema,
): { readonly files: OperatorFile[]; readonly sets: Assignment[] } {
  const problems: Problem[] = [];
  const files = input.files.flatMap((source) => {
    const file = loadOperatorFile(source, schema);
    if (!('problems' in file)) return [file];
    problems.push(...file.problems);
    return [];
  });
  const sets = input.sets.flatMap((flag) => {
    try {
      return [parseSetFlag(flag)];
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      problems.push({ message: error.message, hint: error.hint });
      return [];
    }
  });
  throwProblems('config', problems, `${problems.length} files or flags cannot be read`);
  return { files, sets };
}

function mergeLayers(
  input: ConfigInput,
  catalog: ConfigCatalog,
  profile: ChosenProfile,
  files: readonly OperatorFile[],
  schema: Schema,
): Layers {
  const canonical = (tree: JsonObject): JsonObject =>
    normalize(tree, schema, resolveNode(schema, schema.root), []).value as JsonObject;
  const base = canonical(catalog.profiles['default'] ?? {});
  let layers = addLayer(NO_LAYERS, base, () => ({ layer: 'default profile', source: 'default' }));
  const profileOrigin = { layer: 'profile', source: profile.name } as const;
  if (profile.name !== 'default') layers = addLayer(layers, canonical(profile.tree), () => profileOrigin);
  if (input.detected) {
    layers = addLayer(layers, { spec: input.detected }, () => ({ layer: 'detected', source: 'cluster' }));
  }
  const { hub, tag, version } = catalog.release;
  layers = addLayer(layers, { spec: { hub, tag } }, () => ({ layer: 'release', source: version }));
  if (input.profile) layers = addLayer(layers, { spec: { profile: profile.name } }, () => profileOrigin);
  for (const file of files) {
    layers = addLayer(layers, file.tree, (path) => ({
      layer: 'file',
      source: file.name,
      position: file.locate(path, 'key'),
    }));
  }
  return layers;
}

interface Flagged {
  readonly layers: Layers;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Flags that `problems` speak of. */
  readonly told: ReadonlySet<string>;
}

function applySets(start: Layers, sets: readonly Assignment[], schema: Schema): Flagged {
  const failures: Problem[] = [];
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const told = new Set<string>();
  let layers = start;
  for (const set of sets) {
    const outcome = applySet(layers.operator, set, schema);
    if ('failure' in outcome) {
      failures.push(outcome.failure);
      continue;
    }
    problems.push(...outcome.problems);
    if (outcome.problems.length > 0) told.add(set.text);
    warnings.push(...warnOfFractions(outcome.fractions));
    const { operator, path, value } = outcome;
    layers = replaceAt(layers, operator, path, value, { layer: set.flag, source: set.text });
  }
  // A flag that has no place is no matter of force.
  if (failures.length > 0) {
    const all = [...problems, ...failures];
    throwProblems('config', all, `${all.length} settings are wrong`);
  }
  return { layers, problems, warnings, told };
}

/** `default` is the name for no revision. */
function withRevision(layers: Layers, revision: string | undefined): Layers {
  if (revision === undefined || revision === '' || revision === 'default') return layers;
  return addLayer(layers, { spec: { revision } }, () => ({ layer: '--revision', source: revision }));
}

/** values.global.istioNamespace decides; the default profile always gives it. */
function withNamespace(layers: Layers): Layers {
  const { operator } = layers;
  const given = stringAt(operator, ['metadata', 'namespace']);
  const namespace =
    stringAt(operator, ['spec', 'values', 'global', 'istioNamespace']) || given || 'istio-system';
  if (namespace === given) return layers;
  const origin = { layer: 'derived', source: 'values.global.istioNamespace' } as const;
  return addLayer(layers, { metadata: { namespace } }, () => origin);
}

function warnOfNamespace(files: readonly OperatorFile[], layers: Layers): Problem[] {
  const namespace = stringAt(layers.operator, ['metadata', 'namespace']);
  return files.flatMap(({ tree, locate }) => {
    const given = stringAt(tree, ['metadata', 'namespace']);
    if (given === '' || given === namespace) return [];
    return [
      {
        message: `metadata.namespace ${given} has no effect, Istio is installed in ${namespace}`,
        hint: `set values.global.istioNamespace to ${given}`,
        position: locate(['metadata', 'namespace'], 'value'),
      },
    ];
  });
}
