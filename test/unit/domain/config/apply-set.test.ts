/** Every row of the reference's table of `--set` paths, with what mesh does instead of crashing or losing it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applySet, parseSetFlag } from '../../../../src/domain/config/index.ts';
import { toSchema } from '../../../../src/domain/config/schema.ts';
import type { SetFlag } from '../../../../src/domain/config/types.ts';
import { MeshError } from '../../../../src/lib/errors.ts';
import { getAt } from '../../../../src/lib/json.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { problemsOf, readCatalog, resolveGiven } from '../../../support/config-catalog.ts';
import type { Given } from '../../../support/config-catalog.ts';

const schema = toSchema(readCatalog().schema);

const specOf = (given: Given, ...path: (string | number)[]) =>
  getAt(resolveGiven(given).operator, ['spec', ...path]);

describe('accepted', () => {
  test('spec. in front makes no difference', () => {
    expect(resolveGiven({ sets: ['spec.profile=demo', 'spec.hub=a.io/b'] }).operator).toEqual(
      resolveGiven({ sets: ['profile=demo', 'hub=a.io/b'] }).operator,
    );
  });

  test('the first = splits, later ones belong to the value', () => {
    expect(specOf({ sets: ['meshConfig.accessLogFormat=a=b=c'] }, 'meshConfig', 'accessLogFormat')).toBe(
      'a=b=c',
    );
  });

  test('both sides are trimmed', () => {
    expect(specOf({ sets: [' hub =  a.io/b '] }, 'hub')).toBe('a.io/b');
  });

  test('strings stay strings, numbers become numbers', () => {
    const sets = [
      'tag=1.10',
      'revision=120',
      'components.pilot.tag=1.20',
      'components.pilot.k8s.replicaCount=2',
    ];
    const spec = resolveGiven({ sets }).operator['spec'];
    expect(spec).toMatchObject({
      tag: '1.10',
      revision: '120',
      components: { pilot: { tag: '1.20', k8s: { replicaCount: 2 } } },
    });
  });

  test('an escaped dot stays in the key', () => {
    expect(
      specOf(
        { sets: ['values.pilot.nodeSelector.kubernetes\\.io/os=linux'] },
        'values',
        'pilot',
        'nodeSelector',
      ),
    ).toEqual({
      'kubernetes.io/os': 'linux',
    });
  });

  test.each([
    'components.ingressGateways[0].k8s.replicaCount=2',
    'components.ingressGateways.[0].k8s.replicaCount=2',
    'components.ingressGateways[name:istio-ingressgateway].k8s.replicaCount=2',
    'components.ingressGateways.[name:istio-ingressgateway].k8s.replicaCount=2',
    'components.ingressGateways.istio-ingressgateway.k8s.replicaCount=2',
  ])('%s reaches the gateway that the profile brings', (set) => {
    expect(specOf({ sets: [set] }, 'components', 'ingressGateways')).toEqual([
      { name: 'istio-ingressgateway', enabled: true, k8s: { replicaCount: 2 } },
    ]);
  });

  test('the length of a list appends, also to a list that is not there', () => {
    const sets = [
      'components.ingressGateways[1].name=second',
      'components.ingressGateways.second.enabled=false',
      'values.cni.excludeNamespaces[0]=a',
      'values.cni.excludeNamespaces[1]=b',
    ];
    const spec = resolveGiven({ sets }).operator['spec'];
    expect(getAt(spec, ['components', 'ingressGateways', 1])).toEqual({ name: 'second', enabled: false });
    expect(getAt(spec, ['values', 'cni', 'excludeNamespaces'])).toEqual(['a', 'b']);
  });

  test('the same scalar item can be set twice', () => {
    const sets = ['values.cni.excludeNamespaces[0]=a', 'values.cni.excludeNamespaces[0]=b'];
    expect(specOf({ sets }, 'values', 'cni', 'excludeNamespaces')).toEqual(['b']);
  });

  test('lists in lists, and items found by any key', () => {
    const specs = [
      'components:\n  pilot:\n    k8s:\n      service:\n        ports: [{port: 80, name: a}, {port: 90, name: b}]',
    ];
    const sets = ['components.pilot.k8s.service.ports[port:90].targetPort=http', 'values.ztunnel.m[0][0]=1'];
    const spec = resolveGiven({ specs, sets }).operator['spec'];
    expect(getAt(spec, ['components', 'pilot', 'k8s', 'service', 'ports', 1])).toEqual({
      port: 90,
      name: 'b',
      targetPort: 'http',
    });
    expect(getAt(spec, ['values', 'ztunnel', 'm'])).toEqual([[1]]);
  });

  test('a map grows below null', () => {
    const specs = ['values:\n  pilot:\n    nodeSelector: null'];
    expect(
      specOf({ specs, sets: ['values.pilot.nodeSelector.a=b'] }, 'values', 'pilot', 'nodeSelector'),
    ).toEqual({ a: 'b' });
  });

  test('NaN is a text', () => {
    expect(
      specOf({ sets: ['values.ztunnel.a=NaN', 'values.global.network=NaN'] }, 'values', 'ztunnel', 'a'),
    ).toBe('NaN');
  });

  test('maps of --set-json merge, its lists and scalars replace', () => {
    const specs = ['values:\n  pilot:\n    env: {A: 1, L: [1, 2]}'];
    const jsons = ['values.pilot.env={"B": 2, "L": [3]}', 'tag="1.10"', 'values.global.network=null'];
    const spec = resolveGiven({ specs, jsons }).operator['spec'];
    expect(getAt(spec, ['values', 'pilot', 'env'])).toEqual({ A: 1, B: 2, L: [3] });
    expect(spec).toMatchObject({ tag: '1.10', values: { global: { network: null } } });
  });

  test('fields of MeshConfig may be written in snake_case', () => {
    const specs = ['meshConfig:\n  accessLogFile: /a'];
    const sets = ['meshConfig.access_log_file=/b', 'values.meshConfig.default_config.drain_duration=5s'];
    const spec = resolveGiven({ specs, sets }).operator['spec'];
    expect(getAt(spec, ['meshConfig'])).toEqual({ accessLogFile: '/b' });
    expect(getAt(spec, ['values', 'meshConfig'])).toEqual({ defaultConfig: { drainDuration: '5s' } });
  });
});

describe('refused', () => {
  const problem = (set: string, specs: readonly string[] = []) => problemsOf({ sets: [set], specs });

  test.each([
    ['a.b', '--set a.b has no = (write --set a.b=VALUE)'],
    [
      'values.pilto.traceSampling=1',
      'unknown setting values.pilto.traceSampling in --set (did you mean values.pilot.traceSampling?)',
    ],
    [
      'pilot.traceSampling=1',
      'unknown setting pilot.traceSampling in --set (did you mean values.pilot.traceSampling?)',
    ],
    ['traceSampling=1', 'unknown setting traceSampling in --set (did you mean values.pilot.traceSampling?)'],
    [
      'meshConfig.accessLogFil=x',
      'unknown setting meshConfig.accessLogFil in --set (did you mean meshConfig.accessLogFile?)',
    ],
    [
      'metadata.name=x',
      'unknown setting metadata.name in --set (flags set what is below spec, write the rest into a file for -f)',
    ],
    [
      'values.pilot.pdb.minAvailable=1',
      'unknown setting values.pilot.pdb.minAvailable in --set (only unvalidatedValues takes it: write unvalidatedValues.pilot.pdb.minAvailable)',
    ],
    [
      'components.ingressGateways[2].name=x',
      'components.ingressGateways has 1 item, [2] is beyond its end, in --set components.ingressGateways[2].name=x ([1] appends an item)',
    ],
    [
      'components.ingressGateways[name:foo].enabled=true',
      'components.ingressGateways has no item with name foo, in --set components.ingressGateways[name:foo].enabled=true (there is istio-ingressgateway; [1] appends an item)',
    ],
    [
      'components.ingressGateways.0.enabled=true',
      'components.ingressGateways is a list, in --set components.ingressGateways.0.enabled=true (write [0] for its item 0)',
    ],
    [
      'components.ingressGateways[1].k8s.replicaCount=2',
      'components.ingressGateways[1] has no name, in --set components.ingressGateways[1].k8s.replicaCount=2 (write components.ingressGateways[1].name)',
    ],
    ['hub.x=1', 'hub is the text "docker.io/istio", nothing can be set below it, in --set hub.x=1'],
    ['hub[0]=1', 'hub is the text "docker.io/istio", not a list, in --set hub[0]=1'],
    [
      'm[key]=1',
      'the path "m[key]" has [key], in --set m[key]=1 (brackets hold an index, [0], or a key and its value, [name:foo])',
    ],
    [
      'components.pilot.k8s.replicaCount=two',
      'components.pilot.k8s.replicaCount must be a whole number, found the text "two", in --set components.pilot.k8s.replicaCount=two',
    ],
    [
      'components.pilot.enabled=yes',
      'components.pilot.enabled must be true or false, found the text "yes", in --set components.pilot.enabled=yes',
    ],
    [
      'values.revisionTags=prod',
      'values.revisionTags must be a list, found the text "prod", in --set values.revisionTags=prod (write {a,b}, or one item: path[0]=a)',
    ],
    [
      'components.pilot=true',
      'components.pilot must be a map, found the text "true", in --set components.pilot=true (set a key below it, such as .enabled, or use --set-json path={...})',
    ],
  ])('%s', (set, message) => {
    expect(problem(set)).toEqual([message]);
  });

  test('below a scalar of a file', () => {
    expect(problem('values.ztunnel.a.b=2', ['values: {ztunnel: {a: 1}}'])).toEqual([
      'values.ztunnel.a is the number 1, nothing can be set below it, in --set values.ztunnel.a.b=2',
    ]);
  });

  test('an item that is there twice', () => {
    const specs = ['values: {ztunnel: {l: [{name: a}, {name: a}]}}'];
    expect(problem('values.ztunnel.l[name:a].b=1', specs)).toEqual([
      'values.ztunnel.l has 2 items with name a, in --set values.ztunnel.l[name:a].b=1 (write [0] or [1])',
    ]);
  });

  test('all flags are told at once', () => {
    expect(problemsOf({ sets: ['a=1', 'hub.x=1', 'components.pilot.enabled=2'] })).toHaveLength(3);
  });

  test('force keeps what the schema refuses, and warns; a flag without a place stays an error', () => {
    const { operator, warnings } = resolveGiven({
      sets: ['values.pilto.a=1', 'components.pilot.k8s.replicaCount=two'],
      force: true,
    });
    expect(getAt(operator, ['spec', 'values', 'pilto'])).toEqual({ a: 1 });
    expect(getAt(operator, ['spec', 'components', 'pilot', 'k8s', 'replicaCount'])).toBe('two');
    expect(warnings.map(({ message }) => message)).toEqual([
      'unknown setting values.pilto.a in --set',
      'components.pilot.k8s.replicaCount must be a whole number, found the text "two", in --set components.pilot.k8s.replicaCount=two',
    ]);
    expect(problemsOf({ sets: ['hub.x=1'], force: true })).toHaveLength(1);
  });
});

describe('applySet', () => {
  const operator: JsonObject = {
    kind: 'IstioOperator',
    spec: { hub: 'h', components: { ingressGateways: [{ name: 'a' }] } },
  };

  function apply(flag: SetFlag, tree: JsonObject = operator) {
    return applySet(tree, parseSetFlag(flag), schema);
  }

  test('tells where the value went', () => {
    expect(apply({ flag: '--set', text: 'components.ingressGateways.a.namespace=x' })).toMatchObject({
      path: ['spec', 'components', 'ingressGateways', 0, 'namespace'],
      value: 'x',
    });
  });

  test('never changes its input, never reaches Object.prototype, never throws anything but a MeshError', () => {
    const frozen = JSON.stringify(operator);
    const word = fc.constantFrom(
      'spec',
      'values',
      'components',
      'ingressGateways',
      'a',
      'hub',
      'pilot',
      '__proto__',
      'constructor',
      'x',
      '[0]',
      '[1]',
      '[name:a]',
      '[-1]',
    );
    const path = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join('.'));
    const value = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom('{a,b}', 'null', '1', '{"__proto__":{"polluted":1}}'),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('--set' as const, '--set-json' as const),
        path,
        value,
        (flag, where, what) => {
          try {
            apply({ flag, text: `${where}=${what}` });
          } catch (error) {
            expect(error).toBeInstanceOf(MeshError);
          }
          expect(JSON.stringify(operator)).toBe(frozen);
          expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
        },
      ),
    );
  });
});
