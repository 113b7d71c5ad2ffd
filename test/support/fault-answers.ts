/** Answers that no API server would want to give, and ways to give an answer that no client wants to meet. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

const SLOW_PIECES = 8;
const SLOW_PAUSE_MS = 40;

export function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': body.length });
  response.end(body);
}

/** Head and half of the body. Chunked, a client can see only from the missing end that there should be more. */
export function sendHalf(response: ServerResponse, { status, headers, body }: Answer, chunked = false): void {
  response.writeHead(status, chunked ? headers : { ...headers, 'content-length': body.length });
  response.write(body.subarray(0, Math.floor(body.length / 2)));
}

export async function sendSlowly(response: ServerResponse, { status, headers, body }: Answer): Promise<void> {
  response.writeHead(status, { ...headers, 'content-length': body.length });
  const size = Math.ceil(body.length / SLOW_PIECES);
  for (let start = 0; start < body.length; start += size) {
    response.write(body.subarray(start, start + size));
    await sleep(SLOW_PAUSE_MS);
  }
  response.end();
}

export const EXPIRED = status(410, 'Expired', 'too old resource version: 1 (2)');

export const THROTTLED: Answer = {
  status: 429,
  headers: { 'content-type': 'application/json', 'retry-after': '1' },
  body: Buffer.from(
    JSON.stringify(status(429, 'TooManyRequests', 'the server has received too many requests')),
  ),
};

export const INTERNAL_ERROR: Answer = {
  status: 500,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(status(500, 'InternalError', 'etcdserver: leader changed'))),
};

export const UNAVAILABLE: Answer = {
  status: 503,
  headers: { 'content-type': 'text/html' },
  body: Buffer.from('<html><body><h1>503 Service Unavailable</h1>no server is available</body></html>'),
};

function status(code: number, reason: string, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}
