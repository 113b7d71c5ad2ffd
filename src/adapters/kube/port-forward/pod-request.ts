/** HTTP/1.1 to a port of a pod: one request, one tunnel. */
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { PodRequest, PodResponse } from '../../../app/ports.ts';
import { MeshError } from '../../../lib/errors.ts';
import { cancelledError, isAborted, startDeadline } from '../deadline.ts';
import type { Signals } from '../deadline.ts';
import { openTunnel } from './open-tunnel.ts';
import type { TunnelContext } from './open-tunnel.ts';

/** See `Cluster.podRequest`. Nothing is sent twice. */
export async function podRequest(
  request: PodRequest,
  context: TunnelContext,
  signal?: AbortSignal,
): Promise<PodResponse> {
  return withDeadline(request, context, signal, async (limit) => {
    const tunnel = await openTunnel(context, request, limit);
    return exchange(tunnel, request, limit);
  });
}

/** The same through a tunnel that is open, and is used up by it. */
export async function requestThrough(
  tunnel: Duplex,
  request: PodRequest,
  context: TunnelContext,
  signal?: AbortSignal,
): Promise<PodResponse> {
  return withDeadline(request, context, signal, (limit) => exchange(tunnel, request, limit));
}

async function withDeadline(
  request: PodRequest,
  { api, requestTimeoutMs }: TunnelContext,
  signal: AbortSignal | undefined,
  work: (limit: AbortSignal) => Promise<PodResponse>,
): Promise<PodResponse> {
  const signals: Signals = [api.transport.lifetime, signal];
  const deadline = startDeadline(requestTimeoutMs, signals);
  try {
    return await work(deadline.signal);
  } catch (error) {
    if (isAborted(signals)) throw cancelledError();
    if (deadline.isOver()) throw lateError(request, requestTimeoutMs);
    throw toMeshError(error, request);
  } finally {
    deadline.end();
  }
}

async function exchange(tunnel: Duplex, request: PodRequest, signal: AbortSignal): Promise<PodResponse> {
  try {
    return await sendAndRead(tunnel, request, signal);
  } catch (error) {
    // The tunnel knows more than that the connection has ended.
    throw tunnel.errored instanceof MeshError ? tunnel.errored : error;
  } finally {
    tunnel.destroy();
  }
}

async function sendAndRead(tunnel: Duplex, request: PodRequest, signal: AbortSignal): Promise<PodResponse> {
  const { body, method = 'GET' } = request;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const call = httpRequest({
      method,
      path: request.path,
      // Servers in pods listen for what comes from their own host, and some (istiod) trust only that.
      headers: {
        host: `localhost:${request.port}`,
        'accept-encoding': 'gzip',
        connection: 'close',
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
      // Instead of an agent, whose job would be to open and keep connections.
      createConnection: () => tunnel,
      signal,
    });
    call.once('response', resolve);
    // Stays: later errors come here too, and would end the process.
    call.on('error', reject);
    call.end(body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const plain = response.headers['content-encoding'] === 'gzip' ? await promisify(gunzip)(bytes) : bytes;
  return { status: response.statusCode ?? 0, body: plain.toString('utf8') };
}

function nameOf({ namespace, pod }: PodRequest): string {
  return `Pod ${namespace}/${pod}`;
}

function lateError(request: PodRequest, timeoutMs: number): MeshError {
  return new MeshError(
    'unreachable',
    `${nameOf(request)} did not answer ${request.path} on port ${request.port} within ${timeoutMs / 1000} s`,
    { hint: '--request-timeout gives it more time' },
  );
}

function toMeshError(error: unknown, request: PodRequest): MeshError {
  if (error instanceof MeshError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const isHttp = code?.startsWith('HPE_') !== true;
  const reason = isHttp
    ? code === 'ECONNRESET'
      ? 'closed the connection before its answer was complete'
      : `broke off its answer: ${message}`
    : `does not speak HTTP`;
  return new MeshError('unreachable', `${nameOf(request)}, port ${request.port}, ${reason}`, {
    cause: error,
  });
}
