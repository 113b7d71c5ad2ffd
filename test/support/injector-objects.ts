/** Injection webhooks as an install leaves them in a cluster. */
import type { KubeObject } from '../../src/domain/manifest/types.ts';
import type { JsonObject } from '../../src/lib/json.ts';

export interface InjectorOptions {
  readonly revision: string;
  readonly tag?: string;
  /** As the plain injector is when the tag `default` has taken over. */
  readonly switchedOff?: boolean;
  /** Outside of the cluster. */
  readonly url?: string;
  /** The Service behind it; default: istiod's. */
  readonly service?: { readonly namespace: string; readonly name: string };
  readonly caBundle?: string;
}

const expression = (key: string, operator: string, ...values: string[]): JsonObject => ({
  key,
  operator,
  ...(values.length > 0 ? { values } : {}),
});

/** One that serves `istio.io/rev=<tag or revision>`, and for `default` also `istio-injection=enabled`. */
export function injectorConfiguration(name: string, options: InjectorOptions): KubeObject {
  const { revision, tag, url, service } = options;
  const suffix = revision === 'default' ? '' : `-${revision}`;
  const target = service ?? { namespace: 'istio-system', name: `istiod${suffix}` };
  const answersTo = tag ?? revision;
  const selections: [string, JsonObject[], JsonObject[]][] = [
    [
      'rev.namespace',
      [expression('istio.io/rev', 'In', answersTo), expression('istio-injection', 'DoesNotExist')],
      [expression('sidecar.istio.io/inject', 'NotIn', 'false')],
    ],
    [
      'rev.object',
      [expression('istio.io/rev', 'DoesNotExist'), expression('istio-injection', 'DoesNotExist')],
      [expression('sidecar.istio.io/inject', 'NotIn', 'false'), expression('istio.io/rev', 'In', answersTo)],
    ],
  ];
  if (answersTo === 'default')
    selections.push(
      [
        'namespace',
        [expression('istio-injection', 'In', 'enabled')],
        [expression('sidecar.istio.io/inject', 'NotIn', 'false')],
      ],
      [
        'object',
        [expression('istio-injection', 'DoesNotExist'), expression('istio.io/rev', 'DoesNotExist')],
        [expression('sidecar.istio.io/inject', 'In', 'true'), expression('istio.io/rev', 'DoesNotExist')],
      ],
    );
  const never = { matchLabels: { 'istio.io/deactivated': 'never-match' } };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: {
      name,
      labels: {
        app: 'sidecar-injector',
        'istio.io/rev': revision,
        ...(tag === undefined ? {} : { 'istio.io/tag': tag }),
      },
    },
    webhooks: selections.map(([prefix, namespaces, pods]) => ({
      name: `${prefix}.sidecar-injector.istio.io`,
      clientConfig: {
        ...(url === undefined ? { service: { ...target, path: '/inject', port: 443 } } : { url }),
        ...(options.caBundle === undefined ? {} : { caBundle: options.caBundle }),
      },
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      failurePolicy: 'Fail',
      rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
      namespaceSelector: options.switchedOff ? never : { matchExpressions: namespaces },
      objectSelector: options.switchedOff ? never : { matchExpressions: pods },
    })),
  };
}
