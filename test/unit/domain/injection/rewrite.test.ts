import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rewriteYaml } from '../../../../src/domain/injection/rewrite.ts';
import { isEqual } from '../../../../src/lib/json.ts';
import { readYaml } from '../../../../src/lib/yaml-fast.ts';
import { printYaml } from '../../../../src/lib/yaml-print.ts';

const document = `# the shop
apiVersion: apps/v1
kind: Deployment # web
metadata:
  name: web
spec:
  replicas: 2 # two are enough
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        args: ["a"]
  # the end
  paused: false
`;
const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', args: ['b\nc'] }] },
};

const full = `spec:
  template:
    metadata:
      labels:
        app: web # what it is
    spec:
      # the only one
      containers:
        # ours
        - name: web # its name
          image: web:1
          readinessProbe:
            httpGet: {path: /ready, port: 80} # fast
          command: |
            run
      volumes:
        - name: data
          emptyDir: {}
      # at the end
`;

describe('rewriteYaml', () => {
  it('keeps comments and layout inside of what it changes', () => {
    const containers = [
      { name: 'first', image: 'x' },
      {
        name: 'web',
        image: 'web:1',
        readinessProbe: { httpGet: { path: '/app-health/web/readyz', port: 15_020 } },
        command: 'run\n',
        env: [{ name: 'A', value: '1' }],
      },
      { name: 'istio-proxy', image: 'y' },
    ];
    const wanted = {
      metadata: { labels: { app: 'web', tls: 'istio' }, annotations: { 'istio.io/rev': 'default' } },
      spec: {
        initContainers: [{ name: 'istio-init' }],
        containers,
        volumes: [
          { name: 'certs', emptyDir: {} },
          { name: 'data', emptyDir: {} },
        ],
      },
    };
    expect(rewriteYaml(full, [{ path: ['spec', 'template'], value: wanted }])).toBe(`spec:
  template:
    metadata:
      labels:
        app: web # what it is
        tls: istio
      annotations:
        istio.io/rev: default
    spec:
      # the only one
      containers:
        - name: first
          image: x
        # ours
        - name: web # its name
          image: web:1
          readinessProbe:
            httpGet:
              path: /app-health/web/readyz
              port: 15020 # fast
          command: |
            run
          env:
          - name: A
            value: "1"
        - name: istio-proxy
          image: "y"
      volumes:
        - name: certs
          emptyDir: {}
        - name: data
          emptyDir: {}
      initContainers:
      - name: istio-init
      # at the end
`);
  });

  it.each([
    ['a key goes', 'a:\n  b: 1 # one\n  c: 2\n', { c: 2 }],
    ['items change places', 'a:\n  l:\n  - name: x\n  - name: y\n', { l: [{ name: 'y' }, { name: 'x' }] }],
    ['an item goes', 'a:\n  l:\n  - 1\n  - 2\n', { l: [2] }],
    ['a list inside of a list', 'a:\n  l:\n  - - 1\n    - 2\n', { l: [[1, 2, 3]] }],
    ['a map becomes a text', 'a:\n  b:\n    c: 1\n', { b: 'text' }],
    ['nothing was there', 'a:\n  b:\n  c: 1\n', { b: { x: 1 }, c: 1, d: 2 }],
    ['an empty list', 'a:\n  b: [] # none\n', { b: [{ name: 'x' }] }],
    ['anchors', 'a:\n  b: &x\n    c: 1\n  d: *x\n', { b: { c: 2 }, d: { c: 1 } }],
    ['no newline at the end', 'a:\n  b: 1', { b: 1, c: 2 }],
    ['a key given twice', 'a:\n  b: 1\n  b: 2\n', { b: 3 }],
    ['Windows lines', 'a:\r\n  b: 1 # x\r\n  c:\r\n  - 1\r\n', { b: 2, c: [1, 2], d: 1 }],
    ['a folded text', 'a:\n  b: >-\n    x\n    y\n\n', { b: 'x y', c: 1 }],
  ])('whatever changes, the value is right: %s', (_name, text, value) => {
    const read = readYaml(rewriteYaml(text, [{ path: ['a'], value: value }]));
    expect('value' in read && read.value).toEqual({ a: value });
  });

  it('any value becomes any other', () => {
    const value = fc.dictionary(fc.constantFrom('name', 'b', 'c', 'd'), fc.jsonValue({ maxDepth: 4 }), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(value, value, (before, after) => {
        const text = `# head\na: # here\n${printYaml({ a: before as never }).slice(3)}# foot\nz: 1\n`;
        const start = Object.keys(before).length === 0 ? printYaml({ a: {}, z: 1 }) : text;
        const read = readYaml(rewriteYaml(start, [{ path: ['a'], value: after as never }]));
        expect('value' in read && isEqual(read.value, { a: after as never, z: 1 })).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('replaces a block and leaves everything around it', () => {
    expect(rewriteYaml(document, [{ path: ['spec', 'template'], value: template }])).toBe(`# the shop
apiVersion: apps/v1
kind: Deployment # web
metadata:
  name: web
spec:
  replicas: 2 # two are enough
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        args:
        - |-
          b
          c
  # the end
  paused: false
`);
  });

  it('replaces several, also in a list', () => {
    const list = `kind: List
items:
- metadata: # m
    a: 1
  spec:
    b: |
      text
# between
- x: 1
- metadata:
    a: 2
`;
    const result = rewriteYaml(list, [
      { path: ['items', 0, 'metadata'], value: { a: 5 } },
      { path: ['items', 0, 'spec'], value: { b: 'other\n' } },
      { path: ['items', 2, 'metadata'], value: { a: 7, z: {} } },
    ]);
    expect(result).toBe(`kind: List
items:
- metadata: # m
    a: 5
  spec:
    b: |
      other
# between
- x: 1
- metadata:
    a: 7
    z: {}
`);
  });

  it.each([
    ['flow', 'a: {b: {c: 1}}\nd: 1 # keep\n', ['a', 'b']],
    ['an alias', 'x: &x {c: 1}\na:\n  b: *x\n', ['a', 'b']],
    ['a missing key', '# head\n\na:\n  c: 1\n', ['a', 'b']],
    ['a scalar', 'a:\n  b: 1\n', ['a', 'b']],
    ['JSON', '{"a": {"b": {}}}', ['a', 'b']],
  ])('prints the document anew where the text does not allow it: %s', (_name, text, path) => {
    const result = rewriteYaml(text, [{ path, value: { new: true } }]);
    const read = readYaml(result);
    expect('value' in read && read.value).toMatchObject({ a: { b: { new: true } } });
    if (text.startsWith('# head')) expect(result).toMatch(/^# head\n\na:/);
  });
});
