/** Runs one rule over YAML text, for unit tests of rules. */
import { createContext } from '../../src/domain/analysis/context.ts';
import { loadFiles } from '../../src/domain/analysis/load.ts';
import { originOf } from '../../src/domain/analysis/suppress.ts';
import type { AnalysisContext, Finding, KindKey, Resource, Rule } from '../../src/domain/analysis/types.ts';
import type { JsonObject } from '../../src/lib/json.ts';

export interface World {
  readonly meshConfig?: JsonObject;
  readonly meshNetworks?: JsonObject;
  readonly knownKinds?: readonly KindKey[];
  readonly nowMs?: number;
  /** Resources behind those of the text. */
  readonly more?: readonly Resource[];
}

export const DEFAULT_MESH_CONFIG: JsonObject = {
  rootNamespace: 'istio-system',
  ingressService: 'istio-ingressgateway',
};

/** The resources of `yaml`; those without a namespace are in `default`. Throws for text that cannot be read. */
export function resourcesOf(yaml: string, cluster = ''): readonly Resource[] {
  const loaded = loadFiles([{ name: 'test.yaml', text: yaml }], { defaultNamespace: 'default' });
  if (loaded.problems.length > 0) throw new Error(loaded.problems.map(({ message }) => message).join('; '));
  return cluster ? loaded.resources.map((resource) => ({ ...resource, cluster })) : loaded.resources;
}

export function contextOf(yaml: string, world: World = {}): AnalysisContext {
  const { meshConfig = DEFAULT_MESH_CONFIG, meshNetworks = {}, nowMs, more = [], knownKinds = [] } = world;
  return createContext(
    [...resourcesOf(yaml), ...more],
    { meshConfig, meshNetworks, istioNamespace: 'istio-system', nowMs },
    { knownKinds },
  );
}

export function check(rule: Rule, yaml: string, world: World = {}): Finding[] {
  return rule.check(contextOf(yaml, world));
}

/** One line a finding: code, origin, path of the value, message. */
export function linesOf(findings: readonly Finding[]): string[] {
  return findings.map(({ code, resource, path, message }) =>
    [code, resource ? originOf(resource) : '-', path?.join('.') ?? '-', message].join(' | '),
  );
}

/** Code and origin of every finding, sorted: what Istio's own tests compare. */
export function codesOf(findings: readonly Finding[]): string[] {
  return findings.map(({ code, resource }) => `${code} ${resource ? originOf(resource) : '-'}`).sort();
}
