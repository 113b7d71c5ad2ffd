/**
 * What proves to the API server who we are: headers and a client certificate, from the kubeconfig's user. Tokens in files
 * are read again after a minute, exec plugins run once for any number of parallel requests, again when their answer
 * expires and once after a 401.
 */
import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { MeshError, messageOf } from '../../lib/errors.ts';
import { runExecPlugin } from './exec-plugin.ts';
import type { ExecCredential } from './exec-plugin.ts';
import type { Environment } from './kubeconfig.ts';
import type { ExecEntry, Impersonation, UserEntry } from './kubeconfig-types.ts';
import type { Target } from './target.ts';
import { readCertificateAuthority, readPem } from './pem.ts';

export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** An identity at one moment; a list of values is sent as several headers of one name. */
export interface Identity {
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly certificate?: ClientCertificate | undefined;
}

export interface Credentials {
  /** The identity to use now; may read a file or run a plugin. */
  current(): Promise<Identity>;
  /** After a 401 for `refused`: true when `current` will say something else, so that one more try makes sense. */
  renew(refused: Identity): Promise<boolean>;
  /** What kind of proof it is, for errors. */
  readonly kind: 'none' | 'token' | 'password' | 'certificate' | 'exec';
}

export interface CredentialOptions {
  readonly env: Environment;
  /** Whether standard input is a terminal that exec plugins may use. Default: look. */
  readonly isInteractive?: boolean | undefined;
  /** Default: 60 s, and 5 minutes when the plugin may ask the user something. */
  readonly execTimeoutMs?: number | undefined;
  readonly now?: (() => number) | undefined;
  /** Ends a running plugin. */
  readonly signal?: AbortSignal | undefined;
}

const TOKEN_FILE_AGE_MS = 60_000;

export function createCredentials(target: Target, options: CredentialOptions): Credentials {
  const { user } = target;
  const impersonation = impersonationHeaders(user.impersonate);
  // As with kubectl, a token or a password beside the plugin wins.
  if (user.exec && kindOf(user) !== 'token' && kindOf(user) !== 'password')
    return execCredentials(target, user.exec, impersonation, options);
  return fileCredentials(user, target.userName, impersonation, options.now ?? Date.now);
}

function fileCredentials(
  user: UserEntry,
  userName: string,
  impersonation: Identity['headers'],
  now: () => number,
): Credentials {
  let known: { readonly identity: Identity; readonly readAtMs: number } | undefined;
  const read = (): Identity => {
    const identity: Identity = {
      headers: { ...authorization(user, userName), ...impersonation },
      certificate: readCertificate(user, userName),
    };
    // An equal identity stays the same object: it tells whether anything is new.
    if (known && isSame(known.identity, identity)) known = { identity: known.identity, readAtMs: now() };
    else known = { identity, readAtMs: now() };
    return known.identity;
  };
  const current = (): Identity => {
    if (known && (user.tokenFile === undefined || now() - known.readAtMs < TOKEN_FILE_AGE_MS))
      return known.identity;
    return read();
  };
  return {
    kind: kindOf(user),
    // eslint-disable-next-line @typescript-eslint/require-await -- a promise also for what is thrown
    current: async () => current(),
    // eslint-disable-next-line @typescript-eslint/require-await
    renew: async (refused) => read() !== refused,
  };
}

function kindOf(user: UserEntry): Credentials['kind'] {
  if (user.token !== undefined || user.tokenFile !== undefined) return 'token';
  if (user.username !== undefined || user.password !== undefined) return 'password';
  return user.clientCertificate !== undefined || user.clientCertificateData !== undefined
    ? 'certificate'
    : 'none';
}

