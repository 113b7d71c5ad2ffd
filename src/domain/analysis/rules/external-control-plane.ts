/** Webhooks that call a control plane outside the cluster have a usable URL. */
import { getAt, isObject, listAt, stringAt } from '../../../lib/json.ts';
import { originOf } from '../suppress.ts';
import type { FieldPath, Finding, Resource, Rule } from '../types.ts';
import { isIp } from '../validation/blocks/ip.ts';
import { parseUrl } from '../validation/blocks/uri.ts';

const MUTATING = 'admissionregistration.k8s.io/MutatingWebhookConfiguration';
const VALIDATING = 'admissionregistration.k8s.io/ValidatingWebhookConfiguration';

export const externalControlPlane: Rule = {
  name: 'externalcontrolplane.ExternalControlPlaneAnalyzer',
  summary: "Istio's webhooks name a Service, or a URL with a host name.",
  kinds: [VALIDATING, MUTATING],
  codes: ['IST0163', 'IST0164'],
  check: (context) => [
    ...context
      .list(VALIDATING)
      .filter(({ name }) => name === 'istiod-default-validator' || name.startsWith('istio-validator'))
      .flatMap(checkConfiguration),
    ...context
      .list(MUTATING)
      .filter(({ name }) => name.startsWith('istio-sidecar-injector'))
      .flatMap(checkConfiguration),
  ],
};

function checkConfiguration(resource: Resource): Finding[] {
  return listAt(resource.spec, ['webhooks']).flatMap((webhook, index) => {
    if (!isObject(webhook)) return [];
    const path = ['webhooks', index, 'clientConfig'];
    const finding = checkWebhook(
      resource,
      `Webhook ${stringAt(webhook, ['name'])} of ${originOf(resource)}`,
      path,
    );
    return finding ? [finding] : [];
  });
}

function checkWebhook(resource: Resource, subject: string, path: FieldPath): Finding | undefined {
  const client = getAt(resource.spec, path);
  const url = getAt(client, ['url']);
  if (typeof url !== 'string') {
    if (isObject(getAt(client, ['service']))) return undefined;
    return {
      code: 'IST0163',
      message: `${subject} names neither a Service nor a URL, so that it cannot be called`,
      resource,
      path,
      suggestion: { text: 'set clientConfig.service, or clientConfig.url to https://<host>:15017/…' },
    };
  }
  const parsed = parseUrl(url);
  if (!parsed) {
    return {
      code: 'IST0163',
      message: `${subject} calls "${url}", which is no URL`,
      resource,
      path: [...path, 'url'],
      suggestion: { text: 'write https://<host>:<port>/<path>' },
    };
  }
  const { host } = parsed;
  if (!isIp(host)) return undefined;
  return {
    code: 'IST0164',
    message: `${subject} calls the address ${host} instead of a host name, which its certificate can hardly name`,
    resource,
    path: [...path, 'url'],
    suggestion: { text: 'use a DNS name of the external control plane' },
  };
}
