/** The protocol of a Service's port can be told from its name or `appProtocol`; else Istio guesses it from the first bytes. */
import { isObject, listAt, stringAt } from '../../../lib/json.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { nearestName } from '../../../lib/suggest.ts';
import { PROTOCOLS, servicePortProtocol } from '../semantics/protocol.ts';
import { isControlPlane } from '../semantics/workload.ts';
import { originOf } from '../suppress.ts';
import type { Finding, FieldPath, Resource, Rule, Suggestion } from '../types.ts';

const SERVICE = '/Service';
/** Who makes the Services that nobody can rename. */
const CONTROLLERS: ReadonlySet<string> = new Set([
  'istio.io-gateway-controller',
  'istio.io-mesh-controller',
  'istio.io-eastwest-controller',
]);

export const servicePortName: Rule = {
  name: 'service.PortNameAnalyzer',
  summary: 'Names of Service ports begin with their protocol.',
  kinds: [SERVICE],
  codes: ['IST0118', 'IST0150'],
  check: (context) =>
    context
      .list(SERVICE)
      .filter((service) => !isMadeByIstio(service))
      .flatMap((service) =>
        listAt(service.spec, ['ports']).flatMap((port, index) => {
          const finding = isObject(port) && checkPort(service, port, ['spec', 'ports', index]);
          return finding ? [finding] : [];
        }),
      ),
};

function isMadeByIstio(service: Resource): boolean {
  return isControlPlane(service) || CONTROLLERS.has(service.labels['gateway.istio.io/managed'] ?? '');
}

function checkPort(service: Resource, port: JsonObject, path: FieldPath): Finding | undefined {
  const isExternal = service.spec['type'] === 'ExternalName';
  const name = stringAt(port, ['name']);
  const isUnsupported = servicePortProtocol(port) === 'unsupported';
  if (!isUnsupported && !(isExternal && name === 'tcp')) return undefined;
  const number = typeof port['port'] === 'number' ? ` ${port['port']}` : '';
  const what = `${originOf(service)} ${name === '' ? `does not name its port${number}` : `names its port${number} "${name}"`}`;
  const place = { resource: service, path: [...path, 'port'] };
  if (isExternal) {
    return {
      code: 'IST0150',
      message: `${what}: Istio then listens on this port for all addresses, and other external names on it are not reached`,
      ...place,
      suggestion: { text: 'name it after its protocol, "https" or "http-web" for example, but not "tcp"' },
    };
  }
  const appProtocol = stringAt(port, ['appProtocol']);
  const why =
    appProtocol === ''
      ? 'which does not begin with a protocol'
      : `and its appProtocol "${appProtocol}" is none that Istio knows`;
  return {
    code: 'IST0118',
    message: `${what}${name === '' && appProtocol === '' ? ' after a protocol' : `, ${why}`}, so that Istio has to guess the protocol`,
    ...place,
    suggestion: suggestName(name, appProtocol),
  };
}

function suggestName(name: string, appProtocol: string): Suggestion {
  if (appProtocol !== '') {
    const near = nearestName(appProtocol, PROTOCOLS);
    return { text: near ? `did you mean appProtocol "${near}"?` : 'remove appProtocol, or name a protocol' };
  }
  if (name === '') return { text: 'name it after its protocol, for example "http" or "tcp-data"' };
  const [first = '', ...rest] = name.split('-');
  const near = nearestName(first, PROTOCOLS);
  if (near) return { text: `did you mean "${[near, ...rest].join('-')}"?` };
  return { text: `name it "<protocol>-${name}", for example "http-${name}" or "tcp-${name}"` };
}
