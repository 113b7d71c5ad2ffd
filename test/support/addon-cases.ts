/** Two small addons, and the use cases over a cluster in memory. */
import { systemClock } from '../../src/adapters/terminal/clock.ts';
import { findAddonRecords } from '../../src/app/addon-records.ts';
import { installAddons } from '../../src/app/addons.ts';
import type { AddonInstallInput, AddonInstallResult, AddonPlan } from '../../src/app/addons.ts';
import { uninstallAddons } from '../../src/app/addons-uninstall.ts';
import type { AddonUninstallInput, AddonUninstallResult } from '../../src/app/addons-uninstall.ts';
import type { ProgressEvent } from '../../src/app/ports.ts';
import type { Addon } from '../../src/domain/addon/addon.ts';
import { compileTemplate } from '../../src/domain/template/index.ts';
import { MeshError } from '../../src/lib/errors.ts';
import type { FakeCluster } from './fake-cluster.ts';

export const service = `
apiVersion: v1
kind: Service
metadata: {name: "\${images.name}", namespace: "\${namespace}", labels: "\${labels}"}
spec: {selector: "\${selector}"}
`;
export const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: "\${images.name}", namespace: "\${namespace}", labels: "\${labels}"}
spec:
  selector: {matchLabels: "\${selector}"}
  template: {metadata: {labels: "\${podLabels}"}, spec: {containers: [{name: a, env: [{name: B, value: "\${text(present.two)}"}]}]}}
`;
export const role = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "\${images.name}-\${namespace}", labels: "\${labels}"}
`;

export function addon(
  name: string,
  texts: readonly string[] = [service, deployment],
  more: Partial<Addon> = {},
): Addon {
  return {
    name,
    version: '1.0',
    summary: name,
    images: { name },
    selector: { app: name },
    uses: [],
    templates: texts.map((text, index) => compileTemplate({ file: `${name}/${index}.yaml`, text })),
    files: {},
    dashboards: {},
    ...more,
  };
}

export const one = addon('one', [service, deployment, role]);
export const two = addon('two');
export const events: ProgressEvent[] = [];

export function install(
  cluster: FakeCluster,
  chosen: readonly Addon[],
  more: Partial<AddonInstallInput> & { confirm?: (plans: readonly AddonPlan[]) => Promise<void> } = {},
): Promise<AddonInstallResult> {
  events.length = 0;
  const { confirm = () => Promise.resolve(), ...input } = more;
  return installAddons(
    {
      chosen,
      addons: [one, two],
      namespace: 'mon',
      istioNamespace: 'mesh',
      forceConflicts: false,
      adopt: 'never',
      dryRun: false,
      wait: 'ready',
      timeoutMs: 1000,
      signal: new AbortController().signal,
      ...input,
    },
    { cluster, clock: systemClock, report: (event) => events.push(event), confirm },
  );
}

export function uninstall(
  cluster: FakeCluster,
  names: readonly string[] | undefined,
  more: Partial<AddonUninstallInput> & { confirm?: () => Promise<void> } = {},
): Promise<AddonUninstallResult> {
  events.length = 0;
  const { confirm = () => Promise.resolve(), ...input } = more;
  return uninstallAddons(
    {
      names,
      addons: [one, two],
      dryRun: false,
      timeoutMs: 1000,
      signal: new AbortController().signal,
      ...input,
    },
    { cluster, clock: systemClock, report: (event) => events.push(event), confirm },
  );
}

export const records = (cluster: FakeCluster, namespace?: string): ReturnType<typeof findAddonRecords> =>
  findAddonRecords(cluster, namespace, new AbortController().signal);
export const refusal = async (work: Promise<unknown>): Promise<MeshError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MeshError)) throw new Error('no MeshError was thrown', { cause: error });
  return error;
};
