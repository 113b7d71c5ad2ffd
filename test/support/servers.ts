/**
 * Servers of tests. `close` of Node leaves connections that are open, and of HTTP servers even `closeAllConnections` those that
 * were upgraded: one that is left keeps jest from ending.
 */
import type { AddressInfo, Server, Socket } from 'node:net';

const connections = new WeakMap<Server, Set<Socket>>();

/** Listens on a free port of `host` and gives the port. */
export async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>();
  connections.set(server, sockets);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

/** Ends a server that `listen` has started, and every connection of it. */
export async function stopServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    for (const socket of connections.get(server) ?? []) socket.destroy();
  });
}
