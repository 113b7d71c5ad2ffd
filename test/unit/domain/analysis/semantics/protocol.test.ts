import { expect, test } from '@jest/globals';
import {
  isHttp,
  isTcp,
  isTls,
  parseProtocol,
  servicePortProtocol,
} from '../../../../../src/domain/analysis/semantics/protocol.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';

test('names, families', () => {
  expect(['HTTP', 'gRPC-Web', 'Mongo', '', 'quic'].map(parseProtocol)).toEqual([
    'http',
    'grpc-web',
    'mongo',
    'unsupported',
    'unsupported',
  ]);
  expect([
    isHttp('grpc'),
    isHttp('https'),
    isTls('https'),
    isTls('tls'),
    isTcp('https'),
    isTcp('http'),
  ]).toEqual([true, false, true, true, true, false]);
});

test.each<[JsonObject, string]>([
  [{ name: 'http-web', port: 80 }, 'http'],
  [{ name: 'http', protocol: 'UDP' }, 'udp'],
  [{ name: 'grpc-web-x', port: 1 }, 'grpc-web'],
  [{ name: 'HTTP2-a', port: 1 }, 'http2'],
  [{ name: 'web', port: 80 }, 'unsupported'],
  [{ name: 'web', port: 3306 }, 'tcp'],
  [{ port: 53 }, 'tcp'],
  [{ name: 'http', appProtocol: 'kubernetes.io/h2c' }, 'http2'],
  [{ name: 'http', appProtocol: 'kubernetes.io/wss' }, 'https'],
  [{ name: 'http', appProtocol: 'example.com/x', port: 80 }, 'unsupported'],
  [{ name: 'web', appProtocol: 'grpc' }, 'grpc'],
  [{ name: 3, port: '80' }, 'unsupported'],
])('the port %j speaks %s', (port, expected) => {
  expect(servicePortProtocol(port)).toBe(expected);
});
