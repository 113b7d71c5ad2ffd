/** There are nodes that can run the control plane. */
import { getAt, isObject, listAt, stringAt } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import { listNames } from '../../lib/list-names.ts';
import type { Finding } from '../analysis/types.ts';
import { formatRef, refOf } from '../manifest/ref.ts';
import type { KubeObject } from '../manifest/types.ts';
import { subjectOf } from './subject.ts';
import { defineCheck } from './types.ts';
import type { PrecheckTarget } from './types.ts';

/** Istio's images exist for these (Istio documentation, "Supported releases"). */
const ARCHITECTURES: ReadonlySet<string> = new Set(['amd64', 'arm64']);

export const nodes = defineCheck({
  name: 'nodes',
  summary: 'There are nodes with an operating system, an architecture and room that fit.',
  codes: ['MESH0191', 'MESH0192', 'MESH0193'],
  needs: ['nodes'],
  check: (target, facts): Finding[] => {
    const unusable = facts.nodes.filter((node) => !hasImages(node));
    const usable = facts.nodes.filter((node) => hasImages(node) && isSchedulable(node));
    if (usable.length === 0) return [noUsableNode(facts.nodes, unusable)];
    return [...(unusable.length > 0 ? [someUnusable(unusable)] : []), ...littleRoom(usable, target)];
  },
});

function hasImages(node: KubeObject): boolean {
  const info = ['status', 'nodeInfo'];
  const system = stringAt(node, [...info, 'operatingSystem']);
  const architecture = stringAt(node, [...info, 'architecture']);
  return (system === '' || system === 'linux') && (architecture === '' || ARCHITECTURES.has(architecture));
}

/** Ready, not cordoned, without a taint that keeps ordinary pods away. */
function isSchedulable(node: KubeObject): boolean {
  const taints = listAt(node, ['spec', 'taints']).filter(isObject);
  const isReady = listAt(node, ['status', 'conditions']).some(
    (condition) => stringAt(condition, ['type']) === 'Ready' && stringAt(condition, ['status']) === 'True',
  );
  return (
    isReady &&
    getAt(node, ['spec', 'unschedulable']) !== true &&
    !taints.some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute')
  );
}

function noUsableNode(all: readonly KubeObject[], unusable: readonly KubeObject[]): Finding {
  const reason =
    all.length === 0
      ? 'the cluster has no nodes'
      : unusable.length === all.length
        ? `Istio has no images for ${listNames(unusable.map(kindOfNode))}`
        : 'every node is not ready, cordoned or tainted';
  return {
    code: 'MESH0191',
    message: `no node can run the control plane: ${reason}`,
    suggestion: { text: 'kubectl get nodes; autoscalers may add one as soon as a pod waits' },
  };
}

function someUnusable(unusable: readonly KubeObject[]): Finding {
  const [first] = unusable;
  return {
    code: 'MESH0192',
    message: `Istio has no images for ${unusable.length === 1 ? '1 node' : `${unusable.length} nodes`} (${listNames(unusable.map(kindOfNode))}): pods with a sidecar can not start there`,
    resource: first && subjectOf(first),
    suggestion: {
      text: 'keep control plane and gateways away with components.NAME.k8s.nodeSelector, workloads with injection with a nodeSelector',
    },
  };
}

function kindOfNode(node: KubeObject): string {
  const info = ['status', 'nodeInfo'];
  return `${stringAt(node, [...info, 'operatingSystem'])}/${stringAt(node, [...info, 'architecture'])}`;
}

/** Pods that ask for more than the largest node has at all; what runs there already is not counted. */
function littleRoom(usable: readonly KubeObject[], { desired }: PrecheckTarget): Finding[] {
  return desired.flatMap(({ object }): Finding[] => {
    if (object.kind !== 'Deployment') return [];
    const asked = requestsOf(object);
    const fits = usable.some((node) =>
      RESOURCES.every((name) => {
        const has = parseQuantity(getAt(node, ['status', 'allocatable', name]));
        return has === undefined || asked[name] <= has;
      }),
    );
    if (fits) return [];
    return [
      {
        code: 'MESH0193',
        message: `a pod of ${formatRef(refOf(object))} asks for ${formatRequests(asked)}, which no node has`,
        suggestion: { text: 'ask for less with components.NAME.k8s.resources, or add larger nodes' },
      },
    ];
  });
}

const RESOURCES = ['cpu', 'memory'] as const;
type Requests = Record<(typeof RESOURCES)[number], number>;

function requestsOf(deployment: KubeObject): Requests {
  const sum: Requests = { cpu: 0, memory: 0 };
  for (const container of listAt(deployment, ['spec', 'template', 'spec', 'containers'])) {
    for (const name of RESOURCES)
      sum[name] += parseQuantity(getAt(container, ['resources', 'requests', name])) ?? 0;
  }
  return sum;
}

function formatRequests({ cpu, memory }: Requests): string {
  return `${cpu} CPU and ${Math.round(memory / 2 ** 20)} MiB`;
}

const SUFFIXES: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A quantity of Kubernetes as a number of cores or bytes; undefined for what is none. */
function parseQuantity(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return value;
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)(m|[kMGT]|[KMGT]i|)$/.exec(value) : null;
  const factor = match && SUFFIXES[match[2] ?? ''];
  return match && factor !== null && factor !== undefined ? Number(match[1]) * factor : undefined;
}
