/** From an addon to the objects that stand for it in a cluster. */
import { MeshError } from '../../lib/errors.ts';
import { hashText } from '../../lib/hash-text.ts';
import { isObject, objectAt, sortKeys } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { sortObjects } from '../manifest/order.ts';
import type { KubeObject } from '../manifest/types.ts';
import { LABELS } from '../plan/ownership.ts';
import { renderTemplate } from '../template/render.ts';
import type { Scope } from '../template/types.ts';
import type { Addon } from './addon.ts';

/** Label of all objects of an addon and of its record; the value is the addon's name. */
export const ADDON_LABEL = 'mesh.io/addon';
const CONFIG_ANNOTATION = 'mesh.io/config';

export interface AddonPlace {
  /** Namespace of the addon. */
  readonly namespace: string;
  /** Namespace of the control plane. */
  readonly istioNamespace: string;
  /** Which addons are there or will be, by name: every addon has an entry. */
  readonly present: Readonly<Record<string, boolean>>;
}

/** Objects with owner labels, in the order of applying. Throws `template` MeshErrors. */
export function renderAddon(addon: Addon, place: AddonPlace): KubeObject[] {
  const scope = addonScope(addon, place);
  const objects = addon.templates.flatMap((template) =>
    renderTemplate(template, scope).map((document) => toKubeObject(document, template.file)),
  );
  const hash = hashText(JSON.stringify(configOf(objects)));
  return sortObjects(objects.map((object) => labelAddon(annotatePods(object, hash), addon.name)));
}

/** The variables that `manifests/addons/README.md` promises to every template. */
export function addonScope(addon: Addon, { namespace, istioNamespace, present }: AddonPlace): Scope {
  const { name, version } = addon;
  const labels = {
    app: name,
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/version': version,
    'app.kubernetes.io/part-of': 'mesh-addons',
    'app.kubernetes.io/managed-by': 'mesh',
  };
  return {
    version,
    namespace,
    istioNamespace,
    present,
    labels,
    selector: addon.selector,
    podLabels: { ...labels, ...addon.selector, 'sidecar.istio.io/inject': 'false' },
    images: addon.images,
    files: addon.files,
    dashboards: addon.dashboards,
  };
}

/** `addonScope` as schemas, to check templates against. */
export function addonDeclarations(addons: readonly Addon[]): Readonly<Record<string, JsonObject>> {
  const text: JsonObject = { type: 'string' };
  const texts: JsonObject = { type: 'object', additionalProperties: text };
  const flags = Object.fromEntries(addons.map(({ name }) => [name, { type: 'boolean' }]));
  return {
    version: text,
    namespace: text,
    istioNamespace: text,
    present: { type: 'object', properties: flags, required: Object.keys(flags), additionalProperties: false },
    labels: texts,
    selector: texts,
    podLabels: texts,
    images: texts,
    files: texts,
    dashboards: texts,
  };
}

function toKubeObject(document: JsonValue, file: string): KubeObject {
  const name = objectAt(document, ['metadata'])['name'];
  if (
    !isObject(document) ||
    typeof document['apiVersion'] !== 'string' ||
    typeof document['kind'] !== 'string' ||
    typeof name !== 'string'
  ) {
    throw new MeshError('template', 'a document without apiVersion, kind or metadata.name was rendered', {
      position: { file },
    });
  }
  return document as KubeObject;
}

/** What the pods read when they start. */
function configOf(objects: readonly KubeObject[]): JsonObject[] {
  return objects
    .filter(({ kind }) => kind === 'ConfigMap')
    .map((object) => sortKeys(objectAt(object, ['data'])));
}

/** Pods read their configuration once: with its hash in the pod template, a change restarts them. */
function annotatePods(object: KubeObject, hash: string): KubeObject {
  if (object.kind !== 'Deployment') return object;
  const spec = objectAt(object, ['spec']);
  const template = objectAt(spec, ['template']);
  const metadata = objectAt(template, ['metadata']);
  const annotations = { ...objectAt(metadata, ['annotations']), [CONFIG_ANNOTATION]: hash };
  return { ...object, spec: { ...spec, template: { ...template, metadata: { ...metadata, annotations } } } };
}

/** The component label makes it an object of mesh for `ownerOf`; no control plane has a component of that name. */
function labelAddon(object: KubeObject, name: string): KubeObject {
  const labels = {
    ...objectAt(object, ['metadata', 'labels']),
    [LABELS.managedBy]: 'mesh',
    [LABELS.component]: 'Addon',
    [ADDON_LABEL]: name,
  };
  return { ...object, metadata: { ...object.metadata, labels } };
}
