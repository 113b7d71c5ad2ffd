/**
 * `components.X.k8s.*`: settings that are patched onto the rendered objects of one component instance, with the
 * effect of a Kubernetes strategic merge patch (lists that have a merge key merge by it, other lists are replaced).
 * Where that patch would leave an invalid object behind, the new setting wins (see `mergeStrategy`, `mergeProbe`, `mergeEnv`).
 */
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import type { ResolvedComponent } from '../config/types.ts';
import type { KubeObject } from './types.ts';

interface Target {
  readonly kind: string;
  readonly name: string;
}

interface Workload extends Target {
  readonly container: string;
}

/** A copy of `objects` with the settings applied; a setting whose object was not rendered has no effect. */
export function applyK8sSettings(
  objects: readonly KubeObject[],
  instance: Pick<ResolvedComponent, 'component' | 'instance' | 'k8s' | 'values'>,
  revision: string,
): KubeObject[] {
  const settings = Object.entries(instance.k8s).filter(([, value]) => value !== null);
  const workload = workloadOf(instance, revision);
  if (settings.length === 0 || !workload) return [...objects];
  const patched = objects.map((object) => (isTouched(object, workload) ? structuredClone(object) : object));
  for (const [setting, value] of settings) {
    const apply = SETTINGS[setting];
    if (apply) apply({ objects: patched, workload, component: instance.component }, value);
  }
  return patched;
}

function workloadOf(
  instance: Pick<ResolvedComponent, 'component' | 'instance' | 'values'>,
  revision: string,
): Workload | undefined {
  switch (instance.component) {
    case 'Base':
      return undefined;
    case 'Pilot': {
      const suffix = revision && revision !== 'default' ? `-${revision}` : '';
      return { kind: 'Deployment', name: `istiod${suffix}`, container: 'discovery' };
    }
    case 'Cni':
      return { kind: 'DaemonSet', name: 'istio-cni-node', container: 'install-cni' };
    case 'Ztunnel': {
      const own = instance.values['ztunnel'];
      const name =
        isObject(own) && typeof own['resourceName'] === 'string' && own['resourceName']
          ? own['resourceName']
          : 'ztunnel';
      return { kind: 'DaemonSet', name, container: 'istio-proxy' };
    }
    case 'IngressGateways':
    case 'EgressGateways':
      return { kind: 'Deployment', name: instance.instance, container: 'istio-proxy' };
  }
}

function isTouched(object: KubeObject, workload: Workload): boolean {
  return (
    object.metadata.name === workload.name &&
    [workload.kind, 'Service', 'HorizontalPodAutoscaler', 'PodDisruptionBudget'].includes(object.kind)
  );
}

interface Context {
  readonly objects: readonly KubeObject[];
  readonly workload: Workload;
  readonly component: ResolvedComponent['component'];
}

type Setting = (context: Context, value: JsonValue) => void;

/** Every setting with what it patches; `volumes` and `volumeMounts` are accepted and have no effect, as in istioctl. */
const SETTINGS: Readonly<Record<string, Setting>> = {
  affinity: onPodSpec((pod, value) => mergeKey(pod, 'affinity', value)),
  env: onContainer((container, value) => mergeEnv(container, value)),
  hpaSpec: onObject('HorizontalPodAutoscaler', (object, value) => mergeKey(object, 'spec', value)),
  imagePullPolicy: onContainer((container, value) => void (container['imagePullPolicy'] = value)),
  nodeSelector: onPodSpec((pod, value) => mergeKey(pod, 'nodeSelector', value)),
  podAnnotations: onWorkload((object, value) =>
    mergeKey(childOf(childOf(childOf(object, 'spec'), 'template'), 'metadata'), 'annotations', value),
  ),
  podDisruptionBudget: onObject('PodDisruptionBudget', (object, value) =>
    mergeDisruptionBudget(object, value),
  ),
  priorityClassName: onPodSpec((pod, value) => void (pod['priorityClassName'] = value)),
  readinessProbe: onContainer((container, value) => mergeProbe(container, value)),
  replicaCount: onWorkload((object, value) => void (childOf(object, 'spec')['replicas'] = value)),
  resources: onContainer((container, value) => mergeKey(container, 'resources', value)),
  securityContext: onPodSpec((pod, value) => mergeKey(pod, 'securityContext', value)),
  service: (context, value) => {
    const isGateway = context.component === 'IngressGateways' || context.component === 'EgressGateways';
    onObject('Service', (object, patch) => mergeService(object, patch, isGateway))(context, value);
  },
  serviceAnnotations: onObject('Service', (object, value) => mergeKey(object.metadata, 'annotations', value)),
  strategy: onWorkload((object, value) => mergeStrategy(object, value)),
  tolerations: onPodSpec((pod, value) => void (pod['tolerations'] = value)),
};

