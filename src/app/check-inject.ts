/** `mesh check-inject`: which injectors select a pod, and what istiod then does with it. Nothing is asked of istiod. */
import { decideInjection } from '../domain/injection/decide.ts';
import type { InjectedPod } from '../domain/injection/decide.ts';
import { noInjector } from '../domain/injection/injectors.ts';
import { matchInjector } from '../domain/injection/match.ts';
import type { Labels, WebhookMatch } from '../domain/injection/match.ts';
import type { ConfiguredInjector } from '../domain/injection/settings.ts';
import { injectedPodOf, sidecarOf } from '../domain/injection/sidecar.ts';
import type { Sidecar } from '../domain/injection/sidecar.ts';
import { labelsAt } from '../domain/analysis/semantics/selectors.ts';
import { MeshError } from '../lib/errors.ts';
import { getAt, isObject, objectAt, stringAt } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';
import { findNamespace } from './find-namespace.ts';
import { parsePodAddress } from './find-pod-address.ts';
import { findPod, findSelectingObject } from './find-pod.ts';
import { configureInjectors, findSilentInjectors, listInjectors } from './injectors.ts';
import type { Cluster } from './ports.ts';

export interface CheckInput {
  /** `[type/]name[.namespace]`, or labels of a pod that may not exist. */
  readonly subject: { readonly address: string } | { readonly labels: Labels };
  /** Absent: that of the context. */
  readonly namespace?: string | undefined;
  readonly signal: AbortSignal;
}

export interface CheckedInjector {
  /** Name of the MutatingWebhookConfiguration. */
  readonly name: string;
  readonly revision: string;
  readonly tag: string;
  /** Its selectors match. */
  readonly selects: boolean;
  /** It selects, and istiod puts a sidecar in. */
  readonly injects: boolean;
  readonly reason: string;
  readonly webhooks: readonly WebhookMatch[];
}

export interface InjectionCheck {
  /** `Deployment shop/web`, `pods with app=web in namespace shop`. */
  readonly subject: string;
  readonly namespace: string;
  readonly injectors: readonly CheckedInjector[];
  readonly verdict: 'injected' | 'not injected' | 'conflict';
  /** Revisions that select the pod and whose istiod has no ready pod: the API server refuses to create it then. */
  readonly silentRevisions: readonly string[];
  /** A pod that runs: whether it has a sidecar now; absent for what is no pod. */
  readonly running?: { readonly sidecar: Sidecar | undefined } | undefined;
}

/** Throws `usage` MeshErrors for what is not there. */
export async function checkInject(input: CheckInput, cluster: Cluster): Promise<InjectionCheck> {
  const { signal } = input;
  const found = await findSubject(input, cluster);
  const [namespace, injectors] = await Promise.all([
    findNamespace(found.pod.namespace, cluster, signal),
    listInjectors(cluster, signal),
  ]);
  if (injectors.length === 0) throw noInjector();
  const namespaceLabels = labelsAt(namespace, ['metadata', 'labels']);
  const configured = await configureInjectors(injectors, cluster, signal);
  const checked = configured.map((injector) => checkInjector(injector, found.pod, namespaceLabels));
  const selecting = checked.filter(({ selects }) => selects);
  const asked = injectors.filter((_injector, index) => checked[index]?.selects);
  const silent = await findSilentInjectors(asked, cluster, signal);
  return {
    subject: found.subject,
    namespace: found.pod.namespace,
    injectors: checked,
    verdict: selecting.length > 1 ? 'conflict' : selecting[0]?.injects ? 'injected' : 'not injected',
    silentRevisions: [...new Set(silent.map(({ revision }) => revision))],
    running: found.running,
  };
}

function checkInjector(
  { injector, settings }: ConfiguredInjector,
  pod: InjectedPod,
  namespaceLabels: Labels,
): CheckedInjector {
  const { matches, reason, webhooks } = matchInjector(injector, { labels: pod.labels, namespaceLabels });
  const { name, revision, tag } = injector;
  if (!matches) return { name, revision, tag, selects: false, injects: false, reason, webhooks };
  const decision = decideInjection(pod, settings.config);
  const why = decision.injects ? reason : `${reason}, but ${decision.reason}`;
  return { name, revision, tag, selects: true, injects: decision.injects, reason: why, webhooks };
}

interface Subject {
  readonly subject: string;
  readonly pod: InjectedPod;
  readonly running?: InjectionCheck['running'];
}

async function findSubject(input: CheckInput, cluster: Cluster): Promise<Subject> {
  const { subject, signal } = input;
  if ('labels' in subject) {
    const namespace = input.namespace ?? cluster.defaultNamespace;
    const text = Object.entries(subject.labels).map(([key, value]) => `${key}=${value}`);
    return {
      subject: `pods with ${text.join(',')} in namespace ${namespace}`,
      pod: { namespace, labels: subject.labels, annotations: {}, hostNetwork: false },
    };
  }
  const address = parsePodAddress(subject.address);
  if (address.type !== undefined) {
    const namespace = address.namespace ?? input.namespace ?? cluster.defaultNamespace;
    const object = await findSelectingObject(address, namespace, cluster, signal);
    const template = templateOf(object);
    // Pods may be missing just because nothing injects them: the template is enough.
    if (template)
      return {
        subject: `${object.kind} ${namespace}/${address.name}`,
        pod: injectedPodOf(template, namespace),
      };
  }
  const { pod } = await findPod({ address: subject.address, namespace: input.namespace }, cluster, signal);
  const namespace = stringAt(pod, ['metadata', 'namespace']);
  return {
    subject: `Pod ${namespace}/${pod.metadata.name}`,
    pod: injectedPodOf(pod, namespace),
    running: { sidecar: sidecarOf(pod) },
  };
}

function templateOf(object: JsonObject): JsonObject | undefined {
  for (const path of [
    ['spec', 'template'],
    ['spec', 'jobTemplate', 'spec', 'template'],
  ]) {
    if (isObject(getAt(object, [...path, 'spec']))) return objectAt(object, path);
  }
  return undefined;
}

/** `app=web,version=v1`. Throws a `usage` MeshError. */
export function parseLabels(text: string): Labels {
  const pairs = text.split(',').map((part): [string, string] => {
    const [key = '', value, ...rest] = part.trim().replace('==', '=').split('=');
    if (key === '' || value === undefined || rest.length > 0)
      throw new MeshError('usage', `"${part}" is no label of a pod`, { hint: 'write NAME=VALUE,NAME=VALUE' });
    return [key.trim(), value.trim()];
  });
  return Object.fromEntries(pairs);
}
