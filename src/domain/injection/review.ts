/** The question to an injector and its answer: an AdmissionReview about a new pod, as the API server sends it. */
import { base64ToBytes } from '../../lib/base64.ts';
import { getAt, isObject, listAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';

/** About creating `pod` in `namespace`; the same for every API server since admission.k8s.io/v1. */
export function makeReview(pod: JsonObject, namespace: string, uid: string): JsonObject {
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const resource = { group: '', version: 'v1', resource: 'pods' };
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      name: stringAt(pod, ['metadata', 'name']),
      namespace,
      operation: 'CREATE',
      userInfo: {},
      object: pod,
      oldObject: null,
      dryRun: true,
      options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' },
    },
  };
}

export type ReviewAnswer =
  | { readonly type: 'allowed'; readonly patch: JsonValue | undefined; readonly warnings: readonly string[] }
  | { readonly type: 'refused'; readonly message: string }
  /** No AdmissionReview at all. */
  | { readonly type: 'unreadable'; readonly reason: string };

/** The answer to the review with this `uid`. */
export function readReview(text: string, uid: string): ReviewAnswer {
  const review = parseJson(text);
  const response = getAt(review, ['response']);
  if (!isObject(response)) return { type: 'unreadable', reason: excerpt(text) };
  const { patch, patchType } = response;
  const message = stringAt(response, ['status', 'message']) || stringAt(response, ['status', 'reason']);
  if (response['uid'] !== undefined && response['uid'] !== '' && response['uid'] !== uid)
    return { type: 'unreadable', reason: 'it answers another question' };
  // istiod tells errors in the status alone; `allowed` is then false.
  if (response['allowed'] !== true) return { type: 'refused', message: message || 'no reason given' };
  const warnings = listAt(response, ['warnings']).filter((item): item is string => typeof item === 'string');
  if (patch === undefined || patch === null) return { type: 'allowed', patch: undefined, warnings };
  if (typeof patch !== 'string' || (patchType !== undefined && patchType !== 'JSONPatch'))
    return { type: 'unreadable', reason: `a patch of type ${JSON.stringify(patchType)}` };
  try {
    const decoded = new TextDecoder().decode(base64ToBytes(patch));
    return { type: 'allowed', patch: JSON.parse(decoded) as JsonValue, warnings };
  } catch {
    return { type: 'unreadable', reason: 'its patch is no base64 of JSON' };
  }
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function excerpt(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 200) || 'an empty answer';
}
