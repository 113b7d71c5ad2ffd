/** The sidecar that a running pod has. */
import { getAt, isObject, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { proxyContainers } from '../analysis/semantics/workload.ts';
import { labelsAt } from '../analysis/semantics/selectors.ts';
import type { KubeObject } from '../manifest/types.ts';
import type { InjectedPod } from './decide.ts';

/** What an injector looks at, of a Pod or of a pod template in `namespace`. */
export function injectedPodOf(pod: JsonObject, namespace: string): InjectedPod {
  return {
    namespace,
    labels: labelsAt(pod, ['metadata', 'labels']),
    annotations: labelsAt(pod, ['metadata', 'annotations']),
    hostNetwork: getAt(pod, ['spec', 'hostNetwork']) === true,
  };
}

export interface Sidecar {
  /** Revision of the istiod that put it there; empty when it does not say. */
  readonly revision: string;
  readonly image: string;
  /** Version by the tag of the image; empty when it has none. */
  readonly version: string;
  /** An init container that stays. */
  readonly isNative: boolean;
  /** Put there by a webhook or by kube-inject, and not a gateway that was written by hand. */
  readonly isInjected: boolean;
}

/** undefined: the pod has no proxy container. */
export function sidecarOf(pod: KubeObject): Sidecar | undefined {
  const spec = objectAt(pod, ['spec']);
  const [proxy] = proxyContainers(spec);
  if (!proxy) return undefined;
  const status = parseJson(stringAt(pod, ['metadata', 'annotations', 'sidecar.istio.io/status']));
  return {
    revision: stringAt(pod, ['metadata', 'annotations', 'istio.io/rev']) || stringAt(status, ['revision']),
    image: stringAt(proxy, ['image']),
    version: imageVersion(stringAt(proxy, ['image'])),
    isNative: proxyContainers({ containers: spec['initContainers'] ?? [] }).length > 0,
    isInjected: status !== undefined,
  };
}

/** The tag of an image without its variant: `1.31.4` of `docker.io/istio/proxyv2:1.31.4-distroless`; empty when it has none. */
export function imageVersion(image: string): string {
  const tag = /:([^:/]+)$/.exec(image.replace(/@sha256:.*$/, ''))?.[1] ?? '';
  return tag.replace(/-(distroless|debug)$/, '');
}

function parseJson(text: string): JsonObject | undefined {
  if (text === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
