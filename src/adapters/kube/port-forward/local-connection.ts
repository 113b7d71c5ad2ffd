/**
 * One local connection and its tunnel: bytes both ways, each side as fast as the other one reads. While the pod has said
 * nothing, what the client has sent is kept, so that a pod whose port does not answer yet can be tried again.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { PodLink } from './pod-link.ts';
import { PodSideError, TunnelCutError } from './tunnel.ts';

/** More is not kept. */
const LONGEST_REPLAY = 64 * 1024;
/**
 * A client that has ended its side may still wait for the answer, or may be gone; the pod can be told neither. After this
 * long without a byte it is taken for gone.
 */
const HALF_CLOSED_MS = 30_000;
/** The same for a client whose last words have been answered: it most likely wants no more. */
const ANSWERED_MS = 2000;

/** The kubelet could not connect: the pod has seen nothing. */
const REFUSED = /connection refused|failed to connect|connect: |no route to host/i;

/** Serves `local` until it is closed; never throws. The socket must be half-open (`allowHalfOpen`). */
export function serveConnection(local: Socket, link: PodLink): void {
  const stop = new AbortController();
  let tunnel: Duplex | undefined;
  /** Sent by the client, kept until the pod answers; undefined: no longer possible. */
  let kept: Buffer[] | undefined = [];
  let keptBytes = 0;
  let isAnswered = false;
  let idle: NodeJS.Timeout | undefined;

  const connect = async (): Promise<void> => {
    try {
      const linked = await link.open(stop.signal);
      if (stop.signal.aborted) linked.tunnel.destroy();
      else attach(linked.tunnel, linked.pod);
    } catch {
      // The link tells why; here only the client is left waiting.
      local.resetAndDestroy();
    }
  };

  const attach = (opened: Duplex, pod: Parameters<PodLink['confirm']>[0]): void => {
    tunnel = opened;
    let heard = false;
    opened.on('data', (chunk: Buffer) => {
      if (!heard) link.confirm(pod);
      heard = true;
      kept = undefined;
      isAnswered = true;
      idle?.refresh();
      if (!local.write(chunk)) opened.pause();
    });
    opened.on('drain', () => local.resume());
    opened.on('end', () => local.end());
    opened.on('error', (error) => {
      tunnel = undefined;
      if (local.destroyed) return;
      const isRefused = error instanceof PodSideError && REFUSED.test(error.message);
      if (isRefused && !heard) link.lose(pod, error.message);
      const isUntouched = isRefused || (error instanceof TunnelCutError && keptBytes === 0);
      if (isUntouched && !heard && kept) {
        void connect();
        return;
      }
      local.resetAndDestroy();
    });
    opened.on('close', () => {
      // Ended by the pod: what is on its way to the client still arrives.
      if (tunnel === opened && !local.writableEnded) local.end();
    });
    for (const chunk of kept ?? []) opened.write(chunk);
    local.resume();
  };

  local.setNoDelay(true);
  local.on('data', (chunk: Buffer) => {
    idle?.refresh();
    isAnswered = false;
    keptBytes += chunk.length;
    if (keptBytes > LONGEST_REPLAY && tunnel) kept = undefined;
    kept?.push(chunk);
    // Without a tunnel this much is enough to have received.
    const goesOn = tunnel ? tunnel.write(chunk) : keptBytes <= LONGEST_REPLAY;
    if (!goesOn) local.pause();
  });
  local.on('drain', () => tunnel?.resume());
  /** One side has ended; the other one may take its time, but not for ever. */
  const awaitOtherSide = (): void => {
    idle ??= setTimeout(endIdle, isAnswered ? ANSWERED_MS : HALF_CLOSED_MS);
  };
  const endIdle = (): void => {
    // Bytes that a slow client has not taken yet are no silence.
    if (local.writableLength > 0) idle?.refresh();
    else local.destroy();
  };
  local.on('end', () => {
    if (local.writableFinished) local.destroy();
    else awaitOtherSide();
  });
  local.on('finish', () => {
    if (local.readableEnded) local.destroy();
    else awaitOtherSide();
  });
  // A reset by the client; `close` follows.
  local.on('error', () => undefined);
  local.on('close', () => {
    clearTimeout(idle);
    stop.abort();
    tunnel?.destroy();
  });
  void connect();
}
