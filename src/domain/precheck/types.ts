/**
 * Checks before an installation, as values: `app/precheck-facts.ts` reads what the checks need, a check itself is a pure
 * function from the target and the facts to findings.
 */
import type { Finding, Resource } from '../analysis/types.ts';
import type { ResolvedSpec } from '../config/types.ts';
import type { KubeObject } from '../manifest/types.ts';
import type { DesiredObject } from '../plan/desired.ts';
import type { Inventory } from '../plan/inventory.ts';
import type { Access, FindResource } from './access.ts';

/** What is to be installed. */
export interface PrecheckTarget {
  readonly spec: Pick<ResolvedSpec, 'namespace' | 'revision' | 'values' | 'components' | 'profile'>;
  readonly desired: readonly DesiredObject[];
  /** Namespaces that the objects live in. */
  readonly namespaces: readonly KubeObject[];
  /** `1.31.4`. */
  readonly istioVersion: string;
  /** The oldest supported Kubernetes: `1.32.0`. */
  readonly oldestKubernetes: string;
  /** By version (`1.29`): the settings whose defaults have changed since. */
  readonly changedDefaults: Readonly<Record<string, readonly string[]>>;
  /** The Istio version to come from, where the user names one: `1.29`. */
  readonly fromVersion?: string | undefined;
}

/** A permission, and whether the user has it. */
export interface AccessAnswer extends Access {
  readonly allowed: boolean;
}

/** A role that the user may not create, because it grants more than the user has. */
export interface Escalation {
  readonly object: KubeObject;
  /** What the server says. */
  readonly reason: string;
}

/** An image version that runs, and how often. */
export interface RunningControlPlane {
  readonly revision: string;
  readonly namespace: string;
  readonly version: string;
}

export interface RunningVersions {
  readonly controlPlane: readonly RunningControlPlane[];
  readonly dataPlane: readonly { readonly version: string; readonly proxies: number }[];
}

/** What mesh has recorded about one revision, as far as it can be read. */
export interface RecordFact {
  readonly secret: KubeObject;
  readonly inventory?: Inventory | undefined;
  /** Why it can not be read. */
  readonly problem?: string | undefined;
}

/** What is known about the cluster. Each fact costs requests, so only those are read that a check needs. */
export interface PrecheckFacts {
  /** `v1.36.1`. */
  readonly kubernetes: string;
  readonly access: { readonly answers: readonly AccessAnswer[]; readonly escalations: readonly Escalation[] };
  readonly namespaces: readonly KubeObject[];
  /** Definitions of the plan and of the Gateway API that exist. */
  readonly definitions: readonly KubeObject[];
  /** Mutating and validating webhook configurations. */
  readonly webhooks: readonly KubeObject[];
  /** Services that webhooks call and that exist. */
  readonly services: readonly KubeObject[];
  /** Plurals of the plan's kinds. */
  readonly plurals: FindResource;
  /** Live objects of the kinds (and namespaces) of the plan. */
  readonly live: readonly KubeObject[];
  readonly records: readonly RecordFact[];
  readonly running: RunningVersions;
  readonly nodes: readonly KubeObject[];
  /** API groups of the server. */
  readonly groups: ReadonlySet<string>;
  /** Live configuration in which removed and deprecated things are looked for. */
  readonly configuration: readonly Resource[];
}

export type FactName = keyof PrecheckFacts;

export interface PrecheckCheck {
  /** As for `--skip`. */
  readonly name: string;
  readonly summary: string;
  readonly codes: readonly string[];
  readonly needs: readonly FactName[];
  /** Called with the facts of `needs` only. */
  check(target: PrecheckTarget, facts: PrecheckFacts): Finding[];
}

/** A check that can only read the facts it names. */
export function defineCheck<Need extends FactName>(
  check: Omit<PrecheckCheck, 'needs' | 'check'> & {
    readonly needs: readonly Need[];
    readonly check: (target: PrecheckTarget, facts: Pick<PrecheckFacts, Need>) => Finding[];
  },
): PrecheckCheck {
  return check;
}
