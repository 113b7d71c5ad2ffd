import { describe, expect, test } from '@jest/globals';
import {
  createCommentSuppressor,
  readCommentSuppressions,
} from '../../../../src/domain/analysis/suppress-comments.ts';
import {
  createSuppressor,
  createAnnotationSuppressor,
  isOver,
  isSuppressedByAnnotation,
  matchesGlob,
  parseSuppression,
} from '../../../../src/domain/analysis/suppress.ts';
import type { Finding, Resource } from '../../../../src/domain/analysis/types.ts';
import { resourcesOf } from '../../../support/analysis.ts';

const pod = (annotations = '{}'): Resource =>
  resourcesOf(
    `{apiVersion: v1, kind: Pod, metadata: {name: web-1, namespace: shop, annotations: ${annotations}}}`,
  )[0]!;
const finding = (resource: Resource | undefined, code = 'IST0103', path?: Finding['path']): Finding => ({
  code,
  message: '',
  resource,
  path,
});

describe('matchesGlob', () => {
  test.each<[string, string, boolean]>([
    ['a', 'a', true],
    ['a', 'ab', false],
    ['*', '', true],
    ['a*', 'abc', true],
    ['*c', 'abc', true],
    ['a*c', 'abc', true],
    ['a*a', 'a', false],
    ['*b*', 'abc', true],
    ['a*b*c', 'a-b-c', true],
    ['a*bc*c', 'abc', false],
    ['a.c', 'abc', false],
    ['**', 'x', true],
  ])('%s on %s is %s', (pattern, text, expected) => {
    expect(matchesGlob(pattern, text)).toBe(expected);
  });

  test('many stars take no time that grows with their number', () => {
    expect(matchesGlob('*a'.repeat(1000) + 'b', 'a'.repeat(10_000))).toBe(false);
  });
});

describe('--suppress', () => {
  test.each([
    'IST0103=Pod shop/web-1',
    'IST0103=Pod web-1.shop',
    'IST0103=Pod web-*.shop',
    'IST0103=* shop/*',
    'IST01*=*',
    ' IST0103 = Pod shop/web-1 ',
  ])('%s', (text) => {
    expect(createSuppressor([parseSuppression(text)]).suppresses(finding(pod()))).toBe(true);
  });

  test.each(['IST0102=*', 'IST0103=Pod web-1', 'IST0103=pod shop/web-1', 'IST0103=Pod shop/web'])(
    '%s does not match, and is told as unused',
    (text) => {
      const suppression = parseSuppression(text);
      const suppressor = createSuppressor([suppression]);
      expect(suppressor.suppresses(finding(pod()))).toBe(false);
      expect(suppressor.unused()).toEqual([suppression]);
    },
  );

  test('every one that matches is used; findings about nothing are never suppressed', () => {
    const suppressor = createSuppressor(['IST0103=*', 'IST0103=Pod *'].map((text) => parseSuppression(text)));
    expect(suppressor.suppresses(finding(undefined))).toBe(false);
    expect(suppressor.suppresses(finding(pod()))).toBe(true);
    expect(suppressor.unused()).toEqual([]);
  });

  test.each(['IST0103', 'IST0103=a=b', '=x', 'IST0103='])('%j is wrong', (text) => {
    expect(() => parseSuppression(text)).toThrow('is not CODE=RESOURCE');
  });
});

test.each<[string, boolean]>([
  ['{galley.istio.io/analyze-suppress: IST0103}', true],
  ['{galley.istio.io/analyze-suppress: "IST0101, IST0103"}', true],
  ['{galley.istio.io/analyze-suppress: "*"}', true],
  ['{galley.istio.io/analyze-suppress: "IST0101, *"}', true],
  ['{galley.istio.io/analyze-suppress: IST01}', false],
  ['{}', false],
])('the annotation %s', (annotations, expected) => {
  expect(isSuppressedByAnnotation(finding(pod(annotations)))).toBe(expected);
});

test('entries of annotations that silence nothing are told', () => {
  const noted = pod('{galley.istio.io/analyze-suppress: "IST0101, IST0103, IST02*,"}');
  const suppressor = createAnnotationSuppressor([noted, pod()]);
  expect(suppressor.suppresses(finding(pod()))).toBe(false);
  expect(suppressor.suppresses(finding(noted))).toBe(true);
  expect(suppressor.suppresses(finding(noted, 'IST0104'))).toBe(false);
  expect(suppressor.unused()).toEqual([
    { resource: noted, code: 'IST0101' },
    { resource: noted, code: 'IST02*' },
  ]);
});

describe('comments', () => {
  const YAML = `# team shop
# mesh-ignore IST0102 it is meant so
apiVersion: v1
kind: Service
metadata: {name: a}
---
apiVersion: v1
kind: Service
metadata:
  name: b # mesh-ignore IST0118, IST0150
spec:
  # mesh-ignore: IST01* until we rename it
  # more text
  ports:
  - port: 80
  selector: {}
`;

  test('are read with the lines that they are about', () => {
    expect(
      readCommentSuppressions('f', YAML).map(({ line, codes, from, to }) => [line, codes, from, to]),
    ).toEqual([
      [2, ['IST0102'], 1, 5],
      [10, ['IST0118', 'IST0150'], 10, 10],
      [12, ['IST01*'], 14, 15],
    ]);
    expect(readCommentSuppressions('f', 'a: "mesh-ignore IST0101"\n')).toEqual([]);
  });

  test('silence findings there, and are told when they silence none', () => {
    const [a, b] = resourcesOf(YAML);
    const suppressor = createCommentSuppressor([a!, b!], 0);
    expect(suppressor.suppresses(finding(a, 'IST0102', ['metadata', 'name']))).toBe(true);
    expect(suppressor.suppresses(finding(a, 'IST0103'))).toBe(false);
    expect(suppressor.suppresses(finding(b, 'IST0102'))).toBe(false);
    expect(suppressor.suppresses(finding(b, 'IST0118', ['metadata', 'name']))).toBe(true);
    expect(suppressor.suppresses(finding(b, 'IST0118', ['spec', 'selector']))).toBe(false);
    expect(suppressor.unused().map(({ line }) => line)).toEqual([12]);
    expect(suppressor.suppresses(finding(b, 'IST0118', ['spec', 'ports', 0, 'port']))).toBe(true);
    expect(suppressor.unused()).toEqual([]);
  });
});

describe('until', () => {
  const day = (text: string): number => Date.parse(`${text}T12:00:00Z`);

  test.each<[string | undefined, string, boolean]>([
    [undefined, '2027-01-31', false],
    ['2027-01-31', '2027-01-31', false],
    ['2027-01-31', '2027-02-01', true],
    ['2027-1-31', '2026-01-01', true],
    ['2027-13-01', '2026-01-01', true],
    ['soon', '2026-01-01', true],
  ])('%s, asked on %s', (until, now, expected) => {
    expect(isOver(until, day(now))).toBe(expected);
  });

  test('a comment whose day is over silences nothing', () => {
    const yaml =
      '# mesh-ignore IST0102 until=2027-01-31 then we move\nkind: Namespace\napiVersion: v1\nmetadata: {name: a}\n';
    const [namespace] = resourcesOf(yaml);
    const at = (now: string) => createCommentSuppressor([namespace!], day(now));
    expect(at('2027-01-31').suppresses(finding(namespace, 'IST0102'))).toBe(true);
    const later = at('2027-02-01');
    expect(later.suppresses(finding(namespace, 'IST0102'))).toBe(false);
    expect(later.over).toMatchObject([{ line: 1, until: '2027-01-31' }]);
    expect(later.unused()).toEqual([]);
  });
});
