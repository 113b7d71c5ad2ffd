/**
 * The API server's refusals as errors: its Status unfolded, so that the user reads who may not do what, which field is
 * wrong and who owns it.
 */
import { MeshError } from '../../lib/errors.ts';
import type { ErrorCode, MeshErrorOptions } from '../../lib/errors.ts';
import { isObject, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Peer } from './network-errors.ts';
import { retryAfterMs } from './retry.ts';
import type { Answer } from './transport.ts';

/** A refusal; `status` and `reason` are for code that reacts to it, `message` is for people. */
export class StatusError extends MeshError {
  readonly status: number;
  /** `NotFound`, `AlreadyExists`, `Conflict`, `Expired`, ...; empty when there was no Status object. */
  readonly reason: string;
  /** What the server asks to wait, 0 when it says nothing. */
  readonly retryAfterMs: number;

  constructor(
    status: number,
    reason: string,
    retryAfterMs: number,
    code: ErrorCode,
    message: string,
    options: MeshErrorOptions,
  ) {
    super(code, message, options);
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** The parts of a `Status` object. */
export interface Status {
  readonly message: string;
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  /** Resource and name that the Status is about, such as `namespaces`. */
  readonly kind: string;
  readonly name: string;
}

export interface RefusalContext {
  /** What was to be done, as words: `apply Deployment istio-system/istiod`. */
  readonly operation: string;
  readonly peer: Peer;
  /** What the user's credentials are, for the hint of a 401. */
  readonly credentials: 'none' | 'token' | 'password' | 'certificate' | 'exec';
  readonly tries?: number | undefined;
}

/** undefined: the body is no Status object. */
export function parseStatus(text: string): Status | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isObject(body) && body['kind'] === 'Status' ? readStatus(body) : undefined;
}

function readStatus(status: JsonObject): Status {
  const causes = objectAt(status, ['details'])['causes'];
  return {
    message: stringAt(status, ['message']),
    reason: stringAt(status, ['reason']),
    kind: stringAt(status, ['details', 'kind']),
    name: stringAt(status, ['details', 'name']),
    causes: (Array.isArray(causes) ? causes : []).filter(isObject).map((cause) => ({
      reason: stringAt(cause, ['reason']),
      message: stringAt(cause, ['message']),
      field: stringAt(cause, ['field']),
    })),
  };
}

/** For an answer whose status is not a success. */
export function refusal(answer: Answer, context: RefusalContext): StatusError {
  const status = parseStatus(answer.text);
  const make = (code: ErrorCode, message: string, options: MeshErrorOptions = {}): StatusError => {
    const tries = context.tries !== undefined && context.tries > 1 ? [`tried ${context.tries} times`] : [];
    return new StatusError(
      answer.status,
      status?.reason ?? '',
      retryAfterMs(answer, Date.now()),
      code,
      message,
      { ...options, details: [...(options.details ?? []), ...tries] },
    );
  };
  if (answer.status >= 300 && answer.status < 400) return redirected(answer, context, make);
  if (answer.status === 401) return notAuthenticated(context, make);
  if (!status) return noStatus(answer, context, make);
  const terminating = status.causes.find((cause) => cause.reason === 'NamespaceTerminating');
  if (terminating || /^object is being deleted: namespaces /.test(status.message)) {
    const name = /namespaces? "?([^" ]+)/.exec(terminating?.message ?? status.message)?.[1] ?? status.name;
    return make('cluster', `cannot ${context.operation}: the namespace ${name} is being deleted`, {
      hint: 'wait until it is gone, then run the same command again',
    });
  }
  if (answer.status === 403) return forbidden(status, context, make);
  if (answer.status === 409) return conflict(status, context, make);
  if (answer.status === 404 && status.kind === 'namespaces') {
    return make('cluster', `cannot ${context.operation}: the namespace ${status.name} does not exist`, {
      hint: `create it with kubectl create namespace ${status.name}`,
    });
  }
  return refused(status, context, make);
}

type Make = (code: ErrorCode, message: string, options?: MeshErrorOptions) => StatusError;

function serverName(peer: Peer): string {
  return peer.server.href.replace(/\/$/, '');
}

function redirected(answer: Answer, { peer }: RefusalContext, make: Make): StatusError {
  const target = [answer.headers['location']].flat()[0];
  return make(
    'unreachable',
    `${serverName(peer)} is no API server: it redirects to ${target ?? 'another address'}`,
    {
      hint: `is the server of the context "${peer.context}" right, and are you logged in?`,
    },
  );
}

const LOGIN_HINTS: Readonly<Record<RefusalContext['credentials'], string>> = {
  none: 'the kubeconfig has no credentials for this user',
  token: 'the token may have expired; get a new one for this cluster',
  password: 'most API servers accept no passwords; use a token, a certificate or an exec plugin',
  certificate: 'the client certificate may have expired; get new credentials for this cluster',
  exec: 'log in again with the tool behind the credential plugin',
};

function notAuthenticated({ peer, credentials }: RefusalContext, make: Make): StatusError {
  return make(
    'auth',
    `the API server ${serverName(peer)} does not accept the credentials of the user "${peer.userName}" (context "${peer.context}")`,
    {
      hint: LOGIN_HINTS[credentials],
    },
  );
}

