/** What istioctl and Helm have installed, as mesh would have: the same objects and fields, with our labels. */
import { objectAt, stringAt } from '../../lib/json.ts';
import { applyStage, compareObjects } from '../manifest/order.ts';
import type { ComponentName, KubeObject } from '../manifest/types.ts';
import type { DesiredObject } from './desired.ts';
import { labelOwned, LABELS, ownerOf } from './ownership.ts';
import { ownedPart } from './owned-fields.ts';
import { revisionFromName } from '../manifest/revision-name.ts';

export type Installer = 'istioctl' | 'helm';

/** Field managers: istioctl applies as `istio-operator`, Helm 3 and 4 as `helm`. */
export const MANAGERS: Readonly<Record<Installer, readonly string[]>> = {
  istioctl: ['istio-operator'],
  helm: ['helm', 'Helm'],
};

/** Label selectors that find the objects of an installer. */
export const SELECTORS: Readonly<Record<Installer, string>> = {
  istioctl: `${LABELS.managed}=Reconcile`,
  helm: 'helm.sh/chart',
};

export const HELM_ANNOTATIONS = ['meta.helm.sh/release-name', 'meta.helm.sh/release-namespace'];

/** Helm charts of Istio by component; `gateway` serves both kinds of gateways. */
const CHARTS: Readonly<Record<string, ComponentName>> = {
  base: 'Base',
  istiod: 'Pilot',
  cni: 'Cni',
  ztunnel: 'Ztunnel',
  gateway: 'IngressGateways',
};

export interface Installed {
  readonly component: ComponentName;
  /** Empty for the default revision. */
  readonly revision: string;
  /** `1.31.4`, empty when nothing says it. */
  readonly istioVersion: string;
  readonly live: KubeObject;
}

/** undefined: not an object of Istio that this installer owns. */
export function recognize(live: KubeObject, from: Installer): Installed | undefined {
  if (ownerOf(live) !== from) return undefined;
  const label = (name: string): string => stringAt(live, ['metadata', 'labels', name]);
  const [, chart = '', version = ''] = /^([a-z]+)-(\d.*)$/.exec(label('helm.sh/chart')) ?? [];
  const component = (from === 'istioctl' ? label(LABELS.component) : CHARTS[chart]) as
    ComponentName | undefined;
  if (component === undefined || !Object.values<string>(CHARTS).concat('EgressGateways').includes(component))
    return undefined;
  const revision = label(LABELS.revision);
  return {
    component,
    revision: revisionFromName(revision),
    istioVersion: from === 'istioctl' ? label(LABELS.version) : version,
    live,
  };
}

/** What to apply so that nothing but labels changes. Objects of which the installer owns no field are left out. */
export function adoptedObjects(
  found: readonly Installed[],
  from: Installer,
  owner: { readonly namespace: string; readonly revision: string },
): DesiredObject[] {
  return found
    .flatMap(({ component, live, istioVersion }) => {
      const part = ownedPart(live, MANAGERS[from]);
      if (!part) return [];
      const annotations = Object.entries(objectAt(part, ['metadata', 'annotations'])).filter(
        ([name]) => !HELM_ANNOTATIONS.includes(name),
      );
      const { annotations: _all, ...metadata } = part.metadata;
      const kept = annotations.length > 0 ? { annotations: Object.fromEntries(annotations) } : {};
      const object = { ...part, metadata: { ...metadata, ...kept } };
      return [
        {
          component,
          stage: applyStage(live.kind),
          object: labelOwned(object, component, { ...owner, name: undefined }, istioVersion),
        },
      ];
    })
    .sort((a, b) => compareObjects(a.object, b.object));
}
