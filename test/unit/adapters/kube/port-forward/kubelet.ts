/** An API server that only forwards ports, to servers of the test, with the `ws` library and every fault at will. */
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect as connectTcp } from 'node:net';
import type { AddressInfo, Server as TcpServer, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';

export interface Forwarded {
  readonly socket: WebSocket;
  readonly pod: string;
  readonly port: number;
  readonly send: (data: Buffer | string) => void;
  /** What the kubelet says on the error channel; the connection then ends. */
  readonly fail: (text: string) => void;
}

export interface Kubelet {
  readonly url: string;
  readonly requests: IncomingMessage[];
  /** Tunnels that are open. */
  readonly open: Set<Forwarded>;
  /** Replaces what happens with a new tunnel; default: a connection to `ports[port]` of this machine. */
  onTunnel: (tunnel: Forwarded) => void;
  /** Answers instead of an upgrade: `[status, body]`. */
  refuse: (pod: string) => readonly [number, unknown] | undefined;
  readonly ports: Map<number, number>;
  close(): Promise<void>;
}

export async function startKubelet(
  options: { tls?: { key: string; cert: string }; protocol?: false } = {},
): Promise<Kubelet> {
  const server = options.tls ? createTlsServer(options.tls) : createServer();
  const webSockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('v4.channel.k8s.io') ? 'v4.channel.k8s.io' : false),
  });
  const connections = new Set<Duplex>();
  const kubelet: Kubelet = {
    url: '',
    requests: [],
    open: new Set(),
    onTunnel: (tunnel) => pipeToPort(tunnel, kubelet.ports.get(tunnel.port)),
    refuse: () => undefined,
    ports: new Map(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of connections) socket.destroy();
      }),
  };
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.on('error', () => undefined).on('close', () => connections.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    kubelet.requests.push(request);
    const url = new URL(request.url ?? '', 'http://server');
    const pod = /\/pods\/([^/]+)\/portforward$/.exec(url.pathname)?.[1] ?? '';
    const refused = kubelet.refuse(pod);
    if (refused) {
      const body = JSON.stringify(refused[1]);
      socket.end(
        `HTTP/1.1 ${refused[0]} No\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (accepted) =>
      kubelet.onTunnel(openTunnel(kubelet, accepted, pod, Number(url.searchParams.get('ports')))),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(kubelet, { url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}` });
}

function openTunnel(kubelet: Kubelet, socket: WebSocket, pod: string, port: number): Forwarded {
  const portBytes = Buffer.alloc(2);
  portBytes.writeUInt16LE(port);
  for (const channel of [0, 1]) socket.send(Buffer.concat([Buffer.from([channel]), portBytes]));
  const tunnel: Forwarded = {
    socket,
    pod,
    port,
    send: (data) => socket.send(Buffer.concat([Buffer.from([0]), Buffer.from(data as string)])),
    fail: (text) => {
      socket.send(Buffer.concat([Buffer.from([1]), Buffer.from(text)]));
      socket.close(1000);
    },
  };
  kubelet.open.add(tunnel);
  socket.on('error', () => undefined);
  socket.on('close', () => kubelet.open.delete(tunnel));
  return tunnel;
}

/** As a kubelet with containerd: the end of the pod's side ends the tunnel. */
export function pipeToPort(tunnel: Forwarded, port: number | undefined): void {
  const { socket } = tunnel;
  if (port === undefined) {
    tunnel.fail(
      `an error occurred forwarding ${tunnel.port} -> ${tunnel.port}: dial tcp4 127.0.0.1:${tunnel.port}: connect: connection refused`,
    );
    return;
  }
  const pod = connectTcp(port, '127.0.0.1');
  socket.on('message', (message: Buffer) => {
    if (message[0] === 0 && !pod.write(message.subarray(1))) socket.pause();
  });
  pod.on('drain', () => socket.resume());
  pod.on('data', (data: Buffer) => {
    pod.pause();
    socket.send(Buffer.concat([Buffer.from([0]), data]), () => pod.resume());
  });
  pod.on('end', () => socket.close(1000));
  pod.on('error', (error) =>
    tunnel.fail(`an error occurred forwarding ${tunnel.port} -> ${tunnel.port}: ${error.message}`),
  );
  socket.on('close', () => pod.destroy());
}

/** A TCP server that stands for one in a pod. */
export async function listenOn(server: TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return (server.address() as AddressInfo).port;
}
