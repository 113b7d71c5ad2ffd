import { describe, expect, it } from '@jest/globals';
import {
  findFqdnProblem,
  findWildcardDomainProblem,
  isDnsLabel,
} from '../../../../../../src/domain/analysis/validation/blocks/domain.ts';
import { parseNanoseconds } from '../../../../../../src/domain/analysis/validation/blocks/duration.ts';
import { findHeaderValueProblem } from '../../../../../../src/domain/analysis/validation/blocks/header.ts';
import { isCidr, isIp, isSubnet } from '../../../../../../src/domain/analysis/validation/blocks/ip.ts';
import { parseUrl } from '../../../../../../src/domain/analysis/validation/blocks/uri.ts';

describe('parseNanoseconds', () => {
  it.each([
    ['0', 0],
    ['1ns', 1],
    ['1.5ms', 1_500_000],
    ['1.005s', 1_005_000_000],
    ['1h1m1s', 3_661_000_000_000],
    ['.5s', 500_000_000],
    ['1.s', 1_000_000_000],
    ['-2s', -2_000_000_000],
    ['+2s', 2_000_000_000],
    ['3µs', 3000],
    ['8760h0.001s', 31_536_000_001_000_000],
  ])('reads %s', (text, expected) => {
    expect(parseNanoseconds(text)).toBe(expected);
  });

  it.each(['', '5', '-', '1 s', '1d', '1s ', '1e3s', 's', '1.2.3s'])('refuses %j', (text) => {
    expect(parseNanoseconds(text)).toBeUndefined();
  });
});

describe('IP addresses and subnets', () => {
  it.each([
    '1.2.3.4',
    '0.0.0.0',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1%eth0',
    '1:2:3:4:5:6:7:8',
    '::ffff:1.2.3.4',
    '1::8',
    '2001:DB8::a',
  ])('%s is an address', (text) => expect(isIp(text)).toBe(true));
  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4%eth0',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    'fe80::1%',
    '1.2.3.4::',
    ' ::1',
  ])('%j is none', (text) => expect(isIp(text)).toBe(false));
  it.each(['10.0.0.0/8', '10.1.2.3/0', '::/0', '2001:db8::/128'])('%s is a range', (text) =>
    expect(isCidr(text)).toBe(true),
  );
  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/08', '::/129', 'fe80::1%eth0/64', '/8', '10.0.0.0/', 'a/8'])(
    '%s is none',
    (text) => expect(isCidr(text)).toBe(false),
  );
  it('takes both as a subnet', () => {
    expect(isSubnet('1.2.3.4') && isSubnet('1.2.3.0/24')).toBe(true);
  });
});

describe('domains', () => {
  it.each(['a', 'A-1', 'x'.repeat(63), '1'])('%s is a label', (text) => expect(isDnsLabel(text)).toBe(true));
  it.each(['', '-a', 'a-', 'a_b', 'a.b', 'x'.repeat(64)])('%j is none', (text) =>
    expect(isDnsLabel(text)).toBe(false),
  );
  it.each(['a', 'a.b', 'a.b.', '1.a', 'reviews.default.svc.cluster.local'])('%s is a full name', (text) =>
    expect(findFqdnProblem(text)).toBeUndefined(),
  );
  it.each(['', '.', 'a..b', 'a.1', '1.2.3.4', '*.a', 'a_b', 'a.b..', `${'a.'.repeat(128)}a`])(
    '%j is none',
    (text) => expect(findFqdnProblem(text)).toBeDefined(),
  );
  it.each(['*', '*.a', '*a.b', '*-a.b', 'a', '*.a.', 'a.b'])('%s is a wildcard domain', (text) =>
    expect(findWildcardDomainProblem(text)).toBeUndefined(),
  );
  it.each(['', 'a.*', '**.a', 'a*.b', '*.1', '*-.b', '1.2.3.4', '*.*', '.a'])('%j is none', (text) =>
    expect(findWildcardDomainProblem(text)).toBeDefined(),
  );
});

describe('values of headers', () => {
  it.each([
    '',
    'x',
    '100%%',
    '%START_TIME%',
    '%REQ(x-id)%',
    '%REQ(:path):10%',
    '%META(["a", "b"])%',
    '%T(%Y-%m)%',
    'a\tb',
    '%a%%b%',
    '%META( [ "a\\"" ] )%',
  ])('takes %j', (value) => expect(findHeaderValueProblem(value)).toBeUndefined());
  it.each(['5%', '%REQ(x', '%REQ(x)', '%META(["a"%', '%a%%b', 'a\nb', '\u007f', '%REQ(["a" "b"])%'])(
    'refuses %j',
    (value) => expect(findHeaderValueProblem(value)).toBeDefined(),
  );
});

describe('parseUrl', () => {
  it('reads the parts', () => {
    expect(parseUrl('HTTPS://u:p@Example.com:8443/a?b#c')).toEqual({
      scheme: 'https',
      host: 'Example.com',
      port: '8443',
      path: '/a',
    });
    expect(parseUrl('http://[::1]:80')).toEqual({ scheme: 'http', host: '::1', port: '80', path: '' });
    expect(parseUrl('oci://a.b/c')).toEqual({ scheme: 'oci', host: 'a.b', port: '', path: '/c' });
    expect(parseUrl('a.b/c:d')).toEqual({ scheme: '', host: '', port: '', path: 'a.b/c:d' });
    expect(parseUrl('mailto:a b')).toEqual({ scheme: 'mailto', host: '', port: '', path: 'a b' });
  });
  it.each([
    'http://a:b',
    ':x',
    '1a:b',
    'http://a b',
    'http://a/%zz',
    'http://[::1',
    'http://a\n',
    'x#%z',
    'http://a%20b/',
    'http://a:1:2',
  ])('refuses %j', (text) => expect(parseUrl(text)).toBeUndefined());
});
