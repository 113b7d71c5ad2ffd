import { describe, expect, it } from '@jest/globals';
import { isExempt, proxyFor } from '../../../../src/adapters/kube/proxy.ts';
import { thrownBy } from './api-server.ts';

const server = new URL('https://api.example.com:6443');

describe('proxyFor', () => {
  it.each<[string, string | undefined, Record<string, string>, string | undefined]>([
    ['nothing is set', undefined, {}, undefined],
    [
      'proxy-url of the kubeconfig wins, whatever NO_PROXY says',
      'http://own:1',
      { HTTPS_PROXY: 'http://env:2', NO_PROXY: '*' },
      'http://own:1/',
    ],
    [
      'HTTPS_PROXY is for https',
      undefined,
      { HTTPS_PROXY: 'http://env:2', HTTP_PROXY: 'http://plain:3' },
      'http://env:2/',
    ],
    ['small letters count too', undefined, { https_proxy: 'http://env:2' }, 'http://env:2/'],
    [
      'capital letters win',
      undefined,
      { https_proxy: 'http://small:2', HTTPS_PROXY: 'http://env:2' },
      'http://env:2/',
    ],
    ['a scheme may be missing', undefined, { HTTPS_PROXY: 'proxy.corp:3128' }, 'http://proxy.corp:3128/'],
    ['socks5 is known', undefined, { HTTPS_PROXY: 'socks5://proxy:1080' }, 'socks5://proxy:1080'],
    ['NO_PROXY exempts', undefined, { HTTPS_PROXY: 'http://env:2', no_proxy: 'example.com' }, undefined],
  ])('%s', (_name, proxyUrl, env, expected) => {
    expect(proxyFor(server, proxyUrl, env)?.href).toBe(expected);
  });

  it('takes HTTP_PROXY for http servers, and refuses what is no proxy', async () => {
    expect(
      proxyFor(new URL('http://api:80'), undefined, {
        HTTP_PROXY: 'http://plain:3',
        HTTPS_PROXY: 'http://env:2',
      })?.href,
    ).toBe('http://plain:3/');
    expect(await thrownBy(() => proxyFor(server, 'ftp://user:secret@x', {}))).toMatchObject({
      code: 'config',
      message: 'the proxy "ftp://***@x" in proxy-url of the kubeconfig is not an http, https or socks5 URL',
    });
  });
});

describe('isExempt', () => {
  it.each<[string, string, boolean]>([
    ['https://localhost:6443', '', true],
    ['https://127.0.0.5', '', true],
    ['https://[::1]:6443', '', true],
    ['https://api.example.com', 'example.com', true],
    ['https://example.com', 'example.com', true],
    ['https://example.com', '.example.com', false],
    ['https://api.example.com', '*.example.com', true],
    ['https://notexample.com', 'example.com', false],
    ['https://API.example.com', ' Example.COM , x', true],
    ['https://api.example.com:6443', 'example.com:6443', true],
    ['https://api.example.com:6443', 'example.com:443', false],
    ['https://api.example.com', 'example.com:443', true],
    ['https://10.1.2.3:6443', '10.0.0.0/8', true],
    ['https://11.1.2.3:6443', '10.0.0.0/8', false],
    ['https://10.1.2.3:6443', '10.1.2.3', true],
    ['https://10.1.2.3:6443', '10.1.2.3:6443', true],
    ['https://10.1.2.3:6443', '10.1.2.3:1', false],
    ['https://10.1.2.3', '2.3', false],
    ['https://[fd00::5]:6443', 'fd00::/8', true],
    ['https://[fd00::5]:6443', '[fd00::5]:6443', true],
    ['https://[fd00::5]:6443', 'fd00::5', true],
    ['https://x', '*', true],
    ['https://x', ',,', false],
    ['https://10.1.2.3', '10.0.0.0/99', false],
  ])('%s with NO_PROXY=%s: %s', (url, noProxy, expected) => {
    expect(isExempt(new URL(url), noProxy)).toBe(expected);
  });
});
