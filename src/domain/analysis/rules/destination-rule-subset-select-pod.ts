/** The host of a DestinationRule exists, and each of its subsets selects something. */
import { listAt, stringAt } from '../../../lib/json.ts';
import { guessLabels } from '../semantics/guess-labels.ts';
import { createHostIndex } from '../semantics/host-index.ts';
import { fullHost, textList } from '../semantics/hosts.ts';
import { canJudgeHost, findHost, listHosts } from '../semantics/known-hosts.ts';
import { firstLabel, labelsAt, renderSelector } from '../semantics/selectors.ts';
import { canJudgeSubset, hasSubsetWorkload } from '../semantics/subset-workloads.ts';
import { suggestHost } from '../semantics/suggest-host.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, FieldPath, Finding, Resource, Rule } from '../types.ts';

const DESTINATION_RULE = 'networking.istio.io/DestinationRule';

export const destinationRuleSubsetSelectPod: Rule = {
  name: 'destinationrule.SubsetSelectPodAnalyzer',
  summary: 'The host of a DestinationRule exists, and its subsets select workloads.',
  kinds: [
    DESTINATION_RULE,
    '/Pod',
    '/Service',
    '/Node',
    'apps/Deployment',
    'networking.istio.io/ServiceEntry',
    'networking.istio.io/WorkloadEntry',
  ],
  codes: ['IST0173', 'IST0174'],
  check: (context) => context.list(DESTINATION_RULE).flatMap((resource) => checkRule(context, resource)),
};

function checkRule(context: AnalysisContext, resource: Resource): Finding[] {
  const host = stringAt(resource.spec, ['host']);
  const known = findHost(context, host, resource);
  if (known) return checkSubsets(context, resource, known.resource);
  if (!canJudgeHost(context, host, resource) || (host.startsWith('*') && coversHost(context, host)))
    return [];
  const path = ['spec', 'host'];
  const full = fullHost(host, resource.namespace);
  return [
    {
      code: 'IST0174',
      message: `${originOf(resource)} is about host "${host}", but no Service or ServiceEntry that it can see defines ${full === host || host === '' ? 'it' : full}`,
      resource,
      path,
      suggestion: suggestHost(context, host, resource, path),
    },
  ];
}

/** Whether a wildcard means some host that exists: Istio applies such a rule to all hosts that have no nearer one. */
function coversHost(context: AnalysisContext, wildcard: string): boolean {
  const index = context.memo('host-name-index', () => {
    const made = createHostIndex<true>();
    for (const host of listHosts(context)) made.add(host, true);
    for (const entry of context.list('networking.istio.io/ServiceEntry')) {
      for (const host of textList(entry.spec['hosts'])) if (host.startsWith('*')) made.add(host, true);
    }
    return made;
  });
  return index.overlaps(wildcard);
}

function checkSubsets(context: AnalysisContext, resource: Resource, owner: Resource): Finding[] {
  const ownerLabels =
    owner.kind === 'ServiceEntry' ? labelsAt(owner.spec, ['workloadSelector', 'labels']) : {};
  return listAt(resource.spec, ['subsets']).flatMap((subset, index): Finding[] => {
    const own = labelsAt(subset, ['labels']);
    const labels = { ...own, ...ownerLabels };
    if (!canJudgeSubset(context, labels) || hasSubsetWorkload(context, labels, owner)) return [];
    const first = firstLabel(own);
    const at: FieldPath = first === undefined ? ['name'] : ['labels', first];
    return [
      {
        code: 'IST0173',
        message: `${originOf(resource)} defines subset "${stringAt(subset, ['name'])}" of "${stringAt(resource.spec, ['host'])}" by ${renderSelector(labels) || 'no labels'}, but no workload has these labels`,
        resource,
        path: ['spec', 'subsets', index, ...at],
        suggestion: guessLabels(context, labels),
      },
    ];
  });
}
