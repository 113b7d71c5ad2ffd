/** Runs one check over objects given as YAML, for unit tests. */
import { originOf } from '../../src/domain/analysis/suppress.ts';
import type { Finding } from '../../src/domain/analysis/types.ts';
import type { ResolvedComponent } from '../../src/domain/config/types.ts';
import type { KubeObject, SpecComponent } from '../../src/domain/manifest/types.ts';
import { applyStage } from '../../src/domain/manifest/order.ts';
import { findInDefinitions } from '../../src/domain/precheck/access.ts';
import type { PrecheckCheck, PrecheckFacts, PrecheckTarget } from '../../src/domain/precheck/types.ts';
import { parseYamlDocuments } from '../../src/lib/yaml.ts';

export function objectsOf(yaml: string): KubeObject[] {
  return parseYamlDocuments(yaml, 'test.yaml').map(({ value }) => value as KubeObject);
}

/** An installation of `yaml` into istio-system. */
export function targetOf(yaml = '', more: Partial<PrecheckTarget> = {}): PrecheckTarget {
  const objects = objectsOf(yaml);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system' } };
  return {
    spec: { namespace: 'istio-system', revision: '', profile: 'demo', values: {}, components: [] },
    desired: objects.map((object) => ({ component: 'Pilot', stage: applyStage(object.kind), object })),
    namespaces: [namespace],
    istioVersion: '1.31.4',
    oldestKubernetes: '1.32.0',
    changedDefaults: {},
    ...more,
  };
}

/** A target with this revision, these values and components. */
export function specOf(
  more: Partial<PrecheckTarget['spec']> & { readonly with?: readonly SpecComponent[] },
): PrecheckTarget['spec'] {
  const { with: names = [], ...rest } = more;
  const components = names.map((component): ResolvedComponent => ({
    component,
    instance: component.toLowerCase(),
    namespace: 'istio-system',
    values: {},
    k8s: {},
    overlays: [],
  }));
  return { namespace: 'istio-system', revision: '', profile: 'demo', values: {}, components, ...rest };
}

/** Facts of an empty cluster that runs Kubernetes 1.34. */
const EMPTY: PrecheckFacts = {
  kubernetes: 'v1.34.1',
  access: { answers: [], escalations: [] },
  namespaces: [],
  definitions: [],
  webhooks: [],
  services: [],
  plurals: (apiVersion, kind) =>
    findInDefinitions([])(apiVersion, kind) ?? {
      resource: `${kind.toLowerCase()}s`,
      namespaced: !kind.startsWith('Cluster'),
    },
  live: [],
  records: [],
  running: { controlPlane: [], dataPlane: [] },
  nodes: [],
  groups: new Set(),
  configuration: [],
};

/** `CODE | origin | message` of each finding. */
export function findingsOf(
  check: PrecheckCheck,
  facts: Partial<PrecheckFacts>,
  target: PrecheckTarget = targetOf(),
): string[] {
  const found = check.check(target, { ...EMPTY, ...facts });
  for (const { code } of found)
    if (!check.codes.includes(code)) throw new Error(`${check.name} does not declare ${code}`);
  return found.map(lineOf);
}

function lineOf({ code, resource, message }: Finding): string {
  return `${code} | ${resource ? originOf(resource) : '-'} | ${message}`;
}

/** The hints of the findings. */
export function hintsOf(
  check: PrecheckCheck,
  facts: Partial<PrecheckFacts>,
  target: PrecheckTarget = targetOf(),
): string[] {
  return check.check(target, { ...EMPTY, ...facts }).map(({ suggestion }) => suggestion?.text ?? '');
}
