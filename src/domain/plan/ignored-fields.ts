/**
 * Fields that the cluster's own controllers set after us. They are neither shown as differences nor applied, so that
 * an install never fights with istiod or an autoscaler.
 */
import { getAt, isObject, listAt, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';

/**
 * `desired` as it should be applied over `live`:
 * - istiod turns `failurePolicy` of its validating webhooks to Fail once it answers (Istio's webhook documentation);
 * - istiod writes `caBundle` of webhooks; we send one only when the user gave it;
 * - an autoscaler that has scaled a workload owns its `replicas`.
 * The same object when there is nothing to leave out.
 */
export function withoutControllerFields(desired: KubeObject, live: KubeObject): KubeObject {
  return withoutReplicas(withoutFailurePolicies(desired, live), live);
}

function withoutReplicas(desired: KubeObject, live: KubeObject): KubeObject {
  const { spec } = desired;
  if (!isObject(spec) || spec['replicas'] === undefined || !isAutoscaled(live)) return desired;
  const { replicas: _scaled, ...rest } = spec;
  return { ...desired, spec: rest };
}

/** The controller manager writes through the subresource `scale` on behalf of HorizontalPodAutoscalers, KEDA by itself. */
function isAutoscaled(live: KubeObject): boolean {
  return listAt(live, ['metadata', 'managedFields']).some(
    (entry) =>
      stringAt(entry, ['subresource']) === 'scale' &&
      /^(kube-controller-manager|keda.*|.*autoscaler.*)$/.test(stringAt(entry, ['manager'])),
  );
}

function withoutFailurePolicies(desired: KubeObject, live: KubeObject): KubeObject {
  if (desired.kind !== 'ValidatingWebhookConfiguration' || !Array.isArray(desired['webhooks']))
    return desired;
  const webhooks = desired['webhooks'].map((webhook) => {
    if (!isObject(webhook) || webhook['failurePolicy'] !== 'Ignore') return webhook;
    const current = liveWebhook(live, webhook);
    if (current?.['failurePolicy'] !== 'Fail') return webhook;
    const { failurePolicy: _set, ...rest } = webhook;
    return rest;
  });
  const same = webhooks.every((webhook, index) => webhook === listAt(desired, ['webhooks'])[index]);
  return same ? desired : { ...desired, webhooks };
}

function liveWebhook(live: KubeObject, webhook: JsonObject): JsonObject | undefined {
  const webhooks = getAt(live, ['webhooks']);
  return Array.isArray(webhooks)
    ? webhooks.filter(isObject).find((candidate) => candidate['name'] === webhook['name'])
    : undefined;
}
