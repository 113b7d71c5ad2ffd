/** A control plane starts, ends and leaves nothing behind, whatever happens to those who run it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findControlPlane, startControlPlane, type ControlPlane } from '../controlplane/launcher.ts';
import { createNamespace, kubeGet, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';

const launcher = path.resolve(import.meta.dirname, '../controlplane/launcher.ts');

// Only for its `describe`, and so that a first build has its time; most tests here start one of their own.
const cluster = useControlPlane();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mesh-lifecycle-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Printed {
  readonly kubeconfig: string;
  readonly dataDir: string;
  readonly pid: number;
  readonly processes: Readonly<Record<string, number>>;
}

interface KubeletNode {
  readonly status: { readonly daemonEndpoints: { readonly kubeletEndpoint: { readonly Port: number } } };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie runs no more; it waits for a parent that takes note.
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
}

const pidsOf = ({ pid, processes }: Printed): number[] => [pid, ...Object.values(processes)];

const survivors = (plane: Printed): number[] => pidsOf(plane).filter(isAlive);

async function isReady(plane: ControlPlane): Promise<boolean> {
  return (await kubeRequest<string>('/readyz', { plane })).body === 'ok';
}

/** Runs `node launcher.ts start ...` and returns the process and what it says when it is ready. */
async function startLauncher(...args: readonly string[]): Promise<{ child: ChildProcess; plane: Printed }> {
  const child = spawn(process.execPath, [launcher, 'start', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, plane: JSON.parse(line) as Printed };
}

/** Runs the launcher to its end. */
async function runLauncher(
  ...args: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [launcher, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...output };
}

cluster.describe('stop', () => {
  test('leaves no process and no data folder, and may be called twice', async () => {
    const plane = await startControlPlane();
    expect(survivors(plane)).toHaveLength(6);
    expect(await isReady(plane)).toBe(true);
    await plane.stop();
    expect(survivors(plane)).toEqual([]);
    expect(existsSync(plane.dataDir)).toBe(false);
    await plane.stop();
  });

  test('does not touch another control plane', async () => {
    const [first, second] = await Promise.all([startControlPlane(), startControlPlane()]);
    const ports = [first, second].flatMap((plane) => Object.values(plane.addresses));
    expect(new Set(ports).size).toBe(ports.length);
    expect(ports.every((address) => address.startsWith('127.0.0.1:'))).toBe(true);
    const namespace = await createNamespace('only-here', {}, first);
    await second.stop();
    expect(await isReady(first)).toBe(true);
    expect(await kubeGet(`/api/v1/namespaces/${namespace}`, first)).toMatchObject({
      status: { phase: 'Active' },
    });
    await first.stop();
  });
});

cluster.describe('an end that nobody has asked for', () => {
  test.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s of the launcher', async (signal) => {
    const { child, plane } = await startLauncher();
    expect(survivors(plane)).toHaveLength(6);
    child.kill(signal);
    await once(child, 'exit');
    await waitFor(() => survivors(plane).length === 0, 10_000);
    await waitFor(() => !existsSync(plane.dataDir), 10_000);
  });

  test('SIGKILL of the launcher while it starts', async () => {
    const directory = path.join(folder, 'early');
    const child = spawn(process.execPath, [launcher, 'start', '--dir', directory], { stdio: 'ignore' });
    await waitFor(() => existsSync(path.join(directory, 'logs', 'kube-apiserver.log')));
    child.kill('SIGKILL');
    await waitFor(() => !existsSync(directory), 10_000);
  });

  test('SIGKILL of the supervisor: its children end, and the next start removes the folder', async () => {
    const plane = await startControlPlane();
    process.kill(plane.pid, 'SIGKILL');
    await waitFor(() => survivors(plane).length === 0, 10_000);
    expect(existsSync(plane.dataDir)).toBe(true);
    const next = await startControlPlane();
    expect(existsSync(plane.dataDir)).toBe(false);
    await next.stop();
  });

  test('the end of a component ends all, the launcher too', async () => {
    const { child, plane } = await startLauncher();
    process.kill(plane.processes['etcd']!, 'SIGKILL');
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(survivors(plane)).toEqual([]);
    expect(existsSync(plane.dataDir)).toBe(false);
  });
});

cluster.describe('the data folder', () => {
  test('is kept when asked to, and then goes on where it was', async () => {
    const directory = path.join(folder, 'kept');
    const first = await startControlPlane({ directory, keepData: true });
    await kubeRequest('/api/v1/namespaces', { body: { metadata: { name: 'kept' } }, plane: first });
    await first.stop();
    expect(survivors(first)).toEqual([]);

    const second = await startControlPlane({ directory });
    expect(second.token).toBe(first.token);
    expect(await kubeGet('/api/v1/namespaces/kept', second)).toMatchObject({ status: { phase: 'Active' } });
    // The kubelets listen elsewhere now, and the nodes say so.
    const node = await kubeGet<KubeletNode>('/api/v1/nodes/mesh-test-1', second);
    const { Port: port } = node.status.daemonEndpoints.kubeletEndpoint;
    expect(`127.0.0.1:${port}`).toBe(second.addresses['kwok']);
    await second.stop();
    expect(existsSync(directory)).toBe(false);
  });

  test('is refused when it holds something else', async () => {
    const directory = path.join(folder, 'home');
    await mkdir(directory);
    await writeFile(path.join(directory, 'thesis.txt'), 'precious');
    await expect(startControlPlane({ directory })).rejects.toThrow(`the folder ${directory} is not empty`);
    expect(await readdir(directory)).toEqual(['thesis.txt']);
  });
});

