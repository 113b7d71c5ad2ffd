import { describe, expect, test } from '@jest/globals';
import { loadFiles } from '../../../../src/domain/analysis/load.ts';
import type { LoadedFiles } from '../../../../src/domain/analysis/load.ts';
import { originOf } from '../../../../src/domain/analysis/suppress.ts';
import { formatProblem } from '../../../../src/lib/errors.ts';

const load = (text: string, name = 'a.yaml', defaultNamespace = 'default'): LoadedFiles =>
  loadFiles([{ name, text }], { defaultNamespace });
const origins = (loaded: LoadedFiles): string[] => loaded.resources.map(originOf);
const problems = (loaded: LoadedFiles): string[] => loaded.problems.map(formatProblem);

const service = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n${more}`;

describe('what is read', () => {
  test('documents of known kinds; others are left alone', () => {
    const loaded = load(
      [
        service('a'),
        'kind: Ingress\napiVersion: networking.k8s.io/v1\n',
        'apiVersion: networking.istio.io/v9\nkind: VirtualService\nmetadata: {name: x}\n',
        'kind: OnlyKind\n',
        '# nothing\n',
        '',
      ].join('---\n'),
    );
    expect(origins(loaded)).toEqual(['Service default/a']);
    expect(loaded.problems).toEqual([]);
  });

  test('namespaces: the default, none, and never for cluster-scoped kinds', () => {
    const text = `${service('a')}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: team, namespace: x}\n`;
    expect(origins(load(text))).toEqual(['Service default/a', 'Namespace team']);
    expect(origins(load(text, 'a.yaml', ''))).toEqual(['Service a', 'Namespace team']);
  });

  test('system namespaces are dropped, istio-system is not', () => {
    const text = ['kube-system', 'istio-system', 'local-path-storage']
      .map((namespace) => service('a', `  namespace: ${namespace}\n`))
      .join('---\n');
    expect(
      origins(load(`${text}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: kube-public}\n`)),
    ).toEqual(['Service istio-system/a']);
  });

  test('a List is expanded, in YAML and in JSON', () => {
    const yaml = `apiVersion: v1\nkind: List\nitems:\n- ${service('a').replaceAll('\n', '\n  ')}\n- ${service('b').replaceAll('\n', '\n  ')}\n`;
    expect(origins(load(yaml))).toEqual(['Service default/a', 'Service default/b']);
    const json =
      '{"kind": "List", "items": [{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}]}';
    expect(origins(load(json, 'a.json'))).toEqual(['Service default/a']);
  });

  test('the later definition of an object wins, whatever its version', () => {
    const first = 'apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: s}\n';
    const second = first.replace('/v1\n', '/v1beta1\n');
    const loaded = load(`${first}---\n${service('a')}---\n${second}`);
    expect(loaded.resources.map(({ version }) => version)).toEqual(['v1', 'v1beta1']);
    expect(loaded.replaced.map(({ earlier, later }) => [earlier.source?.line, later.source?.line])).toEqual([
      [1, 10],
    ]);
  });

  test('only the wanted kinds', () => {
    const loaded = loadFiles([{ name: 'a.yaml', text: service('a') }], {
      defaultNamespace: '',
      kinds: new Set(['/Pod']),
    });
    expect(loaded.resources).toEqual([]);
  });

  test('YAML 1.1 booleans and octals, keys given twice', () => {
    const [resource] = load(service('a', 'spec: {a: yes, b: off, c: 010, d: "yes", e: 1, e: 2}\n')).resources;
    expect(resource?.spec).toEqual({ a: true, b: false, c: 8, d: 'yes', e: 2 });
  });
});

describe('what cannot be read', () => {
  test('is a problem of its document, with line and column', () => {
    const loaded = load(
      `${service('a')}---\n# note\nkind: [\n---\n${service('b')}---\ntext\n---\nspec: {}\n`,
    );
    expect(origins(loaded)).toEqual(['Service default/a', 'Service default/b']);
    expect(problems(loaded)).toEqual([
      expect.stringMatching(/^a\.yaml:8:\d+: not valid YAML: /),
      'a.yaml:14:1: expected a Kubernetes object',
      'a.yaml:16:1: the document has no kind',
    ]);
    expect(loaded.unreadableFiles).toEqual(['a.yaml']);
  });

  test('wrong types of metadata and of Istio fields', () => {
    const loaded = load(
      [
        service('1'),
        service('a', '  labels:\n    on: yes\n'),
        'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata:\n  name: d\nspec:\n  host: a\n  trafficPolicy:\n    tls:\n      mode: NONE\n',
        'kind: List\nitems: 3\n',
      ].join('---\n'),
    );
    expect(loaded.resources).toEqual([]);
    expect(problems(loaded)).toEqual([
      'a.yaml:4:9: metadata.name: expected text, found 1',
      'a.yaml:11:9: metadata.labels.true: expected text, found true; put it in quotes',
      'a.yaml:21:13: spec.trafficPolicy.tls.mode: expected one of DISABLE, SIMPLE, MUTUAL, ISTIO_MUTUAL, found the text "NONE"',
      'a.yaml:24:8: expected a list',
    ]);
  });

  test('templates are called so, and pointed at', () => {
    const text = `${service('a')}---\n{{- if .Values.b }}\n${service('b')}{{- end }}\n---\n${service('{{ .Values.name }}')}`;
    const loaded = load(text);
    const told =
      'not valid YAML: {{ … }} belongs to a template (render it first, such as helm template CHART | mesh analyze -)';
    expect(problems(loaded)).toEqual([`a.yaml:6:1: ${told}`, `a.yaml:16:9: ${told}`]);
    expect(origins(loaded)).toEqual(['Service default/a']);
  });

  test('JSON with a mistake', () => {
    expect(problems(load('{"kind": "Service",\n "metadata": {}', 'a.json'))).toEqual([
      expect.stringMatching(/^a\.json:\d:\d+: not valid YAML: /),
    ]);
  });
});

