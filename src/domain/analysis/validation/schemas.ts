/** The structural schemas of Istio's resource definitions, by kind and version. */
import { getAt, isObject } from '../../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../../lib/json.ts';
import trafficExtension from './api/extensions-trafficextension.json' with { type: 'json' };
import wasmPlugin from './api/extensions-wasmplugin.json' with { type: 'json' };
import destinationRule from './api/networking-destinationrule.json' with { type: 'json' };
import envoyFilter from './api/networking-envoyfilter.json' with { type: 'json' };
import gateway from './api/networking-gateway.json' with { type: 'json' };
import proxyConfig from './api/networking-proxyconfig.json' with { type: 'json' };
import serviceEntry from './api/networking-serviceentry.json' with { type: 'json' };
import sidecar from './api/networking-sidecar.json' with { type: 'json' };
import virtualService from './api/networking-virtualservice.json' with { type: 'json' };
import workloadEntry from './api/networking-workloadentry.json' with { type: 'json' };
import workloadGroup from './api/networking-workloadgroup.json' with { type: 'json' };
import authorizationPolicy from './api/security-authorizationpolicy.json' with { type: 'json' };
import peerAuthentication from './api/security-peerauthentication.json' with { type: 'json' };
import requestAuthentication from './api/security-requestauthentication.json' with { type: 'json' };
import telemetry from './api/telemetry-telemetry.json' with { type: 'json' };
import { compileSchema } from './structural.ts';
import type { SchemaNode } from './structural.ts';

interface Definition {
  readonly group: string;
  readonly kind: string;
  readonly schemas: readonly { readonly versions: readonly string[]; readonly schema: unknown }[];
}

const DEFINITIONS: readonly Definition[] = [
  trafficExtension,
  wasmPlugin,
  destinationRule,
  envoyFilter,
  gateway,
  proxyConfig,
  serviceEntry,
  sidecar,
  virtualService,
  workloadEntry,
  workloadGroup,
  authorizationPolicy,
  peerAuthentication,
  requestAuthentication,
  telemetry,
];

const compiled = new Map<string, SchemaNode | undefined>();

/** The schema of the `spec` of a kind, ready to be used; undefined for a kind or version that Istio does not define. */
export function specSchemaOf(group: string, kind: string, version: string): SchemaNode | undefined {
  const id = `${group}/${version}/${kind}`;
  if (!compiled.has(id)) {
    const schema = findSpecSchema(group, kind, version);
    compiled.set(id, schema && compileSchema(schema));
  }
  return compiled.get(id);
}

function findSpecSchema(group: string, kind: string, version: string): JsonObject | undefined {
  const definition = DEFINITIONS.find((candidate) => candidate.group === group && candidate.kind === kind);
  const found = definition?.schemas.find(({ versions }) => versions.includes(version));
  const spec = getAt(found?.schema as JsonValue | undefined, ['properties', 'spec']);
  return isObject(spec) ? spec : undefined;
}
