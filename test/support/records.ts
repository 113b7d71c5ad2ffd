/** What mesh has recorded of its installs, read and checked without mesh's own code. */
import type { ControlPlane } from '../controlplane/launcher.ts';
import { kubeGet } from './controlplane.ts';
import { listOwned } from './owned-objects.ts';

interface RecordedRun {
  readonly number: number;
  readonly action: string;
  readonly status: string;
}

interface Recorded {
  readonly revision: string;
  readonly items: readonly { readonly kind: string; readonly namespace?: string; readonly name: string }[];
  readonly history: readonly RecordedRun[];
}

interface Secrets {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly data: Readonly<Record<string, string>>;
  }[];
}

/** The inventories of all revisions. */
export async function readRecords(plane?: ControlPlane): Promise<Recorded[]> {
  const { items } = await kubeGet<Secrets>('/api/v1/secrets?labelSelector=mesh.io%2Finventory', plane);
  return items.map(
    ({ data }) => JSON.parse(Buffer.from(data['inventory'] ?? '', 'base64').toString()) as Recorded,
  );
}

/** One line for each thing that is wrong with the records; empty when they say exactly what is there. */
export async function findRecordProblems(plane?: ControlPlane): Promise<string[]> {
  const records = await readRecords(plane);
  const recorded = new Set(
    records.flatMap(({ items }) =>
      items.map(({ kind, namespace = '', name }) => `${pluralOf(kind)} ${namespace}/${name}`),
    ),
  );
  const live = new Set(
    (await listOwned(plane))
      // `/apis/apps/v1/deployments istio-system/istiod`
      .map(({ key }) => key.replace(/^\S*\//, ''))
      .filter((key) => !/^(?:namespaces |secrets \S*\/mesh-(?:inventory|release)-)/.test(key)),
  );
  return [
    ...[...recorded].filter((key) => !live.has(key)).map((key) => `recorded, but not there: ${key}`),
    ...[...live].filter((key) => !recorded.has(key)).map((key) => `there, but not recorded: ${key}`),
    ...records.flatMap(({ revision, history }) => findHistoryProblems(revision || 'default', history)),
  ];
}

/** After a run that succeeded: numbers rise, the last run is deployed, none is still pending, only one is deployed. */
function findHistoryProblems(revision: string, history: readonly RecordedRun[]): string[] {
  const told = `history of ${revision} (${history.map(({ number, status }) => `${number} ${status}`).join(', ')})`;
  const rises = history.every((run, index) => index === 0 || run.number > (history[index - 1]?.number ?? 0));
  const deployed = history.filter(({ status }) => status === 'deployed');
  return [
    ...(rises ? [] : [`${told}: the numbers do not rise`]),
    ...(history.some(({ status }) => status === 'pending') ? [`${told}: a run is still pending`] : []),
    ...(deployed.length === 1 && history.at(-1) === deployed[0]
      ? []
      : [`${told}: the last run is not deployed`]),
  ];
}

function pluralOf(kind: string): string {
  return kind === 'NetworkPolicy' ? 'networkpolicies' : `${kind.toLowerCase()}s`;
}
