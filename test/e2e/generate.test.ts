/** `mesh manifest generate | kubectl apply -f -` on an empty cluster: each object in the printed order, nothing missing. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/lib/json.ts';
import { parseYamlDocuments } from '../../src/lib/yaml.ts';
import { kubeGet, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { mesh } from '../support/mesh.ts';

const cluster = useControlPlane();

interface Printed extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

const PLURALS: Readonly<Record<string, string>> = { NetworkPolicy: 'networkpolicies', Ingress: 'ingresses' };

function pathOf({ apiVersion, kind, metadata }: Printed): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const namespace = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${root}${namespace}/${PLURALS[kind] ?? `${kind.toLowerCase()}s`}/${metadata.name}`;
}

cluster.describe('generate and apply', () => {
  let objects: Printed[] = [];

  beforeAll(async () => {
    await mesh(['uninstall', '--purge', '--confirm', 'mesh-test'], {
      env: { KUBECONFIG: cluster.kubeconfig },
    });
    const { stdout } = await mesh([
      'manifest',
      'generate',
      '--set',
      'profile=demo',
      '--set',
      'values.global.istioNamespace=by-hand',
    ]);
    objects = parseYamlDocuments(stdout, 'generated').map(({ value }) => value as Printed);
  });

  afterAll(async () => {
    for (const object of [...objects].reverse())
      await kubeRequest(pathOf(object), { method: 'DELETE', accept: [404] });
  });

  test('every object is accepted at once, and the Deployments become available', async () => {
    expect(objects.length).toBeGreaterThan(40);
    for (const object of objects) {
      const { status } = await kubeRequest(`${pathOf(object)}?fieldManager=kubectl&fieldValidation=Strict`, {
        method: 'PATCH',
        body: object,
        contentType: 'application/apply-patch+yaml',
      });
      expect([object.kind, object.metadata.name, status]).toEqual([object.kind, object.metadata.name, 201]);
    }
    const names = objects.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name);
    expect(names).toHaveLength(3);
    for (const name of names) {
      await waitFor(async () => {
        const { status } = await kubeGet<{ status: { availableReplicas?: number } }>(
          `/apis/apps/v1/namespaces/by-hand/deployments/${name}`,
        );
        return status.availableReplicas === 1;
      }, 30_000);
    }
  });
});
