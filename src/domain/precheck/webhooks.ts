/** Webhooks of the cluster as they will be: no two inject the same pod, none that cannot answer is in the way. */
import { isObject, listAt, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { createContext } from '../analysis/context.ts';
import { acceptsLabels } from '../analysis/semantics/label-selector.ts';
import { webhook as webhookRule } from '../analysis/rules/webhook.ts';
import type { Finding } from '../analysis/types.ts';
import { formatRef, refKey, refOf } from '../manifest/ref.ts';
import type { KubeObject } from '../manifest/types.ts';
import { LABELS, ownerOf } from '../plan/ownership.ts';
import { groupOf } from './access.ts';
import type { FindResource } from './access.ts';
import { subjectOf, textsAt } from './subject.ts';
import { defineCheck } from './types.ts';
import type { PrecheckFacts, PrecheckTarget } from './types.ts';
import { revisionName } from '../manifest/revision-name.ts';

type WebhookFacts = Pick<PrecheckFacts, 'webhooks' | 'services' | 'namespaces' | 'plurals'>;

export const webhooks = defineCheck({
  name: 'webhooks',
  summary:
    'No other webhook injects the same pods, validates the same configuration or blocks the installation.',
  codes: ['IST0139', 'MESH0121', 'MESH0122', 'MESH0123', 'MESH0124'],
  needs: ['webhooks', 'services', 'namespaces', 'plurals'],
  check: (target, facts) => {
    const live = facts.webhooks.filter((object) => !willBePruned(object, target));
    const planned = target.desired
      .map(({ object }) => object)
      .filter(({ kind }) => kind.endsWith('WebhookConfiguration'));
    const keys = new Set(planned.map((object) => refKey(refOf(object))));
    const others = live.filter((object) => !keys.has(refKey(refOf(object))));
    return [
      ...injectors(planned, others, target, facts),
      ...unanswered(others, target, facts),
      ...competingValidators(planned, others, target),
    ];
  },
});

/** Ours, of this revision, and not part of the plan any more. */
function willBePruned(object: KubeObject, { spec, desired }: PrecheckTarget): boolean {
  return (
    ownerOf(object) === 'mesh' &&
    textsAt(object, 'labels')[LABELS.revision] === revisionName(spec.revision) &&
    !desired.some(({ object: wanted }) => refKey(refOf(wanted)) === refKey(refOf(object)))
  );
}

/**
 * The rule of the analysis, over what the installation will make of the cluster. A configuration has up to five webhooks, which
 * call the same Service: one finding is enough for them.
 */
function injectors(
  planned: readonly KubeObject[],
  others: readonly KubeObject[],
  target: PrecheckTarget,
  facts: WebhookFacts,
): Finding[] {
  const services = [...facts.services, ...plannedServices(target)];
  const settings = { meshConfig: {}, meshNetworks: {}, istioNamespace: target.spec.namespace };
  const resources = [...planned, ...others, ...services].map(subjectOf);
  const found = webhookRule.check(createContext(resources, settings, { knownKinds: ['/Service'] }));
  const isUnserved = ({ path }: Finding): boolean => path?.includes('clientConfig') === true;
  const isOurs = ({ resource }: Finding): boolean => planned.some((object) => object === resource?.raw);
  const unserved = found.filter((finding) => isUnserved(finding) && !isOurs(finding));
  const perConfiguration = new Map(unserved.toReversed().map((finding) => [finding.resource?.name, finding]));
  const ours = found.find((finding) => isUnserved(finding) && isOurs(finding));
  return [
    ...found.filter((finding) => !isUnserved(finding)),
    ...[...perConfiguration.values()].toReversed(),
    ...(ours ? [unservedPlan(ours)] : []),
  ];
}

/** A remote cluster, whose control plane is elsewhere and has no address yet. */
function unservedPlan({ resource, path = [] }: Finding): Finding {
  const service = objectAt(resource?.raw, path.slice(0, -1));
  return {
    code: 'MESH0124',
    message: `the webhooks of this installation call Service ${stringAt(service, ['namespace'])}/${stringAt(service, ['name'])}, which neither exists nor is part of it: nothing would be injected`,
    suggestion: {
      text: 'name the control plane with --set values.global.remotePilotAddress=ADDRESS, or --set values.istiodRemote.injectionURL=URL',
    },
  };
}

function plannedServices({ desired }: PrecheckTarget): KubeObject[] {
  return desired.map(({ object }) => object).filter(({ kind }) => kind === 'Service');
}

/** Webhooks whose Service does not exist: those that would block the plan, and Istio's that were left over. */
function unanswered(
  configurations: readonly KubeObject[],
  target: PrecheckTarget,
  facts: WebhookFacts,
): Finding[] {
  const services = new Set([...facts.services, ...plannedServices(target)].map(nameOf));
  return configurations.flatMap((configuration) =>
    webhooksOf(configuration).flatMap((webhook): Finding[] => {
      const service = objectAt(webhook, ['clientConfig', 'service']);
      const name = `${stringAt(service, ['namespace'])}/${stringAt(service, ['name'])}`;
      if (stringAt(service, ['name']) === '' || services.has(name)) return [];
      const blocked = webhook['failurePolicy'] === 'Ignore' ? undefined : findBlocked(webhook, target, facts);
      const isIstio = stringAt(webhook, ['name']).endsWith('istio.io');
      // Istio's injectors are told by the rule above.
      if (!blocked && !(isIstio && configuration.kind.startsWith('Validating'))) return [];
      const calls = `${configuration.kind} ${configuration.metadata.name} calls Service ${name}, which does not exist`;
      return [
        {
          code: blocked ? 'MESH0121' : 'MESH0122',
          message: blocked ? `${calls}, and would refuse ${formatRef(refOf(blocked))}` : calls,
          resource: subjectOf(configuration),
          suggestion: {
            text: `unless its Service is about to come back: kubectl delete ${configuration.kind.toLowerCase()} ${configuration.metadata.name}`,
          },
        },
      ];
    }),
  );
}

/** The first planned object that the API server would ask `webhook` about. */
function findBlocked(
  webhook: JsonObject,
  { desired, namespaces }: PrecheckTarget,
  facts: WebhookFacts,
): KubeObject | undefined {
  const labels = new Map(
    [...namespaces, ...facts.namespaces].map((object) => [object.metadata.name, textsAt(object, 'labels')]),
  );
  return desired
    .map(({ object }) => object)
    .find((object) => {
      const namespace = stringAt(object, ['metadata', 'namespace']);
      const ofNamespace = {
        'kubernetes.io/metadata.name': namespace,
        ...labels.get(namespace),
      };
      return (
        listAt(webhook, ['rules']).some((rule) => coversKind(rule, object, facts.plurals)) &&
        (namespace === '' || acceptsLabels(webhook['namespaceSelector'], ofNamespace)) &&
        acceptsLabels(webhook['objectSelector'], textsAt(object, 'labels'))
      );
    });
}

/** Whether a rule is about creating or updating objects of this kind. Webhooks are never asked about webhooks. */
function coversKind(rule: unknown, object: KubeObject, findResource: FindResource): boolean {
  if (!isObject(rule) || object.kind.endsWith('WebhookConfiguration')) return false;
  const resource = findResource(object.apiVersion, object.kind);
  if (!resource) return false;
  const has = (key: string, ...values: readonly string[]): boolean =>
    listAt(rule, [key]).some((item) => item === '*' || (typeof item === 'string' && values.includes(item)));
  const scope = stringAt(rule, ['scope']) || '*';
  return (
    has('apiGroups', groupOf(object.apiVersion)) &&
    has('apiVersions', object.apiVersion.split('/').at(-1) ?? '') &&
    has('resources', resource.resource, '*/*') &&
    has('operations', 'CREATE', 'UPDATE') &&
    (scope === '*' || scope === (resource.namespaced ? 'Namespaced' : 'Cluster'))
  );
}

/** Other installers' webhooks that validate configuration which one of the plan validates as well. */
function competingValidators(
  planned: readonly KubeObject[],
  others: readonly KubeObject[],
  { spec }: PrecheckTarget,
): Finding[] {
  const ours = planned.filter(isValidating).flatMap(webhooksOf).filter(validatesIstio);
  const labelSets = [{}, { 'istio.io/rev': revisionName(spec.revision) }];
  return others
    .filter((object) => isValidating(object) && ownerOf(object) !== 'mesh')
    .flatMap((object): Finding[] => {
      const theirs = webhooksOf(object).filter(validatesIstio);
      const isShared = labelSets.some((labels) =>
        [ours, theirs].every((list) =>
          list.some((webhook) => acceptsLabels(webhook['objectSelector'], labels)),
        ),
      );
      if (!isShared) return [];
      return [
        {
          code: 'MESH0123',
          message: `${object.kind} ${object.metadata.name} validates the same configuration as this installation would: each object must then please both versions`,
          resource: subjectOf(object),
          suggestion: {
            text: 'remove it with the tool that made it when its control plane is not needed any more',
          },
        },
      ];
    });
}

function isValidating({ kind }: KubeObject): boolean {
  return kind === 'ValidatingWebhookConfiguration';
}

function validatesIstio(webhook: JsonObject): boolean {
  return listAt(webhook, ['rules']).some((rule) =>
    listAt(rule, ['apiGroups']).some((group) => typeof group === 'string' && group.endsWith('.istio.io')),
  );
}

function webhooksOf(configuration: KubeObject): readonly JsonObject[] {
  return listAt(configuration, ['webhooks']).filter(isObject);
}

function nameOf(object: KubeObject): string {
  return `${stringAt(object, ['metadata', 'namespace'])}/${object.metadata.name}`;
}
