import { describe, expect, test } from '@jest/globals';
import type { IstiodVersion, MeshVersion } from '../../../src/app/version-ask.ts';
import { parseYamlDocuments } from '../../../src/lib/yaml.ts';
import { formatVersion } from '../../../src/report/version-text.ts';

const istiod = (name: string, more: Partial<IstiodVersion> = {}): IstiodVersion => ({
  name,
  namespace: 'istio-system',
  revision: 'default',
  version: '1.31.4',
  source: 'image',
  ...more,
});
const client = { mesh: '0.1.0', istio: '1.31.4' };
const full: MeshVersion = {
  client,
  kubernetes: 'v1.36.1',
  controlPlane: [
    istiod('istiod-a', { gitRevision: 'abc', buildStatus: 'Clean', source: 'istiod' }),
    istiod('istiod-b'),
    istiod('istiod-c', { revision: 'canary', version: '1.32.0' }),
  ],
  dataPlane: [
    { name: 'a', namespace: 'shop', version: '1.31.4', kind: 'sidecar' },
    { name: 'b', namespace: 'shop', version: '1.9.0' },
    { name: 'c', namespace: 'shop', version: '1.31.4', kind: 'router' },
  ],
};

describe('text', () => {
  test('all revisions', () => {
    expect(formatVersion(full, 'text')).toBe(`client version: 1.31.4 (mesh 0.1.0)
kubernetes version: 1.36.1
control plane version: 1.31.4 (revision default in istio-system, 2 pods)
control plane version: 1.32.0 (revision canary in istio-system, 1 pod)
data plane version: 1.9.0 (1 proxy), 1.31.4 (2 proxies)
`);
  });

  test('nothing installed, and the client alone', () => {
    expect(formatVersion({ client, kubernetes: 'v1.36.1', controlPlane: [], dataPlane: [] }, 'text')).toBe(
      `client version: 1.31.4 (mesh 0.1.0)
kubernetes version: 1.36.1
control plane version: none
data plane version: none
`,
    );
    expect(formatVersion({ client }, 'text')).toBe('client version: 1.31.4 (mesh 0.1.0)\n');
  });
});

describe('short', () => {
  test('one version is one line, several are a line a pod', () => {
    const one = { ...full, controlPlane: full.controlPlane?.slice(0, 2) };
    expect(formatVersion(one, 'short')).toBe(`client version: 1.31.4
control plane version: 1.31.4
data plane version: 1.9.0 (1 proxy), 1.31.4 (2 proxies)
`);
    expect(formatVersion(full, 'short').split('\n').slice(1, 4)).toEqual([
      'pilot version: 1.31.4',
      'pilot version: 1.31.4',
      'pilot version: 1.32.0',
    ]);
    expect(formatVersion({ client }, 'short')).toBe('client version: 1.31.4\n');
  });
});

test('json and yaml have istioctl’s fields', () => {
  const info = { revision: '', golang_version: '', status: '', tag: '' };
  const expected = {
    clientVersion: { ...info, version: '1.31.4', tag: '1.31.4', mesh: '0.1.0' },
    kubernetesVersion: 'v1.36.1',
    meshVersion: [
      {
        Component: 'pilot',
        Revision: 'default',
        Info: { ...info, version: '1.31.4', revision: 'abc', status: 'Clean' },
        Pod: 'istiod-a.istio-system',
        Source: 'istiod',
      },
      {
        Component: 'pilot',
        Revision: 'default',
        Info: { ...info, version: '1.31.4' },
        Pod: 'istiod-b.istio-system',
        Source: 'image',
      },
      {
        Component: 'pilot',
        Revision: 'canary',
        Info: { ...info, version: '1.32.0' },
        Pod: 'istiod-c.istio-system',
        Source: 'image',
      },
    ],
    dataPlaneVersion: [
      { ID: 'a.shop', IstioVersion: '1.31.4', Type: 'sidecar' },
      { ID: 'b.shop', IstioVersion: '1.9.0', Type: '' },
      { ID: 'c.shop', IstioVersion: '1.31.4', Type: 'router' },
    ],
  };
  expect(JSON.parse(formatVersion(full, 'json'))).toEqual(expected);
  expect(parseYamlDocuments(formatVersion(full, 'yaml'), 'out').map(({ value }) => value)).toEqual([
    expected,
  ]);
});
