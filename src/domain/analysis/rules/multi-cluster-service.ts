/** A Service that several clusters have is the same in all of them: Istio merges it. */
import { getAt, isEqual, isObject, listAt, stringAt } from '../../../lib/json.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { listNames } from '../../../lib/list-names.ts';
import { idOf } from '../semantics/resource-id.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, FieldPath, Finding, Resource, Rule } from '../types.ts';

const SERVICE = '/Service';

export const multiClusterService: Rule = {
  name: 'services.MultiClusterServiceAnalyzer',
  summary: 'A Service of several clusters has the same type and ports in each.',
  kinds: [SERVICE],
  codes: ['IST0170'],
  check: (context) => {
    if (!hasSeveralClusters(context)) return [];
    return [...Map.groupBy(context.list(SERVICE), idOf).values()].flatMap((services): Finding[] => {
      const [first, ...others] = services;
      return first === undefined || others.length === 0 ? [] : compare(first, others);
    });
  },
};

function hasSeveralClusters(context: AnalysisContext): boolean {
  const services = context.list(SERVICE);
  return services.some(({ cluster }) => cluster !== services[0]?.cluster);
}

/** One finding on the first Service, with all that differs in the others. */
function compare(first: Resource, others: readonly Resource[]): Finding[] {
  const differences = new Map<string, { readonly path: FieldPath; readonly clusters: string[] }>();
  for (const other of others) {
    for (const { what, path } of findDifferences(first, other)) {
      const difference = differences.get(what) ?? { path, clusters: [] };
      difference.clusters.push(nameCluster(other));
      differences.set(what, difference);
    }
  }
  const [place] = differences.values();
  if (!place) return [];
  const reasons = [...differences].map(([what, { clusters }]) => `${what} in ${listNames(clusters)}`);
  return [
    {
      code: 'IST0170',
      message: `${originOf(first)} is not the same in all clusters: compared with ${nameCluster(first)}, it has ${reasons.join('; ')}`,
      resource: first,
      path: place.path,
      suggestion: { text: 'give it the same type and ports in every cluster' },
    },
  ];
}

function nameCluster({ cluster }: Resource): string {
  return cluster === '' ? 'this cluster' : `cluster ${cluster}`;
}

interface Difference {
  readonly what: string;
  readonly path: FieldPath;
}

function findDifferences(a: Resource, b: Resource): readonly Difference[] {
  const differences: Difference[] = [];
  if (isHeadless(a) !== isHeadless(b)) {
    const what = isHeadless(b) ? 'no address (it is headless)' : 'an address (it is not headless)';
    differences.push({ what, path: ['spec', 'clusterIP'] });
  }
  if (typeOf(a) !== typeOf(b)) differences.push({ what: `type ${typeOf(b)}`, path: ['spec', 'type'] });
  if (!isEqual(portsOf(a), portsOf(b))) {
    differences.push({ what: `the ports ${describePorts(b)}`, path: ['spec', 'ports'] });
  }
  return differences;
}

function isHeadless({ spec }: Resource): boolean {
  return stringAt(spec, ['clusterIP']) === 'None';
}

function typeOf({ spec }: Resource): string {
  return stringAt(spec, ['type']) || 'ClusterIP';
}

/** Sorted by name, with the defaults of Kubernetes; without node ports, which every cluster allots by itself. */
function portsOf({ spec }: Resource): JsonObject[] {
  return listAt(spec, ['ports'])
    .filter(isObject)
    .map((given) => {
      const port: JsonObject = { protocol: 'TCP', targetPort: getAt(given, ['port']) ?? 0, ...given };
      delete port['nodePort'];
      return port;
    })
    .sort((a, b) => compareTexts(stringAt(a, ['name']), stringAt(b, ['name'])));
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function describePorts(service: Resource): string {
  const ports = portsOf(service).map((port) => {
    const text = (field: string): string => {
      const value = port[field];
      return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    };
    return `${text('name')} ${text('port')}→${text('targetPort')}/${text('protocol')}`.trim();
  });
  return listNames(ports);
}
