/**
 * What use cases need from the outside world. Adapters implement these interfaces, tests implement them with
 * fakes; nothing here names a library.
 */
import type { KubeObject, ObjectRef } from '../domain/manifest/types.ts';
import type { JsonObject } from '../lib/json.ts';

/** What every request takes: when it is aborted, the request is, with a `cancelled` MeshError. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
}

/** An API resource as discovery describes it. */
export interface ApiResource {
  readonly apiVersion: string;
  readonly kind: string;
  /** Plural name, as in paths: `deployments`. */
  readonly resource: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

export interface ApplyOptions extends RequestOptions {
  /** Take fields that belong to other managers. Default false. */
  readonly force?: boolean | undefined;
  /** Ask the server what would happen, write nothing. Default false. */
  readonly dryRun?: boolean | undefined;
}

export interface DeleteOptions extends RequestOptions {
  /** Delete only this very object. */
  readonly uid?: string | undefined;
  /** `Background` (default): dependents go afterwards. `Foreground`: the object goes when its dependents are gone. */
  readonly propagation?: 'Background' | 'Foreground' | undefined;
  readonly dryRun?: boolean | undefined;
}

export interface ListQuery {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** A page-free list with the resourceVersion from which a watch can go on. */
export interface ListResult {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
}

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  /** The watch was begun anew after a gap: `items` is everything that exists now. */
  | { readonly type: 'RELIST'; readonly items: readonly KubeObject[] };

/** One field that server-side apply found to belong to somebody else. */
export interface FieldConflict {
  /** As the server writes it: `.spec.replicas`. */
  readonly field: string;
  readonly manager: string;
}

/** One HTTP request to a port of a pod, sent through a port-forward. */
export interface PodRequest {
  readonly namespace: string;
  readonly pod: string;
  /** Port of the pod, not of a Service. */
  readonly port: number;
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST' | undefined;
  /** With query: `/config_dump?include_eds`. */
  readonly path: string;
  readonly body?: string | undefined;
}

export interface PodResponse {
  readonly status: number;
  readonly body: string;
}

/** One HTTP request to a Service, sent through the API server: it asks one of the Service's ready pods. */
export interface ServiceRequest {
  readonly namespace: string;
  readonly service: string;
  /** Port of the Service. */
  readonly port: number;
  readonly scheme: 'http' | 'https';
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST' | undefined;
  /** With query: `/inject`. */
  readonly path: string;
  /** JSON. */
  readonly body?: string | undefined;
}

/** One port of one pod. */
export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  /** Port of the pod, not of a Service. */
  readonly port: number;
}

/** Where a port-forward finds its pod, again and again. */
export interface PodSource {
  /** A pod to use now, as an object of its own. Throws MeshErrors; all but `auth`, `config` and `usage` may pass by themselves. */
  pick(signal: AbortSignal): Promise<PodPort>;
  /** Resolves with the reason once this pod can no longer be used. */
  gone(pod: PodPort, signal: AbortSignal): Promise<string>;
}

export type ForwardState =
  | { readonly type: 'connected'; readonly pod: PodPort }
  /** There is no pod to use; another one is looked for. */
  | { readonly type: 'lost'; readonly reason: string };

/** A local port that leads to a pod. */
export interface ForwardRequest {
  /** Local port; 0: any free one. */
  readonly port: number;
  /** Whether it must be this port. Otherwise the next free one is taken when it is in use. */
  readonly isPortFixed: boolean;
  /** Address or name to listen on; `localhost` is 127.0.0.1 and ::1. */
  readonly address: string;
  readonly source: PodSource;
  /** So long a search for a pod may last. 0: for ever. */
  readonly reconnectTimeoutMs: number;
  readonly onState: (state: ForwardState) => void;
}

export interface Forward {
  /** The local port. */
  readonly port: number;
  /** What is listened on: `127.0.0.1`, `::1`. */
  readonly addresses: readonly string[];
  /**
   * Asks the pod, over its own connection, for a page: waits for a pod when there is none. Throws `unreachable` when no
   * pod could be reached in time or the answer broke off.
   */
  request(path: string): Promise<PodResponse>;
  /**
   * Resolves after `close`. Rejects, with all connections closed, with `unreachable` when no pod could be reached for
   * `reconnectTimeoutMs`, and with what no repetition can mend (`auth`, ...).
   */
  readonly ended: Promise<void>;
  /** Closes the port and all connections. */
  close(): Promise<void>;
}

/** A question to the cluster: may I? */
export interface AccessQuery {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/**
 * One cluster. Every method has a deadline of its own (the `--request-timeout`), repeats what is safe to repeat,
 * and throws MeshError: `unreachable`, `auth`, `conflict` (with FieldConflict lines in `details`), `cluster`, `cancelled`.
 */
export interface Cluster {
  /** Name of the kubeconfig context, and the server's URL: shown before anything is changed. */
  readonly context: string;
  readonly server: string;
  /** Namespace of the context, else `default`. */
  readonly defaultNamespace: string;
  /** `v1.36.1`. */
  version(options?: RequestOptions): Promise<string>;
  /** undefined: the API server does not know this kind (its CRD is not there yet). */
  resource(apiVersion: string, kind: string, options?: RequestOptions): Promise<ApiResource | undefined>;
  /** All resources of all API groups, from aggregated discovery. */
  resources(options?: RequestOptions): Promise<readonly ApiResource[]>;
  /** Forget what discovery said: after CRDs were applied. */
  forgetResources(): void;
  /** undefined: not found. */
  get(ref: ObjectRef, options?: RequestOptions): Promise<KubeObject | undefined>;
  /** Follows `continue` to the end. A kind the server does not know is an empty list. */
  list(query: ListQuery, options?: RequestOptions): Promise<ListResult>;
  /** Events from `resourceVersion` on; never ends by itself, reconnects, relists on 410. */
  watch(query: ListQuery, resourceVersion: string, options?: RequestOptions): AsyncIterable<WatchEvent>;
  /** Server-side apply as field manager `mesh` with `fieldValidation=Strict`; returns the object as stored. */
  apply(object: KubeObject, options?: ApplyOptions): Promise<KubeObject>;
  /** Create; a `conflict` MeshError when it exists. Not repeated after a cut answer unless the object is the same. */
  create(object: KubeObject, options?: RequestOptions): Promise<KubeObject>;
  /** Full update of what was read: `conflict` when resourceVersion is not the live one. */
  replace(object: KubeObject, options?: RequestOptions): Promise<KubeObject>;
  /** JSON merge patch. */
  patch(ref: ObjectRef, patch: JsonObject, options?: RequestOptions): Promise<KubeObject>;
  /** false: it was not there. */
  remove(ref: ObjectRef, options?: DeleteOptions): Promise<boolean>;
  /** SelfSubjectAccessReview. */
  isAllowed(query: AccessQuery, options?: RequestOptions): Promise<boolean>;
  /** The last `lines` log lines of a container. */
  logs(
    pod: {
      readonly name: string;
      readonly namespace: string;
      readonly container?: string | undefined;
      readonly lines: number;
      readonly previous?: boolean | undefined;
    },
    options?: RequestOptions,
  ): Promise<string>;
  /**
   * Asks a server inside a pod. Every HTTP status is an answer. Throws `unreachable` when the pod's port does not answer
   * in time (the message has what the kubelet said), `auth` without permission for pods/portforward.
   */
  podRequest(request: PodRequest, options?: RequestOptions): Promise<PodResponse>;
  /**
   * Asks a Service through the API server's proxy. Every HTTP status of the Service is an answer. Throws `unreachable` when
   * no pod of it answers, `usage` when there is no such Service, `auth` without permission for services/proxy.
   */
  serviceRequest(request: ServiceRequest, options?: RequestOptions): Promise<PodResponse>;
  /**
   * Listens on a local port and carries every connection to a pod that is looked for anew when it goes away. Throws
   * `usage` when the port or the address cannot be had.
   */
  forward(request: ForwardRequest): Promise<Forward>;
  /** Number of requests sent so far, by `VERB` (GET, PATCH, ...): for benchmarks and `--verbose`. */
  readonly requestCounts: Readonly<Record<string, number>>;
  /** Closes connections; the object is of no use afterwards. */
  close(): Promise<void>;
}

/** Time as an argument. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms` milliseconds, or rejects with a `cancelled` MeshError when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A thing that happens while a use case works; `cli` turns them into a spinner, plain lines or nothing. */
export type ProgressEvent =
  | { readonly type: 'stage'; readonly component: string; readonly message: string }
  | {
      readonly type: 'object';
      readonly component: string;
      readonly ref: ObjectRef;
      readonly action: 'created' | 'updated' | 'unchanged' | 'deleted';
    }
  | {
      readonly type: 'waiting';
      readonly component: string;
      readonly ready: number;
      readonly total: number;
      readonly reason: string;
    }
  | { readonly type: 'done'; readonly component: string; readonly message: string }
  | { readonly type: 'failed'; readonly component: string; readonly message: string }
  | { readonly type: 'warning'; readonly message: string };

export type ReportProgress = (event: ProgressEvent) => void;

export interface WriteOptions {
  /** Only the user may read the file: for Secrets. */
  readonly isPrivate?: boolean | undefined;
}

/** Files the user names, and standard input (`-`). */
export interface Files {
  /** Throws `config` MeshError that names the file: not found, a folder, not readable, not UTF-8. */
  read(path: string): Promise<string>;
  /** Makes folders that are missing. No reader ever sees half a file. */
  write(path: string, text: string, options?: WriteOptions): Promise<void>;
  /** The file itself, or the `.yaml`, `.yml` and `.json` files in and below a folder, sorted. */
  listManifests(path: string): Promise<string[]>;
}
