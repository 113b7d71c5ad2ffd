/**
 * The analysis: resources in, findings out. Rules are values; the context is an index that is built once. Nothing here
 * touches a file, a cluster or `node:`, so that this path can run in a browser.
 */
import type { JsonObject } from '../../lib/json.ts';
import type { SourcePosition } from '../../lib/errors.ts';

export type Level = 'Error' | 'Warning' | 'Info';

/** Path of a value inside a document: map keys and list indexes. */
export type FieldPath = readonly (string | number)[];

/** Where a resource was read from; absent for resources of a cluster. Positions are found only when they are asked for. */
export interface ResourceSource {
  readonly file: string;
  /** First line of the document, counting from 1. */
  readonly line: number;
  /** Position of the value at `path`, or of its deepest ancestor that exists. Parses the document again: for findings only. */
  locate(path: FieldPath, what?: 'key' | 'value'): SourcePosition;
  /** The text of the whole file: for code frames and fixes. */
  text(): string;
  /** Offsets of the document in that text, and the path of the object in it (empty, or an item of a list): for fixes. */
  readonly document?: { readonly start: number; readonly end: number; readonly base: FieldPath } | undefined;
}

/** One object. `spec` has the names and types of the API (camelCase, enums by name); `raw` is the document as written. */
export interface Resource {
  readonly kind: string;
  /** `networking.istio.io`; empty for the core group. */
  readonly group: string;
  /** `v1`. */
  readonly version: string;
  readonly name: string;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: JsonObject;
  readonly status: JsonObject;
  readonly raw: JsonObject;
  /** Id of the cluster it comes from; empty for files and the only cluster. */
  readonly cluster: string;
  readonly source?: ResourceSource | undefined;
  /** Nobody wrote it: it stands for the ingress gateway that an installation brings (facts 1.6). Does not make its kind known. */
  readonly isStandIn?: boolean | undefined;
}

/** A kind with its group: `networking.istio.io/VirtualService`, `/Pod`. */
export type KindKey = string;

/** The value at `path` becomes `value`, or gets the name `rename`; with neither it is removed. */
export interface Fix {
  readonly path: FieldPath;
  readonly value?: unknown;
  readonly rename?: string | undefined;
}

/** A repair: what `--fix` would write, or what to type. */
export interface Suggestion {
  /** `did you mean "reviews"?`, or a kubectl command. */
  readonly text: string;
  /** A safe repair of the document, if there is one. */
  readonly fix?: Fix | undefined;
}

/** What a rule found. The runner adds the resource's origin, position, cluster and the documentation URL. */
export interface Finding {
  /** `IST0101`. */
  readonly code: string;
  /** One sentence that names the objects. */
  readonly message: string;
  /** undefined: it is about no single resource. */
  readonly resource?: Resource | undefined;
  /** The offending value in `resource.raw`; absent: the document. */
  readonly path?: FieldPath | undefined;
  readonly suggestion?: Suggestion | undefined;
}

/** A check with its metadata: one file each in `rules/`. */
export interface Rule {
  /** The public name, as for `--analyzer`: `virtualservice.GatewayAnalyzer`. */
  readonly name: string;
  /** One sentence for `-L`. */
  readonly summary: string;
  /** Kinds it reads. */
  readonly kinds: readonly KindKey[];
  /** The rule is skipped when none of these kinds was given (unknown is not missing). Absent: it always runs. */
  readonly needs?: readonly KindKey[];
  readonly codes: readonly string[];
  /** Returns what it found, in load order. Must not change anything. */
  check(context: AnalysisContext): Finding[];
}

/** What is known about the world beyond resources. */
export interface MeshSettings {
  /** Effective MeshConfig (defaults, then the cluster's or `--meshConfigFile`), camelCase. */
  readonly meshConfig: JsonObject;
  readonly meshNetworks: JsonObject;
  /** Namespace of the control plane. */
  readonly istioNamespace: string;
  /** Milliseconds since 1970, for the validity of certificates; absent: the clock of this machine. */
  readonly nowMs?: number | undefined;
}

/** The index: built once, so that a rule never scans everything for each resource. */
export interface AnalysisContext extends MeshSettings {
  /** Resources of a kind in load order, all clusters. */
  list(kind: KindKey): readonly Resource[];
  listIn(kind: KindKey, namespace: string): readonly Resource[];
  get(kind: KindKey, namespace: string, name: string): Resource | undefined;
  /** Whether any resource of this kind was given at all: "no Pods given" means unknown, not missing. */
  isKnown(kind: KindKey): boolean;
  /** Pods (or another kind) whose labels contain all of `selector`; `namespace` undefined: anywhere. An empty selector selects all. */
  select(kind: KindKey, selector: Readonly<Record<string, string>>, namespace?: string): readonly Resource[];
  /** A value that several rules share, made when it is first asked for. */
  memo<T>(key: string, make: () => T): T;
}

/** A finding as it leaves the analysis, ready for every format. */
export interface Message extends Finding {
  readonly level: Level;
  /** `VirtualService default/reviews`; absent without a resource. */
  readonly origin?: string | undefined;
  /** `file:line`; absent for resources of a cluster. */
  readonly reference?: string | undefined;
  readonly position?: SourcePosition | undefined;
  readonly cluster?: string | undefined;
  readonly documentationUrl: string;
  /** Name of the rule that found it. */
  readonly rule: string;
}
