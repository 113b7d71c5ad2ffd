import { describe, expect, it } from '@jest/globals';
import { networkError } from '../../../../src/adapters/kube/network-errors.ts';
import type { NetworkFailure } from '../../../../src/adapters/kube/network-errors.ts';

const peer = { server: new URL('https://api:6443/'), context: 'c', userName: 'jane', proxy: undefined };
const coded = (code: string, message = 'x', cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code });

describe('networkError', () => {
  it.each<[Error, NetworkFailure, string]>([
    [coded('ECONNREFUSED'), 'connect', 'connection refused'],
    [
      Object.assign(new AggregateError([coded('ECONNREFUSED')]), { code: 'ECONNREFUSED' }),
      'connect',
      'connection refused',
    ],
    [new Error('outer', { cause: coded('EHOSTUNREACH') }), 'connect', 'no route to the host'],
    [coded('UND_ERR_CONNECT_TIMEOUT'), 'connect', 'the connection could not be made in time'],
    [coded('EAI_AGAIN'), 'connect', 'the name api cannot be looked up now'],
    [
      coded('ECONNRESET', 'Client network socket disconnected before secure TLS connection was established'),
      'connect',
      'the connection was closed during the TLS handshake',
    ],
    [coded('ECONNRESET'), 'cut', 'the connection was cut'],
    [coded('UND_ERR_SOCKET', 'other side closed'), 'cut', 'the connection was cut'],
    [coded('CERT_HAS_EXPIRED'), 'final', 'its certificate has expired'],
    [
      coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
      'final',
      'its certificate comes from an authority that is not trusted',
    ],
    [coded('HPE_INVALID_CONSTANT'), 'final', 'it does not speak HTTP'],
    [coded('EPROTO', 'ssl3_get_record:wrong version number'), 'final', 'it does not speak TLS'],
    [coded('ERR_SSL_NO_PROTOCOLS', 'no protocols'), 'final', 'the TLS handshake failed: no protocols'],
    [new Error('Proxy response (403) !== 200 when HTTP Tunneling'), 'final', 'the proxy answered 403'],
    [
      new Error('Proxy response (407) !== 200 when HTTP Tunneling'),
      'final',
      'the proxy wants a user and a password (407)',
    ],
    [new Error('something new'), 'final', 'something new'],
  ])('%s', (error, failure, reason) => {
    expect(networkError(error, peer)).toMatchObject({
      code: 'unreachable',
      failure,
      message: `the API server https://api:6443 cannot be reached: ${reason}`,
      cause: error,
    });
  });

  it.each([
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
    'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED',
  ])('%s is a matter of credentials', (code) => {
    expect(networkError(coded(code), peer)).toMatchObject({
      code: 'auth',
      message: expect.stringMatching(/it refuses the client certificate of the user "jane"$/),
    });
  });

  it('names the proxy, without its password', () => {
    const through = (url: string): string =>
      networkError(coded('ECONNREFUSED'), { ...peer, proxy: new URL(url) }).message;
    expect(through('http://u:secret@proxy:3128')).toBe(
      'the API server https://api:6443 cannot be reached through the proxy http://proxy:3128: connection refused',
    );
    expect(through('socks5://u:secret@proxy:1080')).toContain('through the proxy socks5://proxy:1080: ');
  });
});
