/** Ten thousand documents that are almost right: no crash, no hang, every finding with a place in its file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { analyzeResources } from '../../src/domain/analysis/analyze.ts';
import { EXPLANATIONS } from '../../src/domain/analysis/explanations/index.ts';
import { fixFindings } from '../../src/domain/analysis/fix.ts';
import { loadFiles } from '../../src/domain/analysis/load.ts';
import { mergeMeshConfig } from '../../src/domain/analysis/mesh-config.ts';
import { listRules } from '../../src/domain/analysis/registry.ts';
import type { Message } from '../../src/domain/analysis/types.ts';
import { PLAIN } from '../../src/lib/style.ts';
import { readYaml } from '../../src/lib/yaml-fast.ts';
import { formatAnalysisGithub } from '../../src/report/analyze-github.ts';
import { formatAnalysisJson, formatAnalysisYaml } from '../../src/report/analyze-json.ts';
import { formatAnalysisJunit } from '../../src/report/analyze-junit.ts';
import { formatAnalysisLog } from '../../src/report/analyze-log.ts';
import { formatAnalysisSarif } from '../../src/report/analyze-sarif.ts';
import { analyze } from '../../src/library.ts';
import { sarifProblems } from '../support/sarif-schema.ts';
import { createRandom, mutateText, mutateValue, pick } from './mutate.ts';

/** Documents a batch: they refer to each other. */
const BATCH = 50;
const rules = listRules();

/** Whole documents, from the fixtures and the examples of `mesh explain`. */
const seeds = collectSeeds();

function collectSeeds(): string[] {
  const folder = join(import.meta.dirname, 'fixtures');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml') && !name.endsWith('.mesh.yaml'))
    .sort();
  const texts = files.map((name) => readFileSync(join(folder, name), 'utf8'));
  for (const { bad, good } of EXPLANATIONS.values()) texts.push(bad.yaml, good.yaml);
  return texts.flatMap((text) => text.split(/^---.*\n/m)).filter((text) => /^kind:/m.test(text));
}

/** Runs everything that the command does with one file; returns its messages. */
function runAll(name: string, text: string): readonly Message[] {
  const { resources, problems } = loadFiles([{ name, text }], { defaultNamespace: 'default' });
  const settings = { meshConfig: mergeMeshConfig({}), meshNetworks: {}, istioNamespace: 'istio-system' };
  const { messages } = analyzeResources({ rules, resources, settings, withStandIns: true });
  const lineCount = text.split('\n').length;
  const places = [...messages, ...problems].flatMap(({ position }) => position ?? []);
  const lost = places.filter(
    ({ line = 0, column = 0 }) => line < 1 || line > lineCount || column < 1 || column > text.length + 1,
  );
  expect(lost).toEqual([]);
  formatAnalysisLog(messages, { style: PLAIN, withFrames: true });
  expect(JSON.parse(formatAnalysisJson(messages))).toHaveLength(messages.length);
  formatAnalysisYaml(messages);
  formatAnalysisGithub(messages, problems);
  formatAnalysisJunit({ messages, problems, inputs: [name], failureThreshold: 'Error' });
  const sarif = formatAnalysisSarif({ messages, problems, version: '1.0.0', folder: '/' });
  expect(sarifProblems(JSON.parse(sarif))).toEqual([]);
  fixFindings(messages);
  return messages;
}

describe('no crash, no hang, places in the file', () => {
  test.each([1, 2, 3, 4])('1,250 objects with values of the wrong kind, seed %i', (seed) => {
    const random = createRandom(seed);
    const values = seeds
      .map((text) => readYaml(text))
      .flatMap((read) => ('value' in read ? [read.value] : []));
    let count = 0;
    for (let done = 0; done < 1250; done += BATCH) {
      const objects = Array.from({ length: BATCH }, () => mutateValue(pick(random, values), random, 0.04));
      const text = objects.map((object) => JSON.stringify(object)).join('\n---\n');
      count += runAll('values.yaml', text).length;
    }
    // The objects are still near enough to be looked at.
    expect(count).toBeGreaterThan(500);
  });

  test.each([5, 6, 7, 8])('1,250 texts with characters changed, seed %i', (seed) => {
    const random = createRandom(seed);
    let count = 0;
    for (let done = 0; done < 1250; done += BATCH) {
      const texts = Array.from({ length: BATCH }, () => mutateText(pick(random, seeds), random));
      count += runAll('texts.yaml', texts.join('\n---\n')).length;
    }
    expect(count).toBeGreaterThan(200);
  });

  test('random bytes', () => {
    const random = createRandom(9);
    for (let round = 0; round < 200; round += 1) {
      const text = Array.from({ length: 300 }, () => String.fromCharCode(random() * 200)).join('');
      runAll('bytes.yaml', text);
      runAll('bytes.json', text);
    }
  });
});

