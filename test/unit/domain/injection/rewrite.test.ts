import { describe, expect, it } from '@jest/globals';
import { rewriteYaml } from '../../../../src/domain/injection/rewrite.ts';
import { readYaml } from '../../../../src/lib/yaml-fast.ts';

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

describe('rewriteYaml', () => {
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
      labels:
        app: web
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
