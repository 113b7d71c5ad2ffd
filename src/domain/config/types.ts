/** What configuration is made of, and what resolving it yields. */
import type { Problem, SourcePosition } from '../../lib/errors.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import type { SpecComponent } from '../manifest/types.ts';

/** A text with the name under which errors speak of it (`-` is shown as `<stdin>`). */
export interface SourceText {
  readonly name: string;
  readonly text: string;
}

/** One `--set path=value` or `--set-json path=json`, in the order of the command line. */
export interface SetFlag {
  readonly flag: '--set' | '--set-json';
  readonly text: string;
}

/** What the user gave. */
export interface ConfigInput {
  /** `mesh profile dump NAME`: the profile to start from; `spec.profile` of files and `--set` win over it. */
  readonly profile?: string | undefined;
  readonly files: readonly SourceText[];
  readonly sets: readonly SetFlag[];
  /** `--revision`; the value `default` means none. */
  readonly revision?: string | undefined;
  /** Settings found out from the cluster (platform), between profile and files. */
  readonly detected?: JsonObject | undefined;
  /** true: unknown and mistyped settings become warnings. */
  readonly force?: boolean | undefined;
}

/** What mesh ships (or the operator's copy of it): profiles, component defaults, schemas, release. */
export interface ConfigCatalog {
  readonly release: { readonly hub: string; readonly tag: string; readonly version: string };
  /** Parsed `profiles/<name>.yaml` (an IstioOperator each), by name. */
  readonly profiles: Readonly<Record<string, JsonObject>>;
  /** JSON Schema of a whole IstioOperator file: `spec.values` composed of the components' `values.schema.json`. */
  readonly schema: JsonObject;
}

/** Which layer gave a value. */
export interface Origin {
  readonly layer:
    | 'default profile'
    | 'profile'
    | 'release'
    | 'detected'
    | 'file'
    | '--set'
    | '--set-json'
    | '--revision'
    | 'derived';
  /** Profile name, file name, or what the flag was given: `tag=1.31.4`. */
  readonly source: string;
  /** Where the key stands in the file. */
  readonly position?: SourcePosition | undefined;
}

/** One component instance that is switched on, with the values its templates see as user values. */
export interface ResolvedComponent {
  readonly component: SpecComponent;
  /** Gateway name; for the others `base`, `istiod`, `cni`, `ztunnel`. */
  readonly instance: string;
  readonly namespace: string;
  /** The computed `spec.values` with this instance's edits (facts: hub, tag, name, labels, ports, hpa, replicas, cpu). */
  readonly values: JsonObject;
  /** `components.X.k8s`, without `overlays`. */
  readonly k8s: JsonObject;
  readonly overlays: readonly Overlay[];
}

/** A patch of rendered objects, as `components.X.k8s.overlays[]` gives it. */
export interface Overlay {
  readonly kind: string;
  readonly name: string;
  readonly apiVersion?: string | undefined;
  readonly patches: readonly { readonly path: string; readonly value?: JsonValue | undefined }[];
}

/** One IstioOperator spec, merged, checked and taken apart into component instances. */
export interface ResolvedSpec {
  readonly profile: string;
  /** Namespace of the control plane (`values.global.istioNamespace`). */
  readonly namespace: string;
  /** Empty for the default revision. */
  readonly revision: string;
  /** metadata.name of the user's file, if any. */
  readonly name: string | undefined;
  /** The merged IstioOperator: what `profile dump` prints. */
  readonly operator: JsonObject;
  /** The computed `spec.values`, after translations and `unvalidatedValues`. */
  readonly values: JsonObject;
  /** Enabled instances: base, istiod, cni, ztunnel, ingress gateways, egress gateways. */
  readonly components: readonly ResolvedComponent[];
  /** Origin of each leaf of `operator`, keyed by JSON pointer (`/spec/hub`). */
  readonly origins: ReadonlyMap<string, Origin>;
  readonly warnings: readonly Problem[];
}
