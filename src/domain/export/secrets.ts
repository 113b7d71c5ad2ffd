/** Which Secrets belong to a mesh: its certificate authority, its other clusters, and those that its gateways present. */
import { isObject, listAt, stringAt } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';

/** Istio documentation, "Plug in CA certificates" and "Install multicluster". */
const OF_CONTROL_PLANE: ReadonlySet<string> = new Set(['cacerts', 'istio-ca-secret']);
const REMOTE_LABEL = 'istio/multiCluster';

/** A test for Secrets, given the configuration that names some. */
export function secretSelector(configuration: readonly KubeObject[]): (secret: KubeObject) => boolean {
  const anywhere = new Set<string>();
  const placed = new Set<string>();
  for (const object of configuration) {
    const home = stringAt(object, ['metadata', 'namespace']);
    for (const name of credentialNames(object)) {
      anywhere.add(name);
      // Its CA certificate may be in a Secret of its own.
      anywhere.add(`${name}-cacert`);
    }
    for (const { name, namespace } of certificateRefs(object)) placed.add(`${namespace || home}/${name}`);
  }
  return (secret) => {
    const { name } = secret.metadata;
    return (
      OF_CONTROL_PLANE.has(name) ||
      stringAt(secret, ['metadata', 'labels', REMOTE_LABEL]) === 'true' ||
      anywhere.has(name) ||
      placed.has(`${stringAt(secret, ['metadata', 'namespace'])}/${name}`)
    );
  };
}

/** Of Istio's Gateways and DestinationRules: in the namespace of the workload that uses them, which may be any. */
function credentialNames(object: KubeObject): string[] {
  if (!object.apiVersion.startsWith('networking.istio.io/')) return [];
  const names: string[] = [];
  visit(object['spec'], (key, value) => {
    if (key === 'credentialName' && typeof value === 'string') names.push(value);
    if (key === 'credentialNames' && Array.isArray(value))
      names.push(...value.filter((item) => typeof item === 'string'));
  });
  return names
    .map((name) => name.replace(/^kubernetes:\/\//, '').replace(/^.*\//, ''))
    .filter((name) => name !== '');
}

/** Of the Gateway API: named with their namespace, or in that of the Gateway. */
function certificateRefs(object: KubeObject): { readonly name: string; readonly namespace: string }[] {
  if (!object.apiVersion.startsWith('gateway.networking.k8s.io/')) return [];
  const found: { readonly name: string; readonly namespace: string }[] = [];
  visit(object['spec'], (key, value) => {
    if (key !== 'certificateRefs') return;
    for (const ref of listAt({ value }, ['value'])) {
      if ((stringAt(ref, ['kind']) || 'Secret') === 'Secret')
        found.push({ name: stringAt(ref, ['name']), namespace: stringAt(ref, ['namespace']) });
    }
  });
  return found;
}

function visit(value: JsonValue | undefined, see: (key: string, value: JsonValue) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, see);
  else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      see(key, item);
      visit(item, see);
    }
  }
}