function isSame(a: Identity, b: Identity): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function authorization(user: UserEntry, userName: string): Record<string, string> {
  if (user.tokenFile !== undefined) {
    const token = readTokenFile(user.tokenFile, userName, user.token);
    return { authorization: `Bearer ${token}` };
  }
  if (user.token !== undefined) return { authorization: `Bearer ${user.token.trim()}` };
  if (user.username === undefined && user.password === undefined) return {};
  return {
    authorization: `Basic ${Buffer.from(`${user.username ?? ''}:${user.password ?? ''}`).toString('base64')}`,
  };
}

function readTokenFile(path: string, userName: string, fallback: string | undefined): string {
  try {
    const token = readFileSync(path, 'utf8').trim();
    if (token !== '') return token;
  } catch (error) {
    if (fallback === undefined) {
      throw new MeshError(
        'config',
        `the token file ${path} of the user "${userName}" cannot be read: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }
  if (fallback !== undefined) return fallback;
  throw new MeshError('config', `the token file ${path} of the user "${userName}" is empty`);
}

function readCertificate(user: UserEntry, userName: string): ClientCertificate | undefined {
  const cert =
    user.clientCertificateData ??
    readPem(user.clientCertificate, `the client certificate of the user "${userName}"`);
  const key = user.clientKeyData ?? readPem(user.clientKey, `the client key of the user "${userName}"`);
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

/** Groups and extra values are headers of their own each; client-node knows only `as`. */
export function impersonationHeaders(as: Impersonation | undefined): Record<string, string | string[]> {
  if (as?.user === undefined) return {};
  const extra = Object.entries(as.extra ?? {}).map(([key, values]) => [
    `impersonate-extra-${encodeHeaderKey(key)}`,
    [...values],
  ]);
  return {
    'impersonate-user': as.user,
    ...(as.uid === undefined ? {} : { 'impersonate-uid': as.uid }),
    ...(as.groups?.length ? { 'impersonate-group': [...as.groups] } : {}),
    ...(Object.fromEntries(extra) as Record<string, string[]>),
  };
}

/** Percent-encodes what cannot be part of a header name, as client-go; the server decodes it. */
function encodeHeaderKey(key: string): string {
  return [...Buffer.from(key.toLowerCase())]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[!#$&'*+\-.^_`|~0-9a-z]/.test(char)
        ? char
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function execCredentials(
  target: Target,
  exec: ExecEntry,
  impersonation: Identity['headers'],
  options: CredentialOptions,
): Credentials {
  const now = options.now ?? Date.now;
  const isInteractive = options.isInteractive ?? isatty(0);
  const mayAsk = isInteractive && exec.interactiveMode !== 'Never';
  const timeoutMs = options.execTimeoutMs ?? (mayAsk ? 300_000 : 60_000);
  let known: { readonly identity: Identity; readonly credential: ExecCredential } | undefined;
  let running: Promise<Identity> | undefined;

  const run = async (): Promise<Identity> => {
    const credential = await runExecPlugin({
      exec,
      userName: target.userName,
      cluster: { ...target.cluster, server: target.server.href.replace(/\/$/, '') },
      certificateAuthority: exec.provideClusterInfo ? readCertificateAuthority(target) : undefined,
      env: options.env,
      isInteractive,
      timeoutMs,
      signal: options.signal,
    });
    const headers =
      credential.token === undefined
        ? impersonation
        : { authorization: `Bearer ${credential.token}`, ...impersonation };
    const identity: Identity = {
      headers,
      certificate: credential.certificate ?? readCertificate(target.user, target.userName),
    };
    known = { identity, credential };
    return identity;
  };
  /** All who ask while the plugin runs get the same run. */
  const shared = (): Promise<Identity> => {
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  };
  const isFresh = (credential: ExecCredential): boolean =>
    credential.expiresAtMs === undefined || credential.expiresAtMs > now();

  return {
    kind: 'exec',
    current: async () =>
      running === undefined && known && isFresh(known.credential) ? known.identity : shared(),
    renew: async (refused) => {
      // Another request may have renewed it already.
      if (known && known.identity !== refused) return true;
      await shared();
      return true;
    },
  };
}
