import { describe, expect, test } from '@jest/globals';
import {
  addressText,
  parseAdminAnswer,
  sectionOf,
  typeName,
} from '../../../../src/domain/proxy/config-dump.ts';
import { parsedCapture, readCapture } from '../../../support/envoy-captures.ts';
import { thrownBy } from '../../../support/thrown.ts';

describe('parseAdminAnswer', () => {
  test('a dump of Envoy, in the names that Go programs use', () => {
    const clusters = sectionOf(parsedCapture('config_dump.json'), 'ClustersConfigDump');
    expect(Object.keys(clusters)).toEqual([
      '@type',
      'versionInfo',
      'staticClusters',
      'dynamicActiveClusters',
    ]);
  });

  test('what was written is read again as the same', () => {
    const once = parsedCapture('config_dump.json');
    expect(parseAdminAnswer(JSON.stringify(once), 'again')).toEqual(once);
  });

  test('nothing of the capture is lost: as many values as before', () => {
    const count = (text: string): number => (text.match(/[^{[,:\s][^,:]*?(?=[,\]}\n])/g) ?? []).length;
    const compact = JSON.stringify(JSON.parse(readCapture('config_dump.json')));
    expect(count(JSON.stringify(parsedCapture('config_dump.json')))).toBe(count(compact));
  });

  test.each([
    ['{', /^dump\.json is not JSON: /],
    ['[]', /^dump\.json is not an answer of Envoy's admin port$/],
    ['{"configs": 1}', /is not an answer/],
    ['"text"', /is not an answer/],
    ['{"server_info": {}}', /is not an answer/],
  ])('%s', (text, message) => {
    const error = thrownBy(() => parseAdminAnswer(text, 'dump.json'));
    expect(error.code).toBe('config');
    expect(error.message).toMatch(message);
  });

  test('a section that is not there is empty', () => {
    expect(sectionOf({ configs: [] }, 'RoutesConfigDump')).toEqual({});
    expect(sectionOf({ configs: ['x', null] }, 'RoutesConfigDump')).toEqual({});
  });
});

test.each([
  [{ socketAddress: { address: '10.0.0.1', portValue: 80 } }, '10.0.0.1:80'],
  [{ socketAddress: { address: '10.0.0.1' } }, '10.0.0.1:0'],
  [{ socketAddress: { address: '::1', portValue: 80 } }, '[::1]:80'],
  [{ socketAddress: { address: 'host', namedPort: 'http' } }, 'host:http'],
  [{ pipe: { path: './etc/x' } }, 'unix://./etc/x'],
  [
    { envoyInternalAddress: { serverListenerName: 'main', endpointId: '10.0.0.1:80' } },
    'envoy://main/10.0.0.1:80',
  ],
  [{}, ''],
  [undefined, ''],
])('addressText(%j)', (address, expected) => {
  expect(addressText(address)).toBe(expected);
});

test.each([
  ['type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', 'TcpProxy'],
  ['', ''],
])('typeName %s', (type, expected) => {
  expect(typeName({ '@type': type })).toBe(expected);
});
