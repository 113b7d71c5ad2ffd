import { describe, expect, it } from '@jest/globals';
import { parseDashboardWords, parsePorts } from '../../../../src/domain/dashboard/arguments.ts';
import { thrownBy } from '../../../support/thrown.ts';

const words = (...list: string[]): string[] =>
  parseDashboardWords(list).map(({ dashboard, address }) =>
    [dashboard.name, address].filter(Boolean).join('@'),
  );

describe('words of mesh dashboard', () => {
  it.each([
    [['kiali'], ['kiali']],
    [
      ['kiali', 'grafana'],
      ['kiali', 'grafana'],
    ],
    [['envoy', 'web.shop'], ['envoy@web.shop']],
    [
      ['envoy', 'deployment/web.shop', 'kiali', 'controlz', 'istiod-1'],
      ['envoy@deployment/web.shop', 'kiali', 'controlz@istiod-1'],
    ],
    [
      ['controlz', 'istiod-debug'],
      ['controlz', 'istiod-debug'],
    ],
    [
      ['envoy', 'a', 'envoy', 'b'],
      ['envoy@a', 'envoy@b'],
    ],
  ])('%j', (given, expected) => {
    expect(words(...given)).toEqual(expected);
  });

  it.each([
    [['kialy'], 'there is no dashboard "kialy"', 'did you mean kiali?'],
    [['kiali', 'web.shop'], 'there is no dashboard "web.shop"', 'kiali takes no pod'],
    [['envoy', 'a', 'b.shop'], 'there is no dashboard "b.shop"', 'there is kiali, grafana'],
    [['kiali', 'kiali'], 'kiali is named twice', ''],
  ])('%j is wrong', (given, message, hint) => {
    const error = thrownBy(() => words(...given));
    expect([error.code, error.message]).toEqual(['usage', message]);
    expect(error.hint ?? '').toContain(hint);
  });

  it('tells all that is wrong at once', () => {
    expect(thrownBy(() => words('kialy', 'what')).details).toEqual([
      'there is no dashboard "kialy" (did you mean kiali?)',
      expect.stringContaining('there is no dashboard "what"'),
    ]);
  });
});

describe('ports', () => {
  const one = parseDashboardWords(['kiali']);
  const two = parseDashboardWords(['kiali', 'grafana']);
  const ports = (values: string[], named = two): Record<string, number> =>
    Object.fromEntries(parsePorts('port', values, named));

  it('are for the only dashboard, or for a named one; 0 is the default', () => {
    expect(ports(['8080'], one)).toEqual({ kiali: 8080 });
    expect(ports(['0'], one)).toEqual({});
    expect(ports(['kiali=8080', 'grafana=8081'])).toEqual({ kiali: 8080, grafana: 8081 });
  });

  it.each([
    ['8080', /of which dashboard\?/],
    ['zipkin=8080', /zipkin is not among what is opened/],
    ['kiali=x', /is not a port/],
    ['kiali=65536', /is not a port/],
    ['-1', /is not a port/],
  ])('%s is wrong', (value, message) => {
    expect(thrownBy(() => ports([value])).message).toMatch(message);
  });
});
