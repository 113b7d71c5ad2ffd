/** A cluster in memory whose pods an injector would have written: Deployments that restart get pods as labels and webhooks say then. */
import { readInjectors } from '../../src/domain/injection/injectors.ts';
import { podSidecar } from '../../src/domain/injection/workloads.ts';
import type { KubeObject } from '../../src/domain/manifest/types.ts';
import { labelsAt } from '../../src/domain/analysis/semantics/selectors.ts';
import { numberAt } from '../../src/domain/readiness/fields.ts';
import { objectAt, stringAt } from '../../src/lib/json.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createFakeCluster, readyStatus } from './fake-cluster.ts';
import type { FakeCluster } from './fake-cluster.ts';
import { injectorConfiguration } from './injector-objects.ts';

export interface InjectedWorld {
  readonly cluster: FakeCluster;
  namespace(name: string, labels?: Record<string, string>): void;
  /** A Deployment with `pods` pods as the injectors make them now. */
  deployment(namespace: string, name: string, options?: DeploymentOptions): void;
  /** Revisions of the proxies of a namespace, by pod name. */
  revisions(namespace: string): string[];
  labels(namespace: string): Record<string, string>;
  /** Deployments whose pods stay as they are, whatever happens. */
  readonly stuck: Set<string>;
  /** Deployments that never become ready after a restart. */
  readonly failing: Set<string>;
}

export interface DeploymentOptions {
  readonly pods?: number;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly spec?: JsonObject;
}

/** Two revisions, `default` and `canary`; the tag `default` points to the first one. */
export function createInjectedWorld(): InjectedWorld {
  const cluster = createFakeCluster();
  const stuck = new Set<string>();
  const failing = new Set<string>();
  const live = (kind: string): KubeObject[] =>
    [...cluster.objects.values()].filter((object) => object.kind === kind);

  const makePods = (deployment: KubeObject): void => {
    const namespace = stringAt(deployment, ['metadata', 'namespace']);
    const { name } = deployment.metadata;
    const old = live('Pod').filter(
      (pod) => pod.metadata['namespace'] === namespace && pod.metadata.name.startsWith(`${name}-`),
    );
    for (const pod of old) cluster.objects.delete(`/Pod/${namespace}/${pod.metadata.name}`);
    const generation = String(numberAt(deployment, ['metadata', 'generation']));
    const template = objectAt(deployment, ['spec', 'template', 'metadata']);
    const count = Number(objectAt(deployment, ['spec'])['replicas'] ?? 1);
    for (let index = 0; index < count; index += 1) {
      const bare: KubeObject = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: `${name}-${generation}-${index}`,
          namespace,
          labels: { ...objectAt(template, ['labels']), 'pod-template-hash': generation },
          annotations: objectAt(template, ['annotations']),
          ownerReferences: [
            { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-${generation}`, controller: true },
          ],
        },
        spec: { containers: [{ name: 'app', image: 'app:1' }] },
      };
      cluster.plant(injected(bare));
    }
  };

  const injected = (pod: KubeObject): KubeObject => {
    const injectors = readInjectors(live('MutatingWebhookConfiguration'));
    const namespace = cluster.objects.get(`/Namespace//${stringAt(pod, ['metadata', 'namespace'])}`);
    const labels = labelsAt(namespace, ['metadata', 'labels']);
    const settings = { config: undefined, proxyImage: '' };
    const { wanted } = podSidecar(
      pod,
      labels,
      injectors.map((injector) => ({ injector, settings })),
    );
    if (!wanted) return pod;
    const annotations = {
      ...objectAt(pod, ['metadata', 'annotations']),
      'istio.io/rev': wanted.revision,
      'sidecar.istio.io/status': JSON.stringify({ revision: wanted.revision }),
    };
    const containers = [
      { name: 'app', image: 'app:1' },
      { name: 'istio-proxy', image: 'proxyv2:1.31.4' },
    ];
    return { ...pod, metadata: { ...pod.metadata, annotations }, spec: { containers } };
  };

  cluster.onApply = (object) => {
    const replicas = Number(objectAt(object, ['spec'])['replicas'] ?? 1);
    const status = {
      observedGeneration: object.metadata['generation'] ?? 1,
      replicas,
      updatedReplicas: replicas,
      availableReplicas: replicas,
    };
    const ready = object.kind === 'Deployment' ? { ...object, status } : readyStatus(object);
    const template = objectAt(object, ['spec', 'template', 'metadata', 'annotations']);
    if (object.kind !== 'Deployment' || template['kubectl.kubernetes.io/restartedAt'] === undefined)
      return ready;
    if (!stuck.has(object.metadata.name)) makePods(object);
    if (!failing.has(object.metadata.name)) return ready;
    const message = 'it takes too long';
    const conditions = [
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message },
    ];
    return { ...ready, status: { observedGeneration: object.metadata['generation'] ?? 1, conditions } };
  };

  const world: InjectedWorld = {
    cluster,
    stuck,
    failing,
    namespace: (name, labels = {}) =>
      cluster.plant({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }),
    deployment: (namespace, name, { pods = 1, labels = {}, annotations = {}, spec = {} } = {}) => {
      const template = { metadata: { labels: { app: name, ...labels }, annotations } };
      cluster.plant({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name, namespace },
        spec: { replicas: pods, template, ...spec },
      });
      const planted = cluster.objects.get(`apps/Deployment/${namespace}/${name}`);
      if (!planted) throw new Error(`no ${name}: ${[...cluster.objects.keys()].join()}`);
      makePods(planted);
    },
    revisions: (namespace) =>
      live('Pod')
        .filter((pod) => pod.metadata['namespace'] === namespace)
        .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
        .map((pod) => {
          const revision = stringAt(pod, ['metadata', 'annotations', 'istio.io/rev']) || 'none';
          return `${stringAt(pod, ['metadata', 'labels', 'app'])} ${revision}`;
        }),
    labels: (namespace) => labelsAt(cluster.objects.get(`/Namespace//${namespace}`), ['metadata', 'labels']),
  };
  plantControlPlanes(world);
  return world;
}

function plantControlPlanes(world: InjectedWorld): void {
  const { cluster } = world;
  world.namespace('istio-system');
  cluster.plant(injectorConfiguration('istio-sidecar-injector', { revision: 'default', switchedOff: true }));
  cluster.plant(injectorConfiguration('istio-revision-tag-default', { revision: 'default', tag: 'default' }));
  cluster.plant(injectorConfiguration('istio-sidecar-injector-canary', { revision: 'canary' }));
  for (const revision of ['default', 'canary']) {
    const name = revision === 'default' ? 'istiod' : `istiod-${revision}`;
    const metadata = {
      name,
      namespace: 'istio-system',
      labels: { app: 'istiod', 'istio.io/rev': revision },
    };
    cluster.plant({ apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [] } });
    cluster.plant({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 1 } });
  }
}
