/**
 * Which pod a port-forward leads to at the moment: found when it is needed, given up when it fails or goes away, looked
 * for with growing pauses, until the time for that is over.
 */
import type { Duplex } from 'node:stream';
import type { ForwardState, PodPort, PodSource } from '../../../app/ports.ts';
import { MeshError, messageOf } from '../../../lib/errors.ts';

export interface PodLinkOptions {
  readonly source: PodSource;
  readonly open: (pod: PodPort, signal: AbortSignal) => Promise<Duplex>;
  /** 0: never gives up. */
  readonly reconnectTimeoutMs: number;
  readonly onState: (state: ForwardState) => void;
  /** Called once, when nothing can be hoped for any more. */
  readonly onGiveUp: (error: MeshError) => void;
  /** Ends everything. */
  readonly signal: AbortSignal;
  readonly sleep: (ms: number) => Promise<void>;
  readonly now: () => number;
}

export interface LinkedTunnel {
  readonly pod: PodPort;
  readonly tunnel: Duplex;
}

export interface PodLink {
  /** A connection to a pod, which is waited for. Throws what the link gave up with, and `cancelled`. */
  open(signal: AbortSignal): Promise<LinkedTunnel>;
  /** The pod has sent something: the way to it is good. */
  confirm(pod: PodPort): void;
  /** The pod is of no use (any more). What is said of an earlier one is not heard. */
  lose(pod: PodPort, reason: string): void;
  /** Looks for a pod although nobody wants a connection yet. */
  start(): void;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;
/** Failures further apart than this, with nobody asking in between, are outages of their own. */
const QUIET_MS = 60_000;

export function createPodLink(options: PodLinkOptions): PodLink {
  const { source, signal, now } = options;
  let current: { readonly pod: PodPort; readonly watch: AbortController; isTold: boolean } | undefined;
  /** Name of the pod that failed last: that it is there says nothing, only that it answers. */
  let doubted: string | undefined;
  let finding: Promise<PodPort> | undefined;
  let failures = 0;
  let lostAtMs: number | undefined = now();
  let failedAtMs = now();
  let lastReason = 'no pod was found';
  let ended: MeshError | undefined;

  const giveUp = (error: MeshError): MeshError => {
    if (!ended) {
      ended = error;
      options.onGiveUp(error);
    }
    return ended;
  };

  const lose = (pod: PodPort, reason: string): void => {
    if (current?.pod !== pod || ended || signal.aborted) return;
    current.watch.abort();
    current = undefined;
    doubted = pod.pod;
    if (now() - failedAtMs > QUIET_MS) lostAtMs = undefined;
    fail(reason);
    find().catch(() => undefined);
  };

  const fail = (reason: string): void => {
    failures += 1;
    failedAtMs = now();
    lostAtMs ??= failedAtMs;
    lastReason = reason;
    options.onState({ type: 'lost', reason });
  };

  /** All who wait share one search. */
  const find = (): Promise<PodPort> => {
    finding ??= search().finally(() => {
      finding = undefined;
    });
    return finding;
  };

  const search = async (): Promise<PodPort> => {
    for (;;) {
      await pause();
      try {
        const pod = await source.pick(signal);
        adopt(pod);
        return pod;
      } catch (error) {
        if (signal.aborted) throw cancelled();
        if (!mayPass(error)) throw giveUp(asMeshError(error));
        fail(messageOf(error));
      }
    }
  };

  const pause = async (): Promise<void> => {
    const restMs = timeLeft();
    if (restMs <= 0) throw giveUp(lateError());
    if (failures === 0) return;
    await options.sleep(Math.min(restMs, LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)));
  };

  const timeLeft = (): number =>
    options.reconnectTimeoutMs === 0 || lostAtMs === undefined
      ? Infinity
      : lostAtMs + options.reconnectTimeoutMs - now();

  const lateError = (): MeshError =>
    new MeshError(
      'unreachable',
      `no pod could be reached for ${options.reconnectTimeoutMs / 1000} s: ${lastReason}`,
      {
        hint: '--reconnect-timeout gives it more time',
      },
    );

  const tell = (): void => {
    if (!current || current.isTold) return;
    current.isTold = true;
    options.onState({ type: 'connected', pod: current.pod });
  };

  const adopt = (pod: PodPort): void => {
    const watch = new AbortController();
    current = { pod, watch, isTold: false };
    if (pod.pod !== doubted) tell();
    source.gone(pod, AbortSignal.any([watch.signal, signal])).then(
      (reason) => {
        if (current?.pod !== pod) return;
        // Nothing was wrong with it until now.
        lostAtMs = undefined;
        failures = 0;
        lose(pod, reason);
      },
      // Whether it is gone shows with the next connection.
      () => undefined,
    );
  };

  return {
    open: async (wanted) => {
      for (;;) {
        if (ended) throw ended;
        const pod = current?.pod ?? (await find());
        try {
          return { pod, tunnel: await options.open(pod, wanted) };
        } catch (error) {
          if (signal.aborted || wanted.aborted) throw cancelled();
          if (!mayPass(error)) throw giveUp(asMeshError(error));
          lose(pod, messageOf(error));
        }
      }
    },
    confirm: (pod) => {
      if (current?.pod !== pod) return;
      failures = 0;
      lostAtMs = undefined;
      doubted = undefined;
      tell();
    },
    lose,
    start: () => void find().catch(() => undefined),
  };
}

function mayPass(error: unknown): boolean {
  return (
    error instanceof MeshError && !['auth', 'config', 'usage', 'internal', 'cancelled'].includes(error.code)
  );
}

function asMeshError(error: unknown): MeshError {
  return error instanceof MeshError ? error : new MeshError('internal', messageOf(error), { cause: error });
}

function cancelled(): MeshError {
  return new MeshError('cancelled', 'stopped');
}
