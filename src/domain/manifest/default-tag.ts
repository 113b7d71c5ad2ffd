/**
 * The revision tag `default`: it decides which control plane injects where namespaces only say
 * `istio-injection=enabled`, and which one validates. Istio's CLI makes it at install time, so does mesh
 * (Istio documentation, "Revision tags"; object names are those that istiod's tag watcher looks up).
 */
import { getAt, isEqual, isObject, listAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { mergeTrees } from '../config/merge.ts';
import type { ResolvedSpec } from '../config/types.ts';
import { renderTemplate } from '../template/render.ts';
import { findComponent } from './bundle.ts';
import type { Bundle } from './bundle.ts';
import { templateScope } from './render.ts';
import type { RenderedInstance, RenderOptions } from './render.ts';
import type { KubeObject } from './types.ts';

const TAG = 'default';
const NEVER = { matchLabels: { 'istio.io/deactivated': 'never-match' } };

/**
 * `instances` with the objects of the tag `default` added to Pilot, pointing to this revision. The plain injector of
 * the default revision is switched off, because both would match the same pods. Nothing changes without Pilot, or
 * where something else manages the webhooks (`values.global.operatorManageWebhooks`).
 */
export function withDefaultTag(
  instances: readonly RenderedInstance[],
  spec: ResolvedSpec,
  bundle: Bundle,
  options: RenderOptions = {},
): RenderedInstance[] {
  if (getAt(spec.values, ['global', 'operatorManageWebhooks']) === true) return [...instances];
  return instances.map((instance) => {
    if (instance.component !== 'Pilot') return instance;
    const added = renderTagObjects(spec, bundle, options);
    if (added.length === 0) return instance;
    const objects = instance.objects.map((object) =>
      spec.revision === '' && isPlainInjector(object) ? deactivate(object) : object,
    );
    return { ...instance, objects: [...objects, ...added] };
  });
}

function renderTagObjects(spec: ResolvedSpec, bundle: Bundle, options: RenderOptions): KubeObject[] {
  const pilot = spec.components.find((component) => component.component === 'Pilot');
  if (!pilot) return [];
  const component = findComponent(bundle, 'Pilot');
  const tagged = { ...pilot, values: mergeTrees(pilot.values, { revisionTags: [TAG] }) };
  const scope = templateScope(tagged, component, bundle, options);
  const rendered = [...component.templates, ...(component.tagTemplates ?? [])].flatMap((template) =>
    renderTemplate(template, scope),
  );
  return rendered.filter(
    (object) => getAt(object, ['metadata', 'labels', 'istio.io/tag']) === TAG,
  ) as KubeObject[];
}

function isPlainInjector(object: KubeObject): boolean {
  return (
    object.kind === 'MutatingWebhookConfiguration' &&
    getAt(object, ['metadata', 'labels', 'istio.io/tag']) === undefined
  );
}

/** Whether a webhook of this configuration can still match something. */
export function isActiveInjector(object: KubeObject): boolean {
  return listAt(object, ['webhooks']).some(
    (webhook) => !isEqual(getAt(webhook, ['namespaceSelector']), NEVER),
  );
}

/** A copy of an injector that matches nothing. */
export function deactivate(object: KubeObject): KubeObject {
  const webhooks = Array.isArray(object['webhooks']) ? object['webhooks'] : [];
  return {
    ...object,
    webhooks: webhooks.map((webhook): JsonObject => ({
      ...(isObject(webhook) ? webhook : {}),
      namespaceSelector: NEVER,
      objectSelector: NEVER,
    })),
  };
}
