/** Messages with everything around them: repeated when that is safe, refusals as errors, JSON read. */
import type { ApiResource } from '../../app/ports.ts';
import { MeshError } from '../../lib/errors.ts';
import { isObject } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Credentials } from './credentials.ts';
import { sleep, withSignals } from './deadline.ts';
import type { Signals } from './deadline.ts';
import { createDiscovery } from './discovery.ts';
import type { Discovery } from './discovery.ts';
import { NetworkError } from './network-errors.ts';
import type { Peer } from './network-errors.ts';
import { repeat } from './retry.ts';
import type { Outcome, Repeat, RetryOptions } from './retry.ts';
import { refusal } from './status-errors.ts';
import type { StatusError } from './status-errors.ts';
import type { Answer, Message, Transport } from './transport.ts';

interface CallOptions {
  /** What is done, for errors: `apply Deployment istio-system/istiod`. */
  readonly operation: string;
  readonly repeat: Repeat;
  /** Statuses that are an answer and not an error, such as 404. */
  readonly accept?: readonly number[] | undefined;
  /** Further answers after which the message is sent again. */
  readonly isTransient?: ((answer: Answer) => boolean) | undefined;
}

export interface Api {
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly retry: RetryOptions;
  /** Throws StatusError for refusals, NetworkError, `cancelled`. */
  call(message: Message, options: CallOptions): Promise<Outcome>;
  /** The error for a refusal that did not come through `call`. */
  refusal(answer: Answer, operation: string, tries?: number): StatusError;
  /** The answer's JSON map; an `unreachable` MeshError when it is something else: then no API server has answered. */
  parse(answer: Answer, operation: string): JsonObject;
  /** undefined: the server does not know this kind. */
  findResource(
    apiVersion: string,
    kind: string,
    signal: AbortSignal | undefined,
  ): Promise<ApiResource | undefined>;
  allResources(signal: AbortSignal | undefined): Promise<readonly ApiResource[]>;
  /** Pauses for `ms`, ends with the client or with `signal`. */
  pause(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

export interface ApiOptions {
  readonly transport: Transport;
  readonly peer: Peer;
  readonly credentials: Credentials['kind'];
  readonly retry: RetryOptions;
}

export function createApi({ transport, peer, credentials, retry }: ApiOptions): Api {
  const signalsOf = (signal: AbortSignal | undefined): Signals => [transport.lifetime, signal];

  const toRefusal: Api['refusal'] = (answer, operation, tries) =>
    refusal(answer, { operation, peer, credentials, tries });

  /** Whoever was answered before wants to know at what it broke off. */
  const during = (operation: string, error: NetworkError): NetworkError =>
    transport.hasAnswered()
      ? new NetworkError(error.code, error.failure, error.message, {
          hint: error.hint,
          details: [`cannot ${operation}`, ...error.details],
          cause: error.cause,
        })
      : error;

  const call: Api['call'] = async (message, options) => {
    const outcome = await repeat(
      () => transport.exchange(message),
      options.repeat,
      transport,
      retry,
      signalsOf(message.signal),
      options.isTransient,
    ).catch((error: unknown) => {
      throw error instanceof NetworkError ? during(options.operation, error) : error;
    });
    const { status } = outcome.answer;
    if ((status >= 200 && status < 300) || options.accept?.includes(status)) return outcome;
    throw toRefusal(outcome.answer, options.operation, outcome.tries);
  };

  const parse: Api['parse'] = (answer, operation) => {
    let value: unknown;
    try {
      value = JSON.parse(answer.text);
    } catch {
      value = undefined;
    }
    if (isObject(value)) return value;
    const type = [answer.headers['content-type']].flat()[0] ?? 'no content type';
    throw new MeshError(
      'unreachable',
      `cannot ${operation}: ${peer.server.href.replace(/\/$/, '')} answered with something other than JSON (${type})`,
      {
        hint: `is the server of the context "${peer.context}" an API server, and are you logged in?`,
      },
    );
  };

  const discovery = createDiscovery(async (path, accept) => {
    const operation = `ask which kinds there are (${path})`;
    const { answer } = await call(
      { method: 'GET', path, accept },
      { operation, repeat: 'always', accept: [404] },
    );
    return answer.status === 404 ? undefined : parse(answer, operation);
  });

  return {
    transport,
    discovery,
    retry,
    call,
    parse,
    refusal: toRefusal,
    findResource: (apiVersion, kind, signal) =>
      withSignals(discovery.find(apiVersion, kind), signalsOf(signal)),
    allResources: (signal) => withSignals(discovery.all(), signalsOf(signal)),
    pause: (ms, signal) => sleep(ms, signalsOf(signal)),
  };
}
