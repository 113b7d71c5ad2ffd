/**
 * The webhook of an istiod, small: it answers AdmissionReviews with a patch that puts a sidecar into the pod, tells the
 * owner that it sees, and refuses or lets through what the real one does.
 */
import { Buffer } from 'node:buffer';
import type { JsonObject, JsonValue } from '../../src/lib/json.ts';
import { getAt, objectAt, stringAt } from '../../src/lib/json.ts';

/** The body of the answer to the body of a question. */
export function answerReview(body: string, revision = 'default'): string {
  const review = JSON.parse(body) as JsonObject;
  const request = objectAt(review, ['request']);
  const pod = objectAt(request, ['object']);
  const response = { uid: request['uid'] ?? '', ...respond(pod, request, revision) };
  return JSON.stringify({ apiVersion: review['apiVersion'], kind: 'AdmissionReview', response });
}

function respond(pod: JsonObject, request: JsonObject, revision: string): JsonObject {
  const mode = stringAt(pod, ['metadata', 'annotations', 'sidecar.istio.io/interceptionMode']);
  if (mode !== '' && !['REDIRECT', 'TPROXY', 'NONE'].includes(mode))
    return { allowed: false, status: { message: `injection failed: interceptionMode invalid: ${mode}` } };
  const isOff = stringAt(pod, ['metadata', 'labels', 'sidecar.istio.io/inject']) === 'false';
  if (isOff || getAt(pod, ['spec', 'hostNetwork']) === true) return { allowed: true };
  const patch = patchFor(pod, request, revision);
  return {
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    ...(stringAt(pod, ['metadata', 'labels', 'warn']) === '' ? {} : { warnings: ['a label is deprecated'] }),
  };
}

function patchFor(pod: JsonObject, request: JsonObject, revision: string): JsonValue {
  const annotations = objectAt(pod, ['metadata', 'annotations']);
  const added = {
    'istio.io/rev': revision,
    'sidecar.istio.io/status': JSON.stringify({ containers: ['istio-proxy'], revision }),
  };
  const owner = objectAt(getAt(pod, ['metadata', 'ownerReferences', 0]), []);
  return [
    { op: 'add', path: '/metadata/annotations', value: { ...annotations, ...added } },
    ...(getAt(pod, ['metadata', 'labels']) ? [] : [{ op: 'add', path: '/metadata/labels', value: {} }]),
    { op: 'add', path: '/metadata/labels/security.istio.io~1tlsMode', value: 'istio' },
    {
      op: 'add',
      path: '/spec/initContainers',
      value: [{ name: 'istio-init', image: 'docker.io/istio/proxyv2:1.31.4' }],
    },
    {
      op: 'add',
      path: '/spec/containers/-',
      value: {
        name: 'istio-proxy',
        image: 'docker.io/istio/proxyv2:1.31.4',
        env: [
          {
            name: 'OWNER',
            value: `${stringAt(owner, ['kind'])} ${stringAt(owner, ['name'])}`.trim() || 'none',
          },
          { name: 'NAMESPACE', value: stringAt(request, ['namespace']) },
        ],
      },
    },
  ];
}
