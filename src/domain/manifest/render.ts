/** From a resolved spec to objects: one component instance after the other, then k8s settings, then overlays. */
import { MeshError } from '../../lib/errors.ts';
import { getAt, isObject, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import type { ResolvedComponent, ResolvedSpec } from '../config/types.ts';
import { renderTemplate } from '../template/render.ts';
import type { Scope } from '../template/types.ts';
import { findComponent } from './bundle.ts';
import type { Bundle, BundleComponent, Definition } from './bundle.ts';
import { selectDefinitions, splitPatched } from './definitions.ts';
import { applyK8sSettings } from './k8s-settings.ts';
import { applyOverlays } from './overlays.ts';
import type { KubeObject, RenderedComponent } from './types.ts';
import { resolveComponentValues } from './values.ts';
import { revisionName } from './revision-name.ts';

export interface RenderOptions {
  /** Version of the cluster's API server, where there is one: `1.33.2`. */
  readonly kubernetesVersion?: string | undefined;
}

/** A rendered component; its definitions (CRDs) stay text until somebody needs them as objects. */
export interface RenderedInstance extends RenderedComponent {
  readonly definitions: readonly Definition[];
}

/**
 * Renders every component instance of `spec` with the templates of `bundle`.
 * Throws `template` and `config` MeshErrors; overlays that match nothing are errors.
 */
export function renderSpec(
  spec: ResolvedSpec,
  bundle: Bundle,
  options: RenderOptions = {},
): RenderedInstance[] {
  return spec.components.map((instance) =>
    renderInstance(instance, findComponent(bundle, instance.component), bundle, options),
  );
}

function renderInstance(
  instance: ResolvedComponent,
  component: BundleComponent,
  bundle: Bundle,
  options: RenderOptions,
): RenderedInstance {
  const scope = templateScope(instance, component, bundle, options);
  const objects = component.templates.flatMap((template) =>
    renderTemplate(template, scope).map((document) => toKubeObject(document, template.file)),
  );
  const patched = applyK8sSettings(objects, instance, stringAt(scope['values'], ['revision']));
  const definitions = splitPatched(selectDefinitions(component, scope['values'] as JsonObject), instance);
  return {
    component: instance.component,
    instance: instance.instance,
    namespace: instance.namespace,
    objects: applyOverlays([...definitions.objects, ...patched], instance),
    definitions: definitions.texts,
  };
}

/** The variables that `manifests/README.md` promises to every template. */
export function templateScope(
  instance: Pick<ResolvedComponent, 'component' | 'instance' | 'namespace' | 'values'>,
  component: BundleComponent,
  bundle: Bundle,
  options: RenderOptions,
): Scope {
  const { values, merged } = resolveComponentValues(component, bundle.valueSets, instance.values);
  const given = values['revision'];
  const revision = typeof given === 'string' && given !== 'default' ? given : '';
  return {
    values,
    merged,
    given: instance.values,
    revision,
    rev: revisionName(revision),
    suffix: revision ? `-${revision}` : '',
    namespace: instance.namespace,
    istioNamespace: stringAt(instance.values, ['global', 'istioNamespace']) || 'istio-system',
    component: instance.component,
    instance: instance.instance,
    version: bundle.istio,
    kubernetesVersion: options.kubernetesVersion ?? bundle.kubernetes,
    files: component.files,
    labels: {
      'app.kubernetes.io/managed-by': 'mesh',
      'app.kubernetes.io/instance': 'istio',
      'app.kubernetes.io/part-of': 'istio',
      'app.kubernetes.io/version': bundle.istio,
      'helm.sh/chart': `${chartName(instance.component)}-${bundle.istio}`,
    },
  };
}

/** The names that Istio's charts have; tools group by the label `helm.sh/chart`. */
function chartName(component: ResolvedComponent['component']): string {
  switch (component) {
    case 'Base':
      return 'base';
    case 'Pilot':
      return 'istiod';
    case 'Cni':
      return 'cni';
    case 'Ztunnel':
      return 'ztunnel';
    case 'IngressGateways':
      return 'istio-ingress';
    case 'EgressGateways':
      return 'istio-egress';
  }
}

function toKubeObject(document: JsonValue, file: string): KubeObject {
  const kind = isObject(document) ? document['kind'] : undefined;
  const name = getAt(document, ['metadata', 'name']);
  if (!isObject(document) || typeof kind !== 'string' || typeof document['apiVersion'] !== 'string') {
    throw new MeshError('template', 'a document without apiVersion or kind was rendered', {
      position: { file },
    });
  }
  if (typeof name !== 'string' || name === '') {
    throw new MeshError('template', `a ${kind} without metadata.name was rendered`, { position: { file } });
  }
  return document as KubeObject;
}
