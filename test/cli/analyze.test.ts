/** `mesh analyze` on files: findings, formats, thresholds, exit codes. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { mesh, projectRoot, useFolder } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';

const folder = useFolder();
const samples = join(projectRoot, 'test/analysis/samples');

const analyze = (...args: string[]): Promise<MeshResult> => mesh(['analyze', '--use-kube=false', ...args]);

interface Found {
  readonly code: string;
  readonly level: string;
  readonly origin: string;
  readonly reference: string;
}

async function findings(...files: string[]): Promise<string[]> {
  const { stdout } = await analyze('-A', '-o', 'json', ...files.map((file) => join(samples, file)));
  return (JSON.parse(stdout) as Found[]).map(({ code, origin }) => `${code} ${origin}`);
}

describe('the traffic examples of the guide', () => {
  test.each<[string, string[], string[]]>([
    ['web-app.yaml', [], ['IST0102 Namespace istio-traffic-test']],
    ['route-weight.yaml', ['web-app.yaml'], ['IST0102 Namespace istio-traffic-test']],
    [
      'route-url.yaml',
      ['web-app.yaml'],
      ['IST0101 VirtualService istio-traffic-test/traffic-route-url', 'IST0102 Namespace istio-traffic-test'],
    ],
    ['subset-weight.yaml', ['web-app.yaml'], ['IST0102 Namespace istio-traffic-test']],
    ['consistent-hash.yaml', [], []],
    [
      'gateway-host-any.yaml',
      ['web-app.yaml'],
      ['IST0101 VirtualService istio-traffic-test/traffic-route-any', 'IST0102 Namespace istio-traffic-test'],
    ],
    [
      'sidecar-egress.yaml',
      [],
      ['IST0106 Sidecar istio-traffic-test/my-sidecar', 'IST0106 Sidecar istio-traffic-test/my-sidecar'],
    ],
    ['envoy-sidecar-by-hand.yaml', [], []],
  ])('%s', async (file, others, expected) => {
    expect(await findings(file, ...others)).toEqual(expected);
  });
});

describe('outputs and exit codes', () => {
  const bad = (): string => join(samples, 'sidecar-egress.yaml');

  test.each(['log', 'json', 'yaml', 'sarif', 'junit', 'github'])(
    '%s: 79 with findings, 0 without, data on stdout alone',
    async (format) => {
      const found = await analyze('-A', '-o', format, bad());
      expect(found.stdout).toContain('IST0106');
      expect(found.code).toBe(79);
      const none = await analyze('-A', '-o', format, join(samples, 'consistent-hash.yaml'));
      expect(none.stderr).toMatch(/✔ no issues found in .*consistent-hash\.yaml/);
      expect(none.code).toBe(0);
    },
  );

  test('several at once, into files too', async () => {
    const file = join(folder.path, 'out.sarif');
    const { stdout, code } = await analyze('-A', '-o', `sarif=${file}`, '-o', 'log', bad());
    expect(stdout).toMatch(
      /^Error \[IST0106\] \(Sidecar istio-traffic-test\/my-sidecar .*sidecar-egress\.yaml:\d+\) /,
    );
    expect(code).toBe(79);
  });

  test('thresholds', async () => {
    const app = join(samples, 'web-app.yaml');
    expect((await analyze('-A', app)).code).toBe(0);
    expect((await analyze('-A', '--failure-threshold', 'info', app)).code).toBe(79);
    expect((await analyze('-A', '--output-threshold', 'Warning', app)).stdout).toBe('');
    expect((await analyze('-A', '--failure-threshold', 'Bad', app)).code).toBe(64);
  });

  test('findings in other namespaces are counted, not lost', async () => {
    const { stdout, stderr, code } = await analyze(bad());
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /2 findings in namespace istio-traffic-test not shown: -n istio-traffic-test or -A shows them/,
    );
    expect(code).toBe(0);
  });

  test('a document that can not be read: told with its place, the rest is analysed, 65', async () => {
    const file = folder.write(
      'broken.yaml',
      'kind: [\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n',
    );
    const { stdout, stderr, code } = await analyze('-A', file);
    expect(stderr).toMatch(/not read: .*broken\.yaml:\d+/);
    expect(stdout).toContain('IST0102');
    expect(code).toBe(65);
    expect((await analyze('-A', '--ignore-unknown', file)).code).toBe(0);
  });

  test('suppressions, standard input, lists', async () => {
    const { stdout, code } = await mesh(
      ['analyze', '--no-use-kube', '-A', '-S', 'IST0102=Namespace *', '-'],
      { input: 'apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n' },
    );
    expect(stdout).toBe('');
    expect(code).toBe(0);
    expect((await analyze('-L')).stdout).toMatch(/^\* virtualservice\.GatewayAnalyzer:$/m);
    expect((await analyze('--analyzer', 'nope', bad())).stderr).toContain('there is no analyzer "nope"');
    expect((await analyze('-o', 'xml', bad())).code).toBe(64);
    expect((await analyze('/nowhere.yaml')).stderr).toContain('/nowhere.yaml does not exist');
  });
});
