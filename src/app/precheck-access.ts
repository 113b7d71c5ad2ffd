/** Asks the API server what the user may do. */
import {
  accessesFor,
  findInDefinitions,
  needsOfObjects,
  placeOf,
  recordNeeds,
} from '../domain/precheck/access.ts';
import type { Access, AccessNeed, FindResource } from '../domain/precheck/access.ts';
import { missingPermissions } from '../domain/precheck/permissions.ts';
import type { AccessAnswer, Escalation, PrecheckTarget } from '../domain/precheck/types.ts';
import { toMessages } from '../domain/analysis/run-rules.ts';
import type { Message } from '../domain/analysis/types.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { MeshError } from '../lib/errors.ts';
import { mapParallel } from './parallel.ts';
import type { Cluster } from './ports.ts';

const AT_ONCE = 16;

/**
 * What of `plan` the user may not do: a finding for each resource and namespace. Asks one question for administrators; for
 * others only about what no dry run has proven already, so for a demo install no more than twenty. Nothing is asked for a plan
 * that writes nothing.
 */
export async function precheckPermissions(
  input: { readonly plan: Plan; readonly home: string; readonly signal: AbortSignal },
  cluster: Cluster,
): Promise<Message[]> {
  const { plan, home, signal } = input;
  const needs = needsOfPlan(plan, home);
  if (needs.length === 0) return [];
  const objects = plan.changes.flatMap(({ desired }) => (desired ? [desired.object] : []));
  const find = await resourceFinder(needs, objects, cluster, signal);
  const answers = await askAccess(accessesFor(needs, find), cluster, signal);
  return toMessages(missingPermissions(answers).map((finding) => ({ finding, rule: 'permissions' })));
}

/** An object that the server has dry-run may be applied: it has checked the permissions for that. */
function needsOfPlan(plan: Plan, home: string): AccessNeed[] {
  const unproven = plan.changes.filter(({ action, after }) => action === 'create' && after === undefined);
  const needs = [
    ...plan.namespaces.map((object): AccessNeed => ({ ref: placeOf(object), verbs: APPLY })),
    ...unproven.map(({ ref }): AccessNeed => ({ ref, verbs: APPLY })),
    ...plan.prune.map((ref): AccessNeed => ({ ref, verbs: ['delete'] })),
  ];
  const isWriting = needs.length > 0 || plan.changes.some(({ action }) => action !== 'unchanged');
  return isWriting ? [...needs, ...recordNeeds(home)] : [];
}

const APPLY = ['create', 'patch'];

/**
 * All that installing, pruning and uninstalling take, and roles that grant more than the user has. `existing` has the keys of
 * objects that are there: they need not be created, namespaces not even changed.
 */
export async function readAccess(
  target: PrecheckTarget,
  existing: ReadonlySet<string>,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<{ readonly answers: readonly AccessAnswer[]; readonly escalations: readonly Escalation[] }> {
  const objects = target.desired.map(({ object }) => object);
  const needs = needsOfObjects(objects, target.namespaces, target.spec.namespace, existing);
  const find = await resourceFinder(needs, objects, cluster, signal);
  const answers = await askAccess(accessesFor(needs, find), cluster, signal);
  if (answers.every(({ verb }) => verb === '*')) return { answers, escalations: [] };
  return { answers, escalations: await findEscalations(objects, answers, cluster, signal) };
}

/** Plurals and scopes of the kinds of `needs`, from discovery, or else from the definitions that the plan brings. */
export async function resourceFinder(
  needs: readonly Pick<AccessNeed, 'ref'>[],
  objects: readonly KubeObject[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<FindResource> {
  const kinds = new Map(needs.map(({ ref }) => [`${ref.apiVersion}/${ref.kind}`, ref]));
  const known = new Map(
    await Promise.all(
      [...kinds].map(
        async ([key, { apiVersion, kind }]) =>
          [key, await cluster.resource(apiVersion, kind, { signal })] as const,
      ),
    ),
  );
  const planned = findInDefinitions(objects);
  return (apiVersion, kind) => known.get(`${apiVersion}/${kind}`) ?? planned(apiVersion, kind);
}

const EVERYTHING = { verb: '*', group: '*', resource: '*' };

/** One question is enough for who may do everything, and its answer is then the only one. */
async function askAccess(
  accesses: readonly Access[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<AccessAnswer[]> {
  if (await cluster.isAllowed(EVERYTHING, { signal })) return [{ ...EVERYTHING, allowed: true }];
  return mapParallel(accesses, AT_ONCE, async (access) => ({
    ...access,
    allowed: await cluster.isAllowed(access, { signal }),
  }));
}

/** Roles are checked by the server when they are written: a dry run of each tells. */
async function findEscalations(
  objects: readonly KubeObject[],
  answers: readonly AccessAnswer[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Escalation[]> {
  const mayApply = APPLY.every((verb) =>
    answers.some(
      ({ resource, allowed, ...answer }) => resource === 'clusterroles' && answer.verb === verb && allowed,
    ),
  );
  if (!mayApply) return [];
  const roles = objects.filter(({ kind }) => kind === 'ClusterRole');
  const found = await mapParallel(roles, AT_ONCE, async (object): Promise<Escalation[]> => {
    try {
      await cluster.apply(object, { dryRun: true, force: true, signal });
      return [];
    } catch (error) {
      // Other refusals are for the plan to tell.
      if (!(error instanceof MeshError)) throw error;
      if (error.code === 'cancelled' || error.code === 'unreachable') throw error;
      const reason = escalationIn(error.message);
      return reason === undefined ? [] : [{ object, reason }];
    }
  });
  return found.flat();
}

/** `user "x" (groups=[...]) is attempting to grant RBAC permissions not currently held: {APIGroups:...}`, shortened. */
function escalationIn(message: string): string | undefined {
  const match = /attempting to grant RBAC permissions not currently held:\s*([\s\S]*)/.exec(message);
  if (!match) return undefined;
  const rules = (match[1] ?? '').split('\n').filter((line) => line.trim() !== '');
  const rest = rules.length > 3 ? ` and ${rules.length - 3} more` : '';
  return `${rules.slice(0, 3).join(', ')}${rest}`;
}
