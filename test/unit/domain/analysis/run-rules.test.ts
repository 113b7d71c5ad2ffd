import { describe, expect, test } from '@jest/globals';
import { analyzeResources } from '../../../../src/domain/analysis/analyze.ts';
import type { AnalyzeRequest } from '../../../../src/domain/analysis/analyze.ts';
import { formatBaseline, parseBaseline, subtractBaseline } from '../../../../src/domain/analysis/baseline.ts';
import { lineOf } from '../../../../src/domain/analysis/run-rules.ts';
import type { Finding, Rule } from '../../../../src/domain/analysis/types.ts';
import { DEFAULT_MESH_CONFIG, resourcesOf } from '../../../support/analysis.ts';

const SETTINGS = { meshConfig: DEFAULT_MESH_CONFIG, meshNetworks: {}, istioNamespace: 'istio-system' };
const YAML = `apiVersion: v1
kind: Namespace
metadata: {name: team}
---
apiVersion: v1
kind: Service
metadata: {name: b, namespace: team}
---
apiVersion: v1
kind: Service
metadata: {name: a, namespace: other}
`;

/** A rule that reports each listed code on each resource of the kinds it reads, and one finding about nothing. */
function ruleOf(codes: readonly string[], more: Partial<Rule> = {}): Rule {
  const kinds = ['/Namespace', '/Service'];
  return {
    name: 'test',
    summary: '',
    kinds,
    codes,
    check: (context): Finding[] => [
      ...kinds.flatMap((kind) =>
        context
          .list(kind)
          .flatMap((resource) =>
            codes.map((code) => ({ code, message: `about ${resource.name}`, resource })),
          ),
      ),
      { code: 'IST0126', message: 'about nothing' },
    ],
    ...more,
  };
}

const run = (
  rules: readonly Rule[],
  more: Partial<AnalyzeRequest> = {},
): ReturnType<typeof analyzeResources> =>
  analyzeResources({ rules, resources: resourcesOf(YAML), settings: SETTINGS, ...more });
const lines = (result: ReturnType<typeof analyzeResources>): string[] => result.messages.map(lineOf);

describe('messages', () => {
  test('are sorted by severity, code, then what is about nothing, kind and name; equal ones are one', () => {
    expect(lines(run([ruleOf(['IST0102', 'IST0101']), ruleOf(['IST0103'])]))).toEqual([
      'Error [IST0101] (Namespace team test.yaml:1) about team',
      'Error [IST0101] (Service other/a test.yaml:9) about a',
      'Error [IST0101] (Service team/b test.yaml:5) about b',
      'Error [IST0126] about nothing',
      'Warning [IST0103] (Namespace team test.yaml:1) about team',
      'Warning [IST0103] (Service other/a test.yaml:9) about a',
      'Warning [IST0103] (Service team/b test.yaml:5) about b',
      'Info [IST0102] (Namespace team test.yaml:1) about team',
      'Info [IST0102] (Service other/a test.yaml:9) about a',
      'Info [IST0102] (Service team/b test.yaml:5) about b',
    ]);
  });

  test('name the cluster where there are several, and sort by it', () => {
    const resources = [...resourcesOf(YAML, 'two'), ...resourcesOf(YAML, 'one')];
    const found = lines(run([ruleOf(['IST0101'])], { resources }));
    expect(found[0]).toBe('Error [IST0126] about nothing');
    expect(found[1]).toBe('Error [IST0101] [cluster-one] (Namespace team test.yaml:1) about team');
    expect(found[4]).toBe('Error [IST0101] [cluster-two] (Namespace team test.yaml:1) about team');
  });

  test('have a position, a page and the name of their rule', () => {
    const rule = ruleOf([], {
      check: (context) =>
        context
          .list('/Service')
          .map((resource) => ({ code: 'IST0118', message: 'x', resource, path: ['metadata', 'name'] })),
    });
    expect(run([rule]).messages[1]).toMatchObject({
      position: { file: 'test.yaml', line: 7, column: 18 },
      reference: 'test.yaml:7',
      rule: 'test',
      documentationUrl: 'https://istio.io/v1.31/docs/reference/config/analysis/ist0118/?ref=istioctl-analyze',
    });
  });
});

describe('what is left out', () => {
  test('other namespaces, counted; cluster-scoped things and a namespace itself stay', () => {
    const result = run([ruleOf(['IST0101'])], { namespace: 'team' });
    expect(lines(result).map((line) => line.replace(/ test.*/, ''))).toEqual([
      'Error [IST0101] (Namespace team',
      'Error [IST0101] (Service team/b',
      'Error [IST0126] about nothing',
    ]);
    expect([...result.hidden]).toEqual([['other', 1]]);
    expect([...run([ruleOf(['IST0101'])], { namespace: 'other' }).hidden]).toEqual([['team', 2]]);
  });

  test('rules of which nothing they need was given', () => {
    const rule = ruleOf(['IST0101'], { needs: ['/Pod', '/Secret'] });
    expect(run([rule])).toMatchObject({ messages: [], skippedRules: ['test'] });
    expect(run([rule], { knownKinds: ['/Secret'] }).messages).toHaveLength(4);
  });

  test('findings on the stand-in gateway; the stand-in goes when a file brings an ingress pod', () => {
    const rule = ruleOf([], {
      check: (context) =>
        context.list('/Pod').map((resource) => ({ code: 'IST0103', message: 'x', resource })),
    });
    const count: Rule = {
      ...rule,
      check: (context) => [{ code: 'IST0126', message: `${context.list('/Pod').length} pods` }],
    };
    const messageOf = (more: Partial<AnalyzeRequest>): unknown => run([count], more).messages[0]?.message;
    expect(run([rule], { withStandIns: true }).messages).toEqual([]);
    expect(messageOf({ withStandIns: true })).toBe('1 pods');
    expect(messageOf({})).toBe('0 pods');
    const own = resourcesOf(
      '{apiVersion: v1, kind: Pod, metadata: {name: mine, namespace: gw, labels: {istio: ingressgateway}}}',
    );
    expect(messageOf({ withStandIns: true, resources: own })).toBe('1 pods');
    const off = { ...SETTINGS, meshConfig: { ingressControllerMode: 'OFF' } };
    expect(messageOf({ withStandIns: true, settings: off })).toBe('0 pods');
  });
});

describe('baselines', () => {
  const { messages } = run([ruleOf(['IST0101', 'IST0102'])]);

  test('what was written is known, wherever its lines went', () => {
    const text = formatBaseline(messages);
    expect(JSON.parse(text)).toMatchObject({ version: 1 });
    const moved = run([ruleOf(['IST0101'])], { resources: resourcesOf(`# moved\n${YAML}`) }).messages;
    expect(subtractBaseline(moved, parseBaseline(text, 'b'))).toEqual({ messages: [], known: 4, gone: 3 });
  });

  test('what is new is told', () => {
    const text = formatBaseline(messages.filter(({ code }) => code === 'IST0102'));
    const { messages: kept } = subtractBaseline(messages, parseBaseline(text, 'b'));
    expect(new Set(kept.map(({ code }) => code))).toEqual(new Set(['IST0101', 'IST0126']));
  });

  test.each(['', '[]', '{"version": 2, "findings": []}', '{"version": 1, "findings": [{"code": 1}]}'])(
    '%j is none',
    (text) => {
      expect(() => parseBaseline(text, 'b.json')).toThrow('b.json is not a baseline');
    },
  );
});
