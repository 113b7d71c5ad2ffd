/** A port-forward that lasts: local listeners, a link to whichever pod is there, one tunnel per connection. */
import type { Socket } from 'node:net';
import type { Forward, ForwardRequest, PodResponse } from '../../../app/ports.ts';
import { MeshError } from '../../../lib/errors.ts';
import { sleep } from '../deadline.ts';
import { listen } from './listen.ts';
import { serveConnection } from './local-connection.ts';
import { openTunnel } from './open-tunnel.ts';
import type { TunnelContext } from './open-tunnel.ts';
import { createPodLink } from './pod-link.ts';
import { requestThrough } from './pod-request.ts';

/** See `Cluster.forward`. */
export async function startForward(request: ForwardRequest, context: TunnelContext): Promise<Forward> {
  const { lifetime } = context.api.transport;
  const stop = new AbortController();
  const sockets = new Set<Socket>();
  const end = Promise.withResolvers<undefined>();
  // It may be looked at late or not at all.
  end.promise.catch(() => undefined);

  const link = createPodLink({
    source: request.source,
    open: (pod, signal) => openTunnel(context, pod, AbortSignal.any([signal, stop.signal])),
    reconnectTimeoutMs: request.reconnectTimeoutMs,
    onState: request.onState,
    onGiveUp: (error) => void shut().then(() => end.reject(error)),
    signal: stop.signal,
    sleep: (ms) => sleep(ms, [stop.signal]),
    now: Date.now,
  });
  const listeners = await listen(request, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveConnection(socket, link);
  });

  const onAbort = (): void => void close();
  const shut = async (): Promise<void> => {
    stop.abort();
    lifetime.removeEventListener('abort', onAbort);
    const closed = listeners.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const close = async (): Promise<void> => {
    await shut();
    end.resolve(undefined);
  };
  lifetime.addEventListener('abort', onAbort);
  if (lifetime.aborted) await close();
  link.start();

  /** Once more when the pod turns out not to listen: the link then knows and waits. */
  const ask = async (path: string): Promise<PodResponse> => {
    for (;;) {
      const { pod, tunnel } = await link.open(stop.signal);
      try {
        const answer = await requestThrough(tunnel, { ...pod, path }, context, stop.signal);
        link.confirm(pod);
        return answer;
      } catch (error) {
        if (!(error instanceof MeshError) || error.code !== 'unreachable') throw error;
        link.lose(pod, error.message);
      }
    }
  };

  return { port: listeners.port, addresses: listeners.addresses, request: ask, ended: end.promise, close };
}
