/** Profiles, manifests and everything that can be wrong with their input. */
import { describe, expect, test } from '@jest/globals';
import { mesh, useFolder } from '../support/mesh.ts';

const folder = useFolder();

describe('profile', () => {
  test('list', async () => {
    const { code, stdout } = await mesh(['profile', 'list']);
    expect(
      stdout
        .split('\n')
        .slice(1, -1)
        .map((line) => line.split(' ')[0]),
    ).toEqual([
      'ambient',
      'default',
      'demo',
      'empty',
      'external',
      'minimal',
      'openshift',
      'openshift-ambient',
      'preview',
      'remote',
      'stable',
    ]);
    expect(code).toBe(0);
    expect(JSON.parse((await mesh(['profile', 'list', '-o', 'json'])).stdout)).toContainEqual({
      name: 'empty',
      components: [],
    });
  });

  test('diff: 0 and a note when equal, 1 and a unified diff when not', async () => {
    expect(await mesh(['profile', 'diff', 'demo', 'demo'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Profiles are identical\n',
    });
    const { code, stdout, stderr } = await mesh(['profile', 'diff', 'demo', 'empty']);
    expect(stdout.startsWith('--- demo\n+++ empty\n@@ ')).toBe(true);
    expect(stdout).toMatch(/^-\s+enabled: true$/m);
    expect(stdout).toMatch(/^\+\s+enabled: false$/m);
    expect(stderr).toBe('');
    expect(code).toBe(1);
  });

  test('diff with a file and with standard input', async () => {
    const file = folder.write(
      'mine.yaml',
      'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec:\n  profile: demo\n  tag: 1.31.3\n',
    );
    const { code, stdout } = await mesh(['profile', 'diff', 'demo', file]);
    expect(stdout).toMatch(/^\+\s+tag: 1\.31\.3$/m);
    expect(code).toBe(1);
    expect(
      (
        await mesh(['profile', 'diff', file, '-'], {
          input: 'kind: IstioOperator\nspec: {profile: demo, tag: 1.31.3}\n',
        })
      ).code,
    ).toBe(0);
  });

  test('an error of diff is not 1', async () => {
    const { code, stderr } = await mesh(['profile', 'diff', 'demo', 'emty']);
    expect(stderr).toMatch(/emty.*\n.*empty/s);
    expect(code).toBe(65);
  });

  test('dump: yaml, json, flags, a part, origins', async () => {
    const { stdout } = await mesh(['profile', 'dump', 'demo', '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'IstioOperator',
      spec: { hub: 'docker.io/istio', tag: '1.31.4', values: { profile: 'demo' } },
    });
    expect((await mesh(['profile', 'dump', 'demo', '-p', 'components.pilot'])).stdout).toBe(
      'enabled: true\n',
    );
    expect((await mesh(['profile', 'dump', 'demo', '-o', 'flags'])).stdout).toMatch(
      /^components\.egressGateways\[0\]\.enabled=true$/m,
    );
    const origins = (await mesh(['profile', 'dump', 'demo', '--origins', '--set', 'tag=1.31.3'])).stdout;
    expect(origins).toMatch(/^tag="1\.31\.3"\s+--set tag=1\.31\.3$/m);
    expect(origins).toMatch(/^values\.profile="demo"\s+profile demo$/m);
    expect(origins).toMatch(/^components\.pilot\.enabled=true\s+default profile$/m);
  });

  test('dump of a part that is not there names the nearest', async () => {
    const { code, stderr } = await mesh(['profile', 'dump', '-p', 'components.pilto']);
    expect(stderr).toContain('did you mean components.pilot?');
    expect(code).toBe(64);
  });
});

describe('manifest', () => {
  test('check proves the shipped templates', async () => {
    const { code, stdout } = await mesh(['manifest', 'check']);
    expect(stdout).toMatch(/^\d+ templates, \d+ expressions: all good\n$/);
    expect(code).toBe(0);
  });

  test('generate is stable, namespace first, webhooks last', async () => {
    const first = await mesh(['manifest', 'generate', '--set', 'profile=demo']);
    const second = await mesh(['manifest', 'generate', '--set', 'profile=demo']);
    expect(first.stdout).toBe(second.stdout);
    const kinds = [...first.stdout.matchAll(/^kind: (\S+)$/gm)].map(([, kind]) => kind);
    expect(kinds[0]).toBe('Namespace');
    expect(kinds.filter((kind) => kind === 'CustomResourceDefinition')).toHaveLength(15);
    expect(kinds.at(-1)).toBe('ValidatingWebhookConfiguration');
    expect(kinds.indexOf('ServiceAccount')).toBeLessThan(kinds.indexOf('Deployment'));
    expect((await mesh(['manifest', 'generate', '--no-namespace'])).stdout).not.toContain(
      'kind: Namespace\n',
    );
    expect(first.stderr).toBe('');
  });

  test('-o json is a List of the same objects', async () => {
    const { stdout } = await mesh(['manifest', 'generate', '--set', 'profile=minimal', '-o', 'json']);
    const list = JSON.parse(stdout) as { kind: string; items: { kind: string }[] };
    expect(list.kind).toBe('List');
    expect(list.items.filter(({ kind }) => kind === 'CustomResourceDefinition')).toHaveLength(15);
    expect(list.items.length).toBe(15 + 18 + 1);
  });

  test('the empty profile prints nothing', async () => {
    expect(await mesh(['manifest', 'generate', '--set', 'profile=empty'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('bad input', () => {
  const file = (name: string, spec: string): string =>
    folder.write(name, `kind: IstioOperator\nspec:\n${spec}`);

  test.each<[string, () => string[], RegExp, number]>([
    ['an unknown profile', () => ['--set', 'profile=dmo'], /profile "dmo".*demo/s, 65],
    [
      'a misspelt --set path',
      () => ['--set', 'values.pilto.traceSampling=1'],
      /values\.pilto\.traceSampling in --set\nhint: did you mean values\.pilot\.traceSampling\?/,
      65,
    ],
    [
      'a misspelt meshConfig key',
      () => ['--set', 'meshConfig.accessLogFil=x'],
      /accessLogFil.*accessLogFile/s,
      65,
    ],
    [
      'a wrong type',
      () => ['--set', 'values.pilot.autoscaleMin=many'],
      /autoscaleMin.*(integer|number)/s,
      65,
    ],
    ['a --set without =', () => ['--set', 'profile'], /profile.*=/s, 65],
    ['a missing file', () => ['-f', '/nowhere/mesh.yaml'], /\/nowhere\/mesh\.yaml does not exist/, 65],
    ['a folder', () => ['-f', folder.path], /is a folder/, 65],
    [
      'no YAML',
      () => ['-f', folder.write('broken.yaml', 'kind: [IstioOperator\nspec: {}\n')],
      /broken\.yaml:2:\d+: .*not valid YAML/,
      65,
    ],
    [
      'two documents',
      () => ['-f', folder.write('two.yaml', 'kind: IstioOperator\n---\nkind: IstioOperator\n')],
      /two\.yaml:\d+:\d+: .*one/,
      65,
    ],
    [
      'an unknown field',
      () => ['-f', file('unknown.yaml', '  profil: demo\n')],
      /unknown\.yaml:3:3: .*profil.*profile/s,
      65,
    ],
    [
      'a wrong type in a file',
      () => ['-f', file('type.yaml', '  components:\n    pilot:\n      enabled: "true"\n')],
      /type\.yaml:5:\d+: .*enabled.*(boolean|true or false)/s,
      65,
    ],
    ['standard input twice', () => ['-f', '-', '-f', '-'], /standard input is given twice/, 64],
    ['an unknown manifests folder', () => ['--manifests', '/nowhere'], /\/nowhere does not hold/, 65],
  ])('%s', async (_name, args, message, code) => {
    const result = await mesh(['manifest', 'generate', ...args()]);
    expect(result.stderr).toMatch(message);
    expect(result.stdout).toBe('');
    expect(result.code).toBe(code);
  });

  test('all that is wrong is told at once', async () => {
    const { stderr } = await mesh([
      'manifest',
      'generate',
      '--set',
      'values.pilto.x=1',
      '--set',
      'values.globl.y=2',
      '-f',
      file('more.yaml', '  profil: demo\n'),
    ]);
    for (const word of ['values.pilto', 'values.globl', 'profil']) expect(stderr).toContain(word);
  });
});

describe('schema and export', () => {
  test('schema prints one JSON Schema that knows the settings', async () => {
    const { code, stdout } = await mesh(['schema']);
    const schema = JSON.parse(stdout) as { $schema: string; properties: Record<string, unknown> };
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['kind', 'spec']));
    expect(code).toBe(0);
  });

  test('an exported copy renders the same, and is checked', async () => {
    const copy = `${folder.path}/copy`;
    expect((await mesh(['manifest', 'export', copy])).code).toBe(0);
    const shipped = await mesh(['manifest', 'generate', '--set', 'profile=ambient']);
    expect(
      (await mesh(['manifest', 'generate', '--set', 'profile=ambient', '--manifests', copy])).stdout,
    ).toBe(shipped.stdout);
    expect((await mesh(['manifest', 'check', '--manifests', copy])).code).toBe(0);
    expect((await mesh(['manifest', 'export', copy])).stderr).toContain('--force');
  });

  test('manifest diff: 0 and 1, ConfigMaps compared as data, selection', async () => {
    const map = (mesh: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: a}\ndata:\n  mesh: |\n    ${mesh}\n`;
    const from = folder.write('from.yaml', map('{b: 1, a: 2}'));
    const same = folder.write('same.yaml', map('{a: 2, b: 1}'));
    const other = folder.write('other.yaml', map('{a: 3, b: 1}'));
    expect((await mesh(['manifest', 'diff', from, same])).code).toBe(0);
    const { code, stdout } = await mesh(['manifest', 'diff', from, other]);
    expect(stdout).toMatch(/^-\s+a: 2\n\+\s+a: 3$/m);
    expect(code).toBe(1);
    expect((await mesh(['manifest', 'diff', from, other, '--ignore', 'ConfigMap:a:istio'])).code).toBe(0);
    expect((await mesh(['manifest', 'diff', from, '/nowhere.yaml'])).code).toBe(65);
  });
});
