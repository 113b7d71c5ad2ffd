/** A kubeconfig as data: what kubectl's files say, with paths made absolute and every entry's place remembered. */
import type { SourcePosition } from '../../lib/errors.ts';
import type { JsonValue } from '../../lib/json.ts';

export interface ClusterEntry {
  readonly server?: string | undefined;
  readonly tlsServerName?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  /** Absolute path of a PEM file. */
  readonly certificateAuthority?: string | undefined;
  /** PEM text; wins over the file. */
  readonly certificateAuthorityData?: string | undefined;
  readonly proxyUrl?: string | undefined;
  readonly disableCompression?: boolean | undefined;
  /** `extensions` entry `client.authentication.k8s.io/exec`, handed to exec plugins. */
  readonly execConfig?: JsonValue | undefined;
}

export interface ExecEntry {
  readonly apiVersion: string;
  /** A name to look up in PATH, or an absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly installHint?: string | undefined;
  readonly provideClusterInfo: boolean;
  readonly interactiveMode: 'Never' | 'IfAvailable' | 'Always';
}

export interface Impersonation {
  readonly user?: string | undefined;
  readonly uid?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface UserEntry {
  /** Absolute paths of PEM files. */
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
  /** PEM texts; they win over the files. */
  readonly clientCertificateData?: string | undefined;
  readonly clientKeyData?: string | undefined;
  readonly token?: string | undefined;
  /** Absolute path; read again from time to time, wins over `token`. */
  readonly tokenFile?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly impersonate?: Impersonation | undefined;
  readonly exec?: ExecEntry | undefined;
  /** Name of a legacy `auth-provider`, which kubectl and mesh no longer run. */
  readonly authProvider?: string | undefined;
}

export interface ContextEntry {
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly namespace?: string | undefined;
}

/** An entry with its place. */
export interface Placed<T> {
  readonly value: T;
  readonly position: SourcePosition;
}

export interface Kubeconfig {
  /** Files that were read. */
  readonly files: readonly string[];
  /** Files that were looked for and are not there. */
  readonly missing: readonly string[];
  readonly currentContext?: string | undefined;
  readonly clusters: ReadonlyMap<string, Placed<ClusterEntry>>;
  readonly users: ReadonlyMap<string, Placed<UserEntry>>;
  readonly contexts: ReadonlyMap<string, Placed<ContextEntry>>;
}
