/** Answers that no API server would want to give, and ways to give an answer that no client wants to meet. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export const FAULTS = [
  /** 429 with `Retry-After: 1`; the request does not reach the server. */
  'throttled',
  /** 500 with a Status; the request does not reach the server. */
  'internalError',
  /** 503 with the page of a load balancer; every other time the server has done the work. */
  'unavailable',
  /** The connection is reset; the request does not reach the server. */
  'resetBefore',
  /** The server has done the work, then the connection is reset. */
  'resetAfter',
  /** Silence: before the server is asked, after it has answered, or in the middle of the answer. */
  'hang',
  /** The answer comes whole, in small pieces with pauses. */
  'slow',
  /** Half of the answer, then the connection ends. */
  'truncated',
  /** A watch that ends, without or with an error (410: too old), a moment after it began. */
  'droppedWatch',
  /** A watch that begins and never says anything. */
  'silentWatch',
] as const;

export type Fault = (typeof FAULTS)[number];

export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

const SLOW_PIECES = 8;
const SLOW_PAUSE_MS = 40;

/** The answer of somebody who did not ask the server. */
export function answerInstead(fault: Fault, variant: number): Answer | undefined {
  if (fault === 'throttled') return THROTTLED;
  if (fault === 'internalError') return INTERNAL_ERROR;
  return fault === 'unavailable' && variant < 0.5 ? UNAVAILABLE : undefined;
}

export async function sendWith(
  fault: Fault | undefined,
  variant: number,
  answer: Answer,
  response: ServerResponse,
): Promise<void> {
  switch (fault) {
    case 'unavailable':
      send(response, UNAVAILABLE);
      break;
    case 'resetAfter':
      reset(response);
      break;
    case 'hang':
      if (variant > 0.67) sendHalf(response, answer);
      break;
    case 'slow':
      await sendSlowly(response, answer);
      break;
    case 'truncated':
      sendHalf(response, answer, variant < 0.5);
      // The head must be on its way before the end of the connection overtakes it.
      await sleep(5);
      response.socket?.end();
      break;
    default:
      send(response, answer);
  }
}

export function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': body.length });
  response.end(body);
}

/** Head and half of the body. Chunked, a client can see only from the missing end that there should be more. */
function sendHalf(response: ServerResponse, { status, headers, body }: Answer, chunked = false): void {
  response.writeHead(status, chunked ? headers : { ...headers, 'content-length': body.length });
  response.write(body.subarray(0, Math.floor(body.length / 2)));
}

async function sendSlowly(response: ServerResponse, { status, headers, body }: Answer): Promise<void> {
  response.writeHead(status, { ...headers, 'content-length': body.length });
  const size = Math.ceil(body.length / SLOW_PIECES);
  for (let start = 0; start < body.length; start += size) {
    response.write(body.subarray(start, start + size));
    await sleep(SLOW_PAUSE_MS);
  }
  response.end();
}

export const EXPIRED = status(410, 'Expired', 'too old resource version: 1 (2)');

const THROTTLED: Answer = {
  status: 429,
  headers: { 'content-type': 'application/json', 'retry-after': '1' },
  body: Buffer.from(
    JSON.stringify(status(429, 'TooManyRequests', 'the server has received too many requests')),
  ),
};

const INTERNAL_ERROR: Answer = {
  status: 500,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(status(500, 'InternalError', 'etcdserver: leader changed'))),
};

const UNAVAILABLE: Answer = {
  status: 503,
  headers: { 'content-type': 'text/html' },
  body: Buffer.from('<html><body><h1>503 Service Unavailable</h1>no server is available</body></html>'),
};

function status(code: number, reason: string, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}