/** A proxy or load balancer answered, or something that is no API server at all. */
function noStatus(answer: Answer, { operation, peer }: RefusalContext, make: Make): StatusError {
  const type = [answer.headers['content-type']].flat()[0] ?? 'no content type';
  const excerpt = answer.text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200);
  const code =
    answer.status === 403
      ? 'auth'
      : answer.status >= 500 || answer.status === 429
        ? 'unreachable'
        : 'cluster';
  return make(
    code,
    `cannot ${operation}: ${serverName(peer)} answered ${answer.status}${excerpt ? `: ${excerpt}` : ` (${type})`}`,
    {
      hint: answer.status === 404 ? 'is the server in the kubeconfig an API server?' : undefined,
    },
  );
}

const RBAC =
  /User "([^"]*)" cannot (\S+) (?:resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?|path "([^"]+)")/;

function forbidden(status: Status, { operation, peer }: RefusalContext, make: Make): StatusError {
  const [match, user = '', verb = '', resource = '', group = '', namespace, path] =
    RBAC.exec(status.message) ?? [];
  // Quotas, pod security and admission policies answer 403 too: that is no matter of who asks.
  if (match === undefined)
    return make('cluster', `cannot ${operation}: ${status.message}`, { details: causeLines(status) });
  const what = path ?? `${resource}${group ? `.${group}` : ''}`;
  const where =
    path !== undefined
      ? ''
      : namespace === undefined
        ? ' in the whole cluster'
        : ` in the namespace ${namespace}`;
  const anonymous = user === 'system:anonymous';
  return make(
    'auth',
    `the user "${user}" (context "${peer.context}") is not allowed to ${verb} ${what}${where}`,
    {
      details: [`cannot ${operation}`],
      hint: anonymous
        ? `the request came without credentials: the kubeconfig has none for the user "${peer.userName}"`
        : `kubectl auth can-i ${verb} ${what}${namespace === undefined ? '' : ` -n ${namespace}`} --context ${peer.context}`,
    },
  );
}

/** `conflict with "kubectl" with subresource "status" using apps/v1 at 2026-01-01T00:00:00Z`. */
const MANAGER = /conflict with "([^"]+)"/;

function conflict(status: Status, { operation }: RefusalContext, make: Make): StatusError {
  const fields = status.causes.filter((cause) => cause.reason === 'FieldManagerConflict');
  if (fields.length > 0) {
    const details = fields.map(
      (cause) => `${cause.field} ← ${MANAGER.exec(cause.message)?.[1] ?? cause.message}`,
    );
    return make(
      'conflict',
      `cannot ${operation}: ${fields.length === 1 ? 'a field belongs' : `${fields.length} fields belong`} to other managers`,
      {
        details: [...new Set(details)],
        hint: '--force-conflicts takes them over',
      },
    );
  }
  if (status.reason === 'AlreadyExists') return make('conflict', `cannot ${operation}: it exists already`);
  const uid = /UID in (?:the )?precondition/i.test(status.message);
  return make(
    'conflict',
    `cannot ${operation}: ${uid ? 'there is another object of this name now' : 'it was changed meanwhile'}`,
    { details: [status.message] },
  );
}

function refused(status: Status, { operation }: RefusalContext, make: Make): StatusError {
  const strict = strictLines(status.message);
  if (strict) return make('cluster', `cannot ${operation}: the object is not valid`, { details: strict });
  const lines = causeLines(status);
  const webhook = /failed calling webhook "([^"]+)"/.exec(status.message)?.[1];
  if (webhook !== undefined) {
    return make('cluster', `cannot ${operation}: the webhook ${webhook} did not answer`, {
      details: [status.message],
      hint: 'is the service behind it running? A webhook whose server is gone blocks what it selects',
    });
  }
  // The message of an invalid object repeats all causes in one line.
  if (status.reason === 'Invalid' && lines.length > 0) {
    return make('cluster', `cannot ${operation}: the object is not valid`, { details: lines });
  }
  const message = status.message === '' ? 'the API server gives no reason' : status.message;
  return make('cluster', `cannot ${operation}: ${message}`, {
    details: lines.filter((line) => !message.includes(line)),
  });
}

/** `.spec.a: field not declared in schema` lines of a failed server-side apply; other strict decoding errors likewise. */
function strictLines(message: string): string[] | undefined {
  const typed = /^failed to create typed patch object \([^)]*\): (?:errors:\s*)?(.*)$/s.exec(message)?.[1];
  const list = typed?.split('\n') ?? /strict decoding error: (.*)$/s.exec(message)?.[1]?.split(', ');
  return list?.map((line) => line.trim()).filter((line) => line !== '');
}

const LONGEST_LINE = 400;

function causeLines(status: Status): string[] {
  const lines = status.causes.map((cause) =>
    cause.field === '' ? cause.message : `${cause.field}: ${cause.message}`,
  );
  // Some causes quote the whole object; what is wrong stands at their end.
  return lines.map((line) =>
    line.length <= LONGEST_LINE
      ? line
      : `${line.slice(0, LONGEST_LINE / 4)} … ${line.slice(-LONGEST_LINE / 2)}`,
  );
}
