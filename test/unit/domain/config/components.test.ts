/** Which instances a spec has, and what their blocks change in their values. */
import { describe, expect, test } from '@jest/globals';
import { getAt } from '../../../../src/lib/json.ts';
import { readCatalog, resolveGiven } from '../../../support/config-catalog.ts';
import type { Given } from '../../../support/config-catalog.ts';

const instancesOf = (given: Given) =>
  resolveGiven(given).components.map(({ instance, namespace }) => `${instance} ${namespace}`);

describe('instances', () => {
  test.each([
    [{}, ['base', 'istiod', 'istio-ingressgateway']],
    [{ profile: 'empty' }, []],
    [{ sets: ['components.cni.namespace=istio-system'] }, ['base', 'istiod', 'cni', 'istio-ingressgateway']],
    [{ sets: ['components.cni.enabled=false'] }, ['base', 'istiod', 'istio-ingressgateway']],
    [{ sets: ['components.cni.enabled=null'] }, ['base', 'istiod', 'cni', 'istio-ingressgateway']],
    [{ sets: ['components.base=null', 'components.cni=null'] }, ['base', 'istiod', 'istio-ingressgateway']],
    [{ sets: ['values.cni.enabled=true'] }, ['base', 'istiod', 'istio-ingressgateway']],
    [{ specs: ['components: {ingressGateways: []}'] }, ['base', 'istiod']],
    [
      {
        specs: [
          'components: {ingressGateways: [{name: a}, {name: b, enabled: false}, {name: c, enabled: true}]}',
        ],
      },
      ['base', 'istiod', 'a', 'c'],
    ],
    [
      { specs: ['values: {gateways: {istio-egressgateway: {enabled: true}}}'] },
      ['base', 'istiod', 'istio-ingressgateway', 'istio-egressgateway'],
    ],
    [
      { profile: 'minimal', sets: ['values.gateways.istio-ingressgateway.enabled=true'] },
      ['base', 'istiod', 'istio-ingressgateway'],
    ],
    [
      { sets: ['values.gateways.istio-ingressgateway.enabled=false'] },
      ['base', 'istiod', 'istio-ingressgateway'],
    ],
    [{ sets: ['components.istiodRemote.enabled=true', 'profile=minimal'] }, ['base', 'istiod']],
  ] as [Given, string[]][])('%j', (given, names) => {
    expect(instancesOf(given)).toEqual(names.map((name) => `${name} istio-system`));
  });

  test('what only platform detection gave switches nothing on, but counts once the user does', () => {
    const detected = { components: { cni: { namespace: 'kube-system' } } };
    expect(instancesOf({ profile: 'minimal', detected })).toEqual([
      'base istio-system',
      'istiod istio-system',
    ]);
    expect(instancesOf({ profile: 'minimal', detected, sets: ['components.cni.enabled=true'] })).toContain(
      'cni kube-system',
    );
  });

  test('namespaces: of the block, else of the control plane', () => {
    const specs = [
      'components: {pilot: {namespace: own}, ingressGateways: [{name: a, namespace: edge}, {name: b}]}\nvalues: {global: {istioNamespace: mesh}}',
    ];
    expect(instancesOf({ specs })).toEqual(['base mesh', 'istiod own', 'a edge', 'b mesh']);
  });

  test.each([
    ['default', ['base', 'istiod', 'istio-ingressgateway']],
    ['demo', ['base', 'istiod', 'istio-ingressgateway', 'istio-egressgateway']],
    ['minimal', ['base', 'istiod']],
    ['empty', []],
    ['preview', ['base', 'istiod', 'istio-ingressgateway']],
    ['stable', ['base', 'istiod', 'istio-ingressgateway']],
    ['remote', ['base', 'istiod']],
    ['external', ['base', 'istiod']],
    ['ambient', ['base', 'istiod', 'cni', 'ztunnel']],
    ['openshift', ['base', 'istiod', 'cni@kube-system', 'istio-ingressgateway']],
    ['openshift-ambient', ['base', 'istiod', 'cni@kube-system', 'ztunnel@kube-system']],
  ])('profile %s', (profile, names) => {
    expect(instancesOf({ profile })).toEqual(
      names.map((name) => (name.includes('@') ? name.replace('@', ' ') : `${name} istio-system`)),
    );
  });

  test('every shipped profile is known to this test, resolves without a warning, and sets its values', () => {
    const { profiles } = readCatalog();
    const sets = Object.keys(profiles).map((profile) => {
      const { values, warnings } = resolveGiven({ profile });
      expect(warnings).toEqual([]);
      return [profile, values['profile'], getAt(values, ['global', 'platform'])];
    });
    expect(sets.sort()).toEqual([
      ['ambient', 'ambient', undefined],
      ['default', undefined, undefined],
      ['demo', 'demo', undefined],
      ['empty', undefined, undefined],
      ['external', 'remote', undefined],
      ['minimal', undefined, undefined],
      ['openshift', undefined, 'openshift'],
      ['openshift-ambient', 'ambient', 'openshift'],
      ['preview', 'preview', undefined],
      ['remote', 'remote', undefined],
      ['stable', 'stable', undefined],
    ]);
  });
});

