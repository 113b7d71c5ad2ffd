/**
 * Fields that the cluster's own controllers set after us. They are neither shown as differences nor applied, so that
 * an install never fights with istiod or an autoscaler.
 */
import { getAt, isObject } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';

/** Kinds for which the live object must be known before anything is asked or applied. */
export function hasControllerFields(kind: string): boolean {
  return kind === 'ValidatingWebhookConfiguration';
}

/**
 * `desired` as it should be applied over `live`:
 * - istiod turns `failurePolicy` of its validating webhooks to Fail once it answers (Istio's webhook documentation);
 * - istiod writes `caBundle` of webhooks; we send one only when the user gave it.
 */
export function withoutControllerFields(desired: KubeObject, live: KubeObject): KubeObject {
  if (desired.kind !== 'ValidatingWebhookConfiguration' || !Array.isArray(desired['webhooks']))
    return desired;
  const webhooks = desired['webhooks'].map((webhook) => {
    if (!isObject(webhook) || webhook['failurePolicy'] !== 'Ignore') return webhook;
    const current = liveWebhook(live, webhook);
    if (current?.['failurePolicy'] !== 'Fail') return webhook;
    const { failurePolicy: _set, ...rest } = webhook;
    return rest;
  });
  return { ...desired, webhooks };
}

function liveWebhook(live: KubeObject, webhook: JsonObject): JsonObject | undefined {
  const webhooks = getAt(live, ['webhooks']);
  return Array.isArray(webhooks)
    ? webhooks.filter(isObject).find((candidate) => candidate['name'] === webhook['name'])
    : undefined;
}
