/** Every example of `mesh explain` is run: in the bad one its code is found and nothing else, in the good one nothing. */
import { describe, expect, test } from '@jest/globals';
import { analyzeResources } from '../../../../src/domain/analysis/analyze.ts';
import { CODES } from '../../../../src/domain/analysis/codes.ts';
import { EXPLANATIONS } from '../../../../src/domain/analysis/explanations/index.ts';
import type { Example } from '../../../../src/domain/analysis/explanations/types.ts';
import { loadFiles } from '../../../../src/domain/analysis/load.ts';
import { mergeMeshConfig } from '../../../../src/domain/analysis/mesh-config.ts';
import { listRules } from '../../../../src/domain/analysis/registry.ts';
import type { Resource } from '../../../../src/domain/analysis/types.ts';
import { parseYamlObject } from '../../../../src/lib/yaml.ts';

/** Lines of what is found: code and message. */
function findingsIn({ yaml, meshConfig, meshNetworks, otherCluster }: Example): string[] {
  const { messages } = analyzeResources({
    rules: listRules(),
    resources: [...read(yaml, ''), ...read(otherCluster ?? '', 'other')],
    settings: {
      meshConfig: mergeMeshConfig(meshConfig ? parseYamlObject(meshConfig, 'mesh config').value : {}),
      meshNetworks: meshNetworks ? parseYamlObject(meshNetworks, 'networks').value : {},
      istioNamespace: 'istio-system',
    },
    withStandIns: true,
  });
  return messages.map(({ code, message }) => `${code} ${message}`);
}

function read(text: string, cluster: string): Resource[] {
  const { resources, problems } = loadFiles([{ name: 'a.yaml', text }], { defaultNamespace: 'default' });
  expect(problems).toEqual([]);
  return resources.map((resource) => ({ ...resource, cluster }));
}

describe.each([...EXPLANATIONS])('%s', (code, { bad, good, meaning, when, fix }) => {
  test('is found in the bad example, alone', () => {
    const found = findingsIn(bad);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((line) => !line.startsWith(code))).toEqual([]);
  });

  test('nothing is found in the good example', () => {
    expect(findingsIn(good)).toEqual([]);
  });

  test('has texts of whole sentences', () => {
    for (const text of [meaning, when, fix]) expect(text).toMatch(/^\S.+[.:)]$/);
  });
});

test('every code that analyze gives is explained, once', () => {
  const codes = [...CODES.values()].filter(({ fromAnalyze }) => fromAnalyze).map(({ code }) => code);
  expect([...EXPLANATIONS.keys()].sort()).toEqual(codes);
});
