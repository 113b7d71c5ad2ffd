/** What a selector selects: pods, or what will make pods. */
import { getAt } from '../../../lib/json.ts';
import type { AnalysisContext, Resource } from '../types.ts';
import { createLabelIndex } from './label-index.ts';
import { labelsAt } from './selectors.ts';

const POD = '/Pod';
const DEPLOYMENT = 'apps/Deployment';

type Search = (selector: Readonly<Record<string, string>>, namespace?: string) => Resource | undefined;

/**
 * The first Pod that has all labels of `selector`, or else the first Deployment whose pods will have them: files hold
 * Deployments where a cluster has pods. A stand-in comes last. `namespace` undefined: anywhere.
 */
export function findWorkload(
  context: AnalysisContext,
  selector: Readonly<Record<string, string>>,
  namespace?: string,
): Resource | undefined {
  const findPod = context.memo('find-pod', (): Search => createLabelIndex(context.list(POD).map(toLabelled)));
  const pod = findPod(selector, namespace);
  if (pod && !pod.isStandIn) return pod;
  const findDeployment = context.memo('find-deployment', (): Search =>
    createLabelIndex(
      context.list(DEPLOYMENT).map((value) => ({
        labels: labelsAt(getAt(value.spec, ['template', 'metadata']), ['labels']),
        namespace: value.namespace,
        value,
      })),
    ),
  );
  return findDeployment(selector, namespace) ?? pod;
}

function toLabelled(value: Resource): {
  readonly labels: Resource['labels'];
  readonly namespace: string;
  readonly value: Resource;
} {
  return { labels: value.labels, namespace: value.namespace, value };
}