describe('places', () => {
  test('the first line of a document, a leading comment counts', () => {
    const loaded = load(`\n# one\n${service('a')}---\n\n\n${service('b')}`);
    expect(loaded.resources.map(({ source }) => source?.line)).toEqual([2, 10]);
  });

  test('a value, its key, and the deepest part that exists', () => {
    const [resource] = load(
      `---\n${service('a', 'spec:\n  ports:\n    - name: "http"\n      port: 80\n')}`,
    ).resources;
    const at = (path: (string | number)[], what?: 'key'): unknown => resource?.source?.locate(path, what);
    expect(at(['spec', 'ports', 0, 'name'])).toEqual({ file: 'a.yaml', line: 8, column: 13 });
    expect(at(['spec', 'ports', 0, 'port'], 'key')).toEqual({ file: 'a.yaml', line: 9, column: 7 });
    expect(at(['spec', 'ports', 3])).toEqual({ file: 'a.yaml', line: 8, column: 5 });
    expect(at(['spec', 'selector', 'app'])).toEqual({ file: 'a.yaml', line: 7, column: 3 });
  });

  test('items of a List', () => {
    const loaded = load(`kind: List\nitems:\n# first\n- ${service('a').replaceAll('\n', '\n  ')}\n`);
    expect(loaded.resources[0]?.source?.line).toBe(4);
    expect(loaded.resources[0]?.source?.locate(['metadata', 'name']).line).toBe(7);
  });

  test('snake_case names, aliases, JSON', () => {
    const rule =
      'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d}\nspec:\n  traffic_policy: &p\n    tls: {mode: SIMPLE}\n  subsets:\n  - {name: x, trafficPolicy: *p}\n';
    const [resource] = load(rule).resources;
    expect(resource?.source?.locate(['spec', 'trafficPolicy', 'tls', 'mode'])).toMatchObject({
      line: 6,
      column: 17,
    });
    expect(resource?.source?.locate(['spec', 'subsets', 0, 'trafficPolicy', 'tls', 'mode']).line).toBe(6);
    const json = load('{"apiVersion": "v1", "kind": "Service",\n "metadata": {"name": "a"}}', 'a.json');
    expect(json.resources[0]?.source?.locate(['metadata', 'name'])).toMatchObject({ line: 2, column: 23 });
  });
});
