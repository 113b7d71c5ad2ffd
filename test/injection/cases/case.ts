/**
 * Cases are tables: an input, as difference from a plain one, and what is expected, as difference from a whole object in
 * expected/. So each case also says that nothing else changes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { JsonObject, JsonValue } from '../../../src/lib/json.ts';
import type { Metadata, Pod, PodSpec } from '../objects.ts';
import type { InjectionCase, IstiodSettings } from '../runner.ts';
import { overlay, referenceValues, type Overlay } from '../values.ts';

export type PodTemplate = 'sidecar' | 'gateway' | 'grpc-simple' | 'grpc-agent';
export type GatewayTemplate = 'kube-gateway' | 'waypoint' | 'agentgateway' | 'agentgateway-waypoint';

interface Surroundings {
  readonly name: string;
  readonly template: PodTemplate | GatewayTemplate;
  /** Difference from the reference values. */
  readonly values?: Overlay;
  readonly mesh?: JsonObject;
  readonly istiod?: IstiodSettings;
  readonly fails?: RegExp;
}

export interface PodCase extends Surroundings {
  readonly template: PodTemplate;
  /** Added to the pod, and expected to stay. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Changes the user's pod. */
  readonly pod?: (pod: Pod) => void;
  readonly owner?: Readonly<Record<'apiVersion' | 'kind' | 'name' | 'namespace', string>>;
  readonly templates?: Readonly<Record<string, string>>;
  readonly times?: number;
  /** Changes the pod that is expected without all this. */
  readonly expect?: (pod: Pod) => void;
}

export interface GatewayObjects {
  serviceAccount: { metadata: Metadata; [key: string]: unknown };
  deployment: { metadata: Metadata; spec: { template: Pod; [key: string]: unknown }; [key: string]: unknown };
  service: { metadata: Metadata; spec: JsonObject; [key: string]: unknown };
  [key: string]: unknown;
}

export interface GatewayCase extends Surroundings {
  readonly template: GatewayTemplate;
  readonly class?: string;
  readonly metadata?: JsonObject;
  readonly spec?: JsonObject;
  /** Patches for the objects, as in the ConfigMap of the class or the Gateway. */
  readonly overlays?: JsonObject;
  readonly expect?: (objects: GatewayObjects) => void;
}

/** A case as it is run, with the object that is to come out; `undefined` when it has to fail. */
export interface Run {
  readonly input: InjectionCase;
  readonly expected: JsonValue | undefined;
  readonly fails: RegExp | undefined;
}

const istiod: IstiodSettings = { revision: 'default', clusterID: 'cluster-of-istiod', kubeVersion: 132 };
const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'hello', namespace: '' };
const classes: Record<GatewayTemplate, string> = {
  'kube-gateway': 'istio',
  waypoint: 'istio-waypoint',
  agentgateway: 'istio-agentgateway',
  'agentgateway-waypoint': 'istio-agentgateway-waypoint',
};

export function preparePod(one: PodCase): Run {
  const pod = userPod(one.template);
  Object.assign(pod.metadata.labels, one.labels);
  Object.assign(pod.metadata.annotations, one.annotations);
  one.pod?.(pod);

  const expected = readExpected(one.template) as unknown as Pod;
  Object.assign(expected.metadata.labels, one.labels);
  Object.assign(expected.metadata.annotations, one.annotations);
  one.expect?.(expected);
  return {
    input: {
      ...common(one),
      pod: toJson(pod),
      owner: one.owner ?? owner,
      ...(one.templates && { templates: one.templates }),
      ...(one.times !== undefined && { times: one.times }),
    },
    expected: one.fails ? undefined : toJson(expected),
    fails: one.fails,
  };
}

export function prepareGateway(one: GatewayCase): Run {
  const isWaypoint = one.template.endsWith('waypoint');
  const spec = {
    gatewayClassName: one.class ?? classes[one.template],
    ...(isWaypoint && { listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE' }] }),
    ...one.spec,
  };
  const gateway = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'default', namespace: 'default', uid: '0000-1111', ...one.metadata },
    spec,
  };
  const expected = readExpected(one.template) as unknown as GatewayObjects;
  one.expect?.(expected);
  return {
    input: { ...common(one), gateway, ...(one.overlays && { overlays: one.overlays }) },
    expected: one.fails ? undefined : toJson(expected),
    fails: one.fails,
  };
}

function common(one: Surroundings): Pick<InjectionCase, 'name' | 'values' | 'mesh' | 'istiod'> {
  return {
    name: `${one.template}: ${one.name}`,
    values: overlay(referenceValues, one.values ?? {}),
    ...(one.mesh && { mesh: one.mesh }),
    istiod: { ...istiod, ...one.istiod },
  };
}

function userPod(template: PodTemplate): Pod {
  const spec: PodSpec =
    template === 'gateway'
      ? {
          containers: [
            { name: 'istio-proxy', image: 'auto', ports: [{ containerPort: 80 }, { containerPort: 443 }] },
          ],
        }
      : {
          containers: [
            { name: 'hello', image: 'example.com/hello:v1', ports: [{ name: 'http', containerPort: 80 }] },
          ],
        };
  const annotations = template === 'sidecar' ? {} : { 'inject.istio.io/templates': template };
  return { metadata: { labels: { app: 'hello' }, annotations }, spec };
}

function readExpected(template: string): JsonObject {
  const file = join(import.meta.dirname, `../expected/${template}.yaml`);
  return toJson(parse(readFileSync(file, 'utf8')));
}

/** A copy, in which nothing is shared, not even what an alias of YAML stands for. */
function toJson(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
