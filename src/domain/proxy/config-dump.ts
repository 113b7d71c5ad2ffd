/** What Envoy's admin port answers, as data: one form, nothing secret in it. */
import { MeshError, messageOf } from '../../lib/errors.ts';
import { getAt, isObject, listAt, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { useCamelCase } from './proto-names.ts';
import { redactSecrets } from './redact.ts';

/** An answer of the admin port in lower camel case: `{configs: [...]}` or `{clusterStatuses: [...]}`. */
export type AdminAnswer = JsonObject;

/** The sections of a configuration dump, by the message that holds each. */
export type DumpSection =
  | 'BootstrapConfigDump'
  | 'ClustersConfigDump'
  | 'EcdsConfigDump'
  | 'EndpointsConfigDump'
  | 'ListenersConfigDump'
  | 'RoutesConfigDump'
  | 'SecretsConfigDump';

/**
 * Reads an answer of Envoy or a saved one. `source` names it in errors (`config` MeshErrors): text that is no JSON,
 * and JSON that Envoy did not write.
 */
export function parseAdminAnswer(text: string, source: string): AdminAnswer {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new MeshError('config', `${source} is not JSON: ${messageOf(error)}`, { cause: error });
  }
  const answer = redactSecrets(useCamelCase(value));
  if (!isObject(answer) || !(Array.isArray(answer['configs']) || Array.isArray(answer['clusterStatuses']))) {
    throw new MeshError('config', `${source} is not an answer of Envoy's admin port`, {
      hint: 'save one with: mesh proxy-config all POD -o json > dump.json',
    });
  }
  return answer;
}

/** The message of one section; empty when the dump does not have it. */
export function sectionOf(answer: AdminAnswer, section: DumpSection): JsonObject {
  const found = listAt(answer, ['configs']).find((config) =>
    stringAt(config, ['@type']).endsWith(`.${section}`),
  );
  return isObject(found) ? found : {};
}

/** The messages that stand below `inner` in each item of the lists `names` of a section. */
export function messagesIn(
  section: JsonObject,
  names: readonly string[],
  inner: readonly string[],
): JsonObject[] {
  return names.flatMap((name) =>
    listAt(section, [name])
      .map((item) => objectAt(item, inner))
      .filter((message) => Object.keys(message).length > 0),
  );
}

/** `10.0.0.1:80`, `[::1]:80`, `unix:///run/x.sock`, `envoy://listener/endpoint`; empty for an address of another kind. */
export function addressText(address: JsonValue | undefined): string {
  const socket = objectAt(address, ['socketAddress']);
  if (Object.keys(socket).length > 0) {
    const host = stringAt(socket, ['address']);
    return `${host.includes(':') ? `[${host}]` : host}:${portText(socket)}`;
  }
  const pipe = stringAt(address, ['pipe', 'path']);
  if (pipe !== '') return `unix://${pipe}`;
  const internal = objectAt(address, ['envoyInternalAddress']);
  const listener = stringAt(internal, ['serverListenerName']);
  return listener === '' ? '' : `envoy://${listener}/${stringAt(internal, ['endpointId'])}`;
}

/** The port of a socket address; Envoy leaves out a zero. */
export function portText(socketAddress: JsonObject): string {
  const named = stringAt(socketAddress, ['namedPort']);
  return named === '' ? String(numberAt(socketAddress, ['portValue'])) : named;
}

/** The number at `path`; Envoy leaves out zeros. */
export function numberAt(root: JsonValue | undefined, path: readonly (string | number)[]): number {
  const value = getAt(root, path);
  return typeof value === 'number' ? value : 0;
}

/** The last part of the type of `typedConfig`: `HttpConnectionManager`. */
export function typeName(typedConfig: JsonValue | undefined): string {
  return stringAt(typedConfig, ['@type']).split(/[./]/).at(-1) ?? '';
}
