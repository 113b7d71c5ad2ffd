/** The webhooks that inject sidecars. */
import { isObject, listAt, stringAt } from '../../../lib/json.ts';
import type { JsonObject } from '../../../lib/json.ts';
import type { AnalysisContext, FieldPath, Resource } from '../types.ts';

export const MUTATING_WEBHOOKS = 'admissionregistration.k8s.io/MutatingWebhookConfiguration';

export interface Webhook {
  readonly configuration: Resource;
  readonly name: string;
  readonly value: JsonObject;
  readonly path: FieldPath;
}

/** Every webhook of every MutatingWebhookConfiguration. */
export function listWebhooks(context: AnalysisContext): readonly Webhook[] {
  return context.list(MUTATING_WEBHOOKS).flatMap((configuration) =>
    listAt(configuration.spec, ['webhooks']).flatMap((value, index) => {
      if (!isObject(value)) return [];
      return [{ configuration, name: stringAt(value, ['name']), value, path: ['webhooks', index] }];
    }),
  );
}

/** Whether a webhook is Istio's, by its name. */
export function isIstioWebhook({ name }: Webhook): boolean {
  return name.endsWith('istio.io');
}
