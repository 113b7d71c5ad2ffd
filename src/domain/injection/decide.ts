/** What istiod does with a pod that its webhook gets: it injects, or lets it through as it is. Source: facts on injection, 6.2. */
import { isObject, listAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { SYSTEM_NAMESPACES } from '../analysis/kinds.ts';
import { acceptsLabels } from '../analysis/semantics/label-selector.ts';
import type { Labels } from './match.ts';

const INJECT = 'sidecar.istio.io/inject';

export interface InjectedPod {
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly hostNetwork: boolean;
}

export interface Decision {
  readonly injects: boolean;
  readonly reason: string;
}

/** `config` is the `config` of the injector's ConfigMap; undefined where it may not be read: then it counts as Istio's default. */
export function decideInjection(pod: InjectedPod, config: JsonObject | undefined): Decision {
  if (pod.hostNetwork) return no('the pod uses the network of its node (hostNetwork)');
  if (SYSTEM_NAMESPACES.has(pod.namespace)) return no(`istiod never injects in ${pod.namespace}`);
  const asLabel = pod.labels[INJECT];
  const own = asLabel ?? pod.annotations[INJECT];
  if (own === 'true' || own === 'false') {
    const reason = `pod ${asLabel === undefined ? 'annotation' : 'label'} ${INJECT}=${own}`;
    return { injects: own === 'true', reason };
  }
  if (selects(config, 'neverInjectSelector', pod.labels)) return no('neverInjectSelector of the injector');
  if (selects(config, 'alwaysInjectSelector', pod.labels))
    return { injects: true, reason: 'alwaysInjectSelector of the injector' };
  const policy = stringAt(config, ['policy']) || 'enabled';
  return { injects: policy === 'enabled', reason: `policy ${policy} of the injector` };
}

function no(reason: string): Decision {
  return { injects: false, reason };
}

/** Empty selectors are ignored. */
function selects(config: JsonObject | undefined, field: string, labels: Labels): boolean {
  return listAt(config, [field]).some((selector) => !isEmpty(selector) && acceptsLabels(selector, labels));
}

function isEmpty(selector: JsonValue): boolean {
  return !isObject(selector) || Object.keys(selector).length === 0;
}
