/** Hosts and ports to which a VirtualService routes exist, and no subset rule is lost at a gateway. */
import { getAt, isObject, stringAt } from '../../../lib/json.ts';
import { listNames } from '../../../lib/list-names.ts';
import { fullHost, textList } from '../semantics/hosts.ts';
import { canJudgeHost, findHost } from '../semantics/known-hosts.ts';
import type { KnownHost } from '../semantics/known-hosts.ts';
import { idOf } from '../semantics/resource-id.ts';
import { routeTargets } from '../semantics/routes.ts';
import type { RouteTarget } from '../semantics/routes.ts';
import { suggestHost } from '../semantics/suggest-host.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource, Rule } from '../types.ts';

const VIRTUAL_SERVICE = 'networking.istio.io/VirtualService';
const SERVICE_ENTRY = 'networking.istio.io/ServiceEntry';
const SERVICE = '/Service';

export const virtualServiceDestinationHost: Rule = {
  name: 'virtualservice.DestinationHostAnalyzer',
  summary: 'Hosts and ports to which a VirtualService routes exist, and its subset rules reach its gateways.',
  kinds: [SERVICE_ENTRY, VIRTUAL_SERVICE, SERVICE],
  codes: ['IST0101', 'IST0112', 'IST0140'],
  check: (context) => {
    const subsetRules = collectSubsetRules(context);
    return context.list(VIRTUAL_SERVICE).flatMap((resource) => {
      const findings: Finding[] = [];
      for (const target of routeTargets(resource)) {
        const finding = checkTarget(context, resource, target);
        if (finding) findings.push(finding);
      }
      for (const finding of checkIngress(resource, subsetRules)) findings.push(finding);
      return findings;
    });
  },
};

function checkTarget(context: AnalysisContext, resource: Resource, target: RouteTarget): Finding | undefined {
  const host = stringAt(target.destination, ['host']);
  const path = [...target.path, 'host'];
  const known = findHost(context, host, resource);
  const subject = `${originOf(resource)} ${target.role === 'mirror' ? 'mirrors' : 'routes'} to`;
  if (known) return checkPort(known, { resource, path, subject, target, host });
  if (!canJudgeHost(context, host, resource)) return undefined;
  const full = fullHost(host, resource.namespace);
  return {
    code: 'IST0101',
    message: `${subject} host "${host}", but no Service or ServiceEntry that it can see defines ${full === host || host === '' ? 'it' : full}`,
    resource,
    path,
    suggestion: suggestHost(context, host, resource, path),
  };
}

interface Place {
  readonly resource: Resource;
  readonly path: readonly (string | number)[];
  readonly subject: string;
  readonly target: RouteTarget;
  readonly host: string;
}

function checkPort(known: KnownHost, place: Place): Finding | undefined {
  const { resource, path, subject, target, host } = place;
  const port = target.destination['port'];
  const owner = originOf(known.resource);
  const ports = listNames(known.ports.map(String));
  if (!isObject(port)) {
    if (known.ports.length <= 1) return undefined;
    return {
      code: 'IST0112',
      message: `${subject} host "${host}" without a port, but ${owner} has ${known.ports.length} ports: ${ports}`,
      resource,
      path,
      suggestion: {
        text: `add "port: {number: ${known.ports[0] ?? 80}}" to the destination, with one of these ports`,
      },
    };
  }
  const number = typeof port['number'] === 'number' ? port['number'] : 0;
  if (known.ports.includes(number)) return undefined;
  const [only] = known.ports;
  const fix =
    known.ports.length === 1 && getAt(resource.raw, [...target.path, 'port', 'number']) !== undefined
      ? { path: [...target.path, 'port', 'number'], value: only }
      : undefined;
  return {
    code: 'IST0101',
    message: `${subject} port ${number} of host "${host}", but ${owner} has ${known.ports.length === 0 ? 'no ports' : `only ${known.ports.length === 1 ? 'port' : 'the ports'} ${ports}`}`,
    resource,
    path,
    suggestion:
      only === undefined
        ? undefined
        : { text: known.ports.length === 1 ? `use port ${ports}` : `use one of its ports: ${ports}`, fix },
  };
}

/** By host text: the VirtualServices that are about this host and send it to a subset. */
type SubsetRules = ReadonlyMap<string, readonly Resource[]>;

function collectSubsetRules(context: AnalysisContext): SubsetRules {
  const rules = new Map<string, Resource[]>();
  for (const resource of context.list(VIRTUAL_SERVICE)) {
    const hosts = new Set(textList(resource.spec['hosts']));
    const found = new Set<string>();
    for (const { host, subset } of httpDestinations(resource)) {
      if (subset !== '' && hosts.has(host)) found.add(host);
    }
    for (const host of found) {
      const list = rules.get(host);
      if (list) list.push(resource);
      else rules.set(host, [resource]);
    }
  }
  return rules;
}

/** A gateway applies only the routes of its own VirtualService: those for the destination are not asked a second time. */
function checkIngress(resource: Resource, rules: SubsetRules): Finding[] {
  if (textList(resource.spec['gateways']).length === 0) return [];
  return httpDestinations(resource).flatMap(({ host, subset, path }): Finding[] => {
    const others = subset === '' ? rules.get(host) : undefined;
    if (!others) return [];
    return [
      {
        code: 'IST0140',
        message: `${originOf(resource)} routes to "${host}" without a subset, and the subset rules of VirtualService ${listNames(others.map(idOf))} do not apply to traffic that comes through its gateways`,
        resource,
        path,
        suggestion: { text: 'name the subset in this route, too' },
      },
    ];
  });
}

interface HttpDestination {
  readonly host: string;
  readonly subset: string;
  readonly path: readonly (string | number)[];
}

function httpDestinations(resource: Resource): readonly HttpDestination[] {
  return routeTargets(resource).flatMap(({ protocol, role, destination, path }) =>
    protocol === 'http' && role === 'destination'
      ? [
          {
            host: stringAt(destination, ['host']),
            subset: stringAt(destination, ['subset']),
            path: [...path, 'host'],
          },
        ]
      : [],
  );
}
