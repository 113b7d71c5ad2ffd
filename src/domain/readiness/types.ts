/** Answers to "is it done?": one file a kind, all with this shape. */
import type { KubeObject } from '../manifest/types.ts';

export type Readiness =
  | { readonly state: 'ready' }
  /** Not yet; `reason` is one phrase for the progress line. */
  | { readonly state: 'waiting'; readonly reason: string }
  /** It will not become ready by waiting. `pod` is the one whose logs and events tell more. */
  | { readonly state: 'failed'; readonly reason: string; readonly pod?: FailedPod | undefined };

export interface FailedPod {
  readonly name: string;
  readonly namespace: string;
  readonly container?: string | undefined;
}

/** What else is known: the pods and ReplicaSets in the object's namespace, and the time. */
export interface Related {
  readonly pods: readonly KubeObject[];
  readonly replicaSets: readonly KubeObject[];
  readonly now: Date;
}

export type Assess = (object: KubeObject, related: Related) => Readiness;

export const READY: Readiness = { state: 'ready' };

export function waiting(reason: string): Readiness {
  return { state: 'waiting', reason };
}