describe('texts made to hurt', () => {
  const told = (name: string, content: string): string[] => {
    const { unreadable, findings } = analyze([{ name, content }]);
    return [...unreadable, ...findings].map(({ message }) => message);
  };
  const filter = (value: string): string =>
    `apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {name: a}\nspec:\n  configPatches:\n  - applyTo: CLUSTER\n    patch: {operation: MERGE, value: ${value}}\n`;
  const levels = (line: (level: number) => string): string =>
    Array.from({ length: 12 }, (_, level) => line(level + 1)).join('');

  test.each([
    [
      'lists',
      (level: number) =>
        `x${level}: &x${level} [${Array(9)
          .fill(`*x${level - 1}`)
          .join(', ')}]\n`,
    ],
    [
      'maps',
      (level: number) =>
        `x${level}: &x${level} {${Array.from({ length: 9 }, (_, index) => `k${index}: *x${level - 1}`).join(', ')}}\n`,
    ],
    [
      'merges',
      (level: number) =>
        `x${level}: &x${level} {<<: *x${level - 1}, k${level}: *x${level - 1}, l${level}: *x${level - 1}, m${level}: *x${level - 1}, n${level}: *x${level - 1}}\n`,
    ],
  ])('a bomb of %s', (_what, line) => {
    const text = `x0: &x0 {a: b}\n${levels(line)}${filter('*x12')}`;
    expect(told('bomb.yaml', text)).toEqual(['not valid YAML: its aliases unfold to too many values']);
  });

  test('an alias within itself', () => {
    expect(told('cycle.yaml', filter('&a {a: *a}'))).toEqual([
      'not valid YAML: an alias stands for what it is in',
    ]);
  });

  test('aliases that people use', () => {
    const text = `labels: &labels {app: web}\n${filter('{metadata: *labels}')}`;
    expect(told('anchor.yaml', text)).not.toContainEqual(expect.stringContaining('aliases'));
  });

  test('deep nesting, as YAML and as JSON', () => {
    const deep = (depth: number): string => '{"a": '.repeat(depth) + '1' + '}'.repeat(depth);
    expect(told('deep.yaml', filter(deep(5000)))).toEqual([
      expect.stringMatching(/^not valid YAML: nesting exceeded/),
    ]);
    const object = (value: string): string =>
      `{"apiVersion": "networking.istio.io/v1alpha3", "kind": "EnvoyFilter", "metadata": {"name": "a"}, "spec": {"configPatches": [{"applyTo": "CLUSTER", "patch": {"operation": "MERGE", "value": ${value}}}]}}`;
    expect(told('deep.json', object(deep(50)))).toEqual([
      expect.stringContaining('changes the configuration'),
    ]);
    // JSON may be as deep as it likes: nothing walks through it that could not.
    expect(told('deep.json', object(deep(100_000)))).toHaveLength(1);
  });

  test('hundreds of prefixes of each other, two thousand virtual services of one host', () => {
    const matches = Array.from(
      { length: 300 },
      (_, index) => `{match: [{uri: {prefix: /${'a'.repeat(index)}}}], route: [{destination: {host: a}}]}`,
    );
    const route = (name: string, http: string): string =>
      `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ${name}, namespace: x}\nspec: {hosts: [a], http: [${http}]}\n`;
    const prefixes = told('prefixes.yaml', route('a', matches.join(', ')));
    expect(prefixes).toHaveLength(300 * 20 - (20 * 21) / 2);
    const same = Array.from({ length: 2000 }, (_, index) =>
      route(`v-${index}`, '{route: [{destination: {host: a}}]}'),
    );
    const messages = told('same.yaml', same.join('---\n'));
    expect(messages).toHaveLength(2000);
    expect(Math.max(...messages.map((message) => message.length))).toBeLessThan(500);
  });

  test('expressions that backtrack elsewhere', () => {
    const regex = `${'(a*)*'.repeat(100)}$`;
    const text = `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec: {hosts: [a], http: [{match: [{uri: {regex: "${regex}"}}], route: [{destination: {host: a}}]}]}\n`;
    expect(told('regex.yaml', text)).toEqual([]);
  });
});