describe('values of an instance', () => {
  const componentOf = (given: Given, instance: string) =>
    resolveGiven(given).components.find((component) => component.instance === instance)!;
  const ingress = ['gateways', 'istio-ingressgateway'];

  test('a gateway gets its name and labels, always', () => {
    const specs = [
      'components: {ingressGateways: [{name: a, label: {istio: x}}, {name: b}]}\nvalues: {gateways: {istio-ingressgateway: {type: NodePort}}}',
    ];
    expect(getAt(componentOf({ specs }, 'a').values, ingress)).toEqual({
      type: 'NodePort',
      name: 'a',
      labels: { istio: 'x' },
    });
    expect(getAt(componentOf({ specs }, 'b').values, ingress)).toEqual({
      type: 'NodePort',
      name: 'b',
      labels: {},
    });
  });

  test('ports of a gateway replace those of values; the edits of one gateway do not leak into the next', () => {
    const specs = [
      'components: {ingressGateways: [{name: a, k8s: {service: {ports: [{port: 8080}]}, hpaSpec: {minReplicas: 2}}}, {name: b}]}\nvalues: {gateways: {istio-ingressgateway: {ports: [{port: 1}, {port: 2}]}}}',
    ];
    expect(getAt(componentOf({ specs }, 'a').values, ingress)).toMatchObject({
      ports: [{ port: 8080 }],
      autoscaleMin: 2,
    });
    expect(getAt(componentOf({ specs }, 'b').values, ingress)).toEqual({
      ports: [{ port: 1 }, { port: 2 }],
      name: 'b',
      labels: {},
    });
  });

  test('replicas and autoscaler of a Deployment', () => {
    const sets = [
      'components.pilot.k8s.hpaSpec.minReplicas=2',
      'components.pilot.k8s.hpaSpec.maxReplicas=7',
      'components.pilot.k8s.replicaCount=3',
    ];
    expect(getAt(componentOf({ sets }, 'istiod').values, ['pilot'])).toMatchObject({
      autoscaleMin: 2,
      autoscaleMax: 7,
      replicaCount: 3,
    });
  });

  test('zeros are not copied, and a DaemonSet has no replicas', () => {
    const pilot = componentOf(
      { sets: ['components.pilot.k8s.hpaSpec.maxReplicas=0', 'components.pilot.k8s.replicaCount=0'] },
      'istiod',
    );
    expect(getAt(pilot.values, ['pilot'])).toEqual({ enabled: true, cni: { enabled: false } });
    expect(pilot.k8s).toEqual({ hpaSpec: { maxReplicas: 0 }, replicaCount: 0 });
    const cni = componentOf(
      { sets: ['components.cni.enabled=true', 'components.cni.k8s.replicaCount=2'] },
      'cni',
    );
    expect(cni.values['cni']).toBeUndefined();
  });

  test('CPU, hub and tag of any component but base', () => {
    const block =
      '{enabled: true, hub: own.io/x, tag: 1.2.3, k8s: {resources: {requests: {cpu: 2, memory: 1Gi}, limits: {cpu: "0"}}}}';
    const specs = [`components: {pilot: ${block}, cni: ${block}, ztunnel: ${block}}`];
    const edits = { hub: 'own.io/x', tag: '1.2.3', resources: { requests: { cpu: '2' } } };
    for (const [instance, root] of [
      ['istiod', 'pilot'],
      ['cni', 'cni'],
      ['ztunnel', 'ztunnel'],
    ]) {
      expect(componentOf({ specs }, instance!).values[root!]).toMatchObject(edits);
    }
    expect(resolveGiven({ specs }).values['ztunnel']).toEqual({ resourceName: 'ztunnel' });
    expect(
      componentOf({ specs: ['components: {base: {k8s: {resources: {requests: {cpu: 1}}}}}'] }, 'base').values,
    ).toEqual(
      resolveGiven({ specs: ['components: {base: {k8s: {resources: {requests: {cpu: 1}}}}}'] }).values,
    );
  });

  test('k8s and overlays are carried along, apart', () => {
    const specs = [
      'components:\n  pilot:\n    k8s:\n      priorityClassName: high\n      overlays:\n      - kind: Deployment\n        name: istiod\n        apiVersion: apps/v1\n        patches:\n        - {path: spec.replicas, value: 2}\n        - {path: spec.paused}\n        - {path: spec.x, value: null}',
    ];
    const { k8s, overlays } = componentOf({ specs }, 'istiod');
    expect(k8s).toEqual({ priorityClassName: 'high' });
    expect(overlays).toEqual([
      {
        kind: 'Deployment',
        name: 'istiod',
        apiVersion: 'apps/v1',
        patches: [
          { path: 'spec.replicas', value: 2 },
          { path: 'spec.paused' },
          { path: 'spec.x', value: null },
        ],
      },
    ]);
  });

  test('the name of the installation is that of the last file', () => {
    const file = (name: string) => `kind: IstioOperator\nmetadata: {name: ${name}}`;
    expect(resolveGiven({ files: [file('a'), file('b')] }).name).toBe('b');
    expect(resolveGiven({}).name).toBeUndefined();
  });
});
