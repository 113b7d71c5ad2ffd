#!/usr/bin/env node
// Starts mesh: on a Node that is too old with the newer one that the dependencies brought, if they did.
// Plain JavaScript without imports at the top, so that even an old Node can read it and say what is missing.
const WANTED = [22, 22];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > WANTED[0] || (major === WANTED[0] && minor >= WANTED[1])) {
  await runHere();
} else {
  await runElsewhere();
}

async function runHere() {
  const { createRequire, enableCompileCache } = await import('node:module');
  const { fileURLToPath } = await import('node:url');
  const { env } = process;
  const cache = env.XDG_CACHE_HOME || (env.HOME ? `${env.HOME}/.cache` : undefined);
  if (cache) enableCompileCache(`${cache}/mesh/compiled`);
  const { start } = createRequire(import.meta.url)('../dist/start.cjs');
  await start(process.argv.slice(2), fileURLToPath(new URL('..', import.meta.url)));
}

async function runElsewhere() {
  const { createRequire } = await import('node:module');
  const { spawn } = await import('node:child_process');
  const { dirname, join } = await import('node:path');
  const { fileURLToPath } = await import('node:url');
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  let newer;
  try {
    const folder = dirname(
      createRequire(import.meta.url).resolve(`node-${platform}-${process.arch}/package.json`),
    );
    newer = join(folder, 'bin', platform === 'win' ? 'node.exe' : 'node');
  } catch {
    process.stderr.write(
      `error: mesh needs Node ${WANTED.join('.')} or newer, this is Node ${process.versions.node}\n`,
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(newer, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // A terminal sends Ctrl-C to both processes; this one waits for the other's clean end.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code, signal] = await new Promise((resolve) => {
    child.on('error', () => resolve([1, null]));
    child.on('exit', (...result) => resolve(result));
  });
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
}
