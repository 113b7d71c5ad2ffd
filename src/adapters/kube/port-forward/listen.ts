/** Local ports to listen on: the wanted one or the next free one, the same one on all addresses. */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { MeshError, messageOf } from '../../../lib/errors.ts';

export interface ListenRequest {
  /** 0: any free one. */
  readonly port: number;
  readonly isPortFixed: boolean;
  /** `localhost` is 127.0.0.1 and ::1. */
  readonly address: string;
}

export interface Listeners {
  readonly port: number;
  readonly addresses: readonly string[];
  close(): Promise<void>;
}

/** So many ports after the wanted one are tried before any free one is taken. */
const NEXT_PORTS = 20;
/** Machines without IPv6. */
const NO_SUCH_ADDRESS = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'];

/** Throws a `usage` MeshError when the port or the address cannot be had. */
export async function listen(
  request: ListenRequest,
  onConnection: (socket: Socket) => void,
): Promise<Listeners> {
  const addresses = request.address === 'localhost' ? ['127.0.0.1', '::1'] : [request.address];
  for (const port of candidates(request)) {
    const servers = await tryPort(port, addresses, onConnection);
    if (typeof servers === 'string') {
      if (!request.isPortFixed) continue;
      throw new MeshError('usage', `port ${port} cannot be used on ${servers}`, {
        hint: 'give another one with --port, or none to take the next free one',
      });
    }
    const [first] = servers;
    if (!first) break;
    return {
      port: (first.address() as AddressInfo).port,
      addresses: servers.map((server) => (server.address() as AddressInfo).address),
      close: async () => {
        await Promise.all(servers.map(closeServer));
      },
    };
  }
  throw new MeshError('usage', `no free port was found on ${request.address}`);
}

function candidates({ port, isPortFixed }: ListenRequest): number[] {
  if (isPortFixed) return [port];
  const next = port === 0 ? [] : Array.from({ length: NEXT_PORTS }, (_, index) => port + index);
  // Any free one may be taken on the second address.
  return [...next.filter((candidate) => candidate < 65_536), 0, 0, 0];
}

/** The servers, or why the port cannot be had: `127.0.0.1: it is in use`. */
async function tryPort(
  wanted: number,
  addresses: readonly string[],
  onConnection: (socket: Socket) => void,
): Promise<Server[] | string> {
  const servers: Server[] = [];
  let port = wanted;
  for (const address of addresses) {
    const result = await listenOn(address, port, onConnection);
    if (result.server) {
      servers.push(result.server);
      port = (result.server.address() as AddressInfo).port;
      continue;
    }
    if (addresses.length > 1 && NO_SUCH_ADDRESS.includes(result.code)) continue;
    await Promise.all(servers.map(closeServer));
    if (result.code === 'EADDRINUSE') return `${address}: it is in use`;
    if (result.code === 'EACCES') return `${address}: it takes more rights than this user has`;
    throw new MeshError('usage', `the address ${address} cannot be listened on: ${result.message}`, {
      hint: 'give an address of this machine with --address',
    });
  }
  return servers;
}

type ListenResult =
  | { readonly server: Server }
  | { readonly server?: undefined; readonly code: string; readonly message: string };

function listenOn(host: string, port: number, onConnection: (socket: Socket) => void): Promise<ListenResult> {
  return new Promise((resolve) => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, onConnection);
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ code: error.code ?? '', message: messageOf(error) }),
    );
    server.listen({ host, port, ipv6Only: host.includes(':') && host !== '::' }, () => {
      server.removeAllListeners('error');
      // Too many open files: those who wait get in when others have left.
      server.on('error', () => undefined);
      resolve({ server });
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