cluster.describe('the API server', () => {
  test('can be away for a while, and comes back on the same port with its objects', async () => {
    const plane = await startControlPlane();
    const namespace = await createNamespace('stays', {}, plane);
    await plane.stopApiServer({ kill: true });
    await expect(kubeGet('/readyz', plane)).rejects.toThrow('ECONNREFUSED');
    await plane.startApiServer();
    expect(await kubeGet(`/api/v1/namespaces/${namespace}`, plane)).toMatchObject({
      status: { phase: 'Active' },
    });
    await plane.stop();
    expect(survivors(plane)).toEqual([]);
  });

  test('comes from KUBEBUILDER_ASSETS when that is set, and so does etcd', async () => {
    const assets = path.join(folder, 'assets');
    await mkdir(assets);
    const saved = process.env['KUBEBUILDER_ASSETS'];
    process.env['KUBEBUILDER_ASSETS'] = assets;
    try {
      await expect(startControlPlane()).rejects.toThrow(
        `KUBEBUILDER_ASSETS names the folder ${assets}, which holds no etcd`,
      );
      for (const name of ['etcd', 'kube-apiserver']) {
        const file = path.join(assets, name);
        await writeFile(
          file,
          `#!/bin/sh\ntouch '${file}.used'\nexec '${cluster.plane.binary}' ${name} "$@"\n`,
        );
        await chmod(file, 0o755);
      }
      const plane = await startControlPlane();
      expect((await readdir(assets)).sort()).toEqual([
        'etcd',
        'etcd.used',
        'kube-apiserver',
        'kube-apiserver.used',
      ]);
      const ports = Object.values(plane.addresses).map((address) => new URL(`http://${address}`).port);
      process.kill(plane.pid, 'SIGKILL');
      await waitFor(() => survivors(plane).length === 0, 10_000);
      // The foreign binaries are grandchildren, and must be gone as well: nothing listens.
      await waitFor(
        async () => (await Promise.all(ports.map(isListening))).every((listens) => !listens),
        10_000,
      );
      await rm(plane.dataDir, { recursive: true });
    } finally {
      if (saved === undefined) delete process.env['KUBEBUILDER_ASSETS'];
      else process.env['KUBEBUILDER_ASSETS'] = saved;
    }
  });
});

async function isListening(port: string): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    (error: unknown) => !String((error as Error).cause).includes('ECONNREFUSED'),
  );
}

cluster.describe('the command line', () => {
  test('start --detach lives on until stop', async () => {
    const directory = path.join(folder, 'detached');
    const absent = await runLauncher('status', '--dir', directory);
    expect(absent).toMatchObject({
      code: 3,
      stdout: '',
      stderr: `No control plane is running in ${directory}.\n`,
    });

    const started = await runLauncher('start', '--detach', '--dir', directory);
    expect(started.code).toBe(0);
    const plane = JSON.parse(started.stdout) as Printed;
    expect(plane.kubeconfig).toBe(path.join(directory, 'kubeconfig'));
    expect(survivors(plane)).toHaveLength(6);

    const again = await runLauncher('start', '--detach', '--dir', directory);
    expect(JSON.parse(again.stdout)).toEqual(plane);
    expect(JSON.parse((await runLauncher('status', '--dir', directory)).stdout)).toEqual(plane);
    expect(await isReady((await findControlPlane(directory))!)).toBe(true);

    expect(await runLauncher('stop', '--dir', directory)).toMatchObject({ code: 0, stdout: '' });
    expect(survivors(plane)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
    expect((await runLauncher('stop', '--dir', directory)).code).toBe(0);
  });

  test('says what it knows when it is called wrongly', async () => {
    const { code, stderr } = await runLauncher('begin');
    expect(code).toBe(64);
    expect(stderr).toMatch(/^usage: /);
  });

  test('says what is missing without Go, and quotes the compiler when the build fails', async () => {
    const cache = path.join(folder, 'cache');
    const node = path.dirname(process.execPath);
    const build = async (searchPath: string): Promise<{ code: number; stderr: string }> => {
      const env = { ...process.env, XDG_CACHE_HOME: cache, PATH: searchPath };
      const child = spawn(process.execPath, [launcher, 'build'], {
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      const [code] = (await once(child, 'close')) as [number];
      return { code, stderr };
    };
    const without = await build(node);
    expect(without.code).toBe(1);
    expect(without.stderr).toContain('Go was not found: install Go 1.26 or newer');

    const tools = path.join(folder, 'tools');
    await mkdir(tools);
    const script =
      '#!/bin/sh\n[ "$1" = build ] && echo "./main.go:1: it does not compile" >&2 && exit 2\nexit 0\n';
    await writeFile(path.join(tools, 'go'), script, { mode: 0o755 });
    const failing = await build(`${tools}:/usr/bin:/bin`);
    expect(failing.code).toBe(1);
    expect(failing.stderr).toContain('cannot be built: `go build` ended with 2');
    expect(failing.stderr).toContain('./main.go:1: it does not compile');
  });
});
