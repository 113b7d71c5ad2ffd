import { describe, expect, test } from '@jest/globals';
import { flattenFlags, listLeaves } from '../../../../src/domain/config/index.ts';
import { MeshError } from '../../../../src/lib/errors.ts';
import { getAt } from '../../../../src/lib/json.ts';
import { resolveGiven } from '../../../support/config-catalog.ts';

const linesOf = (given: Parameters<typeof resolveGiven>[0], prefix?: string) =>
  flattenFlags(resolveGiven(given), prefix).map(({ path, text }) => `${path}=${text}`);

describe('flattenFlags', () => {
  test('the default profile', () => {
    expect(linesOf({})).toEqual([
      'components.base.enabled=true',
      'components.egressGateways[0].enabled=false',
      'components.egressGateways[0].name="istio-egressgateway"',
      'components.ingressGateways[0].enabled=true',
      'components.ingressGateways[0].name="istio-ingressgateway"',
      'components.pilot.enabled=true',
      'hub="docker.io/istio"',
      'tag="1.31.4"',
      'values.defaultRevision=""',
      'values.gateways.istio-egressgateway={}',
      'values.gateways.istio-ingressgateway={}',
      'values.global.configValidation=true',
      'values.global.istioNamespace="istio-system"',
      'values.ztunnel.resourceName="ztunnel"',
    ]);
  });

  test('items stand in the order of their list, dots in keys are escaped, values are JSON', () => {
    const specs = [`values: {ztunnel: {l: [${[...Array(12).keys()].join(',')}], a.b/c: null, "x[0]": 1.5}}`];
    expect(linesOf({ specs }, 'values.ztunnel')).toEqual([
      'values.ztunnel.a\\.b/c=null',
      ...[...Array(12).keys()].map((index) => `values.ztunnel.l[${index}]=${index}`),
      'values.ztunnel.resourceName="ztunnel"',
      'values.ztunnel.x\\[0\\]=1.5',
    ]);
  });

  test.each([
    'components.ingressGateways',
    'spec.components.ingressGateways',
    'components.ingressGateways[0]',
    'components.ingressGateways.0',
  ])('the part at %s', (prefix) => {
    expect(linesOf({}, prefix)).toEqual([
      'components.ingressGateways[0].enabled=true',
      'components.ingressGateways[0].name="istio-ingressgateway"',
    ]);
  });

  test('one value', () => {
    expect(linesOf({}, 'hub')).toEqual(['hub="docker.io/istio"']);
  });

  test('a part that is not there', () => {
    expect(() => linesOf({}, 'components.foo')).toThrow(MeshError);
  });

  test('each line has its origin', () => {
    const lines = flattenFlags(resolveGiven({ profile: 'demo', sets: ['hub=a.io/b'] }));
    expect(lines.filter(({ origin }) => origin === undefined)).toEqual([]);
    expect(lines.find(({ path }) => path === 'hub')?.origin).toEqual({
      layer: '--set',
      source: 'hub=a.io/b',
    });
  });

  test('the lines, given as --set, make the same configuration', () => {
    const given = {
      profile: 'demo',
      sets: [
        'components.ingressGateways[1].name=b',
        'values.pilot.nodeSelector.a\\.b/c=x',
        'components.pilot.k8s.replicaCount=2',
      ],
    };
    const { operator } = resolveGiven(given);
    const lines = flattenFlags(resolveGiven(given)).map(({ path, text }) => `${path}=${text}`);
    expect(resolveGiven({ jsons: lines }).operator).toEqual(operator);
  });
});

test('listLeaves', () => {
  const tree = { a: { b: [1, { c: null }] }, d: {}, e: [] };
  const leaves = listLeaves(tree);
  expect(leaves).toEqual([
    { path: ['a', 'b', 0], value: 1 },
    { path: ['a', 'b', 1, 'c'], value: null },
    { path: ['d'], value: {} },
    { path: ['e'], value: [] },
  ]);
  for (const { path, value } of leaves) expect(getAt(tree, path)).toBe(value);
});
