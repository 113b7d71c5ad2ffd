/** A plan: for each object what applying would do, and what would be deleted. Pure data, made by `app/make-plan.ts`. */
import type { ComponentName, KubeObject, ObjectRef } from '../manifest/types.ts';
import type { DesiredObject } from './desired.ts';
import type { InventoryItem } from './inventory.ts';
import type { Owner } from './ownership.ts';

/** `replace`: a field that can not be changed differs, so the object has to go and come back. */
export type ChangeAction = 'create' | 'update' | 'replace' | 'unchanged' | 'delete' | 'conflict';

export interface Conflict {
  /** As the server writes it: `.spec.replicas`. */
  readonly field: string;
  readonly manager: string;
}

export interface Change {
  readonly action: ChangeAction;
  readonly component: ComponentName;
  readonly ref: ObjectRef;
  /** What will be applied; absent for `delete`. */
  readonly desired?: DesiredObject | undefined;
  readonly live?: KubeObject | undefined;
  /** What the server says it would be; absent where it could not be asked (its namespace or definition is part of the plan). */
  readonly after?: KubeObject | undefined;
  readonly conflicts?: readonly Conflict[] | undefined;
  /** Why it must be replaced, in the server's words. */
  readonly immutable?: readonly string[] | undefined;
  /** The object was there before mesh, and belongs to this owner. */
  readonly owner?: Owner | undefined;
}

export interface Plan {
  /** Namespaces to create first. */
  readonly namespaces: readonly KubeObject[];
  /** Names of those and of others that mesh created earlier. */
  readonly ownNamespaces: readonly string[];
  readonly changes: readonly Change[];
  readonly prune: readonly InventoryItem[];
}

export type ChangeCounts = Readonly<Record<ChangeAction, number>>;

export function countChanges(plan: Plan): ChangeCounts {
  const counts = {
    create: plan.namespaces.length,
    update: 0,
    replace: 0,
    unchanged: 0,
    delete: plan.prune.length,
    conflict: 0,
  };
  for (const change of plan.changes) counts[change.action] += 1;
  return counts;
}

/** true when carrying the plan out would write nothing. */
export function isEmptyPlan(plan: Plan): boolean {
  return (
    plan.namespaces.length === 0 &&
    plan.prune.length === 0 &&
    plan.changes.every((change) => change.action === 'unchanged')
  );
}
