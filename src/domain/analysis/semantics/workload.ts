/** Which workloads and namespaces are in the mesh, and how. Source: facts 3.5, 3.6, 9. */
import { getAt, isObject, stringAt } from '../../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../../lib/json.ts';
import type { AnalysisContext, Resource } from '../types.ts';
import { labelsAt } from './selectors.ts';

export const PROXY_CONTAINER = 'istio-proxy';
export const INJECT_KEY = 'sidecar.istio.io/inject';
export const INJECTION_LABEL = 'istio-injection';
export const REVISION_LABEL = 'istio.io/rev';
export const DATAPLANE_LABEL = 'istio.io/dataplane-mode';
export const REDIRECTION_ANNOTATION = 'ambient.istio.io/redirection';

type Labels = Readonly<Record<string, string>>;

/** The containers (or `initContainers`) of a pod spec. */
export function containersOf(podSpec: JsonValue | undefined, list = 'containers'): readonly JsonObject[] {
  const containers = getAt(podSpec, [list]);
  return Array.isArray(containers) ? containers.filter(isObject) : [];
}

/** The proxy containers of a pod spec that have an image: `containers`, then `initContainers` (native sidecars). */
export function proxyContainers(podSpec: JsonValue | undefined): readonly JsonObject[] {
  return [...containersOf(podSpec), ...containersOf(podSpec, 'initContainers')].filter(isProxy);
}

function isProxy(container: JsonObject): boolean {
  return container['name'] === PROXY_CONTAINER && stringAt(container, ['image']) !== '';
}

/** Labels of the namespace object, or none when it was not given. */
export function namespaceLabels(context: AnalysisContext, namespace: string): Labels {
  return context.get('/Namespace', '', namespace)?.labels ?? {};
}

/** Whether a pod has a sidecar, or would get one by its label, annotation or namespace. */
export function isPodInMesh(context: AnalysisContext, pod: Resource): boolean {
  if (proxyContainers(pod.spec).length > 0) return true;
  return isInjected(pod.labels, pod.annotations, namespaceLabels(context, pod.namespace));
}

/** The same for the pods that a deployment makes; only the containers of its template count. */
export function isDeploymentInMesh(context: AnalysisContext, deployment: Resource): boolean {
  const template = getAt(deployment.spec, ['template']);
  if (containersOf(getAt(template, ['spec'])).some(isProxy)) return true;
  return isInjected(
    labelsAt(template, ['metadata', 'labels']),
    labelsAt(template, ['metadata', 'annotations']),
    namespaceLabels(context, deployment.namespace),
  );
}

function isInjected(labels: Labels, annotations: Labels, namespace: Labels): boolean {
  const own = labels[INJECT_KEY] ?? annotations[INJECT_KEY];
  if (own !== undefined) return own === 'true';
  return isInjectingNamespace(namespace);
}

/**
 * Whether pods of a namespace with these labels get a sidecar unless they say otherwise. A revision label injects too;
 * the reference overlooks it (facts 8.9).
 */
export function isInjectingNamespace(labels: Labels): boolean {
  const injection = labels[INJECTION_LABEL];
  if (injection !== undefined) return injection === 'enabled';
  return (labels[REVISION_LABEL] ?? '') !== '';
}

/** Whether ztunnel takes the traffic of a pod. */
export function isAmbientPod(pod: Resource): boolean {
  return pod.annotations[REDIRECTION_ANNOTATION] === 'enabled';
}

/** Whether the pods of a namespace are ambient: by label, unless sidecars are injected there. */
export function isAmbientNamespace(labels: Labels): boolean {
  return (
    labels[DATAPLANE_LABEL] === 'ambient' &&
    labels[INJECTION_LABEL] !== 'enabled' &&
    (labels[REVISION_LABEL] ?? '') === ''
  );
}

/** Whether an object is part of the control plane: any label `istio`, or `release: istio`. */
export function isControlPlane(resource: Resource): boolean {
  return Object.hasOwn(resource.labels, 'istio') || resource.labels['release'] === 'istio';
}
