/** A plan as a file: what would be done, to which cluster, and a fingerprint of everything it was made from. */
import { sha256 } from '../../lib/compress.ts';
import { MeshError } from '../../lib/errors.ts';
import { isObject, sortKeys } from '../../lib/json.ts';
import { formatRef, refKey } from '../manifest/ref.ts';
import type { KubeObject, ObjectRef } from '../manifest/types.ts';
import { comparable } from './compare.ts';
import type { AdoptMode } from './ownership.ts';
import type { ChangeAction, Plan } from './plan.ts';
import type { Release } from './release.ts';

export interface SavedPlan {
  readonly createdAt: string;
  readonly meshVersion: string;
  /** `uid` is that of the namespace kube-system: the same cluster behind whatever address. */
  readonly cluster: { readonly uid: string; readonly context: string; readonly server: string };
  readonly forceConflicts: boolean;
  readonly adopt: AdoptMode;
  readonly release: Release;
  /** Number of the newest run at that time, 0 for none. */
  readonly head: number;
  readonly steps: readonly PlanStep[];
}

/** One object of a plan. */
export interface PlanStep extends ObjectRef {
  readonly action: ChangeAction;
  /** SHA-256 of the live object and of what the server would make of it, without what the server keeps for itself. */
  readonly before: string;
  readonly after: string;
}

const HEADER = { apiVersion: 'mesh.io/v1', kind: 'Plan' };

/** Fingerprints of all objects, in the order of the plan. */
export async function planSteps(plan: Plan): Promise<PlanStep[]> {
  const namespaces = plan.namespaces.map(({ apiVersion, kind, metadata }) =>
    step('create', { apiVersion, kind, name: metadata.name }),
  );
  const changes = plan.changes.map(({ action, ref, live, after }) => step(action, ref, live, after));
  return Promise.all([...namespaces, ...changes, ...plan.prune.map((item) => step('delete', item))]);
}

async function step(
  action: ChangeAction,
  { apiVersion, kind, namespace, name }: ObjectRef,
  live?: KubeObject,
  after?: KubeObject,
): Promise<PlanStep> {
  const ref = { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
  return { action, ...ref, before: await fingerprint(live), after: await fingerprint(after) };
}

async function fingerprint(object: KubeObject | undefined): Promise<string> {
  return object ? sha256(JSON.stringify(sortKeys(comparable(object)))) : '';
}

/** What moved between two plans of the same release, a line each. */
export function compareSteps(then: readonly PlanStep[], now: readonly PlanStep[]): string[] {
  const before = new Map(then.map((entry) => [refKey(entry), entry]));
  const lines = now.flatMap((entry) => {
    const old = before.get(refKey(entry));
    before.delete(refKey(entry));
    if (!old) return [`${formatRef(entry)}: ${entry.action} now, not part of the plan`];
    if (old.action !== entry.action)
      return [`${formatRef(entry)}: planned to ${old.action}, now ${entry.action}`];
    if (old.before !== entry.before) return [`${formatRef(entry)}: changed since the plan was made`];
    return old.after === entry.after
      ? []
      : [`${formatRef(entry)}: the server would make something else of it now`];
  });
  return [
    ...lines,
    ...[...before.values()].map((old) => `${formatRef(old)}: planned to ${old.action}, not any more`),
  ];
}

export function printSavedPlan(plan: SavedPlan): string {
  return `${JSON.stringify({ ...HEADER, ...plan })}\n`;
}

/** Throws a `config` MeshError for what is no plan of this mesh. */
export function parseSavedPlan(text: string, file: string): SavedPlan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notAPlan(file, error);
  }
  if (
    !isObject(value) ||
    value['apiVersion'] !== HEADER.apiVersion ||
    value['kind'] !== HEADER.kind ||
    !isObject(value['release'])
  )
    throw notAPlan(file);
  return value as unknown as SavedPlan;
}

function notAPlan(file: string, cause?: unknown): MeshError {
  return new MeshError('config', `${file} is not a plan that mesh has saved`, {
    hint: `make one with mesh plan --out ${file}; an IstioOperator file is given with -f`,
    cause,
  });
}
