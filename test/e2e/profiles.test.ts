/** What `mesh manifest generate` prints for each profile, on a real API server: it takes every object strictly. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readShippedFolder } from '../../src/adapters/files/bundle-folder.ts';
import { generateManifest } from '../../src/app/generate.ts';
import { resolveSpec } from '../../src/domain/config/index.ts';
import type { KubeObject } from '../../src/domain/manifest/types.ts';
import { createNamespace, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { dryRunApply } from '../support/dry-run.ts';

const cluster = useControlPlane();
const root = fileURLToPath(new URL('../..', import.meta.url));
const shipped = readShippedFolder(root);
const profiles = readdirSync(join(root, 'profiles')).map((file) => file.replace('.yaml', ''));

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Multus brings this kind; openshift has it from the start. */
const NETWORK_ATTACHMENT = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'network-attachment-definitions.k8s.cni.cncf.io' },
  spec: {
    group: 'k8s.cni.cncf.io',
    scope: 'Namespaced',
    names: {
      kind: 'NetworkAttachmentDefinition',
      plural: 'network-attachment-definitions',
      singular: 'network-attachment-definition',
    },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { config: { type: 'string' } } } },
          },
        },
      },
    ],
  },
};

function generate(profile: string, sets: readonly string[]): readonly KubeObject[] {
  const flags = [`profile=${profile}`, ...sets].map((text) => ({ flag: '--set' as const, text }));
  return generateManifest(resolveSpec({ files: [], sets: flags }, shipped.catalog), shipped).objects;
}

cluster.describe('every profile', () => {
  beforeAll(async () => {
    await kubeRequest(DEFINITIONS, { body: NETWORK_ATTACHMENT, accept: [409] });
    await waitFor(async () => {
      const path = '/apis/k8s.cni.cncf.io/v1/network-attachment-definitions';
      return (await kubeRequest(path, { accept: [404] })).status === 200;
    });
  });

  afterAll(async () => {
    const { name } = NETWORK_ATTACHMENT.metadata;
    await kubeRequest(`${DEFINITIONS}/${name}`, { method: 'DELETE' });
  });

  test.each(profiles)('%s', async (profile) => {
    const namespace = await createNamespace();
    const objects = generate(profile, [`values.global.istioNamespace=${namespace}`]);
    for (const object of objects) {
      const stored = await dryRunApply(object);
      expect(stored).toMatchObject({ kind: object.kind, metadata: { name: object.metadata.name } });
    }
    // `empty` switches everything off.
    expect(objects.length > 0).toBe(profile !== 'empty');
  });

  test('remote, with an address', async () => {
    const namespace = await createNamespace();
    for (const address of ['10.0.0.1', '2001:db8::1', 'istiod.example.com']) {
      const sets = [
        `values.global.istioNamespace=${namespace}`,
        `values.global.remotePilotAddress=${address}`,
      ];
      for (const object of generate('remote', sets)) await dryRunApply(object);
    }
  });
});
