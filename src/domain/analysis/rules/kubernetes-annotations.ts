/** Istio's annotations on objects of Kubernetes: they exist, stand where they have an effect, and have values that can be read. */
import { listNames } from '../../../lib/list-names.ts';
import { KNOWN_ANNOTATIONS } from '../semantics/annotations.ts';
import type { KnownAnnotation } from '../semantics/annotations.ts';
import { guessName } from '../semantics/did-you-mean.ts';
import { INJECT_KEY } from '../semantics/workload.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource, Rule } from '../types.ts';

const KINDS = ['/Namespace', '/Service', '/Pod', 'apps/Deployment'];
/** Written by Istio itself, or read although it is a label by now. */
const IGNORED: ReadonlySet<string> = new Set([
  'sidecar.istio.io/status',
  'gateway.istio.io/controller-version',
  'istio.io/rev',
]);

export const kubernetesAnnotations: Rule = {
  name: 'annotations.K8sAnalyzer',
  summary: "Istio's annotations exist, stand where they have an effect, and have values that can be read.",
  kinds: KINDS,
  codes: ['IST0107', 'IST0108', 'IST0125', 'IST0135'],
  check: (context) =>
    KINDS.flatMap((kind) => context.list(kind)).flatMap((resource) =>
      Object.entries(resource.annotations).flatMap(([key, value]) =>
        isConsidered(key) ? checkAnnotation(context, resource, key, value) : [],
      ),
    ),
};

function isConsidered(key: string): boolean {
  if (IGNORED.has(key)) return false;
  const slash = key.indexOf('/');
  const group = slash < 0 ? key : key.slice(0, slash);
  return group.endsWith('istio.io') || key === 'kubernetes.io/ingress.class';
}

function checkAnnotation(
  context: AnalysisContext,
  resource: Resource,
  key: string,
  value: string,
): Finding[] {
  const path = ['metadata', 'annotations', key];
  const subject = `Annotation ${key} of ${originOf(resource)}`;
  const known = KNOWN_ANNOTATIONS.get(key);
  if (!known) {
    // The same mistake stands on many pods.
    const near = context.memo(`annotation-like/${key}`, () =>
      guessName(context, key, [...KNOWN_ANNOTATIONS.keys()]),
    );
    return [
      {
        code: 'IST0108',
        message: `${subject} is none that Istio knows`,
        resource,
        path,
        suggestion: near ? { text: `did you mean ${near}?` } : undefined,
      },
    ];
  }
  const findings: Finding[] = [];
  const isInject = key === INJECT_KEY;
  if (known.isDeprecated && !(isInject && resource.labels[INJECT_KEY] !== undefined)) {
    findings.push({
      code: 'IST0135',
      message: `${subject} is deprecated`,
      resource,
      path,
      suggestion: isInject ? { text: `use the label ${key}: "${value}" instead` } : undefined,
    });
  }
  if (known.kinds.includes('Any')) return findings;
  if (!known.kinds.includes(resource.kind)) {
    findings.push(misplaced(resource, key, known));
    return findings;
  }
  const problem = known.check?.(value);
  if (problem !== undefined) {
    findings.push({ code: 'IST0125', message: `${subject} is "${value}", but ${problem}`, resource, path });
  }
  return findings;
}

function misplaced(resource: Resource, key: string, { kinds }: KnownAnnotation): Finding {
  const isForPods = kinds.includes('Pod') && resource.kind === 'Deployment';
  return {
    code: 'IST0107',
    message: `Annotation ${key} has no effect on ${originOf(resource)}: it is for ${listNames(kinds)}`,
    resource,
    path: ['metadata', 'annotations', key],
    suggestion: {
      text: isForPods ? 'move it to spec.template.metadata.annotations' : `move it to a ${kinds[0] ?? 'Pod'}`,
    },
  };
}
