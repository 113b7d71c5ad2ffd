/** Readiness by kind. */
import type { KubeObject } from '../manifest/types.ts';
import { assessCustomResourceDefinition } from './custom-resource-definition.ts';
import { assessDaemonSet } from './daemon-set.ts';
import { assessDeployment } from './deployment.ts';
import { assessJob } from './job.ts';
import { assessNamespace } from './namespace.ts';
import { assessPersistentVolumeClaim } from './persistent-volume-claim.ts';
import { assessStatefulSet } from './stateful-set.ts';
import { READY } from './types.ts';
import type { Assess, Readiness, Related } from './types.ts';

export type { FailedPod, Readiness, Related } from './types.ts';

const RULES: Readonly<Record<string, Assess>> = {
  CustomResourceDefinition: assessCustomResourceDefinition,
  DaemonSet: assessDaemonSet,
  Deployment: assessDeployment,
  Job: assessJob,
  Namespace: assessNamespace,
  PersistentVolumeClaim: assessPersistentVolumeClaim,
  StatefulSet: assessStatefulSet,
};

/** Kinds that take time after they were written. */
export function hasReadiness(kind: string): boolean {
  return Object.hasOwn(RULES, kind);
}

/** Kinds without a rule are ready as soon as they are there. */
export function assessReadiness(object: KubeObject, related: Related): Readiness {
  return RULES[object.kind]?.(object, related) ?? READY;
}
