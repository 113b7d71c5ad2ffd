import { describe, expect, test } from '@jest/globals';
import {
  isCidr,
  isDnsLabel,
  isFqdn,
  isHostPort,
  isImageRepository,
  isImageTag,
  isIp,
  isLabelValue,
  isPort,
  isTrustDomain,
  isWildcardDomain,
} from '../../../../src/domain/config/syntax.ts';

const forms: [(text: string) => boolean, readonly string[], readonly string[]][] = [
  [isDnsLabel, ['a', '1', 'a-b', 'a'.repeat(63)], ['', '-a', 'a-', 'A', 'a.b', 'a_b', 'a'.repeat(64)]],
  [isLabelValue, ['', 'A', 'a_b.c-d', '1'], ['-a', 'a.', 'a b', 'a'.repeat(64)]],
  [
    isImageRepository,
    ['docker.io/istio', 'istio', 'localhost:5000', 'a.b:1/c', 'gcr.io/a/b-c', 'a__b/c'],
    ['', 'a b', '/a', 'a/', 'a//b', 'docker.io/Istio', 'https://a', 'a/b:1', '-a/b'],
  ],
  [isImageTag, ['1.31.4', 'latest', '_a', 'v1-a_b'], ['', '-a', '.a', 'a b', 'a/b', 'a:b', 'a'.repeat(129)]],
  [
    isCidr,
    ['10.0.0.0/8', '0.0.0.0/0', '::/0', 'fd00::/8', '::ffff:1.2.3.4/128', '1:2:3:4:5:6:7:8/64'],
    [
      '',
      '10.0.0.0',
      '10.0.0.0/33',
      '10.0.0/8',
      '256.0.0.0/8',
      '::/129',
      '10.0.0.0/08',
      '10.0.0.0/8/8',
      'a/8',
      '1:2/8',
    ],
  ],
  [
    isIp,
    ['1.2.3.4', '::1', '::', 'fe80::1', '2001:db8::8:800:200c:417a'],
    ['', '1.2.3', '01.2.3.4', '1.2.3.4.5', ':::', '1::2::3', '12345::', '1:2:3:4:5:6:7:8:9', 'g::'],
  ],
  [
    isFqdn,
    ['a', 'a.b', 'A.b.', 'istiod.istio-system.svc'],
    ['', '.', 'a..b', 'a.1', '-a.b', 'a_b', `${'a.'.repeat(128)}b`],
  ],
  [isWildcardDomain, ['*', '*.a.b', '*a.b', '*-a.b', 'a', 'a.b'], ['', '**', 'a*.b', 'a.*', '*.1', '*.']],
  [isTrustDomain, ['cluster.local', 'a', 'a.1'], ['', 'a..b', 'a_b', '.a']],
  [
    isHostPort,
    ['a:1', 'a.b:65535', '1.2.3.4:80', '[::1]:80'],
    ['', 'a', 'a:', 'a:0', 'a:65536', ':80', '::1:80', '[a]:80', 'a:80:80'],
  ],
];

describe.each(forms)('%p', (isFine, good, bad) => {
  test.each(good)('takes "%s"', (text) => expect(isFine(text)).toBe(true));
  test.each(bad)('refuses "%s"', (text) => expect(isFine(text)).toBe(false));
});

test('ports', () => {
  expect([0, 1, 65535, 65536, 1.5, NaN].map(isPort)).toEqual([false, true, true, false, false, false]);
});
