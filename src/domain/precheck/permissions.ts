/** The user may do to every object of the plan what installing takes, and grant what the control plane needs. */
import { listNames } from '../../lib/list-names.ts';
import type { Finding } from '../analysis/types.ts';
import { accessKey } from './access.ts';
import { subjectOf } from './subject.ts';
import { defineCheck } from './types.ts';
import type { AccessAnswer, Escalation } from './types.ts';

export const permissions = defineCheck({
  name: 'permissions',
  summary:
    'You may create, change and watch every object of the installation, and grant what its roles hold.',
  codes: ['IST0141', 'MESH0101', 'MESH0102'],
  needs: ['access'],
  check: (_target, { access }) => [
    ...missingPermissions(access.answers),
    ...access.escalations.map(describeEscalation),
  ],
});

/** One finding for each RBAC rule that is missing, with that rule. */
export function missingPermissions(answers: readonly AccessAnswer[]): Finding[] {
  const missing = answers.filter(({ allowed }) => !allowed);
  return [
    ...groupFindings(
      missing.filter((answer) => !isLater(answer)),
      'IST0141',
      '',
    ),
    ...groupFindings(missing.filter(isLater), 'MESH0101', ', which pruning and uninstalling need'),
  ];
}

/** Not needed to install, but to prune and uninstall; these look for records everywhere. */
function isLater({ verb, resource, namespace }: AccessAnswer): boolean {
  return verb === 'delete' || (verb === 'list' && resource === 'secrets' && namespace === undefined);
}

/** As an RBAC rule groups them: resources of one API group, in one place, for which the same verbs are missing. */
function groupFindings(missing: readonly AccessAnswer[], code: string, why: string): Finding[] {
  const byResource = Map.groupBy(missing, (answer) => accessKey({ ...answer, verb: '' }));
  const rules = Map.groupBy([...byResource.values()], (answers) => {
    const [first] = answers;
    return JSON.stringify([first?.namespace, first?.group, answers.map(({ verb }) => verb)]);
  });
  return [...rules.values()].flatMap((resources): Finding[] => {
    const [first] = resources[0] ?? [];
    if (!first) return [];
    const { group, namespace } = first;
    const verbs = (resources[0] ?? []).map(({ verb }) => verb);
    const plurals = resources.flatMap(([answer]) => answer?.resource ?? []);
    const names = plurals.map((plural) => (group === '' ? plural : `${plural}.${group}`));
    const where = namespace === undefined ? '' : ` in the namespace ${namespace}`;
    const role = namespace === undefined ? 'a ClusterRole of yours' : `a Role of yours in ${namespace}`;
    return [
      {
        code,
        message: `you may not ${listNames(verbs, 10)} ${listNames(names, 20)}${where}${why}`,
        suggestion: {
          text: `let an administrator add to ${role} the rule {apiGroups: ["${group}"], resources: [${quoted(plurals)}], verbs: [${quoted(verbs)}]}`,
        },
      },
    ];
  });
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

function describeEscalation({ object, reason }: Escalation): Finding {
  return {
    code: 'MESH0102',
    message: `you may not create ${object.kind} ${object.metadata.name}, because it grants more than you have yourself: ${reason}`,
    resource: subjectOf(object),
    suggestion: {
      text: `let an administrator add to a ClusterRole of yours the rule {apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles", "roles"], verbs: ["bind", "escalate"]}, or install as cluster-admin`,
    },
  };
}
