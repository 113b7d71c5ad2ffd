/**
 * Starts a control plane and talks to its supervisor (`controlplane up`, see up.go and control.go). The
 * supervisor owns all processes and the data folder: it ends them when asked to, when it gets a signal, and,
 * unless detached, when the process that has started it is gone for whatever reason.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { MeshError } from '../../src/lib/errors.ts';
import { buildControlPlane, type BuildOptions } from './build.ts';

/** What a supervisor says of itself: the content of `controlplane.json` in its data folder. */
export interface ControlPlaneState {
  readonly pid: number;
  readonly binary: string;
  readonly dataDir: string;
  /** Cluster, user and context are all called `mesh-test`. */
  readonly kubeconfig: string;
  /** URL of the API server, such as `https://127.0.0.1:20123`. */
  readonly server: string;
  /** Bearer token of an administrator (group `system:masters`). */
  readonly token: string;
  readonly caFile: string;
  /** Holds `admin.crt` and `admin.key` too, a client certificate of an administrator. */
  readonly certDir: string;
  readonly detached: boolean;
  readonly controlUrl: string;
  readonly controlToken: string;
  /** host:port of etcd, kube-apiserver and kwok (the kubelets). */
  readonly addresses: Readonly<Record<string, string>>;
  /** Process ids of the five components. */
  readonly processes: Readonly<Record<string, number>>;
}

export interface ControlPlane extends ControlPlaneState {
  /** Ends all processes and, unless it was to be kept, removes the data folder. May be called twice. */
  stop(): Promise<void>;
  /** Ends kube-apiserver: with `kill` as a crash, open requests cut; else they may finish. */
  stopApiServer(options?: { readonly kill?: boolean }): Promise<void>;
  /** Starts it again on the same port, and returns when it is ready. */
  startApiServer(): Promise<void>;
  restartApiServer(options?: { readonly kill?: boolean }): Promise<void>;
}

export interface StartOptions extends BuildOptions {
  /** Data folder: absent, empty, or kept from an earlier run. Default: a temporary one. */
  readonly directory?: string | undefined;
  /** Keep the data folder at the end, to go on with it later. */
  readonly keepData?: boolean | undefined;
  /** Live on when this process ends; then `directory` is how to find the control plane again. */
  readonly detach?: boolean | undefined;
}

/**
 * Builds the binary if need be, starts a control plane and returns when pods can run in it (2 to 4 s). Many
 * may run at once. Does not keep this process alive. Throws a MeshError that quotes the log of the component
 * that failed.
 */
export async function startControlPlane(options: StartOptions = {}): Promise<ControlPlane> {
  const binary = await buildControlPlane(options);
  const args = ['up', '--stages', path.join(import.meta.dirname, 'stages')];
  if (options.directory !== undefined) args.push('--dir', path.resolve(options.directory));
  if (options.keepData) args.push('--keep-data');
  if (options.detach) args.push('--detach');

  const supervisor = spawn(binary, args, {
    // A Ctrl-C of the terminal is for us; the supervisor notices through its standard input, which closes
    // when this process ends.
    detached: true,
    cwd: tmpdir(),
    // Given explicitly, because jest has a `process.env` of its own. KUBEBUILDER_ASSETS is looked at.
    env: process.env,
    stdio: [options.detach ? 'ignore' : 'pipe', 'pipe', options.detach ? 'ignore' : 'inherit'],
  });
  const { stdin, stdout } = supervisor;
  if (!stdout) throw new Error('the supervisor has no standard output');

  const event = await new Promise<SupervisorEvent>((resolve, reject) => {
    supervisor.once('error', reject);
    // Not `exit`, which may come before the last line has been read.
    supervisor.once('close', (code, signal) => {
      resolve({ event: 'failed', message: `its supervisor ended (${signal ?? code ?? 'unknown'})` });
    });
    createInterface({ input: stdout }).once('line', (line) => resolve(JSON.parse(line) as SupervisorEvent));
  });
  if (event.event === 'failed') {
    const [summary = '', ...details] = event.message.split('\n');
    throw new MeshError('internal', `The test control plane does not start: ${summary}`, { details });
  }
  // From here on only its life is bound to ours, not ours to its.
  supervisor.removeAllListeners();
  stdout.destroy();
  supervisor.unref();
  (stdin as Socket | null)?.unref();
  return connectControlPlane(event.state);
}

type SupervisorEvent =
  | { readonly event: 'ready'; readonly state: ControlPlaneState }
  | { readonly event: 'failed'; readonly message: string };

/** The control plane that lives in `directory`; undefined when none does. */
export async function findControlPlane(directory: string): Promise<ControlPlane | undefined> {
  const text = await readFile(path.join(directory, 'controlplane.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const state = JSON.parse(text) as ControlPlaneState;
  return (await isRunning(state)) ? connectControlPlane(state) : undefined;
}

/** Whether the supervisor still answers. The token makes sure that it is this one. */
export async function isRunning(state: ControlPlaneState): Promise<boolean> {
  return (await callSupervisor(state, 'GET', '/status')) === 200;
}

/** Makes a `ControlPlane` of the state of a running one. */
export function connectControlPlane(state: ControlPlaneState): ControlPlane {
  const call = async (what: string): Promise<void> => {
    const status = await callSupervisor(state, 'POST', what);
    if (status !== 204)
      throw new MeshError(
        'internal',
        `The test control plane in ${state.dataDir} answered ${what} with ${status ?? 'nothing'}.`,
      );
  };
  const plane: ControlPlane = {
    ...state,
    stop: async () => {
      // No answer means that it is gone already.
      await callSupervisor(state, 'POST', '/stop');
      await waitForEnd(state.pid);
    },
    stopApiServer: ({ kill = false } = {}) => call(`/apiserver/stop?kill=${kill}`),
    startApiServer: () => call('/apiserver/start'),
    restartApiServer: async (options) => {
      await plane.stopApiServer(options);
      await plane.startApiServer();
    },
  };
  return plane;
}

/** The status code, or undefined without an answer. */
async function callSupervisor(
  state: ControlPlaneState,
  method: string,
  what: string,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${state.controlToken}` };
    const call = request(`${state.controlUrl}${what}`, { method, headers, agent: false }, (response) => {
      response.resume().once('close', () => resolve(response.statusCode));
    });
    call.once('error', () => resolve(undefined)).end();
  });
}

/** The supervisor answers a stop request as the last thing that it does; its process needs a moment more. */
async function waitForEnd(pid: number): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (Date.now() < deadline) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    // A process whose parent does not wait for it (pid 1 of many containers) stays as a zombie.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (/\) Z /.test(stat)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
