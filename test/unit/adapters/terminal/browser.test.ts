import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { openBrowser, planBrowser } from '../../../../src/adapters/terminal/browser.ts';
import type { BrowserEnvironment } from '../../../../src/adapters/terminal/browser.ts';

const URL_ = 'http://localhost:3000/a?b=c&d';
const plan = (
  env: Record<string, string>,
  platform: BrowserEnvironment['platform'] = 'linux',
  isWsl = false,
): string => {
  const made = planBrowser(URL_, { platform, env, isWsl });
  return 'reason' in made ? made.reason : made.commands.map((command) => command.join(' ')).join(' | ');
};

describe('planBrowser', () => {
  it('takes what BROWSER says, wherever it runs', () => {
    expect(plan({ BROWSER: 'firefox', SSH_CONNECTION: 'x' })).toBe(`firefox ${URL_}`);
    expect(plan({ BROWSER: '"/opt/my browser" --app=%s --new' })).toBe(`/opt/my browser --app=${URL_} --new`);
    expect(plan({ BROWSER: 'one:two %s' })).toBe(`one ${URL_} | two ${URL_}`);
    expect(plan({ BROWSER: 'C:\\b.exe' }, 'win32')).toBe(`C:\\b.exe ${URL_}`);
    expect(plan({ BROWSER: 'none', DISPLAY: ':0' })).toBe('BROWSER is none');
  });

  it('takes the command of the platform', () => {
    expect(plan({}, 'darwin')).toBe(`open ${URL_}`);
    expect(plan({}, 'win32')).toBe(`rundll32 url.dll,FileProtocolHandler ${URL_}`);
    expect(plan({ DISPLAY: ':0' })).toMatch(/^xdg-open http/);
    expect(plan({ WAYLAND_DISPLAY: 'wayland-0' })).toMatch(/^xdg-open http/);
    expect(plan({}, 'linux', true)).toMatch(/^wslview http/);
  });

  it('opens none where nobody would see it', () => {
    expect(plan({})).toMatch(/no graphical session/);
    expect(plan({ DISPLAY: '' })).toMatch(/no graphical session/);
    expect(plan({ SSH_CONNECTION: 'x' })).toMatch(/remote shell/);
    expect(plan({ SSH_CONNECTION: 'x' }, 'darwin')).toMatch(/remote shell/);
    expect(plan({ SSH_CONNECTION: 'x', DISPLAY: ':10' })).toMatch(/^xdg-open/);
  });
});

describe('openBrowser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-browser-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const script = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
    return file;
  };

  it('tries one after the other', async () => {
    const good = script('good', 'exit 0');
    const bad = script('bad', 'exit 3');
    expect(await openBrowser(URL_, { BROWSER: good })).toBe(undefined);
    expect(await openBrowser(URL_, { BROWSER: `/nonexistent:${bad}:${good}` })).toBe(undefined);
    expect(await openBrowser(URL_, { BROWSER: `/nonexistent:${bad}` })).toBe(
      `there is no /nonexistent, ${bad} ended with 3`,
    );
  });

  it('does not wait for one that goes on', async () => {
    expect(await openBrowser(URL_, { BROWSER: script('slow', 'exec sleep 3') })).toBe(undefined);
  });
});
