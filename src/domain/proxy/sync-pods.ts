/** The pods that have a proxy, and those that should have one: who is looked for among the proxies that istiods know. */
import { getAt, objectAt, stringAt } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';
import { mapsAt } from '../readiness/fields.ts';
import { imageVersion } from './image-version.ts';

/** A pod that belongs to the mesh, or should. */
export interface MeshPod {
  readonly name: string;
  readonly namespace: string;
  /** Revision that its proxy was made by or would be made by; tags are resolved. */
  readonly revision: string;
  /** undefined: it has none, although `wanted` says that it should. */
  readonly proxy?: PodProxy | undefined;
  /** The label that asks for a proxy: `istio-injection=enabled on namespace shop`. */
  readonly wanted?: string | undefined;
}

export interface PodProxy {
  /** From the tag of its image; `unknown` when the image is named by its digest. */
  readonly version: string;
  /** Why its container does not run; undefined when it runs. */
  readonly problem?: string | undefined;
}

const PROXY = 'istio-proxy';
const INJECT = 'sidecar.istio.io/inject';
const INJECTION = 'istio-injection';
const REVISION = 'istio.io/rev';
/** The injector never looks at these. */
const SYSTEM_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];

type Labels = Readonly<Record<string, unknown>>;

export interface PodSurroundings {
  readonly namespaces: readonly KubeObject[];
  /** Revision by tag: namespaces may name either. */
  readonly tags: ReadonlyMap<string, string>;
}

/** The pods of the mesh among `pods`; what has ended or is going is left out. */
export function findMeshPods(pods: readonly KubeObject[], around: PodSurroundings): MeshPod[] {
  const labels = new Map(around.namespaces.map((item) => [item.metadata.name, labelsOf(item)]));
  return pods.flatMap((pod) => {
    const phase = stringAt(pod, ['status', 'phase']);
    if (phase === 'Succeeded' || phase === 'Failed' || pod.metadata['deletionTimestamp'] !== undefined)
      return [];
    const found = meshPod(pod, labels.get(namespaceOf(pod)) ?? {}, around.tags);
    return found ? [found] : [];
  });
}

function meshPod(
  pod: KubeObject,
  namespaceLabels: Labels,
  tags: ReadonlyMap<string, string>,
): MeshPod | undefined {
  const version = imageVersion(pod, PROXY);
  const base = {
    name: pod.metadata.name,
    namespace: namespaceOf(pod),
    revision: revisionOf(pod, namespaceLabels, tags),
  };
  if (version !== undefined) return { ...base, proxy: { version, ...problemOf(pod) } };
  const wanted = wantedBy(pod, namespaceLabels);
  return wanted === undefined ? undefined : { ...base, wanted };
}

/** The injector notes the revision that it was; before injection labels name the one it will be, or a tag of it. */
function revisionOf(pod: KubeObject, namespaceLabels: Labels, tags: ReadonlyMap<string, string>): string {
  const status = stringAt(pod, ['metadata', 'annotations', 'sidecar.istio.io/status']);
  const noted = /"revision"\s*:\s*"([^"]+)"/.exec(status)?.[1];
  if (noted !== undefined) return noted;
  const named = [labelsOf(pod)[REVISION], namespaceLabels[REVISION], 'default'].find(isText) ?? '';
  return tags.get(named) ?? named;
}

/**
 * The label by which the injector should have given this pod a sidecar; the rules of its webhooks: a namespace that says
 * no, and a pod that says no, are not injected; otherwise the namespace decides, and where it says nothing the pod.
 */
function wantedBy(pod: KubeObject, namespaceLabels: Labels): string | undefined {
  const namespace = namespaceOf(pod);
  const labels = labelsOf(pod);
  const own = labels[INJECT] ?? getAt(pod, ['metadata', 'annotations', INJECT]);
  if (SYSTEM_NAMESPACES.includes(namespace) || getAt(pod, ['spec', 'hostNetwork']) === true) return undefined;
  if (own === 'false' || namespaceLabels['istio.io/dataplane-mode'] === 'ambient') return undefined;
  const injection = namespaceLabels[INJECTION];
  if (injection === 'enabled') return `${INJECTION}=enabled on namespace ${namespace}`;
  if (injection !== undefined) return undefined;
  const revision = namespaceLabels[REVISION];
  if (isText(revision)) return `${REVISION}=${revision} on namespace ${namespace}`;
  // The annotation alone is not seen by any webhook.
  if (labels[INJECT] === 'true') return `${INJECT}=true on the pod`;
  return isText(labels[REVISION]) ? `${REVISION}=${labels[REVISION]} on the pod` : undefined;
}

function problemOf(pod: KubeObject): Pick<PodProxy, 'problem'> {
  const statuses = [
    ...mapsAt(pod, ['status', 'containerStatuses']),
    ...mapsAt(pod, ['status', 'initContainerStatuses']),
  ];
  const status = statuses.find((one) => one['name'] === PROXY);
  if (getAt(status, ['state', 'running']) !== undefined) return {};
  const state = status?.['state'];
  const reason =
    stringAt(state, ['waiting', 'reason']) ||
    stringAt(state, ['terminated', 'reason']) ||
    stringAt(pod, ['status', 'phase']) ||
    'Pending';
  return reason === 'Running' ? {} : { problem: `its proxy does not run: ${reason}` };
}

function labelsOf(object: KubeObject): Labels {
  return objectAt(object, ['metadata', 'labels']);
}

function namespaceOf(object: KubeObject): string {
  return stringAt(object, ['metadata', 'namespace']);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
