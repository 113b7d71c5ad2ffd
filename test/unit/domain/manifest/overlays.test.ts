/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call */
import { describe, expect, test } from '@jest/globals';
import { formatSegment, parseOverlayPath } from '../../../../src/domain/manifest/overlay-path.ts';
import { applyOverlays } from '../../../../src/domain/manifest/overlays.ts';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import { MeshError } from '../../../../src/lib/errors.ts';
import type { JsonValue } from '../../../../src/lib/json.ts';
import { thrownBy } from '../../../support/thrown.ts';

/** Tests read what they expect without narrowing. */
type Dynamic = any; // eslint-disable-line @typescript-eslint/no-explicit-any

const base = (): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'istiod', annotations: { 'a.b/c': '1' } },
  spec: {
    list: ['--one', '--two=2', '--three'],
    containers: [
      { name: 'discovery', ports: [{ containerPort: 8080 }, { containerPort: 9090 }] },
      { name: 'other', image: 'x' },
    ],
  },
});

const configMap = (): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'istio' },
  data: { mesh: 'a: 1\n' },
});

function patch(path: string, value?: JsonValue, kind = 'Deployment', name = 'istiod'): KubeObject[] {
  const patches = [value === undefined ? { path } : { path, value }];
  return applyOverlays([base(), configMap()], {
    component: 'Pilot',
    instance: 'istiod',
    overlays: [{ kind, name, patches }],
  });
}

describe('overlay paths', () => {
  test.each([
    ['spec.replicas', ['spec', 'replicas']],
    [
      'spec.template.spec.containers.[name:discovery].args.[0]',
      ['spec', 'template', 'spec', 'containers', '[name:discovery]', 'args', '[0]'],
    ],
    ['containers[name:a.b].x', ['containers', '[name:a.b]', 'x']],
    ['metadata.annotations.a\\.b/c', ['metadata', 'annotations', 'a\\.b/c']],
    ['args.[:--two]', ['args', '[:--two]']],
    ['args.[two]', ['args', '[:two]']],
    ['list.[-1]', ['list', '[-1]']],
    ['ports.[image:a:b]', ['ports', '[image:a:b]']],
  ])('%s', (path, segments) => {
    expect(parseOverlayPath(path).map(formatSegment)).toEqual(segments);
  });

  test.each(['', 'a..b', 'a.[x', 'a.[]', 'a.[0]b'])('"%s" is an error', (path) => {
    expect(() => parseOverlayPath(path)).toThrow(MeshError);
  });
});

describe('overlays', () => {
  test.each<[string, JsonValue | undefined, (object: Dynamic) => unknown, unknown]>([
    ['spec.replicas', 3, (o) => o.spec.replicas, 3],
    ['spec.new.deep.key', 'v', (o) => o.spec.new, { deep: { key: 'v' } }],
    ['spec.containers.[name:other].image', 'y', (o) => o.spec.containers[1].image, 'y'],
    [
      'spec.containers.[name:discovery].ports.[containerPort:9090].protocol',
      'TCP',
      (o) => o.spec.containers[0].ports[1],
      { containerPort: 9090, protocol: 'TCP' },
    ],
    ['spec.containers.[0]', { name: 'z' }, (o) => o.spec.containers[0], { name: 'z' }],
    ['spec.list.[:--two]', '--two=3', (o) => o.spec.list, ['--one', '--two=3', '--three']],
    ['spec.list.[-1]', '--four', (o) => o.spec.list.at(-1), '--four'],
    ['spec.list.[9]', '--four', (o) => o.spec.list.at(-1), '--four'],
    ['spec.made.[0]', 'x', (o) => o.spec.made, ['x']],
    ['metadata.annotations.a\\.b/c', '2', (o) => o.metadata.annotations['a.b/c'], '2'],
    ['spec.list.[:three]', undefined, (o) => o.spec.list, ['--one', '--two=2']],
    ['spec.containers.[name:other]', undefined, (o) => o.spec.containers.length, 1],
    ['spec.list', undefined, (o) => 'list' in o.spec, false],
    [
      'spec.affinity',
      'nodeAffinity:\n  required: true',
      (o) => o.spec.affinity,
      { nodeAffinity: { required: true } },
    ],
    ['spec.json', '{"a": 1}', (o) => o.spec.json, '{"a": 1}'],
    ['spec.time', '12:30', (o) => o.spec.time, '12:30'],
  ])('%s', (path, value, read, expected) => {
    expect(read(patch(path, value)[0])).toEqual(expected);
  });

  test('a text that replaces a text stays a text', () => {
    const [, map] = patch('data.mesh', 'b: 2\nc: 3\n', 'ConfigMap', 'istio');
    expect(map!['data']).toEqual({ mesh: 'b: 2\nc: 3\n' });
  });

  test.each<[string, JsonValue | undefined, RegExp]>([
    ['spec.containers.[name:gone].image', 'x', /the list spec\.containers has no item \[name:gone\]/],
    ['spec.missing.key', undefined, /spec\.missing is not there/],
    ['spec.list.[9]', undefined, /spec\.list\.\[9\] is not there/],
    ['spec.list.key', 'x', /spec\.list is not a map/],
    ['spec.containers.x.y', 'x', /spec\.containers is not a map/],
    ['spec.none.[name:x].y', 'x', /is not there/],
  ])('%s matches nothing and says so', (path, value, message) => {
    expect(thrownBy(() => patch(path, value)).message).toMatch(message);
  });

  test('an overlay for an object that is not rendered names what there is', () => {
    const error = thrownBy(() => patch('spec', {}, 'Deployment', 'istiodd'));
    expect(error.message).toContain('no Deployment "istiodd"');
    expect(error.hint).toContain('istiod');
    expect(error.code).toBe('config');
  });

  test('all that match nothing are told at once', () => {
    const overlays = [
      { kind: 'Deployment', name: 'istiod', patches: [{ path: 'spec.x.y' }, { path: 'spec.ok', value: 1 }] },
      { kind: 'Job', name: 'none', patches: [] },
    ];
    const error = thrownBy(() =>
      applyOverlays([base()], { component: 'Pilot', instance: 'istiod', overlays }),
    );
    expect(error.details).toHaveLength(2);
  });
});
