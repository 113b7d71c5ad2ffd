/** Pods and the parts of them that cases change, and the changes that many cases share. */
import type { JsonObject, JsonValue } from '../../src/lib/json.ts';
import { isObject } from '../../src/lib/json.ts';

/** Something with a name in a list, with whatever else it has. */
export interface Named {
  name: string;
  [key: string]: unknown;
}

export interface Container extends Named {
  image?: string;
  args?: string[];
  command?: string[];
  env?: Named[];
  ports?: JsonObject[];
  volumeMounts?: Named[];
  securityContext?: JsonObject;
  resources?: JsonObject;
}

export interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  volumes?: Named[];
  [key: string]: unknown;
}

export interface Metadata {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  [key: string]: JsonValue;
}

export interface Pod {
  metadata: Metadata;
  spec: PodSpec;
}

export interface Status {
  initContainers: string[] | null;
  containers: string[] | null;
  volumes: string[] | null;
  imagePullSecrets: string[] | null;
  revision: string;
}

const statusAnnotation = 'sidecar.istio.io/status';

/** The container or init container of this name; throws when there is none. */
export function container(spec: PodSpec, name = 'istio-proxy'): Container {
  const found = [...spec.containers, ...(spec.initContainers ?? [])].find((one) => one.name === name);
  if (!found) throw new Error(`no container ${name}`);
  return found;
}

export const proxy = (pod: Pod): Container => container(pod.spec);
export const init = (pod: Pod): Container => container(pod.spec, 'istio-init');

/** Replaces the argument after `flag`. */
export function setArg(target: Container, flag: string, value: string): void {
  const args = target.args ?? [];
  args[indexOf(args, flag) + 1] = value;
}

/** Replaces an argument `--name=…`. */
export function setFlag(target: Container, name: string, value: string): void {
  const args = target.args ?? [];
  args[args.findIndex((arg) => arg.startsWith(`${name}=`))] = `${name}=${value}`;
}

/** Inserts arguments before another one, or at the end. */
export function addArgs(target: Container, added: readonly string[], before?: string): void {
  const args = (target.args ??= []);
  const at = before === undefined ? args.length : indexOf(args, before);
  args.splice(at, 0, ...added);
}

function indexOf(args: readonly string[], arg: string): number {
  const at = args.indexOf(arg);
  if (at < 0) throw new Error(`no argument ${arg} in ${args.join(' ')}`);
  return at;
}

/** Changes the value of an environment variable where it stands. */
export function setEnv(target: Container, name: string, value: string): void {
  const env = (target.env ?? []).find((one) => one.name === name);
  if (!env) throw new Error(`no environment variable ${name}`);
  env['value'] = value;
}

/** Adds an environment variable after another one, or at the end. */
export function addEnv(target: Container, name: string, value: string, after?: string): void {
  insert((target.env ??= []), { name, value }, after);
}

export function removeEnv(target: Container, ...names: string[]): void {
  target.env = (target.env ?? []).filter((one) => !names.includes(one.name));
}

export function addMount(target: Container, mount: Named, after?: string): void {
  insert((target.volumeMounts ??= []), mount, after);
}

export function removeMount(target: Container, ...names: string[]): void {
  target.volumeMounts = (target.volumeMounts ?? []).filter((one) => !names.includes(one.name));
}

/** Adds to a list after the entry of this name, or at the end. */
export function insert(list: Named[], added: Named, after?: string): void {
  const at = after === undefined ? list.length : list.findIndex((one) => one.name === after) + 1;
  if (at === 0 && after !== undefined) throw new Error(`no ${after}`);
  list.splice(at, 0, added);
}

/** Changes the status annotation. */
export function changeStatus(pod: Pod, change: (status: Status) => void): void {
  const status = JSON.parse(pod.metadata.annotations[statusAnnotation] ?? '{}') as Status;
  change(status);
  pod.metadata.annotations[statusAnnotation] = JSON.stringify(status);
}

/** Adds a volume of the template: to the pod and to the names in the status annotation. */
export function addVolume(pod: Pod, volume: Named, after?: string): void {
  insert((pod.spec.volumes ??= []), volume, after);
  changeStatus(pod, (status) => {
    const names = (status.volumes ??= []);
    names.splice(after === undefined ? names.length : names.indexOf(after) + 1, 0, volume.name);
  });
}

export function removeVolume(pod: Pod, name: string): void {
  pod.spec.volumes = (pod.spec.volumes ?? []).filter((one) => one.name !== name);
  changeStatus(pod, (status) => {
    status.volumes = (status.volumes ?? []).filter((one) => one !== name);
  });
}

/** Changes the source of a volume, which keeps its place. */
export function setVolume(spec: PodSpec, name: string, source: JsonObject): void {
  spec.volumes = (spec.volumes ?? []).map((one) => (one.name === name ? { name, ...source } : one));
}

const jsonTexts = new Set([
  'PROXY_CONFIG',
  'ISTIO_META_POD_PORTS',
  'ISTIO_KUBE_APP_PROBERS',
  'ISTIO_PROMETHEUS_ANNOTATIONS',
]);
const jsonAnnotations = new Set([statusAnnotation, 'proxy.istio.io/overrides']);

/** The same object with the texts that hold JSON read, because their white space means nothing. */
export function normalize(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(normalize);
  if (!isObject(value)) return value;
  const isJsonEnv = typeof value['name'] === 'string' && jsonTexts.has(value['name']);
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const isJson = jsonAnnotations.has(key) || (isJsonEnv && key === 'value');
    result[key] = normalize(isJson && typeof item === 'string' ? (JSON.parse(item) as JsonValue) : item);
  }
  return result;
}

/** A pod without what Go writes for absent structs: `resources: {}` and `status: {}`. */
export function withoutEmptyStructs(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutEmptyStructs);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([key, item]) =>
      !((key === 'resources' || key === 'status') && isObject(item) && Object.keys(item).length === 0),
  );
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutEmptyStructs(item)]));
}
