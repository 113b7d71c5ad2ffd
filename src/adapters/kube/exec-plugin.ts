/**
 * Runs exec credential plugins as kubectl does: KUBERNETES_EXEC_INFO, stdin inherited when the plugin may ask questions,
 * stderr shown, the answer checked. Plugins may open a browser, so they have a deadline of their own and end with Ctrl-C.
 */
import { spawn } from 'node:child_process';
import { MeshError } from '../../lib/errors.ts';
import { isObject, stringAt } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import type { Environment } from './kubeconfig.ts';
import type { ClusterEntry, ExecEntry } from './kubeconfig-types.ts';

/** What a plugin answered. */
export interface ExecCredential {
  readonly token?: string | undefined;
  /** PEM texts, both or none. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAtMs?: number | undefined;
}

export interface ExecRun {
  readonly exec: ExecEntry;
  readonly userName: string;
  /** Told to the plugin when it asks for it (`provideClusterInfo`). */
  readonly cluster: ClusterEntry;
  /** PEM text of the cluster's CA. */
  readonly certificateAuthority?: string | undefined;
  readonly env: Environment;
  /** Standard input is a terminal that the plugin may use. */
  readonly isInteractive: boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Throws `auth` MeshErrors that name the plugin, `cancelled` when `signal` aborts. */
export async function runExecPlugin(run: ExecRun): Promise<ExecCredential> {
  const { exec } = run;
  if (exec.interactiveMode === 'Always' && !run.isInteractive) {
    throw failure(run, 'it needs a terminal on standard input, and there is none');
  }
  const isInteractive = exec.interactiveMode !== 'Never' && run.isInteractive;
  const output = await runProcess(run, isInteractive);
  return readCredential(run, output);
}

function runProcess(run: ExecRun, isInteractive: boolean): Promise<string> {
  const { exec, signal } = run;
  const own = Object.fromEntries(exec.env.map(({ name, value }) => [name, value]));
  const env = { ...run.env, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(run, isInteractive)) };
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(cancelled());
      return;
    }
    const child = spawn(exec.command, exec.args, {
      env,
      stdio: [isInteractive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    let settled = false;
    const settle = (act: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      act();
    };
    const stop = (error: MeshError): void =>
      settle(() => {
        child.kill();
        // A plugin whose own children hold the pipe must not keep mesh waiting.
        child.stdout.destroy();
        child.unref();
        reject(error);
      });
    const onAbort = (): void => stop(cancelled());
    const timer = setTimeout(
      () => stop(failure(run, `it did not answer within ${run.timeoutMs / 1000} s`)),
      run.timeoutMs,
    );
    signal?.addEventListener('abort', onAbort);
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (error: NodeJS.ErrnoException) => settle(() => reject(startError(run, error))));
    child.on('close', (code, killedBy) =>
      settle(() => {
        if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
        else
          reject(
            failure(
              run,
              killedBy ? `it was ended by ${killedBy}` : `it failed with exit code ${code ?? 'unknown'}`,
            ),
          );
      }),
    );
  });
}

function startError(run: ExecRun, error: NodeJS.ErrnoException): MeshError {
  const reason =
    error.code === 'ENOENT'
      ? 'it is not installed'
      : error.code === 'EACCES'
        ? 'it may not be executed'
        : error.message;
  return failure(run, reason, error);
}

function failure(run: ExecRun, reason: string, cause?: unknown): MeshError {
  const { command, installHint } = run.exec;
  return new MeshError(
    'auth',
    `the credential plugin ${command} of the user "${run.userName}" gave no credentials: ${reason}`,
    {
      // Not with its arguments: they may hold secrets.
      hint: installHint?.trim() ?? `run ${command} by hand, as the kubeconfig does, to see what is wrong`,
      cause,
    },
  );
}

function cancelled(): MeshError {
  return new MeshError('cancelled', 'stopped while waiting for the credential plugin');
}

function execInfo(run: ExecRun, isInteractive: boolean): JsonValue {
  const { cluster } = run;
  const info = {
    server: cluster.server,
    'tls-server-name': cluster.tlsServerName,
    'insecure-skip-tls-verify': cluster.insecureSkipTlsVerify || undefined,
    'certificate-authority-data':
      run.certificateAuthority === undefined
        ? undefined
        : Buffer.from(run.certificateAuthority).toString('base64'),
    'proxy-url': cluster.proxyUrl,
    'disable-compression': cluster.disableCompression || undefined,
    config: cluster.execConfig,
  };
  const given = Object.fromEntries(Object.entries(info).filter(([, value]) => value !== undefined)) as Record<
    string,
    JsonValue
  >;
  return {
    apiVersion: run.exec.apiVersion,
    kind: 'ExecCredential',
    spec: { ...(run.exec.provideClusterInfo ? { cluster: given } : {}), interactive: isInteractive },
  };
}

function readCredential(run: ExecRun, output: string): ExecCredential {
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch (error) {
    throw failure(run, 'its answer is not JSON', error);
  }
  if (!isObject(answer) || answer['kind'] !== 'ExecCredential')
    throw failure(run, 'its answer is not an ExecCredential');
  const version = stringAt(answer, ['apiVersion']);
  if (version !== run.exec.apiVersion)
    throw failure(
      run,
      `it answered in ${version || 'no version'}, the kubeconfig asks for ${run.exec.apiVersion}`,
    );
  const token = stringAt(answer, ['status', 'token']) || undefined;
  const cert = stringAt(answer, ['status', 'clientCertificateData']);
  const key = stringAt(answer, ['status', 'clientKeyData']);
  if ((cert === '') !== (key === ''))
    throw failure(run, 'its answer has a client certificate or a key, not both');
  if (token === undefined && cert === '')
    throw failure(run, 'its answer has neither a token nor a client certificate');
  const expiry = stringAt(answer, ['status', 'expirationTimestamp']);
  const expiresAtMs = expiry === '' ? undefined : Date.parse(expiry);
  if (Number.isNaN(expiresAtMs)) throw failure(run, `its expirationTimestamp "${expiry}" is not a time`);
  return { token, certificate: cert === '' ? undefined : { cert, key }, expiresAtMs };
}
