/**
 * From an IstioOperator to the values that templates see as given: `spec` and `components` are translated into values
 * (facts: "Translations into values", "Per-component value edits").
 */
import { getAt, isObject, listAt, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { isEnabledExplicitly, valuesRoot } from './instances.ts';
import type { Instance } from './instances.ts';
import { isGivenByUser } from './layers.ts';
import type { Layers } from './layers.ts';
import { mergeTrees } from './merge.ts';
import type { TreePath } from './paths.ts';
import type { Overlay, ResolvedComponent } from './types.ts';

/**
 * The computed `spec.values`. A value that the user gave wins over a translated one, but for meshConfig, where
 * `spec.meshConfig` wins; `unvalidatedValues` win over all.
 */
export function computeValues(layers: Layers, namespace: string): JsonObject {
  const { operator } = layers;
  const spec = objectAt(operator, ['spec']);
  let values = withoutNull(objectAt(spec, ['values']), 'meshConfig');
  const translate = (target: TreePath, value: JsonValue | undefined): void => {
    const isSet = value !== undefined && value !== null && value !== '';
    if (isSet && !isGivenByUser(layers, ['spec', 'values', ...target]))
      values = mergeTrees(values, nest(target, value));
  };
  translate(['global', 'hub'], spec['hub']);
  translate(['global', 'tag'], spec['tag']);
  translate(['revision'], spec['revision']);
  translate(['compatibilityVersion'], spec['compatibilityVersion']);
  translate(['pilot', 'enabled'], isEnabledExplicitly(operator, 'pilot'));
  translate(['pilot', 'cni', 'enabled'], isEnabledExplicitly(operator, 'cni'));
  if (isObject(spec['meshConfig'])) values = mergeTrees(values, { meshConfig: spec['meshConfig'] });
  if (stringAt(values, ['global', 'istioNamespace']) === '') {
    values = mergeTrees(values, { global: { istioNamespace: namespace } });
  }
  values = mergeTrees(values, objectAt(spec, ['unvalidatedValues']));
  // istiod of the revision `default` looks for names without a suffix: it is no revision.
  return values['revision'] === 'default' ? { ...values, revision: '' } : withoutNull(values, 'revision');
}

function withoutNull(tree: JsonObject, key: string): JsonObject {
  if (tree[key] !== null) return tree;
  return Object.fromEntries(Object.entries(tree).filter(([name]) => name !== key));
}

function nest(path: TreePath, value: JsonValue): JsonObject {
  return path.reduceRight<JsonValue>((inner, key) => ({ [key]: inner }), value) as JsonObject;
}

/** An instance with the values of its own. */
export function toResolvedComponent(instance: Instance, values: JsonObject): ResolvedComponent {
  const { overlays, ...k8s } = objectAt(instance.block, ['k8s']);
  return {
    component: instance.component,
    instance: instance.instance,
    namespace: instance.namespace,
    values: mergeTrees(values, instanceEdits(instance)),
    k8s,
    overlays: Array.isArray(overlays) ? overlays.filter(isObject).map(toOverlay) : [],
  };
}

/** What the block of an instance changes in its values. */
function instanceEdits({ component, instance, block }: Instance): JsonObject {
  if (component === 'Base') return {};
  const edits: JsonObject = {};
  const isGateway = component === 'IngressGateways' || component === 'EgressGateways';
  if (isGateway) {
    edits['name'] = instance;
    edits['labels'] = objectAt(block, ['label']);
    const ports = listAt(block, ['k8s', 'service', 'ports']);
    if (ports.length > 0) edits['ports'] = [...ports];
  }
  for (const key of ['hub', 'tag']) {
    const value = block[key];
    if (value !== undefined && value !== null && value !== '') edits[key] = value;
  }
  if (isGateway || component === 'Pilot') Object.assign(edits, replicaEdits(block));
  const resources = cpuEdits(block);
  if (resources) edits['resources'] = resources;
  return Object.keys(edits).length === 0 ? {} : nest(valuesRoot(component), edits);
}

function replicaEdits(block: JsonObject): JsonObject {
  const edits: JsonObject = {};
  const least = getAt(block, ['k8s', 'hpaSpec', 'minReplicas']);
  const most = getAt(block, ['k8s', 'hpaSpec', 'maxReplicas']);
  const count = getAt(block, ['k8s', 'replicaCount']);
  if (typeof least === 'number') edits['autoscaleMin'] = least;
  if (typeof most === 'number' && most > 0) edits['autoscaleMax'] = most;
  if (typeof count === 'number' && count > 0) edits['replicaCount'] = count;
  return edits;
}

/** CPU goes into values too: proxies and istiod learn their number of threads from it. */
function cpuEdits(block: JsonObject): JsonObject | undefined {
  const resources: JsonObject = {};
  for (const kind of ['limits', 'requests']) {
    const cpu = getAt(block, ['k8s', 'resources', kind, 'cpu']);
    if (typeof cpu === 'string' && Number.parseFloat(cpu) !== 0) resources[kind] = { cpu };
  }
  return Object.keys(resources).length === 0 ? undefined : resources;
}

function toOverlay(overlay: JsonObject): Overlay {
  const apiVersion = stringAt(overlay, ['apiVersion']);
  return {
    kind: stringAt(overlay, ['kind']),
    name: stringAt(overlay, ['name']),
    ...(apiVersion === '' ? {} : { apiVersion }),
    patches: listAt(overlay, ['patches'])
      .filter(isObject)
      .map((patch) => {
        const { path, value } = patch;
        return { path: typeof path === 'string' ? path : '', ...(value === undefined ? {} : { value }) };
      }),
  };
}
