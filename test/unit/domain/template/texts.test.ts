import { expect, test } from '@jest/globals';
import { compileTemplate, renderTemplate } from '../../../../src/domain/template/index.ts';
import type { JsonValue } from '../../../../src/lib/json.ts';

function render(given: JsonValue): JsonValue[] {
  const template = compileTemplate({ file: 't.yaml', text: 'labels: "${texts(given)}"\n' });
  return renderTemplate(template, { given });
}

test('texts() makes every value a text and leaves nulls out', () => {
  expect(render({ a: 1, b: 1.5, c: true, d: 'x', e: '', f: null })).toEqual([
    { labels: { a: '1', b: '1.5', c: 'true', d: 'x', e: '' } },
  ]);
  expect(render(null)).toEqual([{ labels: {} }]);
});

test('texts() refuses what has no text, and says where', () => {
  expect(() => render({ a: ['x'] })).toThrow('texts() needs scalars, got a list as a');
  expect(() => render('x')).toThrow('texts() needs a map, got string');
});
