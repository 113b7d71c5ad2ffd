/** The webhooks that inject sidecars, as the cluster has them: one configuration for each revision and each tag. */
import { listAt, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { MeshError } from '../../lib/errors.ts';
import { nearestName } from '../../lib/suggest.ts';
import type { KubeObject } from '../manifest/types.ts';
import { mapsAt } from '../readiness/fields.ts';

/** Whom a webhook asks. */
export type InjectorTarget =
  | {
      readonly type: 'service';
      readonly namespace: string;
      readonly name: string;
      readonly port: number;
      readonly path: string;
    }
  | { readonly type: 'url'; readonly url: string };

export interface InjectorWebhook {
  /** `namespace.sidecar-injector.istio.io`. */
  readonly name: string;
  readonly namespaceSelector: JsonObject;
  readonly objectSelector: JsonObject;
  /** CEL conditions that the API server evaluates too, and mesh does not. */
  readonly hasConditions: boolean;
  readonly target: InjectorTarget;
}

export interface Injector {
  /** Name of the MutatingWebhookConfiguration. */
  readonly name: string;
  /** `default` for the revision without a name. */
  readonly revision: string;
  /** Empty for a revision's own. */
  readonly tag: string;
  /** At least one. */
  readonly webhooks: readonly InjectorWebhook[];
}

/** The injectors among MutatingWebhookConfigurations, by name: those whose webhooks for new pods have names that end in `istio.io`. */
export function readInjectors(configurations: readonly KubeObject[]): Injector[] {
  return configurations
    .flatMap((configuration): Injector[] => {
      const webhooks = mapsAt(configuration, ['webhooks']).filter(isInjecting).map(readWebhook);
      if (webhooks.length === 0) return [];
      return [
        {
          name: configuration.metadata.name,
          revision: stringAt(configuration, ['metadata', 'labels', 'istio.io/rev']) || 'default',
          tag: stringAt(configuration, ['metadata', 'labels', 'istio.io/tag']),
          webhooks,
        },
      ];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isInjecting(webhook: JsonObject): boolean {
  if (!stringAt(webhook, ['name']).endsWith('istio.io')) return false;
  return mapsAt(webhook, ['rules']).some((rule) => {
    const has = (field: string, ...values: string[]): boolean =>
      listAt(rule, [field]).some(
        (value) => typeof value === 'string' && (value === '*' || values.includes(value)),
      );
    return has('resources', 'pods', '*/*', 'pods/*') && has('operations', 'CREATE') && has('apiGroups', '');
  });
}

function readWebhook(webhook: JsonObject): InjectorWebhook {
  const service = objectAt(webhook, ['clientConfig', 'service']);
  const { port } = service;
  const url = stringAt(webhook, ['clientConfig', 'url']);
  return {
    name: stringAt(webhook, ['name']),
    namespaceSelector: objectAt(webhook, ['namespaceSelector']),
    objectSelector: objectAt(webhook, ['objectSelector']),
    hasConditions: listAt(webhook, ['matchConditions']).length > 0,
    target: url
      ? { type: 'url', url }
      : {
          type: 'service',
          namespace: stringAt(service, ['namespace']),
          name: stringAt(service, ['name']),
          port: typeof port === 'number' ? port : 443,
          path: stringAt(service, ['path']) || '/',
        },
  };
}

/** Its selectors match nothing: another injector, that of the tag `default`, has taken over. */
export function isSwitchedOff(injector: Injector): boolean {
  return injector.webhooks.every(
    ({ namespaceSelector, objectSelector }) => isNever(namespaceSelector) || isNever(objectSelector),
  );
}

function isNever(selector: JsonObject): boolean {
  return Object.hasOwn(objectAt(selector, ['matchLabels']), 'istio.io/deactivated');
}

/** What `istio.io/rev` may name: tags and revisions, sorted. */
export function revisionNames(injectors: readonly Injector[]): string[] {
  return [...new Set(injectors.map(({ tag, revision }) => tag || revision))].sort();
}

/**
 * The injector of a tag or revision; without `name` that of the tag `default`, else of the revision without a name, else the
 * only one. Throws a `usage` MeshError when there is none.
 */
export function chooseInjector(injectors: readonly Injector[], name: string | undefined): Injector {
  const wanted = name ?? 'default';
  const found =
    injectors.find(({ tag }) => tag === wanted) ??
    injectors.find(({ tag, revision }) => tag === '' && revision === wanted);
  if (found) return found;
  const [only] = injectors;
  if (!only) throw noInjector();
  if (name === undefined && new Set(injectors.map(({ revision }) => revision)).size === 1) return only;
  throw unknownRevision(name, injectors);
}

/** For a cluster without any. */
export function noInjector(): MeshError {
  return new MeshError('usage', 'no control plane that injects sidecars is installed in this cluster', {
    hint: 'install one with mesh install, or name another cluster with --context',
  });
}

/** For a revision that no injector serves; without `name`, when none is the default. */
export function unknownRevision(name: string | undefined, injectors: readonly Injector[]): MeshError {
  const known = revisionNames(injectors);
  const list = known.length > 0 ? `there is ${known.join(', ')}` : 'install one with mesh install';
  if (name === undefined)
    return new MeshError('usage', 'no control plane is the default one', {
      hint: known.length > 0 ? `choose one with --revision: ${list}` : list,
    });
  const nearest = nearestName(name, known);
  return new MeshError('usage', `there is no revision and no tag "${name}"`, {
    hint: nearest === undefined ? list : `did you mean ${nearest}?`,
  });
}