function onObject(kind: string, patch: (object: KubeObject, value: JsonValue) => void): Setting {
  return ({ objects, workload }, value) => {
    for (const object of objects) {
      if (object.kind === kind && object.metadata.name === workload.name) patch(object, value);
    }
  };
}

function onWorkload(patch: (object: KubeObject, value: JsonValue) => void): Setting {
  return (context, value) => onObject(context.workload.kind, patch)(context, value);
}

function onPodSpec(patch: (pod: JsonObject, value: JsonValue) => void): Setting {
  return onWorkload((object, value) =>
    patch(childOf(childOf(childOf(object, 'spec'), 'template'), 'spec'), value),
  );
}

function onContainer(patch: (container: JsonObject, value: JsonValue) => void): Setting {
  return (context, value) =>
    onPodSpec((pod) => {
      const containers = Array.isArray(pod['containers']) ? pod['containers'] : [];
      for (const container of containers) {
        if (isObject(container) && container['name'] === context.workload.container) patch(container, value);
      }
    })(context, value);
}

/** The map below `key`, made when it is not there. */
function childOf(parent: JsonObject, key: string): JsonObject {
  const child = parent[key];
  if (isObject(child)) return child;
  const made: JsonObject = {};
  parent[key] = made;
  return made;
}

function mergeKey(parent: JsonObject, key: string, value: JsonValue): void {
  if (isObject(value)) mergeInto(childOf(parent, key), value);
  else parent[key] = value;
}

/** Maps merge, null deletes, everything else replaces. */
function mergeInto(target: JsonObject, patch: JsonObject): void {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(target, key);
    else if (isObject(value)) mergeInto(childOf(target, key), value);
    else target[key] = structuredClone(value);
  }
}

/** Lists of maps with a merge key: same key merges, new entries go in front (as the strategic merge patch does). */
function mergeByKey(
  existing: JsonValue | undefined,
  added: JsonValue,
  key: string,
  merge: (old: JsonObject, patch: JsonObject) => JsonObject,
): JsonValue {
  if (!Array.isArray(added)) return existing ?? [];
  const old = Array.isArray(existing) ? existing.filter(isObject) : [];
  const patches = added.filter(isObject);
  const front = patches.filter((patch) => !old.some((entry) => entry[key] === patch[key]));
  const rest = old.map((entry) => {
    const patch = patches.find((candidate) => candidate[key] === entry[key]);
    return patch ? merge(entry, patch) : entry;
  });
  return [...front, ...rest];
}

/** An entry has either `value` or `valueFrom`: the user's form replaces the other one. */
function mergeEnv(container: JsonObject, value: JsonValue): void {
  container['env'] = mergeByKey(container['env'], value, 'name', (_old, patch) => patch);
}

function mergeService(object: KubeObject, value: JsonValue, isGateway: boolean): void {
  if (!isObject(value)) return;
  const { ports, ...rest } = value;
  const spec = childOf(object, 'spec');
  mergeInto(spec, rest);
  // A gateway's ports were put into its values before rendering.
  if (ports !== undefined && !isGateway) {
    spec['ports'] = mergeByKey(spec['ports'], ports, 'port', (old, patch) => ({ ...old, ...patch }));
  }
}

/** The API accepts only one of minAvailable and maxUnavailable: the second takes the place of the first. */
function mergeDisruptionBudget(object: KubeObject, value: JsonValue): void {
  mergeKey(object, 'spec', value);
  const spec = childOf(object, 'spec');
  if (spec['minAvailable'] !== undefined && spec['maxUnavailable'] !== undefined) spec['minAvailable'] = null;
}

/** A strategy of another type takes the old type's parameters away; a DaemonSet calls it `updateStrategy`. */
function mergeStrategy(object: KubeObject, value: JsonValue): void {
  const spec = childOf(object, 'spec');
  const key = object.kind === 'DaemonSet' ? 'updateStrategy' : 'strategy';
  mergeKey(spec, key, value);
  const strategy = childOf(spec, key);
  if (typeof strategy['type'] === 'string' && strategy['type'] !== 'RollingUpdate')
    delete strategy['rollingUpdate'];
}

const PROBE_HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];

/** A probe has one handler: another one in the patch takes the place of the rendered one. */
function mergeProbe(container: JsonObject, value: JsonValue): void {
  const probe = childOf(container, 'readinessProbe');
  const handler = isObject(value) ? PROBE_HANDLERS.find((name) => isObject(value[name])) : undefined;
  if (handler !== undefined) {
    for (const name of PROBE_HANDLERS) if (name !== handler) Reflect.deleteProperty(probe, name);
  }
  mergeKey(container, 'readinessProbe', value);
}
