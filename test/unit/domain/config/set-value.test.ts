import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { childNode, resolveNode, toSchema } from '../../../../src/domain/config/schema.ts';
import type { SchemaNode } from '../../../../src/domain/config/schema.ts';
import { fits } from '../../../../src/domain/config/schema-check.ts';
import { readSetValue, readUntyped } from '../../../../src/domain/config/set-value.ts';
import { readCatalog } from '../../../support/config-catalog.ts';

const schema = toSchema(readCatalog().schema);

function nodeAt(path: string): SchemaNode {
  let node = resolveNode(schema, schema.root);
  for (const key of `spec.${path}`.split('.')) node = childNode(schema, node, key)!;
  return node;
}

const read = (path: string, text: string) => readSetValue(text, schema, nodeAt(path));

describe('values typed by the schema', () => {
  test.each([
    ['tag', '1.10', '1.10'],
    ['revision', '120', '120'],
    ['components.pilot.tag', '1.10', '1.10'],
    ['values.global.tag', '1e3', '1e3'],
    ['values.pilot.tag', 'true', 'true'],
    ['hub', 'localhost:5000', 'localhost:5000'],
    ['compatibilityVersion', '1.30', '1.30'],
    ['values.compatibilityVersion', '1.29', '1.29'],
    ['meshConfig.defaultConfig.proxyMetadata.ANY', '1', '1'],
    ['meshConfig.defaultConfig.proxyMetadata.ANY', 'null', 'null'],
    ['meshConfig.accessLogFormat', '{a,b}', '{a,b}'],
    ['meshConfig.accessLogFormat', 'a\\,b,c', 'a,b,c'],
    ['values.global.network', '', ''],
    ['values.global.network', 'null', null],
    ['values.global.hub', 'null', 'null'],
    ['values.pilot.podAnnotations.a', 'true', 'true'],
    ['components.pilot.enabled', 'true', true],
    ['components.pilot.enabled', 'f', false],
    ['components.pilot.enabled', 'TRUE', true],
    ['components.pilot.k8s.replicaCount', '3', 3],
    ['components.pilot.k8s.replicaCount', '0010', 10],
    ['components.pilot.k8s.replicaCount', '1e3', 1000],
    ['components.pilot.k8s.replicaCount', '1_000', 1000],
    ['components.pilot.k8s.replicaCount', '2.0', 2],
    ['components.pilot.k8s.replicaCount', '-0', 0],
    ['values.pilot.autoscaleMin', '2', 2],
    ['values.pilot.traceSampling', '0.5', 0.5],
    ['values.pilot.rollingMaxSurge', '1', 1],
    ['values.pilot.rollingMaxSurge', '25%', '25%'],
    ['components.pilot.k8s.resources.requests.cpu', '1', '1'],
    ['values.pilot.resources.requests.memory', '1', '1'],
    ['values.global.proxy.tracer', 'zipkin', 'zipkin'],
    ['meshConfig.outboundTrafficPolicy.mode', 'REGISTRY_ONLY', 'REGISTRY_ONLY'],
    ['meshConfig.outboundTrafficPolicy.mode', '1', 1],
    ['meshConfig.enableAutoMtls', 'false', false],
    ['values.revisionTags', '{a, b}', ['a', 'b']],
    ['values.revisionTags', '{1,true}', ['1', 'true']],
    ['values.revisionTags', '{a\\,b}', ['a,b']],
    ['values.revisionTags', '{}', []],
    ['values.revisionTags', '[]', []],
    ['values.revisionTags', '["a"]', ['a']],
    ['values.revisionTags', '{"a":1}', ['"a":1']],
    ['values.pilot.nodeSelector', '{}', {}],
    ['values.pilot.nodeSelector', '{"a":"b"}', { a: 'b' }],
    ['values.pilot.nodeSelector', 'null', null],
    ['components.cni', 'null', null],
  ])('%s=%s', (path, text, value) => {
    expect(read(path, text)).toEqual({ value });
  });

  test.each([
    ['components.pilot.enabled', '1'],
    ['components.pilot.enabled', 'yes'],
    ['components.pilot.enabled', ''],
    ['components.pilot.k8s.replicaCount', 'two'],
    ['components.pilot.k8s.replicaCount', '1.5'],
    ['components.pilot.k8s.replicaCount', ''],
    ['components.pilot.k8s.replicaCount', '99999999999999999999'],
    ['values.pilot.traceSampling', 'NaN'],
    ['values.pilot.traceSampling', 'inf'],
    ['values.pilot.autoscaleMin', '0x10'],
    ['values.global.platform', 'gcp'],
    ['components.pilot', 'true'],
    ['values.revisionTags', 'a'],
    ['values.pilot.nodeSelector', '{a,b}'],
    ['values.pilot.nodeSelector', '{"__proto__":1}'],
    ['components.ingressGateways', 'null'],
  ])('%s=%s does not fit', (path, text) => {
    expect(read(path, text)).toBeUndefined();
  });
});

describe('values without a schema', () => {
  test.each([
    ['5', 5],
    ['1e3', 1000],
    ['0010', 10],
    ['1.0', 1],
    ['1_000', 1000],
    ['0x10', '0x10'],
    ['.5', 0.5],
    ['-1', -1],
    ['no', 'no'],
    ['t', true],
    ['true', true],
    ['F', false],
    ['null', null],
    ['NaN', 'NaN'],
    ['inf', 'inf'],
    ['Infinity', 'Infinity'],
    ['1e999', '1e999'],
    ['12345678901234567890', '12345678901234567890'],
    ['{a,1,true}', ['a', 1, true]],
    ['a\\,b', 'a,b'],
    ['', ''],
    ['1.31.4', '1.31.4'],
  ])('%s', (text, value) => {
    expect(readUntyped(text)).toEqual(value);
  });

  test('any text gives JSON that survives a round trip', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.double().map(String), fc.stringMatching(/^[-+_.0-9eE]*$/)),
        (text) => {
          const value = readUntyped(text);
          expect(JSON.parse(JSON.stringify(value))).toEqual(value);
        },
      ),
    );
  });
});

test('a value that was read fits its node, whatever the text', () => {
  const paths = [
    'tag',
    'components.pilot.enabled',
    'components.pilot.k8s.replicaCount',
    'values.pilot.traceSampling',
    'values.pilot.rollingMaxSurge',
    'values.global.platform',
    'values.revisionTags',
    'values.pilot.nodeSelector',
    'meshConfig.outboundTrafficPolicy.mode',
  ];
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constantFrom('null', 'true', '1', '{a,b}', '1.5', 'gke', ''),
  );
  fc.assert(
    fc.property(fc.constantFrom(...paths), text, (path, given) => {
      const reading = read(path, given.trim());
      if (reading) expect(fits(reading.value, nodeAt(path))).toBe(true);
    }),
  );
});
