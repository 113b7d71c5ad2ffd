/**
 * The objects of a revision tag, made from what the revision has in the cluster: the tag's webhook answers for
 * namespaces and pods that name the tag, and sends them to the revision's istiod (Istio documentation, "Revision tags").
 */
import { isObject, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { mapsAt } from '../readiness/fields.ts';
import type { KubeObject } from './types.ts';

export interface RevisionTag {
  readonly tag: string;
  /** `default` for the revision without a name. */
  readonly revision: string;
  /** Namespace of the control plane. */
  readonly namespace: string;
}

const DEFAULT = 'default';

/** Names are those that istiod's tag watcher and istioctl look up. */
export function tagWebhookName({ tag, namespace }: Pick<RevisionTag, 'tag' | 'namespace'>): string {
  return `istio-revision-tag-${tag}${namespace === 'istio-system' ? '' : `-${namespace}`}`;
}

/**
 * The webhook of the tag. `source` is the revision's own webhook: service, path, URL, CA bundle, policies, labels and
 * annotations are its.
 */
export function makeTagWebhook(source: KubeObject, tag: RevisionTag): KubeObject {
  const [first = {}] = mapsAt(source, ['webhooks']);
  const annotations = objectAt(source, ['metadata', 'annotations']);
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: {
      name: tagWebhookName(tag),
      labels: tagLabels(source, tag),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    webhooks: tagEntries(tag.tag, autoInjects(source)).map(
      ({ prefix, namespaceSelector, objectSelector }) => ({
        name: `${prefix}sidecar-injector.istio.io`,
        clientConfig: first['clientConfig'] ?? {},
        sideEffects: 'None',
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
        failurePolicy: 'Fail',
        ...(first['reinvocationPolicy'] === undefined
          ? {}
          : { reinvocationPolicy: first['reinvocationPolicy'] }),
        admissionReviewVersions: ['v1'],
        namespaceSelector: { matchExpressions: namespaceSelector },
        objectSelector: { matchExpressions: objectSelector },
      }),
    ),
  };
}

/** The Service under which gateways and sidecars of the tag find istiod. */
export function makeTagService(source: KubeObject, tag: RevisionTag): KubeObject {
  const { ports, selector, ipFamilies, ipFamilyPolicy } = objectAt(source, ['spec']);
  const own = (key: string, value: JsonValue | undefined): JsonObject =>
    value === undefined ? {} : { [key]: value };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: `istiod-revision-tag-${tag.tag}`,
      namespace: tag.namespace,
      labels: tagLabels(source, tag),
    },
    spec: {
      ...own('ports', plainPorts(ports)),
      ...own('selector', selector),
      ...own('ipFamilies', ipFamilies),
      ...own('ipFamilyPolicy', ipFamilyPolicy),
    },
  };
}

/** Node ports belong to the source alone. */
function plainPorts(ports: JsonValue | undefined): JsonValue | undefined {
  return Array.isArray(ports)
    ? ports.filter(isObject).map(({ nodePort: _nodePort, ...port }) => port)
    : ports;
}

/** Labels by which installers prune are not a tag's: a tag is the user's, and outlives installs. */
function tagLabels(source: KubeObject, { tag, revision }: RevisionTag): JsonObject {
  const kept = Object.entries(objectAt(source, ['metadata', 'labels'])).filter(
    ([key]) => !key.includes('operator.istio.io'),
  );
  return { ...Object.fromEntries(kept), 'istio.io/rev': revision, 'istio.io/tag': tag };
}

interface Entry {
  readonly prefix: string;
  readonly namespaceSelector: JsonObject[];
  readonly objectSelector: JsonObject[];
}

const exists = (key: string, wanted: boolean): JsonObject => ({
  key,
  operator: wanted ? 'Exists' : 'DoesNotExist',
});
const within = (key: string, values: string[], wanted = true): JsonObject => ({
  key,
  operator: wanted ? 'In' : 'NotIn',
  values,
});

const REV = 'istio.io/rev';
const INJECTION = 'istio-injection';
const INJECT = 'sidecar.istio.io/inject';

function tagEntries(tag: string, auto: boolean): Entry[] {
  const byRevision: Entry[] = [
    {
      prefix: 'rev.namespace.',
      namespaceSelector: [within(REV, [tag]), exists(INJECTION, false)],
      objectSelector: [within(INJECT, ['false'], false)],
    },
    {
      prefix: 'rev.object.',
      namespaceSelector: [exists(REV, false), exists(INJECTION, false)],
      objectSelector: [within(INJECT, ['false'], false), within(REV, [tag])],
    },
  ];
  if (tag !== DEFAULT) return byRevision;
  const byInjection: Entry[] = [
    {
      prefix: 'namespace.',
      namespaceSelector: [within(INJECTION, ['enabled'])],
      objectSelector: [within(INJECT, ['false'], false)],
    },
    {
      prefix: 'object.',
      namespaceSelector: [exists(INJECTION, false), exists(REV, false)],
      objectSelector: [within(INJECT, ['true']), exists(REV, false)],
    },
  ];
  if (!auto) return [...byRevision, ...byInjection];
  const system = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];
  const automatic: Entry = {
    prefix: 'auto.',
    namespaceSelector: [
      exists(INJECTION, false),
      exists(REV, false),
      within('kubernetes.io/metadata.name', system, false),
    ],
    objectSelector: [exists(INJECT, false), exists(REV, false)],
  };
  return [...byRevision, ...byInjection, automatic];
}

function autoInjects(source: KubeObject): boolean {
  return mapsAt(source, ['webhooks']).some((webhook) => stringAt(webhook, ['name']).startsWith('auto.'));
}

/** The validator of the tag `default`: it checks what names no revision. `failurePolicy` is istiod's when it is set already. */
export function makeDefaultValidator(
  service: KubeObject,
  tag: RevisionTag,
  live: KubeObject | undefined,
): KubeObject {
  const [entry] = mapsAt(live, ['webhooks']);
  const isFail = entry?.['failurePolicy'] === 'Fail';
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: {
      name: 'istiod-default-validator',
      labels: { app: 'istiod', istio: 'istiod', 'istio.io/rev': tag.revision, 'istio.io/tag': tag.tag },
    },
    webhooks: [
      {
        name: 'validation.istio.io',
        clientConfig: {
          service: { name: service.metadata.name, namespace: tag.namespace, path: '/validate' },
        },
        rules: [
          {
            operations: ['CREATE', 'UPDATE'],
            apiGroups: [
              'security.istio.io',
              'networking.istio.io',
              'telemetry.istio.io',
              'extensions.istio.io',
            ],
            apiVersions: ['*'],
            resources: ['*'],
          },
        ],
        ...(isFail ? {} : { failurePolicy: 'Ignore' }),
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        objectSelector: { matchExpressions: [exists(REV, false)] },
      },
    ],
  };
}
