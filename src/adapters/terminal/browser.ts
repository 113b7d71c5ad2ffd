/** Opens a page in the user's browser, where there is one to be seen. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface BrowserEnvironment {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Linux inside Windows, whose browser is to be used. */
  readonly isWsl: boolean;
}

/** Commands to try in turn, or why there is no browser. */
export type BrowserPlan =
  | { readonly commands: readonly (readonly [program: string, ...args: string[]])[] }
  | { readonly reason: string };

/** So long a command may need to say that it failed. Most start a browser and end, some are the browser. */
const PATIENCE_MS = 1500;

/**
 * How to open `url`. `BROWSER` wins: commands divided by colons, `%s` stands for the URL; `none` or `false` means no
 * browser. Without it the command of the platform, unless nobody would see a window.
 */
export function planBrowser(url: string, { platform, env, isWsl }: BrowserEnvironment): BrowserPlan {
  const chosen = env['BROWSER']?.trim() ?? '';
  if (['none', 'false', '0'].includes(chosen)) return { reason: `BROWSER is ${chosen}` };
  if (chosen !== '') return { commands: commandsOf(chosen, url, platform) };
  if (platform === 'win32') return { commands: [['rundll32', 'url.dll,FileProtocolHandler', url]] };
  if (env['SSH_CONNECTION'] !== undefined && (platform === 'darwin' || !hasDisplay(env)))
    return { reason: 'this is a remote shell' };
  if (platform === 'darwin') return { commands: [['open', url]] };
  if (isWsl) {
    return {
      commands: [
        ['wslview', url],
        ['rundll32.exe', 'url.dll,FileProtocolHandler', url],
        ['xdg-open', url],
      ],
    };
  }
  if (!hasDisplay(env)) return { reason: 'there is no graphical session (DISPLAY is not set)' };
  return {
    commands: [
      ['xdg-open', url],
      ['x-www-browser', url],
      ['sensible-browser', url],
    ],
  };
}

function hasDisplay(env: BrowserEnvironment['env']): boolean {
  return [env['DISPLAY'], env['WAYLAND_DISPLAY']].some((value) => value !== undefined && value !== '');
}

/** On Windows a colon belongs to the drive. */
function commandsOf(
  chosen: string,
  url: string,
  platform: NodeJS.Platform,
): (readonly [string, ...string[]])[] {
  const texts = platform === 'win32' ? [chosen] : chosen.split(':').filter((text) => text.trim() !== '');
  return texts.flatMap((text) => {
    const words = [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
      ([, double, single, plain]) => double ?? single ?? plain ?? '',
    );
    const [program, ...args] = words;
    if (program === undefined) return [];
    const filled = args.map((arg) => arg.replaceAll('%s', url));
    return [[program, ...(text.includes('%s') ? filled : [...filled, url])] as const];
  });
}

/** undefined: a browser was started. Else the reason why not, for a note. */
export async function openBrowser(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const plan = planBrowser(url, { platform: process.platform, env, isWsl: isWsl(env) });
  if ('reason' in plan) return plan.reason;
  const reasons: string[] = [];
  for (const command of plan.commands) {
    const reason = await start(command);
    if (reason === undefined) return undefined;
    reasons.push(reason);
  }
  return reasons.join(', ');
}

function isWsl(env: Readonly<Record<string, string | undefined>>): boolean {
  if (process.platform !== 'linux') return false;
  if (env['WSL_DISTRO_NAME'] !== undefined) return true;
  try {
    return /microsoft/i.test(readFileSync('/proc/version', 'utf8'));
  } catch {
    return false;
  }
}

/** The browser lives on when mesh ends. */
function start([program, ...args]: readonly [string, ...string[]]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { detached: true, stdio: 'ignore' });
    const timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
    const end = (reason: string | undefined): void => {
      clearTimeout(timer);
      resolve(reason);
    };
    child.once('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ENOENT' ? `there is no ${program}` : `${program}: ${error.message}`),
    );
    child.once('exit', (code) => end(code === 0 ? undefined : `${program} ended with ${code ?? 'a signal'}`));
    child.unref();
  });
}
