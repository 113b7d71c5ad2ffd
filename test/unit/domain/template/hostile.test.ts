import { describe, expect, test } from '@jest/globals';
import {
  checkTemplate,
  compileTemplate,
  standardDeclarations,
} from '../../../../src/domain/template/index.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { errorOf, evaluate, FILE, render } from './support.ts';

function compile(text: string): unknown {
  return compileTemplate({ file: FILE, text });
}

describe('hostile templates', () => {
  test.each([
    ['deep flow lists', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['deep block lists', '- '.repeat(10_000) + 'x'],
    ['deep maps', `${'{a: '.repeat(5_000)}1${'}'.repeat(5_000)}`],
    ['deep blocks', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('%s', (_, text) => {
    const error = errorOf(() => compile(text));
    expect(error.code).toBe('template');
    expect(error.message).toMatch(/nested (deeper than 200 levels|too deeply)/);
  });

  test('deep expressions', () => {
    for (const cel of [
      `${'('.repeat(5_000)}1${')'.repeat(5_000)}`,
      `${'['.repeat(5_000)}1${']'.repeat(5_000)}`,
      `${'!'.repeat(20_000)}true`,
      `1${' + 1'.repeat(60_000)}`,
      `x${'.y'.repeat(5_000)}`,
      `${'a ? '.repeat(3_000)}1${' : 2'.repeat(3_000)}`,
    ]) {
      const error = errorOf(() => compile(`a: "\${${cel}}"`));
      expect(error.code).toBe('template');
      expect(error.message).toMatch(/nested too deeply|too large/);
    }
  });

  test('billion laughs', () => {
    const text = 'a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]';
    expect(errorOf(() => compile(text)).details).toHaveLength(4);
  });

  test('$each bombs stop at a million nodes', () => {
    const values = Array.from({ length: 1_000 }, (_, index) => index);
    const text = 'l: [{$each: "${values}", $as: a, m: [{$each: "${values}", $as: b, x: "${b}"}]}]';
    const error = errorOf(() => render(`kind: Bomb\n${text}`, { values }));
    expect(error).toMatchObject({
      code: 'template',
      message: 'Bomb: the template makes more than 1000000 nodes',
      position: { file: FILE, line: 1, column: 1 },
    });
  });

  test('so does data that is put in many times', () => {
    const big: JsonValue = Array.from({ length: 20_000 }, (_, index) => index);
    const text = 'l: [{$each: "${values.slice}", $as: a, big: "${values.big}"}]';
    const values = { big, slice: Array.from({ length: 200 }, () => 0) };
    expect(errorOf(() => render(text, { values })).message).toContain('more than 1000000 nodes');
  });

  test('so do lists that double', () => {
    const lets = Array.from({ length: 30 }, (_, index) => `  l${index + 1}: "\${l${index} + l${index}}"`);
    const text = `$let:\n  l0: "\${[1, 1]}"\n${lets.join('\n')}\nx: "\${l30.size()}"`;
    expect(errorOf(() => render(text)).message).toContain('too large');
  });

  test('so do texts that double', () => {
    const lets = Array.from({ length: 60 }, (_, index) => `  l${index + 1}: "\${l${index} + l${index}}"`);
    const text = `$let:\n  l0: xx\n${lets.join('\n')}\nx: "\${l60.size()}"`;
    expect(errorOf(() => render(text)).message).toContain('too large');
  });

  test('deep data', () => {
    let values: JsonValue = 1;
    for (let depth = 0; depth < 100_000; depth += 1) values = [values];
    expect(errorOf(() => render('x: "${values}"', { values })).message).toContain('too large');
  });

  test('names of Object are no variables, keys or methods', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
      expect(errorOf(() => render(`x: "\${${name}}"`)).message).toContain(`unknown name ${name}`);
      expect(errorOf(() => evaluate(`values.${name}`, { values: {} })).message).toContain(
        `there is no key ${name}`,
      );
      expect(evaluate(`values.?${name}.hasValue()`, { values: {} })).toBe(false);
      expect(evaluate(`'${name}' in values`, { values: {} })).toBe(false);
      expect(evaluate(`merge({}, {'${name}x': 1})`)).toEqual({ [`${name}x`]: 1 });
    }
    expect(errorOf(() => render('x: "${__proto__}"')).message).toContain('Reserved identifier');
  });

  test('prototypes cannot be reached through keys', () => {
    const values = JSON.parse('{"__proto__": {"polluted": 1}, "key": "__proto__"}') as JsonObject;
    const [document] = render(
      '"${values.key}": {polluted: 2}\nm: {a: {}, $merge: "${values}"}\nc: "${compact(values)}"',
      { values },
    );
    expect(Object.hasOwn(document as object, '__proto__')).toBe(true);
    expect(({} as JsonObject)['polluted']).toBeUndefined();
    expect((document as JsonObject)['polluted']).toBeUndefined();
  });

  test('schemas that refer to themselves end', () => {
    const schema: JsonObject = {
      $ref: '#/$defs/a',
      $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } },
    };
    const template = compileTemplate({ file: FILE, text: 'a: "${values.x.y.z}"' });
    expect(checkTemplate(template, standardDeclarations(schema))).toEqual([]);
  });
});
