import { describe, expect, test } from '@jest/globals';
import type { JsonValue } from '../../../../src/lib/json.ts';
import { errorOf, evaluate } from './support.ts';

const SCOPE = {
  namespace: 'mesh',
  files: { 'sidecar.yaml': 'text' },
  values: {
    int: 3,
    double: 1.5,
    name: 'istiod',
    on: true,
    nothing: null,
    ports: [
      { name: 'http', port: 80 },
      { name: 'https', port: 443, targetPort: 8443 },
    ],
    labels: { z: '1', a: '2' },
    'istio-ingressgateway': { namespace: 'edge' },
    mixed: ['a', 1, null, { b: 1 }],
    numbers: [3, 1, 2.5, 1],
    constructor: 'own',
  },
};

describe('expressions', () => {
  test.each<[string, JsonValue | undefined]>([
    // numbers
    ['values.int > 1', true],
    ['values.int == 3 && values.int == 3.0', true],
    ['values.double > values.int', false],
    ['values.double < 2 && values.double >= 1.5', true],
    ['values.int + 1', 4],
    ['values.int / 2', 1],
    ['values.int % 2 == 1', true],
    ['values.double * 2.0', 3],
    ['-values.int', -3],
    ['int(values.double)', 1],
    ["int('7') + values.int", 10],
    ['double(values.int) / 2.0', 1.5],
    ['string(values.int) + string(values.on)', '3true'],
    ['type(values.int) == int && type(values.double) == double', true],
    // maps and lists
    ["values['istio-ingressgateway'].namespace", 'edge'],
    ["files['sidecar.yaml']", 'text'],
    ["'z' in values.labels", true],
    ["'x' in values.labels", false],
    ["'name' in values.ports[0]", true],
    ["'constructor' in values && !('toString' in values)", true],
    ['values.constructor', 'own'],
    ['values.?toString.hasValue()', false],
    ['1 in values.mixed && !(2 in values.mixed)', true],
    ["'a' in values.mixed", true],
    ['values.ports.map(p, p.name)', ['http', 'https']],
    ['values.ports.map(p, p.port > 100, p.name)', ['https']],
    ['values.ports.filter(p, has(p.targetPort)).map(p, p.targetPort)', [8443]],
    ["values.ports.exists(p, p.name == 'http')", true],
    ['values.ports.all(p, p.port > 79)', true],
    ['values.ports.exists_one(p, p.port == 80)', true],
    ["values.labels.map(k, k + '=' + values.labels[k])", ['a=2', 'z=1']],
    ["values.labels.exists(k, values.labels[k] == '2')", true],
    ["values.labels.filter(k, k == 'z')", ['z']],
    ['values.ports[1].port', 443],
    ['size(values.ports) + values.labels.size()', 4],
    ["values.labels == {'a': '2', 'z': '1'}", true],
    ["values.ports == [{'name': 'http', 'port': 80.0}]", false],
    ["['a'] + values.mixed", ['a', 'a', 1, null, { b: 1 }]],
    [
      "values.ports.map(p, {'name': p.name}) + [{'valueFrom': {'x': 1}}]",
      [{ name: 'http' }, { name: 'https' }, { valueFrom: { x: 1 } }],
    ],
    ["[1, 'a', null, {'b': [2]}]", [1, 'a', null, { b: [2] }]],
    // optionals
    ["values.?nope.?deep.orValue('x')", 'x'],
    ["values.?nope.deep.orValue('x')", 'x'],
    ["values.?nothing.?deep.orValue('x')", 'x'],
    ['values.?nothing.orValue(1)', null],
    ["values.?name.orValue('x')", 'istiod'],
    ['values.?ports[0].?name', 'http'],
    ['values.ports[?7].hasValue()', false],
    ["values[?'istio-ingressgateway'].?namespace", 'edge'],
    ["values[?'istio-' + 'x'].hasValue()", false],
    ['values.?nope.or(values.?name)', 'istiod'],
    ['values.?nope', undefined],
    ['values.on ? optional.none() : values.?int', undefined],
    ['optional.of(values.int)', 3],
    ['values.?name.value()', 'istiod'],
    ["values.?name.optMap(n, n + '-x')", 'istiod-x'],
    ['values.?nope.optMap(n, n.x.y)', undefined],
    ['values.?ports.optFlatMap(p, p[?5])', undefined],
    ['values.?ports.optFlatMap(p, p[?1]).?port', 443],
    ['values.?labels.optMap(l, l.map(k, k + namespace)).orValue([])', ['amesh', 'zmesh']],
    // namespace is reserved in CEL, but not here
    ['namespace', 'mesh'],
    ["namespace + '/' + values['istio-ingressgateway'].namespace + 'namespace'", 'mesh/edgenamespace'],
    ["{'namespace': namespace}", { namespace: 'mesh' }],
    // logic
    ['values.on || values.nope', true],
    ['values.nope || values.on', true],
    ['!values.on && values.nope', false],
    ["values.on ? 'a' : 'b'", 'a'],
    ['cel.bind(x, values.int, x * x)', 9],
    ['values.nothing == null', true],
    // strings
    ["'a-b-c'.split('-')", ['a', 'b', 'c']],
    ["'a-b-c'.split('-', 2)", ['a', 'b-c']],
    ["'a-b-c'.replace('-', '.')", 'a.b.c'],
    ["'a-b-c'.replace('-', '.', 1)", 'a.b-c'],
    ["'Ab'.lowerAscii() + 'Ab'.upperAscii()", 'abAB'],
    ["['a', 'b'].join(',')", 'a,b'],
    ["values.ports.map(p, p.name).join('+')", 'http+https'],
    ["'istio-cni'.startsWith('istio') && 'x'.endsWith('x') && 'abc'.contains('b')", true],
    ["'istiod'.substring(0, 5)", 'istio'],
    ["'abc'.indexOf('c')", 2],
    ["values.name.matches('^[a-z]+$')", true],
    ["' a '.trim()", 'a'],
    // lists
    ['values.numbers.sort()', [1, 1, 2.5, 3]],
    ["['b', 'a'].sort()", ['a', 'b']],
    ['values.numbers.distinct()', [3, 1, 2.5]],
    ["[{'a': 1}, {'a': 1.0}, {'a': 2}].distinct()", [{ a: 1 }, { a: 2 }]],
    ['[1, [2, [3]]].flatten()', [1, 2, [3]]],
    ['[1, [2, [3]]].flatten(2)', [1, 2, 3]],
  ])('%s', (cel, value) => {
    expect(evaluate(cel, SCOPE)).toEqual(value);
  });

  test.each([
    ['values.nope', 'there is no key nope'],
    ["values['nope']", 'there is no key nope'],
    ['values.name + 1', 'there is no string + int'],
    ['values.int / 0', 'division by zero'],
    ["int('x')", "int() cannot read 'x'"],
    ['values.?nope.value()', 'the optional has no value'],
    ['values.name ? 1 : 2', '? : needs true or false, got string'],
    ['values.name || values.on == false', '|| needs true or false, got string'],
    ["values.name.matches('(')", 'invalid regular expression'],
    ['values.mixed.sort()', 'sort() needs scalars of one type'],
    ['values.name.optMap(x, x)', 'optMap() needs an optional'],
  ])('%s fails', (cel, message) => {
    expect(errorOf(() => evaluate(cel, SCOPE)).message).toContain(message);
  });
});
