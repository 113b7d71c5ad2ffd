/** What a real API server makes of an object, without keeping it. */
import type { KubeObject } from '../../src/domain/manifest/types.ts';
import { stringAt } from '../../src/lib/json.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { kubeRequest } from './controlplane-requests.ts';

const PLURALS: Readonly<Record<string, string>> = {
  NetworkAttachmentDefinition: 'network-attachment-definitions',
  NetworkPolicy: 'networkpolicies',
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
};

function pathOf({ apiVersion, kind, metadata }: KubeObject): string {
  const root = apiVersion.includes('/') ? '/apis' : '/api';
  const namespace = stringAt(metadata, ['namespace']);
  const plural = PLURALS[kind] ?? `${kind.toLowerCase()}s`;
  return `${root}/${apiVersion}${namespace ? `/namespaces/${namespace}` : ''}/${plural}/${metadata.name}`;
}

/** The object as it would be stored after a strict server-side apply. Throws what the server has against it. */
export async function dryRunApply(object: KubeObject): Promise<JsonObject> {
  const { body } = await kubeRequest<JsonObject>(
    `${pathOf(object)}?dryRun=All&fieldManager=mesh-test&fieldValidation=Strict&force=true`,
    { method: 'PATCH', contentType: 'application/apply-patch+yaml', body: object },
  );
  return body;
}
