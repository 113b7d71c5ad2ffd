/** The handshake that turns a request to the API server into a tunnel to a pod. */
import { createHash, randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ApiResource, PodPort } from '../../../app/ports.ts';
import { MeshError } from '../../../lib/errors.ts';
import type { Api } from '../api.ts';
import { cancelledError } from '../deadline.ts';
import type { Peer } from '../network-errors.ts';
import { resourcePath } from '../paths.ts';
import { parseStatus } from '../status-errors.ts';
import type { UpgradeOutcome } from '../transport.ts';
import { PROTOCOL, createTunnel } from './tunnel.ts';

/** What port-forwards need of the client. */
export interface TunnelContext {
  readonly api: Api;
  readonly peer: Peer;
  readonly requestTimeoutMs: number;
}

const PODS: ApiResource = {
  apiVersion: 'v1',
  kind: 'Pod',
  resource: 'pods',
  namespaced: true,
  verbs: ['get'],
};

/**
 * One connection to a port of a pod. The connection inside the pod is made afterwards: a port that nobody listens on
 * shows in the stream. Throws MeshErrors: `auth`, `cluster` (no such pod, not running), `unreachable` (its node).
 * `signal` ends the handshake only; the stream ends with the client.
 */
export async function openTunnel(
  context: TunnelContext,
  target: PodPort,
  signal?: AbortSignal,
): Promise<Duplex> {
  const { transport } = context.api;
  const key = randomBytes(16).toString('base64');
  const outcome = await transport.upgrade({
    path: resourcePath(PODS, {
      namespace: target.namespace,
      name: target.pod,
      subresource: 'portforward',
      query: { ports: target.port },
    }),
    protocol: 'websocket',
    headers: {
      'sec-websocket-key': key,
      'sec-websocket-version': '13',
      'sec-websocket-protocol': PROTOCOL,
    },
    signal,
  });
  const { socket } = outcome;
  if (!socket) throw refusal(context, target, outcome);
  if (transport.lifetime.aborted || signal?.aborted) {
    socket.destroy();
    throw cancelledError();
  }
  if (!isAccepted(outcome, key)) {
    socket.destroy();
    throw new MeshError(
      'unreachable',
      `${context.peer.server.origin} does not speak Kubernetes' port-forward`,
      {
        hint: 'a proxy in between may not let WebSockets through',
      },
    );
  }
  if (socket instanceof Socket) socket.setNoDelay(true);
  const tunnel = createTunnel(socket, { label: labelOf(target) });
  const end = (): void => void tunnel.destroy(cancelledError());
  transport.lifetime.addEventListener('abort', end);
  tunnel.once('close', () => transport.lifetime.removeEventListener('abort', end));
  return tunnel;
}

function labelOf({ namespace, pod, port }: PodPort): string {
  return `port ${port} of Pod ${namespace}/${pod}`;
}

/** RFC 6455, section 4.1: the answer proves that it is one to this very request. */
function isAccepted({ headers }: UpgradeOutcome, key: string): boolean {
  const proof = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const protocol = headers['sec-websocket-protocol'];
  return headers['sec-websocket-accept'] === proof && (protocol === undefined || protocol === PROTOCOL);
}

/** The API server answers 500 to 504 in the name of a node that it cannot reach. */
function refusal({ api }: TunnelContext, target: PodPort, outcome: UpgradeOutcome): MeshError {
  const { namespace, pod } = target;
  const status = parseStatus(outcome.text);
  if (outcome.status === 404 && status?.reason === 'NotFound' && status.kind === 'pods') {
    return new MeshError('cluster', `there is no Pod ${namespace}/${pod}`, {
      hint: `see kubectl get pods -n ${namespace}`,
    });
  }
  if (outcome.status >= 500) {
    const text = status?.message ?? outcome.text.replace(/\s+/g, ' ').trim().slice(0, 300);
    return new MeshError(
      'unreachable',
      `Pod ${namespace}/${pod} cannot be reached through its node: ${text}`,
      {
        hint: 'is the node up? kubectl get nodes shows it',
      },
    );
  }
  const error = api.refusal(outcome, `forward a port to Pod ${namespace}/${pod}`);
  if (error.code !== 'auth' || outcome.status !== 403) return error;
  // kubectl's older protocol needs `create` only, so that roles often lack `get`; servers from 1.35 on want both.
  return new MeshError('auth', error.message, {
    details: error.details,
    hint: `port-forwards over WebSockets need the verbs get and create on pods/portforward: ${error.hint ?? ''}`,
  });
}
