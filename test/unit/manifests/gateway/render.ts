/** Renders gateways for settings of `gateways.istio-ingressgateway`, and takes the objects apart. */
import { join } from 'node:path';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import { getAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { findObject, loadComponent } from '../../../support/render-component.ts';
import type { RenderInput } from '../../../support/render-component.ts';

export const ingress = loadComponent('IngressGateways');
export const egress = loadComponent('EgressGateways');
export const expectedFile = (name: string): string => join(import.meta.dirname, 'expected', name);

/** Ingress objects for settings of `gateways.istio-ingressgateway` and further values. */
export const render = (gateway: JsonObject, values: JsonObject = {}, input: RenderInput = {}): KubeObject[] =>
  ingress.render({ ...input, values: { ...values, gateways: { 'istio-ingressgateway': gateway } } });

export const object = (
  kind: string,
  gateway: JsonObject,
  values: JsonObject = {},
  input: RenderInput = {},
): KubeObject => findObject(render(gateway, values, input), kind);

export const pod = (gateway: JsonObject, values: JsonObject = {}, input: RenderInput = {}): JsonObject =>
  getAt(object('Deployment', gateway, values, input), ['spec', 'template', 'spec']) as JsonObject;

export const container = (
  gateway: JsonObject,
  values: JsonObject = {},
  input: RenderInput = {},
): JsonObject => getAt(pod(gateway, values, input), ['containers', 0]) as JsonObject;

export const podMetadata = (
  gateway: JsonObject,
  values: JsonObject = {},
  input: RenderInput = {},
): JsonObject =>
  getAt(object('Deployment', gateway, values, input), ['spec', 'template', 'metadata']) as JsonObject;

/** Plain variables of the proxy by name; the ones taken from the pod are left out. */
export const variables = (
  gateway: JsonObject,
  values: JsonObject = {},
  input: RenderInput = {},
): Record<string, JsonValue> =>
  Object.fromEntries(
    ((container(gateway, values, input)['env'] ?? []) as JsonObject[])
      .filter((variable) => 'value' in variable)
      .map((variable) => [variable['name'] as string, variable['value'] as JsonValue]),
  );

export const names = (list: JsonValue | undefined): string[] =>
  ((list ?? []) as JsonObject[]).map((item) => item['name'] as string);

export const named = (list: JsonValue | undefined, name: string): JsonObject | undefined =>
  ((list ?? []) as JsonObject[]).find((item) => item['name'] === name);

const defaultObjects = [
  'Deployment NAME',
  'HorizontalPodAutoscaler NAME',
  'Role NAME-sds',
  'RoleBinding NAME-sds',
  'Service NAME',
  'ServiceAccount NAME-service-account',
];
export const objectsOf = (name: string): string[] => defaultObjects.map((text) => text.replace('NAME', name));
