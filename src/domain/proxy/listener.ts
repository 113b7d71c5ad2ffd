/** The view `listener`: what a proxy listens to, and where each kind of connection goes. */
import { getAt, listAt, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { addressText, messagesIn, portText, sectionOf } from './config-dump.ts';
import type { AdminAnswer } from './config-dump.ts';
import { describeDestination, networkTypeOf } from './listener-destination.ts';
import { describeChainMatch } from './listener-match.ts';
import { compareText } from './order.ts';

export const LISTENER_TYPES = ['HTTP', 'TCP', 'HTTP+TCP', 'UNKNOWN'] as const;

export interface ListenerFilter {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  /** One of LISTENER_TYPES, in any case. */
  readonly type?: string | undefined;
}

export interface ListenerRow {
  readonly name: string;
  /** All addresses, without ports: `0.0.0.0`, `::`. */
  readonly addresses: readonly string[];
  /** Absent for a listener without a socket. */
  readonly port: number | undefined;
  readonly type: (typeof LISTENER_TYPES)[number];
  /** In the order in which Envoy has them, the default one last; chains that only drop are left out. */
  readonly chains: readonly ListenerChain[];
}

export interface ListenerChain {
  /** `SNI: a; Trans: tls; App: HTTP; Addr: *:8080`, or `ALL`. */
  readonly match: string;
  readonly destination: string;
}

/** The listeners of a dump that pass the filter, by port and address. */
export function selectListeners(answer: AdminAnswer, filter: ListenerFilter = {}): JsonObject[] {
  const section = sectionOf(answer, 'ListenersConfigDump');
  return [
    ...messagesIn(section, ['staticListeners'], ['listener']),
    ...listAt(section, ['dynamicListeners']).flatMap((state) =>
      // One that is about to replace another has both; one that is new has only the warming one.
      [objectAt(state, ['activeState', 'listener']), objectAt(state, ['warmingState', 'listener'])]
        .filter((listener) => Object.keys(listener).length > 0)
        .slice(0, 1),
    ),
  ]
    .map((listener) => ({ listener, row: listenerRow(listener) }))
    .filter(
      ({ row }) =>
        (filter.address === undefined || row.addresses.includes(filter.address)) &&
        (filter.port === undefined || row.port === filter.port) &&
        (filter.type === undefined || row.type === filter.type.toUpperCase()),
    )
    .sort(
      (a, b) =>
        (a.row.port ?? 0) - (b.row.port ?? 0) ||
        compareText(a.row.addresses[0] ?? '', b.row.addresses[0] ?? '') ||
        compareText(a.row.name, b.row.name),
    )
    .map(({ listener }) => listener);
}

export function listenerRow(listener: JsonObject): ListenerRow {
  const chains = [...listAt(listener, ['filterChains'])];
  const fallback = getAt(listener, ['defaultFilterChain']);
  const useful = (fallback === undefined ? chains : [...chains, fallback]).flatMap((chain) => {
    const destination = describeDestination(chain);
    return destination === undefined ? [] : [{ chain, destination }];
  });
  // A listener without filter chains (UDP) does not end in a black hole, it speaks something else.
  const hasChains = chains.length > 0 || fallback !== undefined;
  const types = new Set(useful.map(({ chain }) => networkTypeOf(chain)));
  const hasMatcher = getAt(listener, ['filterChainMatcher']) !== undefined;
  return {
    name: stringAt(listener, ['name']),
    ...addressesOf(listener),
    type: typeOf(types),
    chains: hasChains
      ? useful.map(({ chain, destination }) => ({
          match: describeChainMatch(chain, hasMatcher && chain !== fallback),
          destination,
        }))
      : [{ match: 'ALL', destination: 'Non-HTTP/Non-TCP' }],
  };
}

function addressesOf(listener: JsonObject): Pick<ListenerRow, 'addresses' | 'port'> {
  const all = [
    objectAt(listener, ['address']),
    ...listAt(listener, ['additionalAddresses']).map((item) => objectAt(item, ['address'])),
  ];
  const [first] = all.map((address) => objectAt(address, ['socketAddress']));
  const addresses = all
    .map((address) => stringAt(address, ['socketAddress', 'address']) || addressText(address))
    .filter((text) => text !== '');
  const hasSocket = first !== undefined && Object.keys(first).length > 0;
  return { addresses, port: hasSocket ? Number(portText(first)) : undefined };
}

function typeOf(types: ReadonlySet<string>): ListenerRow['type'] {
  if (types.has('HTTP') && types.has('TCP')) return 'HTTP+TCP';
  if (types.has('HTTP')) return 'HTTP';
  return types.has('TCP') ? 'TCP' : 'UNKNOWN';
}
