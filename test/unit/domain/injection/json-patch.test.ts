import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyJsonPatch } from '../../../../src/domain/injection/json-patch.ts';
import type { JsonValue } from '../../../../src/lib/json.ts';

describe('applyJsonPatch', () => {
  it.each<[string, JsonValue, JsonValue, JsonValue]>([
    ['add to a map', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    ['add over a value', { a: 1 }, [{ op: 'add', path: '/a', value: 2 }], { a: 2 }],
    ['add into a list', { l: [1, 3] }, [{ op: 'add', path: '/l/1', value: 2 }], { l: [1, 2, 3] }],
    ['add at the end', { l: [1] }, [{ op: 'add', path: '/l/-', value: 2 }], { l: [1, 2] }],
    ['add at the index behind the end', { l: [1] }, [{ op: 'add', path: '/l/1', value: 2 }], { l: [1, 2] }],
    ['replace', { a: { b: 1 } }, [{ op: 'replace', path: '/a/b', value: 2 }], { a: { b: 2 } }],
    ['replace in a list', [1, 2], [{ op: 'replace', path: '/0', value: 5 }], [5, 2]],
    ['replace the whole', { a: 1 }, [{ op: 'replace', path: '', value: [] }], []],
    ['remove', { a: 1, b: 2 }, [{ op: 'remove', path: '/a' }], { b: 2 }],
    ['remove from a list', [1, 2, 3], [{ op: 'remove', path: '/1' }], [1, 3]],
    ['move', { a: 1 }, [{ op: 'move', from: '/a', path: '/b' }], { b: 1 }],
    ['copy', { a: [1] }, [{ op: 'copy', from: '/a', path: '/b' }], { a: [1], b: [1] }],
    [
      'a test that holds',
      { a: { x: 1, y: 2 } },
      [{ op: 'test', path: '/a', value: { y: 2, x: 1 } }],
      { a: { x: 1, y: 2 } },
    ],
    [
      'escaped keys',
      { a: {} },
      [{ op: 'add', path: '/a/istio.io~1rev~0', value: 'x' }],
      { a: { 'istio.io/rev~': 'x' } },
    ],
    ['a value that Go left out', { a: 1 }, [{ op: 'add', path: '/a' }], { a: null }],
    [
      'keys in their order',
      { a: 1, b: 2, c: 3 },
      [{ op: 'replace', path: '/b', value: 0 }],
      { a: 1, b: 0, c: 3 },
    ],
    ['nothing to do', { a: 1 }, [], { a: 1 }],
  ])('%s', (_name, root, patch, result) => {
    const before = JSON.stringify(root);
    expect(JSON.stringify(applyJsonPatch(root, patch))).toBe(JSON.stringify(result));
    expect(JSON.stringify(root)).toBe(before);
  });

  it.each<[JsonValue, JsonValue, RegExp]>([
    [{}, { op: 'add' }, /no list of operations/],
    [{}, ['x'], /operation 0 is no map/],
    [{}, [{ op: 'dig', path: '/a' }], /no operation "dig"/],
    [{}, [{ op: 'add', path: 'a', value: 1 }], /path "a" is no JSON pointer/],
    [{}, [{ op: 'copy', path: '/a' }], /from undefined is no JSON pointer/],
    [{}, [{ op: 'remove', path: '/a' }], /nothing at \/a/],
    [{}, [{ op: 'replace', path: '/a', value: 1 }], /nothing at \/a/],
    [{}, [{ op: 'add', path: '/a/b', value: 1 }], /nothing at \/a\/b/],
    [{ a: 1 }, [{ op: 'add', path: '/a/b', value: 1 }], /nothing at \/a\/b/],
    [[1], [{ op: 'remove', path: '/1' }], /nothing at \/1/],
    [[1], [{ op: 'add', path: '/2', value: 1 }], /nothing at \/2/],
    [[1], [{ op: 'add', path: '/01', value: 1 }], /nothing at \/01/],
    [[1], [{ op: 'replace', path: '/-', value: 1 }], /nothing at \/-/],
    [{ a: 1 }, [{ op: 'test', path: '/a', value: 2 }], /the test of \/a fails/],
    [{}, [{ op: 'copy', from: '/toString', path: '/a' }], /nothing at \/toString/],
  ])('refuses %j with %j', (root, patch, message) => {
    expect(() => applyJsonPatch(root, patch)).toThrow(message);
  });

  it('makes an own property of any key', () => {
    const result = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { x: 1 } }]);
    expect(Object.keys(result as object)).toEqual(['__proto__']);
  });

  it('adding and removing any key gives back what was there', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (map, key) => {
        fc.pre(!Object.hasOwn(map, key));
        const path = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        const patch = [
          { op: 'add', path, value: 1 },
          { op: 'remove', path },
        ];
        expect(applyJsonPatch(map as JsonValue, patch)).toEqual(Object.fromEntries(Object.entries(map)));
      }),
    );
  });
});
