import { beforeEach, describe, expect, it } from '@jest/globals';
import { checkInject, parseLabels } from '../../../src/app/check-inject.ts';
import type { CheckInput, InjectionCheck } from '../../../src/app/check-inject.ts';
import { PLAIN } from '../../../src/lib/style.ts';
import { formatInjectionCheck, injectionVerdict } from '../../../src/report/check-inject-text.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';
import { injectorConfiguration } from '../../support/injector-objects.ts';
import { rejectedBy, thrownBy } from '../../support/thrown.ts';

let cluster: FakeCluster;

const namespace = (name: string, labels: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});
const pod = (name: string, annotations: Record<string, string> = {}, containers = ['app']) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', annotations },
  spec: { containers: containers.map((container) => ({ name: container, image: `${container}:1.31.4` })) },
});

const READY_ISTIOD = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: 'istiod-x',
    namespace: 'istio-system',
    labels: { 'kubernetes.io/service-name': 'istiod' },
  },
  endpoints: [{ addresses: ['10.0.0.1'] }],
};

beforeEach(() => {
  cluster = createFakeCluster();
  cluster.plant(READY_ISTIOD);
  cluster.plant(injectorConfiguration('istio-sidecar-injector', { revision: 'default', switchedOff: true }));
  cluster.plant(injectorConfiguration('istio-revision-tag-default', { revision: 'default', tag: 'default' }));
  cluster.plant(injectorConfiguration('istio-sidecar-injector-canary', { revision: 'canary' }));
  cluster.plant(namespace('shop', { 'istio-injection': 'enabled' }));
  cluster.plant(namespace('plain', {}));
});

const check = (subject: CheckInput['subject'], inNamespace?: string): Promise<InjectionCheck> =>
  checkInject({ subject, namespace: inNamespace, signal: new AbortController().signal }, cluster);

describe('checkInject', () => {
  it('one webhook selects a pod, and it has the sidecar', async () => {
    cluster.plant(
      pod('web', { 'istio.io/rev': 'default', 'sidecar.istio.io/status': '{}' }, ['app', 'istio-proxy']),
    );
    const result = await check({ address: 'web.shop' });
    expect(result.verdict).toBe('injected');
    expect(formatInjectionCheck(result, 'text', PLAIN)).toBe(
      [
        'WEBHOOK                        REVISION  INJECTED  REASON',
        'istio-revision-tag-default     default   ✔ yes     namespace label istio-injection=enabled',
        'istio-sidecar-injector         default   ✘ no      switched off, a tag has taken its place',
        'istio-sidecar-injector-canary  canary    ✘ no      no namespace label istio.io/rev=canary and namespace label istio-injection=enabled rules it out; namespace label istio-injection=enabled rules it out and no pod label istio.io/rev=canary',
        '',
      ].join('\n'),
    );
    expect(injectionVerdict(result, PLAIN)).toEqual(['✔ Pod shop/web: revision default injects a sidecar.']);
  });

  it('an istiod without a ready pod', async () => {
    cluster.plant({ ...READY_ISTIOD, endpoints: [{ conditions: { ready: false } }] });
    const result = await check({ labels: { app: 'web' } }, 'shop');
    expect(result).toMatchObject({ verdict: 'injected', silentRevisions: ['default'] });
    expect(injectionVerdict(result, PLAIN)[1]).toBe(
      '✘ The istiod of revision default has no ready pod: until it has one, new pods are refused.',
    );
  });

  it('a pod that is older than the label', async () => {
    cluster.plant(pod('web'));
    expect(injectionVerdict(await check({ address: 'web.shop' }), PLAIN)[1]).toBe(
      'It runs with no sidecar: a restart makes the difference.',
    );
  });

  it('a Deployment without pods is judged by its template', async () => {
    cluster.plant({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        template: { metadata: { labels: { app: 'web' } }, spec: { hostNetwork: true, containers: [] } },
      },
    });
    const result = await check({ address: 'deployment/web' }, 'shop');
    expect(result).toMatchObject({ subject: 'Deployment shop/web', verdict: 'not injected' });
    expect(result.injectors[0]).toMatchObject({
      selects: true,
      injects: false,
      reason: expect.stringContaining('hostNetwork'),
    });
    expect(injectionVerdict(result, PLAIN)).toEqual([
      '✘ Deployment shop/web: no sidecar, istio-revision-tag-default lets the pod pass.',
    ]);
  });

  it('the policy of the injector counts, where it may be read', async () => {
    cluster.plant({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'istio-sidecar-injector', namespace: 'istio-system' },
      data: { config: 'policy: disabled\n' },
    });
    const result = await check({ labels: { app: 'web' } }, 'shop');
    expect(result.verdict).toBe('not injected');
    expect(result.injectors[0]?.reason).toContain('but policy disabled of the injector');
  });

  it('two webhooks are a conflict', async () => {
    cluster.plant(
      injectorConfiguration('istio-revision-tag-default-old', { revision: 'old', tag: 'default' }),
    );
    const result = await check({ labels: { app: 'web' } }, 'shop');
    expect(result.verdict).toBe('conflict');
    expect(injectionVerdict(result, PLAIN)[0]).toContain(
      '2 webhooks select the same pods, exactly one should: istio-revision-tag-default and istio-revision-tag-default-old',
    );
  });

  it('no webhook selects, and what to do', async () => {
    const result = await check({ labels: { app: 'web' } }, 'plain');
    expect(result.verdict).toBe('not injected');
    expect(injectionVerdict(result, PLAIN)).toEqual([
      '✘ pods with app=web in namespace plain: no sidecar, no webhook selects it. mesh namespace label plain switches injection on.',
    ]);
    expect(JSON.parse(formatInjectionCheck(result, 'json', PLAIN))).toEqual(
      JSON.parse(JSON.stringify(result)),
    );
    expect(formatInjectionCheck(result, 'yaml', PLAIN)).toContain('verdict: not injected');
  });
});

describe('checkInject refuses', () => {
  it('a namespace, a pod and a workload that are not there', async () => {
    expect(await rejectedBy(() => check({ labels: { a: 'b' } }, 'shp'))).toMatchObject({
      message: 'there is no namespace shp',
      hint: 'did you mean shop?',
    });
    expect((await rejectedBy(() => check({ address: 'web' }, 'shop'))).message).toContain(
      'there is no pod "web"',
    );
    expect((await rejectedBy(() => check({ address: 'deploy/web' }, 'shop'))).message).toContain(
      'there is no Deployment shop/web',
    );
  });

  it('a cluster without injectors', async () => {
    for (const key of cluster.objects.keys()) if (key.includes('Webhook')) cluster.objects.delete(key);
    expect((await rejectedBy(() => check({ labels: { a: 'b' } }, 'shop'))).message).toContain(
      'no control plane that injects',
    );
  });

  it.each(['app', '=x', 'a=b=c', 'a=b,,c=d'])('labels %j', (text) => {
    expect(thrownBy(() => parseLabels(text)).code).toBe('usage');
  });

  it('reads labels as kubectl does', () => {
    expect(parseLabels('app=web, version==v1,empty=')).toEqual({ app: 'web', version: 'v1', empty: '' });
  });
});
