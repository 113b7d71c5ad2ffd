/** What is shipped, in memory: components with their defaults, schemas, compiled templates and texts. */
import type { JsonObject } from '../../lib/json.ts';
import type { CompiledTemplate } from '../template/types.ts';
import type { SpecComponent } from './types.ts';

/** A document that is shipped as it is: a custom resource definition. */
export interface Definition {
  /** metadata.name: `gateways.networking.istio.io`. */
  readonly name: string;
  readonly text: string;
  /** The same as data, where somebody has parsed it already. */
  readonly object?: (() => JsonObject) | undefined;
}

export interface BundleComponent {
  readonly name: SpecComponent;
  readonly folder: string;
  /** Name of the instance where there is only one. */
  readonly instance: string;
  /** The part of the values that is merged over the root. */
  readonly lift?: string | undefined;
  /** Components that are ready before this one begins. */
  readonly dependsOn: readonly SpecComponent[];
  readonly defaults: JsonObject;
  readonly schema: JsonObject;
  readonly templates: readonly CompiledTemplate[];
  /** Templates that only the revision tag `default` needs. */
  readonly tagTemplates?: readonly CompiledTemplate[] | undefined;
  /** Texts of `files/`, by file name. */
  readonly files: Readonly<Record<string, string>>;
  readonly definitions: readonly Definition[];
}

export interface Bundle {
  /** Istio version: `1.31.4`. */
  readonly istio: string;
  readonly hub: string;
  readonly tag: string;
  /** Kubernetes version that is assumed without a cluster. */
  readonly kubernetes: string;
  /** `profile-demo`, `platform-gke`, `compatibility-1.25`, ... */
  readonly valueSets: Readonly<Record<string, JsonObject>>;
  readonly components: readonly BundleComponent[];
}

/** The component of that name. Throws when the bundle lacks it, which is a bug of the bundle. */
export function findComponent(bundle: Bundle, name: SpecComponent): BundleComponent {
  const component = bundle.components.find((candidate) => candidate.name === name);
  if (!component) throw new Error(`the bundle has no component ${name}`);
  return component;
}
