/** Namespaces let the pods in that the installation runs, and those that get a sidecar. */
import { getAt, isObject, listAt, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Finding } from '../analysis/types.ts';
import { formatRef, refOf } from '../manifest/ref.ts';
import type { KubeObject } from '../manifest/types.ts';
import { subjectOf, textsAt } from './subject.ts';
import { defineCheck } from './types.ts';
import type { PrecheckTarget } from './types.ts';
import { revisionName } from '../manifest/revision-name.ts';

const ENFORCE = 'pod-security.kubernetes.io/enforce';
/** Levels of Pod Security Standards, the strictest last. */
const LEVELS = ['privileged', 'baseline', 'restricted'] as const;
type Level = (typeof LEVELS)[number];

export const podSecurity = defineCheck({
  name: 'pod-security',
  summary: 'Pod security admission lets in what the installation runs, and sidecars.',
  codes: ['MESH0132', 'MESH0133'],
  needs: ['namespaces'],
  check: (target, { namespaces }) =>
    namespaces.flatMap((namespace): Finding[] => {
      const enforced = LEVELS.find((level) => level === textsAt(namespace, 'labels')[ENFORCE]);
      if (enforced === undefined || enforced === 'privileged') return [];
      return [...checkWorkloads(namespace, enforced, target), ...checkSidecars(namespace, enforced, target)];
    }),
});

function checkWorkloads(namespace: KubeObject, enforced: Level, { desired }: PrecheckTarget): Finding[] {
  const { name } = namespace.metadata;
  return desired.flatMap(({ object }): Finding[] => {
    if (stringAt(object, ['metadata', 'namespace']) !== name) return [];
    const pod = getAt(object, ['spec', 'template', 'spec']);
    if (!isObject(pod)) return [];
    const reason = whyForbidden(pod, enforced);
    if (reason === undefined) return [];
    return [
      {
        code: 'MESH0132',
        message: `the namespace ${name} enforces the pod security level ${enforced}, but pods of ${formatRef(refOf(object))} ${reason}`,
        resource: subjectOf(namespace),
        suggestion: {
          text: `kubectl label --overwrite namespace ${name} ${ENFORCE}=${levelFor(pod)}`,
        },
      },
    ];
  });
}

/** Without CNI a sidecar's init container sets up redirection, which takes NET_ADMIN and NET_RAW. */
function checkSidecars(namespace: KubeObject, enforced: Level, { spec }: PrecheckTarget): Finding[] {
  const labels = textsAt(namespace, 'labels');
  const isOurs =
    labels['istio.io/rev'] === undefined
      ? labels['istio-injection'] === 'enabled'
      : labels['istio.io/rev'] === revisionName(spec.revision);
  const hasCni =
    spec.components.some(({ component }) => component === 'Cni') ||
    getAt(spec.values, ['pilot', 'cni', 'enabled']) === true;
  if (!isOurs || hasCni) return [];
  const { name } = namespace.metadata;
  return [
    {
      code: 'MESH0133',
      message: `the namespace ${name} has injection and enforces the pod security level ${enforced}, which forbids the init container of sidecars`,
      resource: subjectOf(namespace),
      suggestion: { text: 'install the CNI agent, which does its work: --set components.cni.enabled=true' },
    },
  ];
}

function levelFor(pod: JsonObject): Level {
  return whyForbidden(pod, 'baseline') === undefined ? 'baseline' : 'privileged';
}

/** Capabilities that baseline lets a container add (Kubernetes documentation, "Pod Security Standards"). */
const BASELINE_CAPABILITIES = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
);

/** The first thing about `pod` that the level forbids, as a predicate; undefined: it is let in. */
function whyForbidden(pod: JsonObject, level: Level): string | undefined {
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) if (pod[field] === true) return `use ${field}`;
  const volumes = listAt(pod, ['volumes']).filter(isObject);
  if (volumes.some((volume) => volume['hostPath'] !== undefined)) return 'mount folders of the node';
  const containers = [...listAt(pod, ['initContainers']), ...listAt(pod, ['containers'])].filter(isObject);
  for (const container of containers) {
    const reason = whyContainerForbidden(container, pod, level);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function whyContainerForbidden(container: JsonObject, pod: JsonObject, level: Level): string | undefined {
  const setting = (path: readonly string[]): unknown =>
    getAt(container, ['securityContext', ...path]) ?? getAt(pod, ['securityContext', ...path]);
  if (setting(['privileged']) === true) return 'are privileged';
  const added = listAt(container, ['securityContext', 'capabilities', 'add']).filter(
    (item) => typeof item === 'string',
  );
  const excess = added.find((capability) => !BASELINE_CAPABILITIES.has(capability));
  if (excess !== undefined) return `add the capability ${excess}`;
  if (level !== 'restricted') return undefined;
  if (added.some((capability) => capability !== 'NET_BIND_SERVICE')) return `add capabilities`;
  if (setting(['runAsNonRoot']) !== true) return 'may run as root';
  if (setting(['allowPrivilegeEscalation']) !== false) return 'may gain privileges';
  if (!listAt(container, ['securityContext', 'capabilities', 'drop']).includes('ALL'))
    return 'do not drop all capabilities';
  if (!['RuntimeDefault', 'Localhost'].includes(String(setting(['seccompProfile', 'type']))))
    return 'have no seccomp profile';
  return undefined;
}
