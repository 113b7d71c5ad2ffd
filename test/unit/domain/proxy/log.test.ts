import { describe, expect, test } from '@jest/globals';
import { checkLoggers, levelPaths, parseLevels, parseLoggers } from '../../../../src/domain/proxy/log.ts';
import { readCapture } from '../../../support/envoy-captures.ts';
import { thrownBy } from '../../../support/thrown.ts';

const known = Object.keys(parseLoggers(readCapture('logging.txt')));

test('the loggers of the capture', () => {
  expect(known.length).toBe(readCapture('logging.txt').trim().split('\n').length - 1);
  expect(parseLoggers(readCapture('logging.txt'))['http']).toBe('warning');
});

describe('parseLevels', () => {
  test.each([
    [['debug'], { all: 'debug', loggers: {} }],
    [['WARN'], { all: 'warning', loggers: {} }],
    [['http:debug'], { loggers: { http: 'debug' } }],
    [['info,http:debug, rbac:trace'], { all: 'info', loggers: { http: 'debug', rbac: 'trace' } }],
    [['http:debug', 'http:off'], { loggers: { http: 'off' } }],
  ])('%j', (texts, expected) => {
    expect(parseLevels(texts)).toEqual(expected);
  });

  test.each([
    ['debg', '"debg" is no log level', 'did you mean debug?'],
    ['http:', '"" is no log level', 'use one of trace, debug, info, warning, error, critical, off'],
    ['', '--level is empty', 'write LEVEL or LOGGER:LEVEL, such as http:debug'],
  ])('%j is refused', (text, message, hint) => {
    expect(thrownBy(() => parseLevels([text]))).toMatchObject({ code: 'usage', message, hint });
  });

  test('all that is wrong is told at once', () => {
    expect(thrownBy(() => parseLevels(['a:loud,b:silent'])).details).toHaveLength(2);
  });
});

test('loggers that a proxy does not have', () => {
  expect(() => checkLoggers(parseLevels(['http:debug,connection:info']), known)).not.toThrow();
  expect(thrownBy(() => checkLoggers(parseLevels(['conection:debug']), known))).toMatchObject({
    code: 'usage',
    message: 'the proxy has no logger "conection"',
    hint: 'did you mean connection?',
  });
});

test.each([
  ['debug', ['/logging?level=debug']],
  ['http:debug', ['/logging?http=debug']],
  ['info,http:debug', ['/logging?level=info', '/logging?http=debug']],
  ['http:debug,rbac:trace', ['/logging?paths=http:debug,rbac:trace']],
])('%s as requests', (text, expected) => {
  expect(levelPaths(parseLevels([text]))).toEqual(expected);
});
