/** Custom resource definitions: which of them are wanted, with which labels; texts as long as nobody patches them. */
import { getAt, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { parseYamlObject } from '../../lib/yaml.ts';
import { printYaml } from '../../lib/yaml-print.ts';
import type { ResolvedComponent } from '../config/types.ts';
import type { BundleComponent, Definition } from './bundle.ts';
import type { KubeObject } from './types.ts';

/**
 * The definitions of a component by `global.resourceScope`, `base.excludedCRDs` and `base.enableCRDTemplates`
 * (Istio's Helm values reference). Without templates the definitions carry their static labels and are not filtered.
 */
export function selectDefinitions(component: BundleComponent, values: JsonObject): readonly Definition[] {
  const scope = stringAt(values, ['global', 'resourceScope']) || 'all';
  if (scope !== 'all' && scope !== 'cluster') return [];
  if (getAt(values, ['base', 'enableCRDTemplates']) === false)
    return component.definitions.map(withStaticLabels);
  const excluded = getAt(values, ['base', 'excludedCRDs']);
  return Array.isArray(excluded)
    ? component.definitions.filter((definition) => !excluded.includes(definition.name))
    : component.definitions;
}

/** Definitions are shipped in canonical form: `labels` stands once in `metadata`. */
const LABELS = /^ {2}labels:\n(?: {4}.*\n)+/m;

function withStaticLabels(definition: Definition): Definition {
  const group = definition.name.slice(definition.name.indexOf('.') + 1);
  const istio =
    group === 'security.istio.io' ? 'security' : group === 'telemetry.istio.io' ? 'telemetry' : undefined;
  const labels = {
    app: 'istio-pilot',
    chart: 'istio',
    heritage: 'Tiller',
    ...(istio === undefined ? {} : { istio }),
    release: 'istio',
  };
  const text = printYaml({ labels }).replace(/^/gm, '  ').trimEnd();
  return { name: definition.name, text: definition.text.replace(LABELS, () => `${text}\n`) };
}

/** Definitions that an overlay patches become objects, the others stay texts. */
export function splitPatched(
  definitions: readonly Definition[],
  instance: Pick<ResolvedComponent, 'overlays'>,
): { readonly texts: readonly Definition[]; readonly objects: readonly KubeObject[] } {
  const patched = new Set(
    instance.overlays.filter(({ kind }) => kind === 'CustomResourceDefinition').map(({ name }) => name),
  );
  if (patched.size === 0) return { texts: definitions, objects: [] };
  return {
    texts: definitions.filter(({ name }) => !patched.has(name)),
    objects: definitions.filter(({ name }) => patched.has(name)).map(toDefinitionObject),
  };
}

/** A definition as the object that is applied. */
export function toDefinitionObject(definition: Definition): KubeObject {
  return (definition.object?.() ?? parseYamlObject(definition.text, definition.name).value) as KubeObject;
}
