/** No application runs as user 1337: traffic of that user is the proxy's own, and passes by it. */
import { getAt, listAt, stringAt } from '../../../lib/json.ts';
import type { JsonValue } from '../../../lib/json.ts';
import { isControlPlane, PROXY_CONTAINER } from '../semantics/workload.ts';
import { originOf } from '../suppress.ts';
import type { FieldPath, Finding, Resource, Rule } from '../types.ts';

const PROXY_USER = 1337;
const USER = ['securityContext', 'runAsUser'];
const PROXY_CONTAINERS: ReadonlySet<string> = new Set([PROXY_CONTAINER, 'istio-operator']);

export const applicationUid: Rule = {
  name: 'applicationUID.Analyzer',
  summary: `No container of an application runs as user ${PROXY_USER}, which is the proxy.`,
  kinds: ['/Pod', 'apps/Deployment'],
  codes: ['IST0144'],
  check: (context) => [
    ...context.list('/Pod').flatMap((pod) => checkPodSpec(pod, ['spec'])),
    ...context
      .list('apps/Deployment')
      .flatMap((deployment) => checkPodSpec(deployment, ['spec', 'template', 'spec'])),
  ],
};

function checkPodSpec(resource: Resource, path: FieldPath): Finding[] {
  if (isControlPlane(resource)) return [];
  const podSpec = getAt(resource.spec, path.slice(1));
  const findings: Finding[] = [];
  const checkUser = (value: JsonValue | undefined, at: FieldPath, what: string): void => {
    if (getAt(value, USER) !== PROXY_USER) return;
    findings.push({
      code: 'IST0144',
      message: `${originOf(resource)} runs ${what} as user ${PROXY_USER}, whose traffic passes by the proxy`,
      resource,
      path: [...path, ...at, ...USER],
      suggestion: { text: 'choose another user, for example 1000' },
    });
  };
  checkUser(podSpec, [], 'its pods');
  for (const [index, container] of listAt(podSpec, ['containers']).entries()) {
    const name = stringAt(container, ['name']);
    if (!PROXY_CONTAINERS.has(name)) checkUser(container, ['containers', index], `container ${name}`);
  }
  return findings;
}
