/** What a host that does not exist was probably meant to be. */
import { guessName } from './did-you-mean.ts';
import { fullHost, splitHost, textList } from './hosts.ts';
import type { AnalysisContext, FieldPath, Resource, Suggestion } from '../types.ts';

const SERVICE = '/Service';
const SERVICE_ENTRY = 'networking.istio.io/ServiceEntry';
const LOCAL = '.svc.cluster.local';

/** `host` as `from` wrote it at `path`. Undefined when nothing comes near. */
export function suggestHost(
  context: AnalysisContext,
  host: string,
  from: Resource,
  path: FieldPath,
): Suggestion | undefined {
  if (host === '' || host.startsWith('*')) return undefined;
  const asks = (name: string): Suggestion => ({ text: `did you mean "${name}"?` });
  const full = fullHost(host, from.namespace);
  if (full.endsWith(LOCAL)) {
    const { name, namespace } = splitHost(full, from.namespace);
    if (context.get(SERVICE, namespace, name)) {
      return { text: `export Service ${namespace}/${name} to namespace ${from.namespace}` };
    }
    const elsewhere = servicesByName(context).get(name);
    if (elsewhere) return asks(fullHost(elsewhere.name, elsewhere.namespace));
    const near = guessName(context, name, hostNamesIn(context, namespace));
    if (near === undefined) return undefined;
    return asks(full === host && !near.includes('.') ? fullHost(near, namespace) : near);
  }
  // "reviews.prod" and "reviews.prod.svc": Kubernetes completes them, Istio does not.
  const [name = '', namespace = '', rest = ''] = host.split('.', 3);
  if ((rest === '' || rest === 'svc') && context.get(SERVICE, namespace, name)) {
    const value = fullHost(name, namespace);
    return {
      text: `write "${value}": Istio does not complete names that contain a dot`,
      fix: { path, value },
    };
  }
  const near = guessName(context, host, externalHosts(context));
  return near === undefined ? undefined : asks(near);
}

function servicesByName(context: AnalysisContext): ReadonlyMap<string, Resource> {
  return context.memo(
    'services-by-name',
    () => new Map(context.list(SERVICE).map((service) => [service.name, service])),
  );
}

/** Names of Services of a namespace, and hosts without a dot of its ServiceEntries. */
function hostNamesIn(context: AnalysisContext, namespace: string): readonly string[] {
  return context.memo(`host-names-in/${namespace}`, () => [
    ...context.listIn(SERVICE, namespace).map((service) => service.name),
    ...context.listIn(SERVICE_ENTRY, namespace).flatMap((entry) => textList(entry.spec['hosts'])),
  ]);
}

function externalHosts(context: AnalysisContext): readonly string[] {
  return context.memo('external-hosts', () => [
    ...new Set(
      context
        .list(SERVICE_ENTRY)
        .flatMap((entry) =>
          textList(entry.spec['hosts']).filter((host) => host.includes('.') && !host.startsWith('*')),
        ),
    ),
  ]);
}
