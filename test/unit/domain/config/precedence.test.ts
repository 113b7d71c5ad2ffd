/** Each layer wins over the one below it, and the translations into values follow Istio's exceptions. */
import { describe, expect, test } from '@jest/globals';
import { resolveSpec } from '../../../../src/domain/config/index.ts';
import type { ConfigCatalog, ConfigInput } from '../../../../src/domain/config/types.ts';
import { getAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { readCatalog, resolveGiven } from '../../../support/config-catalog.ts';

const shipped = readCatalog();

/** A catalog whose profiles give `values.global.network`, which says who won. */
function catalogWith(networks: { readonly default?: string; readonly demo?: string }): ConfigCatalog {
  const withNetwork = (name: string, network: string | undefined): JsonObject => {
    const spec = (shipped.profiles[name]!['spec'] ?? {}) as JsonObject;
    const values = (spec['values'] ?? {}) as JsonObject;
    const global = (values['global'] ?? {}) as JsonObject;
    return {
      ...shipped.profiles[name],
      spec: { ...spec, values: { ...values, global: { ...global, ...(network ? { network } : {}) } } },
    };
  };
  return {
    ...shipped,
    profiles: {
      ...shipped.profiles,
      default: withNetwork('default', networks.default),
      demo: withNetwork('demo', networks.demo),
    },
  };
}

const file = (name: string, spec: JsonValue) => ({
  name,
  text: JSON.stringify({ kind: 'IstioOperator', spec }),
});
const network = (value: string): JsonObject => ({ values: { global: { network: value } } });
const nothing: ConfigInput = { files: [], sets: [] };

function winner(input: Partial<ConfigInput>, profiles = {}): [JsonValue | undefined, string | undefined] {
  const spec = resolveSpec({ ...nothing, ...input }, catalogWith(profiles));
  return [getAt(spec.values, ['global', 'network']), spec.origins.get('/spec/values/global/network')?.layer];
}

describe('each layer wins over the one below', () => {
  test('default profile alone', () => {
    expect(winner({}, { default: 'default' })).toEqual(['default', 'default profile']);
  });

  test('chosen profile over default profile', () => {
    expect(winner({ profile: 'demo' }, { default: 'default', demo: 'demo' })).toEqual(['demo', 'profile']);
    expect(winner({ profile: 'demo' }, { default: 'default' })).toEqual(['default', 'default profile']);
  });

  test('detected platform over chosen profile', () => {
    expect(winner({ profile: 'demo', detected: network('detected') }, { demo: 'demo' })).toEqual([
      'detected',
      'detected',
    ]);
  });

  test('file over detected platform', () => {
    expect(winner({ detected: network('detected'), files: [file('a', network('a'))] })).toEqual([
      'a',
      'file',
    ]);
  });

  test('later file over earlier file', () => {
    const files = [file('a', network('a')), file('b', network('b'))];
    expect(winner({ files })).toEqual(['b', 'file']);
    expect(winner({ files: files.toReversed() })).toEqual(['a', 'file']);
  });

  test('--set over files, later --set over earlier, --set-json in line with them', () => {
    const files = [file('a', network('a'))];
    const set = (flag: '--set' | '--set-json', value: string) => ({
      flag,
      text: `values.global.network=${value}`,
    });
    expect(winner({ files, sets: [set('--set', 'x')] })).toEqual(['x', '--set']);
    expect(winner({ files, sets: [set('--set', 'x'), set('--set', 'y')] })).toEqual(['y', '--set']);
    expect(winner({ files, sets: [set('--set', 'x'), set('--set-json', '"y"')] })).toEqual([
      'y',
      '--set-json',
    ]);
    expect(winner({ files, sets: [set('--set-json', '"y"'), set('--set', 'x')] })).toEqual(['x', '--set']);
  });

  test('release over detected platform, files over release', () => {
    const hub = (input: Partial<ConfigInput>) =>
      resolveSpec({ ...nothing, ...input }, shipped).operator['spec'] as JsonObject;
    expect(hub({})['hub']).toBe('docker.io/istio');
    expect(hub({ detected: { hub: 'detected.io/x' } })['hub']).toBe('docker.io/istio');
    expect(hub({ files: [file('a', { hub: 'a.io/x' })] })['hub']).toBe('a.io/x');
  });

  test('--revision over --set revision=; default is none', () => {
    const sets = ['revision=b'];
    expect(resolveGiven({ sets, revision: 'c' })).toMatchObject({
      revision: 'c',
      operator: { spec: { revision: 'c' } },
    });
    expect(resolveGiven({ sets, revision: 'default' })).toMatchObject({ revision: 'b' });
    expect(resolveGiven({ revision: 'default' }).operator['spec']).not.toHaveProperty('revision');
    expect(resolveGiven({ revision: 'c' }).origins.get('/spec/revision')).toEqual({
      layer: '--revision',
      source: 'c',
    });
  });

  test('the revision default is none, wherever it is given', () => {
    const spec = resolveGiven({ sets: ['revision=default'] });
    expect(spec.revision).toBe('');
    expect(spec.values['revision']).toBe('');
  });

  test('a list replaces the whole list below', () => {
    const spec = resolveGiven({
      specs: [
        'components: {ingressGateways: [{name: own}]}',
        'components: {ingressGateways: [{name: other}]}',
      ],
    });
    expect(getAt(spec.operator, ['spec', 'components', 'ingressGateways'])).toEqual([{ name: 'other' }]);
  });

  test('null overwrites', () => {
    expect(resolveGiven({ specs: ['values: {ztunnel: null}'] }).values['ztunnel']).toBeNull();
  });
});

describe('the profile', () => {
  test.each([
    ['argument', { profile: 'demo' }, 'demo'],
    ['file over argument', { profile: 'demo', specs: ['profile: minimal'] }, 'minimal'],
    ['last file', { specs: ['profile: demo', 'profile: minimal'] }, 'minimal'],
    ['a later file without one leaves it', { specs: ['profile: demo', 'hub: a'] }, 'demo'],
    ['--set over file', { specs: ['profile: demo'], sets: ['profile=ambient'] }, 'ambient'],
    ['last --set', { sets: ['profile=demo', 'spec.profile=empty'] }, 'empty'],
    ['--set-json', { jsons: ['profile="demo"'] }, 'demo'],
    ['none', {}, 'default'],
    ['an empty name is none', { sets: ['profile='] }, 'default'],
  ])('%s', (_name, given, profile) => {
    expect(resolveGiven(given).profile).toBe(profile);
  });

  test('is part of the merged operator when somebody chose it', () => {
    expect(getAt(resolveGiven({ profile: 'demo' }).operator, ['spec', 'profile'])).toBe('demo');
    expect(getAt(resolveGiven({}).operator, ['spec', 'profile'])).toBeUndefined();
  });
});

describe('translations into values', () => {
  const valueAt = (given: Parameters<typeof resolveGiven>[0], ...path: string[]) =>
    getAt(resolveGiven(given).values, path);

  test('hub, tag, revision, compatibilityVersion', () => {
    const { values } = resolveGiven({
      sets: ['hub=a.io/b', 'tag=1.10', 'revision=canary', 'compatibilityVersion=1.30'],
    });
    expect(values).toMatchObject({
      global: { hub: 'a.io/b', tag: '1.10' },
      revision: 'canary',
      compatibilityVersion: '1.30',
    });
  });

  test('a value of the user wins over the translated one, from files and flags', () => {
    expect(valueAt({ sets: ['hub=a.io/b', 'values.global.hub=own.io/x'] }, 'global', 'hub')).toBe('own.io/x');
    expect(valueAt({ sets: ['values.global.hub=own.io/x', 'hub=a.io/b'] }, 'global', 'hub')).toBe('own.io/x');
    expect(valueAt({ specs: ['values: {global: {tag: own}}'], sets: ['tag=x'] }, 'global', 'tag')).toBe(
      'own',
    );
    expect(valueAt({ specs: ['values: {revision: own}'], revision: 'x' }, 'revision')).toBe('own');
    expect(
      valueAt(
        { jsons: ['values={"compatibilityVersion": "1.29"}'], sets: ['compatibilityVersion=1.30'] },
        'compatibilityVersion',
      ),
    ).toBe('1.29');
  });

  test('a value of a profile does not', () => {
    const profiles = {
      ...shipped.profiles,
      own: { kind: 'IstioOperator', spec: { values: { global: { hub: 'profile.io/x' } } } },
    };
    const spec = resolveSpec({ ...nothing, profile: 'own' }, { ...shipped, profiles });
    expect(getAt(spec.values, ['global', 'hub'])).toBe('docker.io/istio');
  });

  test('spec.meshConfig wins over values.meshConfig, and both merge', () => {
    const specs = [
      'meshConfig: {accessLogFile: /spec}\nvalues: {meshConfig: {accessLogFile: /values, trustDomain: own.example}}',
    ];
    expect(resolveGiven({ specs }).values['meshConfig']).toEqual({
      accessLogFile: '/spec',
      trustDomain: 'own.example',
    });
    expect(
      resolveGiven({ specs: ['meshConfig: null\nvalues: {meshConfig: null}'] }).values,
    ).not.toHaveProperty('meshConfig');
  });

  test.each([
    [{}, true, false],
    [{ sets: ['components.cni.enabled=true'] }, true, true],
    [{ sets: ['components.cni.namespace=x'] }, true, false],
    [{ sets: ['components.pilot.enabled=false'] }, false, false],
    [{ sets: ['components.pilot.enabled=false', 'values.pilot.enabled=true'] }, true, false],
    [{ sets: ['values.pilot.cni.enabled=true'] }, true, true],
  ])('pilot.enabled and pilot.cni.enabled of %j', (given, pilot, cni) => {
    expect(valueAt(given, 'pilot', 'enabled')).toBe(pilot);
    expect(valueAt(given, 'pilot', 'cni', 'enabled')).toBe(cni);
  });

  test('unvalidatedValues win over all', () => {
    const sets = [
      'values.global.network=a',
      'unvalidatedValues.global.network=b',
      'unvalidatedValues.pilot.pdb.minAvailable=2',
      'hub=x.io/y',
      'unvalidatedValues.global.hub=z',
    ];
    const { values } = resolveGiven({ sets });
    expect(values).toMatchObject({ global: { network: 'b', hub: 'z' }, pilot: { pdb: { minAvailable: 2 } } });
  });

  test('the operator stays as it was merged', () => {
    expect(getAt(resolveGiven({}).operator, ['spec', 'values', 'global', 'hub'])).toBeUndefined();
  });
});

describe('the namespace', () => {
  test.each([
    [{}, 'istio-system'],
    [{ sets: ['values.global.istioNamespace=foo'] }, 'foo'],
    [{ files: ['kind: IstioOperator\nmetadata: {namespace: foo}'] }, 'istio-system'],
    [
      { sets: ['values.global.istioNamespace='], files: ['kind: IstioOperator\nmetadata: {namespace: foo}'] },
      'foo',
    ],
    [{ sets: ['unvalidatedValues.global.istioNamespace=foo'] }, 'istio-system'],
    [{ sets: ['namespace=foo'] }, 'istio-system'],
  ])('%j', (given, namespace) => {
    const spec = resolveGiven(given);
    expect(spec.namespace).toBe(namespace);
    expect(getAt(spec.operator, ['metadata', 'namespace'])).toBe(namespace);
  });

  test('in values too when it comes from metadata', () => {
    const spec = resolveGiven({
      sets: ['values.global.istioNamespace='],
      files: ['kind: IstioOperator\nmetadata: {namespace: foo}'],
    });
    expect(getAt(spec.values, ['global', 'istioNamespace'])).toBe('foo');
  });

  test('metadata.namespace without effect is warned of', () => {
    const { warnings } = resolveGiven({ files: ['kind: IstioOperator\nmetadata:\n  namespace: foo'] });
    expect(warnings).toEqual([
      {
        message: 'metadata.namespace foo has no effect, Istio is installed in istio-system',
        hint: 'set values.global.istioNamespace to foo',
        position: { file: 'a.yaml', line: 3, column: 14 },
      },
    ]);
  });
});

describe('origins', () => {
  test('every leaf of the merged operator has one, and only those', () => {
    const { operator, origins } = resolveGiven({
      profile: 'ambient',
      detected: { components: { cni: { namespace: 'kube-system' } } },
      specs: ['values: {pilot: {env: {A: 1}}}', 'values: {pilot: {env: {}}, ztunnel: null}'],
      sets: ['components.ingressGateways[1].name=b', 'values.pilot.env.B=2', 'values.ztunnel.x.y=1'],
      revision: 'r',
    });
    const leaves: string[] = [];
    const walk = (value: JsonValue, path: string): void => {
      const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
      if (entries.length === 0) leaves.push(path);
      for (const [key, item] of entries)
        walk(item, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    };
    walk(operator, '');
    expect([...origins.keys()].sort()).toEqual(leaves.sort());
  });

  test('files by line and column, flags by their text, changed places by the last writer', () => {
    const { origins } = resolveGiven({
      specs: [
        'hub: a.io/b\nvalues:\n  global:\n    proxy:\n      logLevel: debug',
        'components:\n  egressGateways:\n  - name: x',
      ],
      sets: ['tag=1.2.3', 'components.egressGateways[0].enabled=true'],
    });
    expect(origins.get('/spec/hub')).toEqual({
      layer: 'file',
      source: 'a.yaml',
      position: { file: 'a.yaml', line: 3, column: 3 },
    });
    expect(origins.get('/spec/values/global/proxy/logLevel')?.position).toEqual({
      file: 'a.yaml',
      line: 7,
      column: 9,
    });
    expect(origins.get('/spec/components/egressGateways/0/name')?.position).toEqual({
      file: 'b.yaml',
      line: 5,
      column: 7,
    });
    expect(origins.get('/spec/components/egressGateways/0/enabled')).toEqual({
      layer: '--set',
      source: 'components.egressGateways[0].enabled=true',
    });
    expect(origins.get('/spec/tag')).toEqual({ layer: '--set', source: 'tag=1.2.3' });
    expect(origins.get('/spec/components/pilot/enabled')).toEqual({
      layer: 'default profile',
      source: 'default',
    });
    expect(origins.get('/metadata/namespace')).toEqual({ layer: 'default profile', source: 'default' });
  });

  test('a namespace that follows from a value is derived', () => {
    const { origins } = resolveGiven({ sets: ['values.global.istioNamespace=foo'] });
    expect(origins.get('/metadata/namespace')).toEqual({
      layer: 'derived',
      source: 'values.global.istioNamespace',
    });
  });
});
