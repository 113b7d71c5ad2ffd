/** proxy-config from saved answers, without a cluster. */
import { describe, expect, test } from '@jest/globals';
import { VALID_CERTIFICATE } from '../support/certificates.ts';
import { captureFile, readCapture } from '../support/envoy-captures.ts';
import { mesh, useFolder } from '../support/mesh.ts';

const folder = useFolder();
const DUMP = captureFile('config_dump.json');

test.each([
  ['c', 'cluster'],
  ['clusters', 'cluster'],
  ['l', 'listener'],
  ['listeners', 'listener'],
  ['r', 'route'],
  ['routes', 'route'],
  ['ep', 'endpoint'],
  ['endpoints', 'endpoint'],
  ['b', 'bootstrap'],
  ['s', 'secret'],
  ['secrets', 'secret'],
  ['ec', 'ecds'],
  ['a', 'all'],
])('pc %s is proxy-config %s', async (short, long) => {
  const result = await mesh(['pc', short, '-f', DUMP]);
  expect(result.code).toBe(0);
  expect(result).toEqual(await mesh(['proxy-config', long, '--file', DUMP]));
  expect((await mesh(['pc', short, '--help'])).stdout).toBe(
    (await mesh(['proxy-config', long, '--help'])).stdout,
  );
});

test('help of the topic names each command once', async () => {
  const { stdout, code } = await mesh(['pc', '--help']);
  const commands = [...stdout.matchAll(/^ {2}proxy-config (\S+)/gm)].map(([, name]) => name);
  expect(commands).toEqual([
    'all',
    'bootstrap',
    'cluster',
    'diff',
    'ecds',
    'eds',
    'endpoint',
    'listener',
    'log',
    'rootca-compare',
    'route',
    'secret',
  ]);
  expect(code).toBe(0);
});

describe('output', () => {
  test('table is short, wide has more columns, JSON and YAML are the same messages', async () => {
    const output = async (format: string) =>
      (await mesh(['pc', 'l', '-f', DUMP, '--port', '15021', '-o', format])).stdout;
    expect(await output('table')).toBe(await output('short'));
    expect((await output('wide')).split('\n')[0]).toMatch(/DESTINATION +LISTENER$/);
    const messages = JSON.parse(await output('json')) as { name: string; filterChains: unknown[] }[];
    expect(messages.map(({ name }) => name)).toEqual(['0.0.0.0_15021', '10.96.13.230_15021']);
    expect((await output('yaml')).match(/^- name|^ {2}name: \S+_15021/gm)).toHaveLength(2);
  });

  test('a dump can be read from standard input and be diffed with a file', async () => {
    const { stdout, code } = await mesh(['pc', 'diff', '-', DUMP, '--view', 'listener'], {
      input: readCapture('config_dump.json'),
    });
    expect(stdout).toBe('listener: 18 alike\n');
    expect(code).toBe(0);
  });

  test('diff exits 1 for a difference', async () => {
    const other = folder.write(
      'other.json',
      readCapture('config_dump.json').replaceAll('"weight": 80', '"weight": 75'),
    );
    const { stdout, code } = await mesh(['pc', 'diff', DUMP, other]);
    expect(stdout).toContain('route: 2 of 11 differ\n');
    expect(code).toBe(1);
  });

  test('rootca-compare: a root in common, and none', async () => {
    const same = await mesh(['pc', 'rc', DUMP, DUMP]);
    expect(same.stdout).toBe(`${DUMP} and ${DUMP} both trust root 7b9719b8ff69e672c1bb14e95ab5fe20\n`);
    expect(same.code).toBe(0);
    const other = folder.write(
      'other-root.json',
      JSON.stringify({
        configs: [
          {
            '@type': 'type.googleapis.com/envoy.admin.v3.SecretsConfigDump',
            dynamic_active_secrets: [
              {
                name: 'ROOTCA',
                secret: { validation_context: { trusted_ca: { inline_string: VALID_CERTIFICATE } } },
              },
            ],
          },
        ],
      }),
    );
    const none = await mesh(['pc', 'rootca-compare', other, DUMP]);
    expect(none.stdout).toBe(
      `${other} and ${DUMP} have no root in common: requests between them fail\n${other} trusts root 1\n${DUMP} trusts root 7b9719b8ff69e672c1bb14e95ab5fe20\n`,
    );
    expect(none.code).toBe(1);
    const json = await mesh(['pc', 'rootca-compare', other, DUMP, '-o', 'json']);
    expect(JSON.parse(json.stdout)).toEqual({
      from: other,
      to: DUMP,
      common: [],
      onlyInFrom: ['1'],
      onlyInTo: ['7b9719b8ff69e672c1bb14e95ab5fe20'],
    });
  });

  test('a private key in a saved dump is not shown', async () => {
    const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
    const leaky = folder.write(
      'leaky.json',
      readCapture('config_dump.json').replace('W3JlZGFjdGVkXQ==', btoa(key)),
    );
    for (const view of ['secret', 'all']) {
      const { stdout, code } = await mesh(['pc', view, '-f', leaky, '-o', 'json']);
      expect(code).toBe(0);
      expect(stdout).not.toContain(btoa(key));
    }
  });
});

test.each([
  [
    ['c'],
    /^error: which proxy\?\nhint: name a pod, such as deployment\/web.shop, or a saved config_dump with --file\n$/,
    64,
  ],
  [['c', 'web', '-f', DUMP], /^error: a pod and --file exclude each other/, 64],
  [
    ['log'],
    /^error: which proxy\?\nhint: name a pod, such as deployment\/web.shop, or labels with -l\n$/,
    64,
  ],
  [['log', 'x', '--level', 'loud'], /^error: "loud" is no log level/, 64],
  [['log', 'x', '--level', 'info', '--reset'], /reset/, 64],
  [['l', '-f', DUMP, '--type', 'udp'], /HTTP\+TCP/, 64],
  [['c', '-f', DUMP, '--port', 'http'], /port/, 64],
  [['c', '-f', 'nowhere.json'], /^error: nowhere\.json does not exist\n/, 65],
  [['c', '-f', captureFile('logging.txt')], /logging\.txt is not JSON/, 65],
  [
    ['c', '-f', captureFile('server_info.json')],
    /server_info\.json is not an answer of Envoy's admin port/,
    65,
  ],
  [
    ['c', '-f', captureFile('clusters.json')],
    /holds clusters and their endpoints, not a configuration dump/,
    65,
  ],
  [['diff', DUMP], /missing 1 required arg/i, 64],
  [['diff', DUMP, './nowhere.json'], /nowhere\.json does not exist/, 65],
  [
    ['clustr'],
    /"proxy-config clustr" is not a mesh command\nhint: did you mean mesh proxy-config cluster\?/,
    64,
  ],
])('pc %j', async (args, message, code) => {
  const result = await mesh(['pc', ...args]);
  expect(result.stderr).toMatch(message);
  expect(result).toMatchObject({ code, stdout: '' });
});
