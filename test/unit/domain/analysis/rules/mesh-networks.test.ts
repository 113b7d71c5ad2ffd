import { expect, test } from '@jest/globals';
import { meshNetworks } from '../../../../../src/domain/analysis/rules/mesh-networks.ts';
import { check, linesOf } from '../../../../support/analysis.ts';

const SECRET = `
apiVersion: v1
kind: Secret
metadata: {name: remote, namespace: istio-system, labels: {istio/multiCluster: "true"}}
stringData: {cluster-a: secret}
`;

const networks = (...registries: string[]) => ({
  networks: { east: { endpoints: registries.map((fromRegistry) => ({ fromRegistry })) } },
});

test('a registry without a cluster secret', () => {
  const found = check(meshNetworks, SECRET, {
    meshNetworks: networks('cluster-a', 'cluster-b', 'kubernetes'),
  });
  expect(linesOf(found)).toEqual([
    'IST0126 | MeshNetworks istio-system/meshnetworks | networks.east.endpoints.1.fromRegistry | MeshNetworks istio-system/meshnetworks gives network "east" the endpoints of registry "cluster-b", but no cluster secret has this name',
    'IST0126 | MeshNetworks istio-system/meshnetworks | networks.east.endpoints.2.fromRegistry | MeshNetworks istio-system/meshnetworks gives network "east" the endpoints of registry "kubernetes", but no cluster secret has this name',
  ]);
  expect(found.map(({ suggestion }) => suggestion?.text)).toEqual([
    'did you mean "cluster-a"?',
    'did you mean "Kubernetes"?',
  ]);
});

test('no networks, no findings', () => {
  expect(check(meshNetworks, SECRET)).toEqual([]);
});
