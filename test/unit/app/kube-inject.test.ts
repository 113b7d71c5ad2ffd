import { beforeEach, describe, expect, it } from '@jest/globals';
import { kubeInject } from '../../../src/app/kube-inject.ts';
import type { InjectResult } from '../../../src/app/kube-inject.ts';
import type { Files } from '../../../src/app/ports.ts';
import type { MeshError } from '../../../src/lib/errors.ts';
import { getAt, stringAt } from '../../../src/lib/json.ts';
import { parseYamlDocuments } from '../../../src/lib/yaml.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';
import { answerReview } from '../../support/fake-injector.ts';
import { injectorConfiguration } from '../../support/injector-objects.ts';

let cluster: FakeCluster;

beforeEach(() => {
  cluster = createFakeCluster();
  cluster.plant(injectorConfiguration('istio-sidecar-injector', { revision: 'default', switchedOff: true }));
  cluster.plant(injectorConfiguration('istio-revision-tag-default', { revision: 'default', tag: 'default' }));
  cluster.plant(injectorConfiguration('istio-sidecar-injector-canary', { revision: 'canary' }));
  cluster.onServiceRequest = ({ body = '' }) => ({ status: 200, body: answerReview(body) });
});

function inject(
  texts: Readonly<Record<string, string>>,
  more: { revision?: string; namespace?: string; istioNamespace?: string } = {},
): Promise<InjectResult> {
  const files: Files = {
    read: (path) => Promise.resolve(texts[path] ?? ''),
    write: () => Promise.resolve(),
    listManifests: (path) => Promise.resolve([path]),
  };
  const paths = Object.keys(texts);
  return kubeInject({ paths, signal: new AbortController().signal, ...more }, { files, cluster });
}

const deployment = `apiVersion: apps/v1
kind: Deployment # the shop
metadata:
  name: web
  namespace: shop
spec:
  replicas: 2 # two are enough
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: web:1
`;
const service = `# not touched:   at all
apiVersion:   v1
kind: Service
metadata: {name: web,
  namespace: shop}   # odd layout
spec: {ports: [{port: 80}]}
`;

const valuesOf = (text: string) => parseYamlDocuments(text, 'out').map(({ value }) => value);

describe('kubeInject', () => {
  it('changes pod templates only, and keeps every byte of other documents', async () => {
    const input = `---\n${service}---\n${deployment}---\n# only a comment\n---\n${service}`;
    const { text, injected, untouched } = await inject({ 'a.yaml': input });
    expect(injected).toEqual(['Deployment shop/web']);
    expect(untouched).toEqual([]);
    expect(text.split('---\n')[1]).toBe(service);
    expect(text.split('---\n').slice(3)).toEqual(['# only a comment\n', service]);
    expect(text).toContain('kind: Deployment # the shop');
    expect(text).toContain('replicas: 2 # two are enough');
    const made = valuesOf(text)[1]!;
    expect(made).toMatchObject({
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        template: {
          metadata: {
            labels: { app: 'web', 'security.istio.io/tlsMode': 'istio' },
            annotations: { 'istio.io/rev': 'default' },
          },
          spec: {
            initContainers: [{ name: 'istio-init' }],
            containers: [
              { name: 'web', image: 'web:1' },
              {
                name: 'istio-proxy',
                env: [
                  { name: 'OWNER', value: expect.stringMatching(/^ReplicaSet web-[a-z0-9]+$/) },
                  { name: 'NAMESPACE', value: 'shop' },
                ],
              },
            ],
          },
        },
      },
    });
    expect(Object.keys(getAt(made, ['spec', 'template', 'metadata', 'labels']) as object)).not.toContain(
      'pod-template-hash',
    );
    expect(getAt(made, ['spec', 'template', 'metadata', 'ownerReferences'])).toBeUndefined();
  });

  it('asks the istiod of the tag default, or the one that is named', async () => {
    const asked: string[] = [];
    cluster.onServiceRequest = ({ namespace, service: name, port, path, scheme, body = '' }) => {
      asked.push(`${scheme} ${namespace}/${name}:${port}${path}`);
      return { status: 200, body: answerReview(body) };
    };
    await inject({ a: deployment });
    await inject({ a: deployment }, { revision: 'canary' });
    expect(asked).toEqual([
      'https istio-system/istiod:443/inject',
      'https istio-system/istiod-canary:443/inject',
    ]);
  });

  it('asks control planes of one namespace only, where it is named', async () => {
    cluster.plant(
      injectorConfiguration('istio-revision-tag-default-mesh', {
        revision: 'second',
        tag: 'default',
        service: { namespace: 'mesh', name: 'istiod-second' },
      }),
    );
    expect((await inject({ a: deployment }, { istioNamespace: 'mesh' })).injector?.revision).toBe('second');
    expect((await inject({ a: deployment }, { istioNamespace: 'istio-system' })).injector?.revision).toBe(
      'default',
    );
  });

  it('injects items of lists, CronJobs and Pods, and puts files into one stream', async () => {
    const list = `kind: List\napiVersion: v1\nitems:\n# first\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: c\n- apiVersion: batch/v1\n  kind: CronJob\n  metadata:\n    name: tidy\n  spec:\n    jobTemplate:\n      spec:\n        template:\n          spec:\n            containers:\n            - name: tidy\n`;
    const pod = `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"}, "spec": {"containers": [{"name": "one"}]}}`;
    const { text, injected } = await inject({ 'a.yaml': list, 'b.json': pod }, { namespace: 'jobs' });
    expect(injected).toEqual(['CronJob jobs/tidy', 'Pod jobs/one']);
    expect(text).toContain('# first');
    const [made, second] = valuesOf(text);
    const template = getAt(made, ['items', 1, 'spec', 'jobTemplate', 'spec', 'template']);
    expect(getAt(template, ['spec', 'containers', 1, 'env', 0, 'value'])).toMatch(/^Job tidy-\d{8}$/);
    expect(second).toMatchObject({
      metadata: { name: 'one' },
      spec: { containers: [{ name: 'one' }, { name: 'istio-proxy' }] },
    });
    expect(getAt(second, ['metadata', 'namespace'])).toBeUndefined();
    expect(JSON.parse(text.slice(text.indexOf('\n---\n') + 5))).toEqual(second);
  });

  it('tells what istiod leaves as it is, byte for byte, and what it warns about', async () => {
    const off = deployment.replace('app: web', 'sidecar.istio.io/inject: "false"');
    const warned = deployment.replace('app: web', 'warn: "yes"');
    const { text, injected, untouched, warnings } = await inject({ a: off, b: warned });
    expect(text.startsWith(`${off}---\n`)).toBe(true);
    expect(untouched).toEqual(['Deployment shop/web']);
    expect(injected).toEqual(['Deployment shop/web']);
    expect(warnings).toEqual(['Deployment shop/web: a label is deprecated']);
  });

  it('asks nobody when there is nothing to ask about', async () => {
    cluster.objects.clear();
    expect(await inject({ a: service })).toEqual({
      text: service,
      injected: [],
      untouched: [],
      warnings: [],
    });
    expect(cluster.requestCounts).toEqual({});
  });
});

