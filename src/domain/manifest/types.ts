/** What rendering yields: Kubernetes objects, grouped by the component instance they belong to. */
import type { JsonObject } from '../../lib/json.ts';

/** A Kubernetes object as it is sent: apiVersion, kind and metadata.name are always there. */
export interface KubeObject extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

export interface ObjectMeta extends JsonObject {
  name: string;
}

/** Identity of an object in a cluster. `namespace` is absent for cluster-scoped objects. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** The components of a spec, as the label `operator.istio.io/component` names them. */
export type SpecComponent = 'Base' | 'Pilot' | 'IngressGateways' | 'EgressGateways' | 'Cni' | 'Ztunnel';

/** What objects that mesh installs belong to: a component of a spec, or an addon, whose name is in a label of its own. */
export type ComponentName = SpecComponent | 'Addon';

/** One rendered component instance: each gateway of a list is an instance of its own. */
export interface RenderedComponent {
  readonly component: ComponentName;
  /** Name of the instance: the gateway's name, else the component's own (`base`, `istiod`, `cni`, `ztunnel`). */
  readonly instance: string;
  readonly namespace: string;
  readonly objects: readonly KubeObject[];
}
