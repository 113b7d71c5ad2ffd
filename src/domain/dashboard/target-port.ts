/** From a Service's port to the port of a pod behind it, as kube-proxy does it. */
import { getAt, isObject, listAt, stringAt } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';

/**
 * The pod's port behind the Service's port of this number or name; undefined when the Service has no such port, or the pod
 * none of the name that the Service leads to.
 */
export function targetPortOf(
  service: KubeObject,
  port: number | string,
  pod: KubeObject,
): number | undefined {
  const found = listAt(service, ['spec', 'ports']).find(
    (candidate) => getAt(candidate, ['port']) === port || stringAt(candidate, ['name']) === port,
  );
  if (!isObject(found)) return undefined;
  const target = found['targetPort'] ?? found['port'];
  if (typeof target === 'number') return target;
  if (typeof target !== 'string') return undefined;
  if (/^\d+$/.test(target)) return Number(target);
  const protocol = stringAt(found, ['protocol']) || 'TCP';
  // Sidecars that are init containers have ports too.
  const containers = [...listAt(pod, ['spec', 'containers']), ...listAt(pod, ['spec', 'initContainers'])];
  return containers
    .map((container) => namedPort(container, target, protocol))
    .find((number) => number !== undefined);
}

function namedPort(container: JsonValue, name: string, protocol: string): number | undefined {
  const found = listAt(container, ['ports']).find(
    (port) => stringAt(port, ['name']) === name && (stringAt(port, ['protocol']) || 'TCP') === protocol,
  );
  const number = getAt(found, ['containerPort']);
  return typeof number === 'number' ? number : undefined;
}