describe('kubeInject refuses', () => {
  const failure = async (texts: Record<string, string>, revision?: string): Promise<MeshError> =>
    inject(texts, revision === undefined ? {} : { revision }).then(
      () => {
        throw new Error('it did not fail');
      },
      (error: unknown) => error as MeshError,
    );

  it('what istiod refuses, all at once', async () => {
    const bad = deployment.replace(
      '    metadata:\n      labels:',
      '    metadata:\n      annotations:\n        sidecar.istio.io/interceptionMode: MAGIC\n      labels:',
    );
    expect(
      stringAt(valuesOf(bad)[0], [
        'spec',
        'template',
        'metadata',
        'annotations',
        'sidecar.istio.io/interceptionMode',
      ]),
    ).toBe('MAGIC');
    const one = await failure({ a: bad, b: deployment });
    expect(one).toMatchObject({
      code: 'cluster',
      message:
        'istiod does not inject Deployment shop/web: injection failed: interceptionMode invalid: MAGIC',
    });
    const two = await failure({ a: bad, b: bad });
    expect(two.message).toBe('istiod refuses to inject 2 of 2 objects.');
    expect(two.details).toHaveLength(2);
  });

  it('broken YAML, with its place', async () => {
    const error = await failure({ 'a.yaml': `${deployment}---\nkind: Pod\n  bad: [\n` });
    expect(error.code).toBe('config');
    expect(error.position).toMatchObject({ file: 'a.yaml', line: deployment.split('\n').length + 2 });
  });

  it('a cluster without istiod, and an unknown revision', async () => {
    expect(await failure({ a: deployment }, 'canry')).toMatchObject({
      code: 'usage',
      message: 'there is no revision and no tag "canry"',
      hint: 'did you mean canary?',
    });
    cluster.objects.clear();
    expect(await failure({ a: deployment })).toMatchObject({
      code: 'usage',
      message: 'no control plane that injects sidecars is installed in this cluster',
    });
  });

  it('an injector outside of the cluster', async () => {
    cluster.plant(
      injectorConfiguration('istio-sidecar-injector-far', {
        revision: 'far',
        url: 'https://istiod.example.com/inject',
      }),
    );
    const error = await failure({ a: deployment }, 'far');
    expect(error.code).toBe('usage');
    expect(error.message).toContain('https://istiod.example.com/inject');
  });

  it.each([
    ['no AdmissionReview', 200, 'hello', /answers \/inject with 200 and no AdmissionReview: hello/],
    ['nothing', 404, '', /with 404 and no AdmissionReview: an empty answer/],
    [
      'no base64',
      200,
      JSON.stringify({ response: { allowed: true, patch: '%%%' } }),
      /its patch is no base64 of JSON/,
    ],
    [
      'a patch that does not fit',
      200,
      JSON.stringify({ response: { allowed: true, patch: btoa('[{"op":"remove","path":"/x"}]') } }),
      /Deployment shop\/web: the patch of the injector can not be applied: there is nothing at \/x/,
    ],
  ])('an answer that is %s', async (_name, status, body, message) => {
    cluster.onServiceRequest = () => ({ status, body });
    const error = await failure({ a: deployment });
    expect(error.code).toBe('cluster');
    expect(error.message).toMatch(message);
  });
});
