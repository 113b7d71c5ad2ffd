/** Istio versions, as images and proxies name them. */
import { getAt, isObject, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';

/** The container of a pod with this name, a native sidecar (init container) too. */
export function findContainer(pod: KubeObject, name: string): JsonObject | undefined {
  return [getAt(pod, ['spec', 'containers']), getAt(pod, ['spec', 'initContainers'])]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .find((item): item is JsonObject => isObject(item) && item['name'] === name);
}

/**
 * The tag of a container's image, without the variant: `1.31.4` of `docker.io/istio/proxyv2:1.31.4-distroless`.
 * `unknown` when the image is named by its digest alone, undefined without such a container.
 */
export function imageVersion(pod: KubeObject, container: string): string | undefined {
  const found = findContainer(pod, container);
  const image = stringAt(found, ['image']).replace(/@sha256:.*$/, '');
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  return found ? (tag ?? 'unknown').replace(/-(distroless|debug)$/, '') : undefined;
}

/** Whether `version` is before `other`; false when one of them is no version number. Patch versions count. */
export function isOlderVersion(version: string, other: string): boolean {
  const [a, b] = [versionNumbers(version), versionNumbers(other)];
  if (!a || !b) return false;
  const index = a.findIndex((number, place) => number !== b[place]);
  return index !== -1 && (a[index] ?? 0) < (b[index] ?? 0);
}

/** Whether a text can be compared with others: tags of images may be anything. */
export function isVersionNumber(version: string): boolean {
  return versionNumbers(version) !== undefined;
}

/** [1, 31, 4] of `1.31.4-alpha.1`, `1.31.4`; a missing patch is 0. */
function versionNumbers(version: string): [number, number, number] | undefined {
  const found = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?![\d.])/.exec(version);
  return found ? [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)] : undefined;
}
