/** What can go wrong before there is an answer, in words that say what to look at. */
import { MeshError } from '../../lib/errors.ts';
import type { ErrorCode, MeshErrorOptions } from '../../lib/errors.ts';

/**
 * `connect`: nothing was sent. `cut`: the connection broke while it was open, the server may have done the work.
 * `deadline`: no answer in time. `final`: trying again would not help.
 */
export type NetworkFailure = 'connect' | 'cut' | 'deadline' | 'final';

export class NetworkError extends MeshError {
  readonly failure: NetworkFailure;

  constructor(code: ErrorCode, failure: NetworkFailure, message: string, options: MeshErrorOptions) {
    super(code, message, options);
    this.failure = failure;
  }
}

export interface Peer {
  readonly server: URL;
  readonly context: string;
  readonly userName: string;
  readonly proxy: URL | undefined;
}

interface Explanation {
  readonly failure: NetworkFailure;
  readonly reason: string;
  readonly hint?: string | undefined;
  readonly code?: ErrorCode | undefined;
}

export function deadlineError(peer: Peer, timeoutMs: number): NetworkError {
  return toError(peer, {
    failure: 'deadline',
    reason: `no answer within ${timeoutMs / 1000} s`,
    hint: 'a VPN or a firewall may be in between; --request-timeout gives it more time',
  });
}

/** For anything that undici, node:net or node:tls threw. */
export function networkError(error: unknown, peer: Peer): NetworkError {
  return toError(peer, explain(error, peer), error);
}

function toError(peer: Peer, explanation: Explanation, cause?: unknown): NetworkError {
  const via = peer.proxy
    ? ` through the proxy ${peer.proxy.origin === 'null' ? `${peer.proxy.protocol}//${peer.proxy.host}` : peer.proxy.origin}`
    : '';
  const { failure, reason, hint, code } = explanation;
  return new NetworkError(
    code ?? 'unreachable',
    failure,
    `the API server ${peer.server.href.replace(/\/$/, '')} cannot be reached${via}: ${reason}`,
    { hint, cause },
  );
}

const CONNECT_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to its network',
  EHOSTDOWN: 'the host is down',
  ENETDOWN: 'the network is down',
  EADDRNOTAVAIL: 'no local address can reach it',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection could not be made in time',
};

const CUT_CODES = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_INFO',
  'ERR_STREAM_PREMATURE_CLOSE',
  'Z_BUF_ERROR',
]);

const TLS_REASONS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed and not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate comes from an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an authority that is not trusted',
  CERT_SIGNATURE_FAILURE: 'its certificate comes from another authority of the same name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
};

function explain(error: unknown, peer: Peer): Explanation {
  const code = codeOf(error);
  const host = (peer.proxy ?? peer.server).hostname;
  const message = textOf(error);
  const proxyStatus = /Proxy response \((\d+)\)/.exec(message)?.[1];
  if (proxyStatus === '407' || /\(407\)/.test(message)) {
    return {
      failure: 'final',
      reason: 'the proxy wants a user and a password (407)',
      hint: 'write them into its URL: http://user:password@host:port',
    };
  }
  if (proxyStatus !== undefined)
    return {
      failure: 'final',
      reason: `the proxy answered ${proxyStatus}`,
      hint: 'NO_PROXY can exempt the server from the proxy',
    };
  if (code === 'ENOTFOUND')
    return {
      failure: 'connect',
      reason: `the name ${host} does not exist`,
      hint: `are you in the right network, and is the context "${peer.context}" the right one?`,
    };
  if (code === 'EAI_AGAIN')
    return {
      failure: 'connect',
      reason: `the name ${host} cannot be looked up now`,
      hint: 'is this machine connected to a network?',
    };
  const connect = CONNECT_REASONS[code];
  if (connect !== undefined)
    return {
      failure: 'connect',
      reason: connect,
      hint: `is the cluster running, and is the context "${peer.context}" the right one?`,
    };
  const tls = explainTls(code, message, peer);
  if (tls) return tls;
  if (code === 'ECONNRESET' && message.includes('before secure TLS connection'))
    return { failure: 'connect', reason: 'the connection was closed during the TLS handshake' };
  if (CUT_CODES.has(code)) return { failure: 'cut', reason: 'the connection was cut' };
  if (code.startsWith('HPE_') || code === 'UND_ERR_HTTP_PARSER')
    return {
      failure: 'final',
      reason: 'it does not speak HTTP',
      hint: 'is the server in the kubeconfig an API server?',
    };
  if (code.startsWith('UND_ERR_PRX') || code.startsWith('UND_ERR_SOCKS'))
    return { failure: 'final', reason: message };
  return { failure: 'final', reason: message === '' ? code : message };
}

function explainTls(code: string, message: string, peer: Peer): Explanation | undefined {
  const reason = TLS_REASONS[code];
  if (reason !== undefined)
    return {
      failure: 'final',
      reason,
      hint: 'is certificate-authority-data of this cluster up to date in the kubeconfig?',
    };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'UND_ERR_PRX_TLS') {
    return {
      failure: 'final',
      reason: `its certificate is for another name: ${message}`,
      hint: 'tls-server-name in the kubeconfig says which name to expect',
    };
  }
  if (
    /wrong version number|packet length too long/i.test(message) ||
    code === 'ERR_SSL_WRONG_VERSION_NUMBER'
  ) {
    return { failure: 'final', reason: 'it does not speak TLS', hint: `is it http://${peer.server.host}?` };
  }
  if (
    /alert (?:certificate|bad certificate|unknown ca|number 4[2-8]|number 116)/i.test(message) ||
    /ALERT_.*CERTIFICATE|ALERT_UNKNOWN_CA/.test(code)
  ) {
    return {
      code: 'auth',
      failure: 'final',
      reason: `it refuses the client certificate of the user "${peer.userName}"`,
      hint: 'it may have expired; get new credentials for this cluster',
    };
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_'))
    return { failure: 'final', reason: `the TLS handshake failed: ${message}` };
  return undefined;
}

interface ErrorLike {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
}

/** Not `instanceof Error`: errors of Node's own modules may come from another realm. */
function asErrorLike(error: unknown): ErrorLike {
  return typeof error === 'object' && error !== null ? error : { message: String(error) };
}

function textOf(error: unknown): string {
  const { message } = asErrorLike(error);
  return typeof message === 'string' ? message : '';
}

/** The code of the error or of the nearest cause that has one. */
function codeOf(error: unknown): string {
  let current = asErrorLike(error);
  for (let depth = 0; depth < 5; depth += 1) {
    const { code, cause } = current;
    if (typeof code === 'string' && code !== 'UND_ERR_ABORTED') return code;
    if (cause === undefined) break;
    current = asErrorLike(cause);
  }
  return '';
}
