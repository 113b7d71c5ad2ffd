/** Renders ztunnel for its own settings and further values, and takes the objects apart. */
import { join } from 'node:path';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import { getAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { findObject, loadComponent, readExpected } from '../../../support/render-component.ts';

export const { render } = loadComponent('Ztunnel');
export const expected = (name: string): KubeObject[] =>
  readExpected(join(import.meta.dirname, 'expected', name));

export const daemonSet = (ztunnel: JsonObject, values: JsonObject = {}): JsonObject =>
  findObject(render({ values: { ...values, ztunnel } }), 'DaemonSet');

export const pod = (ztunnel: JsonObject, values: JsonObject = {}): JsonObject =>
  getAt(daemonSet(ztunnel, values), ['spec', 'template', 'spec']) as JsonObject;

export const container = (ztunnel: JsonObject, values: JsonObject = {}): JsonObject =>
  getAt(pod(ztunnel, values), ['containers', 0]) as JsonObject;

export const env = (ztunnel: JsonObject, values: JsonObject = {}): JsonObject[] =>
  container(ztunnel, values)['env'] as JsonObject[];

/** Plain variables by name. */
export const variables = (
  ztunnel: JsonObject,
  values: JsonObject = {},
): Record<string, JsonValue | undefined> =>
  Object.fromEntries(env(ztunnel, values).map((variable) => [variable['name'] as string, variable['value']]));

export const byName = (list: JsonValue | undefined, name: string): JsonObject | undefined =>
  ((list ?? []) as JsonObject[]).find((item) => item['name'] === name);

export const everything = {
  resourceQuotas: { enabled: true },
};
/** The platform also sets SELinux options, which no object but the DaemonSet shows. */
export const shared = { global: { platform: 'openshift', networkPolicy: { enabled: true } } };
