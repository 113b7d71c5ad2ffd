/**
 * Whose is an object? The labels are istioctl's (so that its users' tools keep working), and
 * `app.kubernetes.io/managed-by` says which tool it was.
 */
import { objectAt, stringAt } from '../../lib/json.ts';
import type { ResolvedSpec } from '../config/types.ts';
import type { ComponentName, KubeObject } from '../manifest/types.ts';
import { revisionName } from '../manifest/revision-name.ts';

export const LABELS = {
  managedBy: 'app.kubernetes.io/managed-by',
  managed: 'operator.istio.io/managed',
  component: 'operator.istio.io/component',
  version: 'operator.istio.io/version',
  owner: 'install.operator.istio.io/owning-resource',
  ownerNamespace: 'install.operator.istio.io/owning-resource-namespace',
  revision: 'istio.io/rev',
  tag: 'istio.io/tag',
} as const;

/** A copy of `object` with the labels that say: mesh installed this, as part of that. */
export function labelOwned(
  object: KubeObject,
  component: ComponentName,
  spec: Pick<ResolvedSpec, 'name' | 'namespace' | 'revision'>,
  istioVersion: string,
): KubeObject {
  const labels = {
    ...objectAt(object, ['metadata', 'labels']),
    [LABELS.managedBy]: 'mesh',
    [LABELS.managed]: 'Reconcile',
    [LABELS.component]: component,
    [LABELS.version]: istioVersion,
    [LABELS.ownerNamespace]: spec.namespace,
    // Base serves every revision: two installs must not write their names over each other.
    [LABELS.revision]: component === 'Base' ? 'default' : revisionName(spec.revision),
    ...(spec.name === undefined ? {} : { [LABELS.owner]: spec.name }),
  };
  return { ...object, metadata: { ...object.metadata, labels } };
}

/** A namespace with the label that says: mesh created it. Part of the object itself, so that no crash can lose it. */
export function labelCreated(namespace: KubeObject): KubeObject {
  const labels = { ...objectAt(namespace, ['metadata', 'labels']), [LABELS.managedBy]: 'mesh' };
  return { ...namespace, metadata: { ...namespace.metadata, labels } };
}

export function isCreated(namespace: KubeObject): boolean {
  return stringAt(namespace, ['metadata', 'labels', LABELS.managedBy]) === 'mesh';
}

/** Who a live object belongs to: this tool, another installer, or nobody that we know. */
export type Owner = 'mesh' | 'istioctl' | 'helm' | 'other';

export function ownerOf(live: KubeObject): Owner {
  const label = (name: string): string => stringAt(live, ['metadata', 'labels', name]);
  if (label(LABELS.managedBy) === 'mesh') return label(LABELS.component) === '' ? 'other' : 'mesh';
  if (stringAt(live, ['metadata', 'annotations', 'meta.helm.sh/release-name']) !== '') return 'helm';
  return label(LABELS.managed) === 'Reconcile' ? 'istioctl' : 'other';
}

/** Whose objects an install may take over: nobody's that is not ours, those without an installer, or all. */
export type AdoptMode = 'never' | 'unowned' | 'all';

/** The owner that forbids taking `live` over, or undefined when we may. What carries our own mark is ours. */
export function foreignOwner(live: KubeObject, adopt: AdoptMode): Owner | undefined {
  if (adopt === 'all' || stringAt(live, ['metadata', 'labels', LABELS.managedBy]) === 'mesh')
    return undefined;
  const owner = ownerOf(live);
  return owner === 'other' && adopt === 'unowned' ? undefined : owner;
}
