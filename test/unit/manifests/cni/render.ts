/** Renders the CNI node agent for its own settings and further values, and takes the objects apart. */
import { join } from 'node:path';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import { getAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { findObject, loadComponent, readExpected } from '../../../support/render-component.ts';
import type { RenderInput } from '../../../support/render-component.ts';

export const { render } = loadComponent('Cni');
export const expected = (name: string): KubeObject[] =>
  readExpected(join(import.meta.dirname, 'expected', name));

export const withValues = (cni: JsonObject, values: JsonObject = {}): JsonObject => ({ ...values, cni });

export const pod = (cni: JsonObject, values: JsonObject = {}, input: RenderInput = {}): JsonObject =>
  getAt(findObject(render({ ...input, values: withValues(cni, values) }), 'DaemonSet'), [
    'spec',
    'template',
    'spec',
  ]) as JsonObject;

export const container = (cni: JsonObject, values: JsonObject = {}): JsonObject =>
  getAt(pod(cni, values), ['containers', 0]) as JsonObject;

export const config = (cni: JsonObject, values: JsonObject = {}): JsonObject =>
  findObject(render({ values: withValues(cni, values) }), 'ConfigMap')['data'] as JsonObject;

export const byName = (list: JsonValue | undefined, name: string): JsonObject | undefined =>
  ((list ?? []) as JsonObject[]).find((item) => item['name'] === name);

export const hostPath = (
  name: string,
  cni: JsonObject,
  values: JsonObject = {},
  input: RenderInput = {},
): JsonValue | undefined => getAt(byName(pod(cni, values, input)['volumes'], name), ['hostPath', 'path']);

export const everything = {
  ambient: { enabled: true },
  resourceQuotas: { enabled: true },
  provider: 'multus',
};
export const networkPolicy = { global: { networkPolicy: { enabled: true } } };
