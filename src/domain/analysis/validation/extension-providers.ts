/** `extensionProviders` of a MeshConfig (facts 6.16). Istio only logs what is wrong in them, so all is a warning. */
import { findFqdnProblem, isDnsLabel } from './blocks/domain.ts';
import { isPort } from './blocks/port.ts';
import { child, has, isSet, itemsOf, numberAt, textAt, warn } from './field.ts';
import type { Field } from './field.ts';
import { isHttpStatus } from './blocks/http-status.ts';
import { isIp } from './blocks/ip.ts';

/** Providers that are reached through a service. */
const REMOTE = [
  'envoyExtAuthzGrpc',
  'envoyExtAuthzHttp',
  'envoyHttpAls',
  'envoyOtelAls',
  'envoyTcpAls',
  'zipkin',
  'lightstep',
  'datadog',
  'opencensus',
  'skywalking',
  'opentelemetry',
];

export function warnOfProviders(meshConfig: Field): void {
  const names = new Set<string>();
  for (const provider of itemsOf(meshConfig, 'extensionProviders')) {
    const name = textAt(provider, 'name');
    if (name === '') warn(provider, 'needs a name');
    else if (names.has(name)) warn(child(provider, 'name'), `the provider "${name}" is defined twice`);
    names.add(name);
    for (const kind of REMOTE) if (isSet(child(provider, kind))) warnOfRemote(child(provider, kind));
    warnOfAuthorizer(child(provider, 'envoyExtAuthzGrpc'));
    warnOfAuthorizer(child(provider, 'envoyExtAuthzHttp'));
    const lightstep = child(provider, 'lightstep');
    if (isSet(lightstep) && !has(lightstep, 'accessToken')) warn(lightstep, 'needs an accessToken');
    const telemetry = child(provider, 'opentelemetry');
    if (isSet(child(telemetry, 'grpc')) && isSet(child(telemetry, 'http')))
      warn(telemetry, 'give only one of grpc and http');
  }
}

function warnOfRemote(remote: Field): void {
  const service = textAt(remote, 'service');
  const slash = service.indexOf('/');
  const host = service.slice(slash + 1);
  const isService =
    (slash < 0 || isDnsLabel(service.slice(0, slash))) && (isIp(host) || findFqdnProblem(host) === undefined);
  if (!isService)
    warn(
      service === '' ? remote : child(remote, 'service'),
      service === '' ? 'needs a service' : `"${service}" must be a host, or namespace/host`,
    );
  const port = numberAt(remote, 'port');
  if (!isPort(port))
    warn(
      isSet(child(remote, 'port')) ? child(remote, 'port') : remote,
      `needs a port from 1 to 65535, not ${port}`,
    );
}

function warnOfAuthorizer(authorizer: Field): void {
  const status = textAt(authorizer, 'statusOnError');
  if (status !== '' && !isHttpStatus(status))
    warn(child(authorizer, 'statusOnError'), `"${status}" must be an HTTP status, such as 403`);
  const prefix = textAt(authorizer, 'pathPrefix');
  if (prefix !== '' && !prefix.startsWith('/'))
    warn(child(authorizer, 'pathPrefix'), `"${prefix}" must begin with /`);
}
