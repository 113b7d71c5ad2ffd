/** mesh as a library: in a browser bundle, pure, with places. */
import { createContext, runInContext } from 'node:vm';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { analyze, listAnalyzers } from '../../src/library.ts';
import type { AnalysisReport, AnalyzeOptions, SourceText } from '../../src/library.ts';

const ROUTE = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - route:
    - destination:
        host: wbe
`;
const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{name: http, port: 80}]}
`;

const texts = (...contents: string[]): SourceText[] =>
  contents.map((content, index) => ({ name: `${index}.yaml`, content }));

const codes = (report: AnalysisReport): string[] => report.findings.map(({ code }) => code);

describe('analyze', () => {
  test('findings with place, path and suggestion', () => {
    expect(analyze(texts(ROUTE, SERVICE))).toEqual({
      findings: [
        {
          code: 'IST0101',
          level: 'Error',
          message: expect.stringContaining('wbe'),
          analyzer: 'virtualservice.DestinationHostAnalyzer',
          documentationUrl: expect.stringContaining('/ist0101/'),
          origin: 'VirtualService shop/web',
          place: { file: '0.yaml', line: 9, column: 15 },
          path: ['spec', 'http', 0, 'route', 0, 'destination', 'host'],
          suggestion: { text: 'did you mean "web"?' },
        },
      ],
      unreadable: [],
      unusedSuppressions: [],
      skippedAnalyzers: expect.arrayContaining(['telemetry.SelectorAnalyzer']),
      resourceCount: 2,
    });
  });

  test('reports can be sent as JSON, inputs stay as they are, and twice is the same', () => {
    const input = Object.freeze(texts(ROUTE, SERVICE).map((text) => Object.freeze(text)));
    const report = analyze(input);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(analyze(input)).toEqual(report);
  });

  test('one analyzer, one namespace, suppressions', () => {
    const all = texts(ROUTE, SERVICE, 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n');
    expect(codes(analyze(all))).toEqual(['IST0101', 'IST0102']);
    expect(codes(analyze(all, { analyzers: ['injection.Analyzer'] }))).toEqual(['IST0102']);
    expect(codes(analyze(all, { namespace: 'other' }))).toEqual([]);
    const { findings, unusedSuppressions } = analyze(all, { suppress: ['IST0101=* shop/*', 'IST0103=*'] });
    expect(findings.map(({ code }) => code)).toEqual(['IST0102']);
    expect(unusedSuppressions).toEqual(['IST0103=*']);
  });

  test('resources that name no namespace are in the one that is asked for', () => {
    const bare = ROUTE.replace(', namespace: shop', '');
    const [finding] = analyze(texts(bare, SERVICE), { namespace: 'shop' }).findings;
    expect(finding?.origin).toBe('VirtualService shop/web');
  });

  test('mesh config as YAML and as an object', () => {
    const telemetry = `apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: logs, namespace: shop}
spec: {accessLogging: [{disabled: false}]}
`;
    const run = (meshConfig?: NonNullable<AnalyzeOptions['meshConfig']>): string[] =>
      codes(analyze(texts(telemetry), meshConfig === undefined ? {} : { meshConfig }));
    expect(run()).toEqual(['IST0157']);
    expect(run('defaultProviders: {accessLogging: [envoy]}')).toEqual([]);
    expect(run({ defaultProviders: { accessLogging: ['envoy'] } })).toEqual([]);
  });

  test('mesh networks; a finding about no single resource has no place', () => {
    const options = { meshNetworks: 'networks: {far: {endpoints: [{fromRegistry: west}]}}' };
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\n';
    const report = analyze(texts(secret), options);
    expect(codes(report)).toContain('IST0126');
    expect(report.findings[0]).not.toHaveProperty('place');
  });

  test('a safe repair as data', () => {
    const old = ROUTE.replace('- route', '- fault: {delay: {percent: 5, fixedDelay: 1s}}\n    route');
    const [finding] = analyze(texts(old), { analyzers: ['deprecation.DeprecationAnalyzer'] }).findings;
    expect(finding?.suggestion?.fix).toEqual({
      path: ['spec', 'http', 0, 'fault', 'delay'],
      value: { percentage: { value: 5 }, fixedDelay: '1s' },
    });
  });

  test('what can not be read is told with its place, the rest is analysed', () => {
    const { unreadable, findings } = analyze(texts(`${ROUTE}---\nkind: [\n`, SERVICE));
    expect(unreadable).toEqual([
      { message: expect.stringContaining('not valid YAML'), place: { file: '0.yaml', line: 12, column: 1 } },
    ]);
    expect(findings).toHaveLength(1);
  });

  test.each<[AnalyzeOptions, RegExp]>([
    [{ analyzers: ['nope'] }, /there is no analyzer "nope"/],
    [{ suppress: ['IST0101'] }, /"IST0101" is not CODE=RESOURCE/],
    [{ meshConfig: 'a: [' }, /meshConfig is not valid YAML, line 1/],
    [{ meshConfig: 'rootNamespace: 3' }, /meshConfig: rootNamespace: /],
    [{ meshNetworks: '- a' }, /meshNetworks must be a map/],
  ])('a mistake in the options is an Error: %j', (options, message) => {
    expect(() => analyze([], options)).toThrow(message);
  });

  test('the list of analyzers', () => {
    expect(listAnalyzers()).toHaveLength(53);
    expect(listAnalyzers()[0]).toMatchObject({ name: 'annotations.K8sAnalyzer', kinds: expect.any(Array) });
  });
});

describe('a browser bundle', () => {
  let code = '';
  let inputs: string[] = [];

  beforeAll(async () => {
    const { outputFiles, metafile } = await build({
      entryPoints: [join(import.meta.dirname, '../../src/library.ts')],
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'mesh',
      platform: 'browser',
      metafile: true,
      logLevel: 'silent',
    });
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
    expect(imports).toEqual([]);
    code = outputFiles[0]!.text;
    inputs = Object.keys(metafile.inputs);
  });

  test('runs without anything of Node, with the same result', () => {
    // What a browser has; a fresh context has nothing but the language itself.
    const context = createContext({ atob, TextDecoder, TextEncoder, input: texts(ROUTE, SERVICE) });
    const missing = runInContext(
      '[typeof process, typeof require, typeof Buffer, typeof global]',
      context,
    ) as string[];
    expect(new Set(missing)).toEqual(new Set(['undefined']));
    const result = runInContext(`${code};JSON.stringify(mesh.analyze(input))`, context) as string;
    expect(JSON.parse(result)).toEqual(analyze(texts(ROUTE, SERVICE)));
  });

  test('holds the core and two libraries, neither the command line nor the cluster client', () => {
    const foreign = inputs.filter((name) => !/^src\/(?:library\.ts$|lib\/|domain\/)/.test(name));
    const packages = foreign.map((name) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? name);
    expect([...new Set(packages)].sort()).toEqual(['@marcbachmann/cel-js', 'js-yaml']);
  });
});
