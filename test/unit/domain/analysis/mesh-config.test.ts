import { expect, test } from '@jest/globals';
import { mergeMeshConfig } from '../../../../src/domain/analysis/mesh-config.ts';
import type { ProtoProblem } from '../../../../src/domain/analysis/proto.ts';

test('the defaults', () => {
  expect(mergeMeshConfig({})).toMatchObject({
    rootNamespace: 'istio-system',
    ingressControllerMode: 'STRICT',
    extensionProviders: [{ name: 'prometheus' }, { name: 'stackdriver' }, { name: 'envoy' }],
  });
});

test('what is given replaces; metadata, providers and aliases merge; unknown fields are accepted', () => {
  const problems: ProtoProblem[] = [];
  const config = mergeMeshConfig(
    {
      root_namespace: 'root',
      future: 1,
      defaultConfig: { proxyMetadata: { A: 'x' } },
      extensionProviders: [
        { name: 'envoy', zipkin: { service: 'z', port: 1 } },
        { name: 'mine', prometheus: {} },
      ],
      trustDomainAliases: ['a', 'a', 'b'],
    },
    problems,
  );
  expect(config).toMatchObject({
    rootNamespace: 'root',
    defaultConfig: { proxyMetadata: { A: 'x' } },
    trustDomainAliases: ['a', 'b'],
  });
  expect(config['extensionProviders']).toEqual([
    { name: 'prometheus', prometheus: {} },
    { name: 'stackdriver', stackdriver: {} },
    { name: 'envoy', zipkin: { service: 'z', port: 1 } },
    { name: 'mine', prometheus: {} },
  ]);
  expect(problems).toEqual([]);
});

test('what cannot be read is a problem', () => {
  const problems: ProtoProblem[] = [];
  mergeMeshConfig({ rootNamespace: 3 }, problems);
  expect(problems).toEqual([{ path: ['rootNamespace'], message: 'expected text, found the number 3' }]);
});
