/** No two Gateways of one workload serve the same host at the same port: the proxy keeps one of them only. */
import { getAt, listAt, stringAt } from '../../../lib/json.ts';
import { listNames, listOthers } from '../../../lib/list-names.ts';
import { findWorkload } from '../semantics/find-workload.ts';
import { GATEWAY } from '../semantics/gateway-reference.ts';
import { textList } from '../semantics/hosts.ts';
import { idOf } from '../semantics/resource-id.ts';
import { firstLabel, labelsAt, renderSelector } from '../semantics/selectors.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource, Rule } from '../types.ts';

export const gatewayConflictingGateway: Rule = {
  name: 'gateway.ConflictingGatewayAnalyzer',
  summary: 'No two Gateways of one workload serve the same host, port and address.',
  kinds: [GATEWAY, '/Pod', 'apps/Deployment'],
  codes: ['IST0101', 'IST0145'],
  check: (context) => {
    const table = createTable(context);
    return context.list(GATEWAY).flatMap((resource) => {
      const servers = readServers(resource);
      if (servers.length === 0) return checkEmpty(resource, table);
      return servers.flatMap((server) => checkServer(resource, server, table));
    });
  },
};

interface Server {
  readonly index: number;
  readonly port: number;
  readonly bind: string;
  readonly hosts: readonly string[];
}

function readServers(gateway: Resource): readonly Server[] {
  return listAt(gateway.spec, ['servers']).map((server, index) => {
    const port = getAt(server, ['port', 'number']);
    return {
      index,
      port: typeof port === 'number' ? port : 0,
      bind: stringAt(server, ['bind']),
      hosts: textList(getAt(server, ['hosts'])),
    };
  });
}

type Selector = Readonly<Record<string, string>>;

/** Gateways that serve one host at one port and address, by their selector. */
type Place = Map<string, Group>;

interface Group {
  readonly selector: Selector;
  readonly ids: Set<string>;
}

interface Table {
  /** Gateways with the same place and a related selector, the given one included. */
  sharing(server: Server, host: string, selector: Selector): readonly string[];
  /** Whether some server is for a workload of `selector`. */
  isServed(selector: Selector): boolean;
}

function createTable(context: AnalysisContext): Table {
  const places = new Map<string, Place>();
  const selectors = new Map<string, Selector>();
  const placeId = ({ port, bind }: Server, host: string): string => [port, bind, host].join('\u0000');
  for (const gateway of context.list(GATEWAY)) {
    const selector = labelsAt(gateway.spec, ['selector']);
    const text = renderSelector(selector);
    for (const server of readServers(gateway)) {
      selectors.set(text, selector);
      for (const host of server.hosts) {
        const id = placeId(server, host);
        const place: Place = places.get(id) ?? new Map<string, Group>();
        places.set(id, place);
        const group = place.get(text);
        if (group) group.ids.add(idOf(gateway));
        else place.set(text, { selector, ids: new Set([idOf(gateway)]) });
      }
    }
  }
  const answers = new Map<string, readonly string[]>();
  return {
    sharing: (server, host, selector) => {
      const id = placeId(server, host);
      const question = `${id}\u0000${renderSelector(selector)}`;
      let answer = answers.get(question);
      if (!answer) {
        const groups = [...(places.get(id)?.values() ?? [])];
        answer = groups
          .filter((group) => areRelated(context, group.selector, selector))
          .flatMap((group) => [...group.ids]);
        answers.set(question, answer);
      }
      return answer;
    },
    isServed: (selector) =>
      selectors.has(renderSelector(selector)) ||
      [...selectors.values()].some((other) => areRelated(context, other, selector)),
  };
}

/** Equal; or the text of one is part of the other's, and some workload has the labels of both. */
function areRelated(context: AnalysisContext, a: Selector, b: Selector): boolean {
  const textA = renderSelector(a);
  const textB = renderSelector(b);
  if (textA === textB) return true;
  if (!textA.includes(textB) && !textB.includes(textA)) return false;
  const both = { ...a, ...b };
  const isContradiction = Object.keys(a).some((key) => both[key] !== a[key]);
  return !isContradiction && findWorkload(context, both) !== undefined;
}

/** More names than this are counted for one host only. */
const MANY = 1000;

function checkServer(resource: Resource, server: Server, table: Table): Finding[] {
  const own = idOf(resource);
  const selector = labelsAt(resource.spec, ['selector']);
  const shared = server.hosts
    .map((host, index) => ({ host, index, ids: table.sharing(server, host, selector) }))
    .filter(({ ids }) => ids.length > 1);
  const [first] = shared;
  if (!first) return [];
  const count = shared.reduce((sum, { ids }) => sum + ids.length, 0);
  const ids =
    shared.length === 1 || count > MANY ? first.ids : [...new Set(shared.flatMap((one) => one.ids))];
  const hosts = `${shared.length === 1 ? 'host' : 'hosts'} ${listNames(shared.map(({ host }) => host))}`;
  const workload = renderSelector(selector);
  return [
    {
      code: 'IST0145',
      message: `${originOf(resource)} serves ${hosts} at port ${server.port}${server.bind && ` of ${server.bind}`}, and so does Gateway ${listOthers(ids, own)} for the same workload${workload && ` (${workload})`}`,
      resource,
      path: ['spec', 'servers', server.index, 'hosts', first.index],
      suggestion: { text: 'serve each host at a port from one Gateway only' },
    },
  ];
}

/** A Gateway that only selects: nothing is served to the workload. */
function checkEmpty(resource: Resource, table: Table): Finding[] {
  const selector = labelsAt(resource.spec, ['selector']);
  const first = firstLabel(selector);
  if (first === undefined || table.isServed(selector)) return [];
  return [
    {
      code: 'IST0101',
      message: `${originOf(resource)} selects ${renderSelector(selector)}, but has no servers, and no other Gateway has any for this workload`,
      resource,
      path: ['spec', 'selector', first],
      suggestion: { text: 'add spec.servers' },
    },
  ];
}
