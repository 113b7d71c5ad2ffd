/** Every object of an ingress and of an egress gateway in full, under other names, and the settings that are refused. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import { getAt } from '../../../../src/lib/json.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { parseYamlDocuments } from '../../../../src/lib/yaml.ts';
import { findObject, objectNames, readExpected } from '../../../support/render-component.ts';
import {
  container,
  egress,
  expectedFile,
  ingress,
  named,
  object,
  objectsOf,
  pod,
  podMetadata,
  render,
  variables,
} from './render.ts';

describe('without settings', () => {
  const expected = readExpected(expectedFile('ingress.yaml'));

  test('these are the objects of an ingress gateway', () => {
    expect(objectNames(ingress.render())).toEqual(objectsOf('istio-ingressgateway'));
    expect(objectNames(expected)).toEqual(objectsOf('istio-ingressgateway'));
  });

  test.each(expected.map((wanted) => [wanted.kind, wanted] as const))('ingress %s', (kind, wanted) => {
    expect(findObject(ingress.render(), kind)).toEqual(wanted);
  });

  // Both kinds are equal but for names, the type of the Service and the status port.
  const egressText = readFileSync(expectedFile('ingress.yaml'), 'utf8')
    .replaceAll('ingress', 'egress')
    .replaceAll('IngressGateways', 'EgressGateways')
    .replace('type: LoadBalancer', 'type: ClusterIP')
    .replace(/.*(?:name: status-port|containerPort: 15021).*\n/g, '');
  const expectedEgress = parseYamlDocuments(egressText, 'egress').map(
    (document) => document.value as KubeObject,
  );

  test.each(expectedEgress.map((wanted) => [wanted.kind, wanted] as const))('egress %s', (kind, wanted) => {
    expect(findObject(egress.render(), kind)).toEqual(wanted);
  });

  test('these are the objects of an egress gateway', () => {
    expect(objectNames(egress.render())).toEqual(objectsOf('istio-egressgateway'));
  });

  test('the image is that of the release', () => {
    expect(getAt(ingress.component.defaults, ['global'])).toMatchObject({
      hub: 'docker.io/istio',
      tag: '1.31.4',
    });
  });
});

describe('instances', () => {
  test('every name follows the gateway, the fixed label does not', () => {
    const objects = ingress.render({ instance: 'edge', namespace: 'front' });
    expect(objectNames(objects)).toEqual(objectsOf('edge'));
    for (const { metadata } of objects) {
      expect(metadata['namespace']).toBe('front');
      expect(getAt(metadata, ['labels', 'app.kubernetes.io/name'])).toBe('istio-ingressgateway');
    }
    expect(getAt(findObject(objects, 'RoleBinding'), ['roleRef', 'name'])).toBe('edge-sds');
    expect(getAt(findObject(objects, 'RoleBinding'), ['subjects'])).toEqual([
      { kind: 'ServiceAccount', name: 'edge-service-account' },
    ]);
    expect(getAt(findObject(objects, 'HorizontalPodAutoscaler'), ['spec', 'scaleTargetRef', 'name'])).toBe(
      'edge',
    );
  });

  test('pods follow the gateway', () => {
    const input = { instance: 'edge', namespace: 'front' };
    expect(pod({}, {}, input)['serviceAccountName']).toBe('edge-service-account');
    expect(variables({}, {}, input)).toMatchObject({
      ISTIO_META_WORKLOAD_NAME: 'edge',
      ISTIO_META_OWNER: 'kubernetes://apis/apps/v1/namespaces/front/deployments/edge',
    });
    const labels = podMetadata({}, {}, input)['labels'] as JsonObject;
    expect(labels['service.istio.io/canonical-name']).toBe('edge');
    expect(Object.keys(labels)).not.toEqual(expect.arrayContaining(['heritage']));
    expect(Object.keys(labels)).not.toEqual(expect.arrayContaining(['chart']));
  });

  test('labels select everywhere, and are put over the default ones', () => {
    const objects = render(
      { labels: { istio: 'edge', tier: 'front' }, autoscaleMin: 2 },
      { global: { networkPolicy: { enabled: true } } },
    );
    const labels = { app: 'istio-ingressgateway', istio: 'edge', tier: 'front' };
    expect(getAt(findObject(objects, 'Deployment'), ['spec', 'selector', 'matchLabels'])).toEqual(labels);
    expect(
      getAt(findObject(objects, 'Deployment'), ['spec', 'template', 'metadata', 'labels']),
    ).toMatchObject(labels);
    expect(getAt(findObject(objects, 'Service'), ['spec', 'selector'])).toEqual(labels);
    expect(getAt(findObject(objects, 'PodDisruptionBudget'), ['spec', 'selector', 'matchLabels'])).toEqual(
      labels,
    );
    expect(getAt(findObject(objects, 'NetworkPolicy'), ['spec', 'podSelector', 'matchLabels'])).toEqual(
      labels,
    );
    for (const kind of [
      'Deployment',
      'Service',
      'HorizontalPodAutoscaler',
      'PodDisruptionBudget',
      'ServiceAccount',
    ]) {
      expect(findObject(objects, kind).metadata['labels']).toMatchObject(labels);
    }
    for (const kind of ['Role', 'RoleBinding', 'NetworkPolicy']) {
      expect(findObject(objects, kind).metadata['labels']).not.toHaveProperty('tier');
    }
  });

  test("mesh's own labels win over the gateway's", () => {
    const { metadata } = object('Deployment', {
      labels: { 'operator.istio.io/component': 'Mine', release: 'mine' },
    });
    expect(metadata['labels']).toMatchObject({
      'operator.istio.io/component': 'IngressGateways',
      release: 'istio',
    });
  });

  test('revision and owner are labels, only the network policy is named after the revision', () => {
    const values = { revision: 'canary', ownerName: 'me', global: { networkPolicy: { enabled: true } } };
    const objects = render({ autoscaleMin: 2, labels: { istio: 'edge' } }, values, {
      instance: 'edge',
      namespace: 'front',
    });
    expect(objectNames(objects)).toEqual(
      [...objectsOf('edge'), 'NetworkPolicy edge-canary', 'PodDisruptionBudget edge'].sort(),
    );
    for (const wanted of readExpected(expectedFile('optional.yaml'))) {
      expect(findObject(objects, wanted.kind)).toEqual(wanted);
    }
    expect(variables({}, values)).toMatchObject({ CA_ADDR: 'istiod-canary.istio-system.svc:15012' });
    expect(named(pod({}, values)['volumes'], 'config-volume')).toMatchObject({
      configMap: { name: 'istio-canary' },
    });
    expect(podMetadata({}, values)).toMatchObject({
      annotations: { 'istio.io/rev': 'canary' },
      labels: {
        'istio.io/rev': 'canary',
        'install.operator.istio.io/owning-resource': 'me',
        'service.istio.io/canonical-revision': 'canary',
      },
    });
  });

  test.each([
    [{ version: 'v1' }, 'v1'],
    [{ version: 'v1', 'app.kubernetes.io/version': 'v2' }, 'v2'],
    [{ version: '', 'app.kubernetes.io/version': '' }, 'canary'],
  ])('the canonical revision of labels %j is %s', (labels, wanted) => {
    const metadata = podMetadata({ labels }, { revision: 'canary' });
    expect(getAt(metadata, ['labels', 'service.istio.io/canonical-revision'])).toBe(wanted);
  });
});

describe('settings that cannot work', () => {
  test('all of them are named together', () => {
    const values = {
      global: { hub: '', tag: null, arch: { amd64: 0 } },
      gateways: { 'istio-ingressgateway': { ports: [{ name: 'http', port: 80, targetPort: 'web' }] } },
    };
    const rendering = (): unknown => ingress.render({ instance: '', values });
    for (const problem of [
      'a gateway in components.ingressGateways has no name',
      'values.global.hub is empty',
      'values.global.tag is empty',
      'values.global.arch leaves no architecture to run on',
      'port 80 of gateway',
      'targetPort web',
    ]) {
      expect(rendering).toThrow(problem);
    }
  });

  test('a tag of the gateway, or a whole image, is enough', () => {
    expect(container({ tag: 'x' }, { global: { tag: '' } })['image']).toBe('docker.io/istio/proxyv2:x');
    expect(container({}, { global: { hub: '', tag: '', proxy: { image: 'r/p:1' } } })['image']).toBe('r/p:1');
  });
});
